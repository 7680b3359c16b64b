"""One request, one response, on a thread: gunicorn's HTTP half around the application.

gunicorn's parser reads the request and its `Response` frames the answer; both are strict
about what smuggling and splitting attacks need. A body that is a file (the application
returned ``wsgi.file_wrapper``) is handed to `web.sendloop` instead of being written
here, unless it is so small that a copy costs less than the hand-over.
"""

import logging
import os
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import Enum
from http import HTTPStatus
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn import util
from gunicorn.config import Config
from gunicorn.http import errors, wsgi

from web.connection import Connection
from web.ranges import POSITIONED
from web.sendloop import Sending, SendLoop

log = logging.getLogger(__name__)

SEND_LOOP_BYTES = 32 * 1024
"""Bodies of files from this size on go to the send loop."""

STATUS_OF = {
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
}
"""What a request that cannot be read is answered; anything else is 400."""

CLIENTS_DOING = (ConnectionError, TimeoutError, errors.NoMoreData)
"""How a client that went away, or that we gave up on, shows; nothing of ours is lost."""


class After(Enum):
    """What becomes of a connection when a response is over."""

    KEEP = "keep"
    """It may ask again."""
    LINGER = "linger"
    """It has our last word; it closes first, so that nothing of it gets lost."""
    CLOSE = "close"
    """It is of no more use, or its place is needed."""


class Answerer:
    """Answers what a connection asks, once, and says whether it may ask again.

    Args:
        app: The application.
        config: gunicorn's own, for its parser.
        send_loop: Sends the files.
        over: Called when the response is sent or lost, on any thread.
    """

    def __init__(
        self,
        app: WSGIApplication,
        config: Config,
        send_loop: SendLoop,
        over: Callable[[Connection, After], None],
    ) -> None:
        self.stopping = False
        """Set when the server stops: each response is then the connection's last."""
        self._app = app
        self._config = config
        self._send_loop = send_loop
        self._over = over

    def answer(self, connection: Connection) -> None:
        """Read the next request of the connection and answer it."""
        after: After | None = After.CLOSE
        try:
            after = self._answer(connection)
        except (StopIteration, *CLIENTS_DOING):
            pass
        except Exception:  # whatever it was, the connection has to be given back
            log.exception("a response could not be sent")
        if after is not None:
            self._over(connection, after)

    def _answer(self, connection: Connection) -> After | None:
        """Return what follows; None while a file is being sent."""
        try:
            request = connection.next_request()
        except errors.ParseException as error:
            refuse(connection.sock, STATUS_OF.get(type(error), HTTPStatus.BAD_REQUEST))
            return After.LINGER
        response, environ = wsgi.create(
            request, connection.sock, connection.client, connection.server, self._config
        )
        environ["wsgi.multithread"] = True
        environ[POSITIONED] = True
        response.version = "edge-server"
        if self.stopping:
            response.force_close()
        try:
            body = self._app(environ, response.start_response)
            if _is_for_the_loop(response, body):
                self._send(connection, response, body)
                return None
            _write(response, body)
        except Exception as error:  # a page may break in any way; its visitor is told
            return _failed(connection, response, error)
        return _after(connection, response)

    def _send(self, connection: Connection, response: Any, body: Any) -> None:
        after = _after(connection, response)
        descriptor = body.filelike.fileno()
        start = os.lseek(descriptor, 0, os.SEEK_CUR)
        sending = Sending(
            connection.sock,
            head_of(response),
            body,
            descriptor,
            range(start, start + response.response_length),
            lambda whole: self._over(connection, after if whole else After.CLOSE),
        )
        try:
            whole = sending.push()
        except (OSError, EOFError):
            sending.finish(False)
            return
        if whole:
            sending.finish(True)
        else:
            self._send_loop.add(sending)


def head_of(response: Any) -> bytes:
    """Return status line and headers as they go over the wire."""
    lines = [
        *response.default_headers(),
        *(f"{name}: {value}\r\n" for name, value in response.headers),
        "\r\n",
    ]
    return "".join(lines).encode("latin-1")


def refuse(sock: socket.socket, status: HTTPStatus) -> None:
    """Answer with a status alone, outside the application."""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    with suppress(OSError):
        sock.send(head.encode("ascii"))


def _after(connection: Connection, response: Any) -> After:
    if response.should_close() or not connection.reusable():
        return After.LINGER
    return After.KEEP


def _failed(connection: Connection, response: Any, error: Exception) -> After:
    """Answer for an application that could not, whoever's fault it was."""
    if connection.reader.gave_up:
        status = HTTPStatus.REQUEST_TIMEOUT
    elif isinstance(error, CLIENTS_DOING):
        return After.CLOSE
    else:
        request = response.req
        log.error("failed: %s %s", request.method, request.path, exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
    if response.headers_sent:
        return After.CLOSE
    refuse(connection.sock, status)
    return After.LINGER


def _is_for_the_loop(response: Any, body: Iterable[bytes]) -> bool:
    return (
        isinstance(body, wsgi.FileWrapper)
        and response.status is not None
        and (response.response_length or 0) >= SEND_LOOP_BYTES
        and response.req.method != "HEAD"
        and util.has_fileno(body.filelike)
    )


def _write(response: Any, body: Any) -> None:
    try:
        if isinstance(body, wsgi.FileWrapper):
            response.write_file(body)
        else:
            for piece in body:
                response.write(piece)
        response.close()
    finally:
        if hasattr(body, "close"):
            body.close()
