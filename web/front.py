"""The optional front server (nginx): what it sends itself, and whom it speaks for.

The shipped configuration (``scripts/nginx``) names itself in ``X-Edge-Front``. Only a
program on this machine is believed; from anybody else the header is taken away. So a
client that reaches the box past nginx, or forges the header, gets the bytes from the box.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.file_headers import Headers

NAMES_ITSELF = "HTTP_X_EDGE_FRONT"
HERE = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Accel:
    """Which folder the front server may send from, and under which internal address."""

    root: Path
    location: str = "/_objects/"

    def headers(self, environ: WSGIEnvironment, path: Path) -> Headers | None:
        """Return what makes the front server send a file; None when it cannot."""
        if environ.get(NAMES_ITSELF) != "nginx" or not path.is_relative_to(self.root):
            return None
        address = self.location + quote(path.relative_to(self.root).as_posix())
        return [("X-Accel-Redirect", address)]


class BehindFront:
    """Tells the application the real client's address, and whether it came over TLS."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(  # noqa: D102 - what a WSGI application does
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if environ.get("REMOTE_ADDR") not in HERE:
            environ.pop(NAMES_ITSELF, None)
        elif environ.get(NAMES_ITSELF) == "nginx":
            environ["REMOTE_ADDR"] = environ.get("HTTP_X_REAL_IP", "127.0.0.1")
            if environ.get("HTTP_X_FORWARDED_PROTO") == "https":
                environ["wsgi.url_scheme"] = "https"
        return self._app(environ, start_response)


def for_nginx(headers: Headers) -> Headers:
    """Return the headers of a file that nginx will send.

    It says itself that it knows ranges, and has no variables for names with dots, so
    those come a second time with hyphens.
    """
    dotted = [(name.replace(".", "-"), value) for name, value in headers if "." in name]
    return [header for header in headers if header[0] != "Accept-Ranges"] + dotted
