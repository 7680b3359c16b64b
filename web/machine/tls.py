"""The TLS server of a centre without a front server: cheroot, in threads of `serve`.

Boxes call for seconds once a night and a few people look at the desk; films go over the
plain port. So a small pool will do, and a library that is made for it.
"""

import threading
from wsgiref.types import WSGIApplication

from cheroot.ssl.builtin import BuiltinSSLAdapter
from cheroot.wsgi import Server

from edge_server.errors import PermanentError, TemporaryError
from sync.centre import certificates
from web.limits import Limits

THREADS = 8
WAITING = 256
STOP_S = 5


class TlsServer:
    """Serves an application over TLS from `start` to `stop`.

    Args:
        app: The application.
        host: Address to listen on.
        port: TCP port; 0 lets the kernel choose, see `port`.
        certificate: What it shows.

    Raises:
        TemporaryError: ``port_taken``.
        PermanentError: ``port_forbidden``: below 1024 needs a right we lack.
    """

    def __init__(
        self,
        app: WSGIApplication,
        host: str,
        port: int,
        certificate: certificates.Server,
    ) -> None:
        self._server = Server(
            (host, port), app, numthreads=THREADS, request_queue_size=WAITING,
            server_name="edge-server", shutdown_timeout=STOP_S,
        )  # fmt: skip
        self._server.max_request_header_size = Limits().header_bytes
        self._server.ssl_adapter = BuiltinSSLAdapter(
            str(certificate.certificate), str(certificate.key)
        )
        try:
            self._server.prepare()
        except OSError as error:
            if isinstance(error, PermissionError):
                raise PermanentError("port_forbidden", port=port) from error
            raise TemporaryError("port_taken", port=port) from error
        self._thread = threading.Thread(
            target=self._server.serve, name="tls", daemon=True
        )

    @property
    def port(self) -> int:
        """The TCP port it listens on."""
        return int(self._server.bind_addr[1])

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End, when what is being answered is."""
        self._server.stop()
        self._thread.join(STOP_S)
