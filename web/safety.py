"""What a browser on plain http is told and asked, so that other pages cannot use ours.

Without TLS there is no ``Secure`` cookie and no HSTS. What is left, and enough on a LAN:

* The ``Host`` header must be a plain address or one of our names. DNS rebinding needs a
  name of its own, so an address, any address, is safe; asking for our interfaces' own
  would break the day a router forwards or changes one.
* Everything that changes something must come from our own origin (``Origin``, or
  ``Referer`` where an old browser leaves it out) and carry a token that is bound to a
  cookie of this browser. Another port of the same host is another origin.
* A strict Content-Security-Policy: no inline script or style, no frames of ours elsewhere.
"""

import hashlib
import hmac
import ipaddress
import re
from urllib.parse import urlsplit

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
BOOK_CSP = (
    "sandbox; default-src 'none'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; media-src 'self'; frame-ancestors 'self'"
)
"""For a chapter of a book: whatever it holds, no script of it runs."""

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_HOST = re.compile(
    r"(?P<name>[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?"
)


def host_allowed(host: str, names: frozenset[str]) -> bool:
    """Return whether a ``Host`` header is an address or one of our names."""
    found = _HOST.fullmatch(host)
    if found is None:
        return False
    name = found["name"].strip("[]").lower().rstrip(".")
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def name_of(host: str) -> str:
    """Return a ``Host`` header without its port; an IPv6 address keeps its brackets."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def from_here(host: str, origin: str | None, referer: str | None) -> bool:
    """Return whether a request comes from a page of ours.

    Args:
        host: The ``Host`` header, already allowed.
        origin: The ``Origin`` header; ``null`` is nobody.
        referer: Counts only where there is no ``Origin``.
    """
    said = origin if origin is not None else referer
    if not said:
        return False
    parts = urlsplit(said)
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def form_token(secret: bytes, cookie: str) -> str:
    """Return the token for the forms of the browser that holds a cookie."""
    return hmac.new(secret, cookie.encode(), hashlib.sha256).hexdigest()[:40]


def token_fits(secret: bytes, cookie: str | None, token: str | None) -> bool:
    """Return whether a form's token belongs to the browser's cookie."""
    if not cookie or not token:
        return False
    return hmac.compare_digest(
        form_token(secret, cookie).encode(), token.encode("utf-8", "replace")
    )
