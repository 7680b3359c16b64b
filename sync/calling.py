"""Calls of a box at its county centre: TLS with the county's own authority, signed.

The authority is pinned when the box joins, and dates are disregarded: a box may believe
that it is 1970. Names are checked. Before it has joined, a box asks anybody at the address
for the authority's certificate (`authority_at`), and believes it only if it fits the code
that was typed.
"""

import ssl
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from edge_server.errors import EdgeError, TemporaryError
from sync.format import calls, signing
from sync.format.documents import DocumentDamaged

NO_CHECK_TIME = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which the ssl module has no name for."""
TIMEOUT = urllib3.Timeout(connect=15.0, read=60.0)
ASKING_S = 15.0
MOST_CERTIFICATE_BYTES = 8192


class CentreUnreachable(TemporaryError):
    """Nobody answers there, or not the county centre."""

    code = "centre_unreachable"


class Caller:
    """Speaks with one centre.

    Args:
        address: ``https://host:port``.
        authority_der: Certificate of the county's authority.
    """

    def __init__(self, address: str, authority_der: bytes) -> None:
        self._address = address.rstrip("/")
        self._http = urllib3.PoolManager(
            maxsize=1,
            timeout=TIMEOUT,
            retries=False,
            ssl_context=_pinned(authority_der),
        )

    def close(self) -> None:
        """Close the connection."""
        self._http.clear()

    def post(self, path: str, body: bytes, signature: str = "") -> bytes:
        """Call and return the answer.

        Args:
            path: One of `sync.format.calls`.
            body: What is sent.
            signature: Of `signing.sign`; empty: the call needs none.

        Raises:
            CentreUnreachable: Nobody answers, or somebody else.
            EdgeError: The centre refuses, and says why.
        """
        headers = {"Content-Type": "application/octet-stream"}
        if signature:
            headers[signing.HEADER] = signature
        try:
            answer = self._http.request(
                "POST", self._address + path, body=body, headers=headers,
                preload_content=False, redirect=False,
            )  # fmt: skip
            data = answer.read(calls.MOST_JSON_BYTES + 1)
            answer.release_conn()
        except HTTPError as error:
            raise CentreUnreachable(
                address=self._address, why=type(error).__name__
            ) from error
        if answer.status == 200:
            return data
        raise self._refusal(data, answer.status)

    def _refusal(self, data: bytes, status: int) -> EdgeError:
        try:
            return calls.Refusal.from_json(data).error()
        except DocumentDamaged:
            return CentreUnreachable(address=self._address, why=f"HTTP {status}")


def authority_at(address: str) -> bytes:
    """Return the certificate that an address calls its authority: nothing is believed yet.

    Raises:
        CentreUnreachable: Nobody answers there, or no centre.
    """
    parts = urlsplit(address)
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    asking = HTTPSConnection(
        parts.hostname or "", parts.port, context=context, timeout=ASKING_S
    )
    try:
        asking.request("GET", calls.AUTHORITY)
        answer = asking.getresponse()
        data = answer.read(MOST_CERTIFICATE_BYTES + 1)
    except (OSError, HTTPException) as error:
        raise CentreUnreachable(address=address, why=type(error).__name__) from error
    finally:
        asking.close()
    if answer.status != 200 or not 0 < len(data) <= MOST_CERTIFICATE_BYTES:
        raise CentreUnreachable(address=address, why=f"HTTP {answer.status}")
    return data


def full_address(typed: str, port: int) -> str:
    """Return ``https://host:port`` of what somebody typed: a host, an address, all of it."""
    text = typed.strip()
    parts = urlsplit(text if "://" in text else f"https://{text}")
    host = parts.hostname or ""
    if ":" in host:
        host = f"[{host}]"
    return f"https://{host}:{parts.port or port}"


def _pinned(authority_der: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(authority_der))
    context.verify_flags |= NO_CHECK_TIME
    return context
