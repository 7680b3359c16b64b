"""A county centre's pages go over TLS; whoever comes by plain http is told where.

The plain port is for the published tree, whose bytes are signed. The desk has accounts
and telephone numbers, so over the plain port only this machine itself sees it. Films and
downloads lie before the pages and ask for no session themselves; at a centre they do
here, for what is not published yet is nobody else's.
"""

import html
from collections.abc import Iterable
from http import HTTPStatus
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from werkzeug.wrappers import Request

from edge_server.records import accounts
from web import safety, visitor
from web.front import HERE
from web.site import Site

FILES = ("/media/", "/download/")
_PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{name}</title></head>
<body><h1>{name}</h1>
<p>这里的页面只走加密的地址：{link}</p>
<p lang="en">These pages are served over TLS only: {link}</p></body></html>
"""


class OverTls:
    """Lets through what came over TLS or from this machine.

    Args:
        app: The pages and what lies before them.
        site: The centre.
    """

    def __init__(self, app: WSGIApplication, site: Site) -> None:
        self._app = app
        self._site = site

    def __call__(  # noqa: D102 - what a WSGI application does
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        over_tls = environ.get("wsgi.url_scheme") == "https"
        if not over_tls and environ.get("REMOTE_ADDR") not in HERE:
            return self._elsewhere(environ, start_response)
        path: str = environ.get("PATH_INFO", "")
        if path.startswith(FILES) and not self._is_known(environ):
            start_response(_line(HTTPStatus.FORBIDDEN), [("Content-Length", "0")])
            return []
        return self._app(environ, start_response)

    def _is_known(self, environ: WSGIEnvironment) -> bool:
        box = self._site.box
        token = Request(environ).cookies.get(visitor.SESSION)
        return accounts.session(box.db, box.clock, token) is not None

    def _elsewhere(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Name the address: a link where the name that was called is one of ours."""
        config = self._site.box.config
        host = str(environ.get("HTTP_HOST", ""))
        link = f"https://…:{config.machine_port}/"
        if safety.host_allowed(host, self._site.names):
            name = safety.name_of(host)
            address = html.escape(f"https://{name}:{config.machine_port}/")
            link = f'<a href="{address}">{address}</a>'
        body = _PAGE.format(name=html.escape(config.name), link=link).encode()
        start_response(
            _line(HTTPStatus.FORBIDDEN),
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("Content-Security-Policy", safety.CSP),
                *safety.HEADERS.items(),
            ],
        )
        return [body]


def _line(status: HTTPStatus) -> str:
    return f"{status.value} {status.phrase}"
