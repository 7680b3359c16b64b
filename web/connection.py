"""A client's connection: what has arrived, and how long we are patient with the rest.

A client may be slow, but not endlessly: a thread that waits for a body that comes byte by
byte is lost to everybody else. See `PacedReader`.
"""

import socket
import time
from typing import Any

from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

SLOWEST_BYTES_PER_S = 512
"""A request body that comes slower than this, after ``body_s``, is a held thread."""
DRAIN_S = 2.0
"""How long to read on after a response for a body that nobody wanted."""

Address = tuple[str, int]


class PacedReader:
    """What gunicorn's parser reads from: the socket, with an end to patience.

    Each read waits at most ``body_s``; and once ``body_s`` have passed, the request must
    have come at `SLOWEST_BYTES_PER_S` on average, so that a byte now and then cannot hold
    a thread for ever. Reads of one request only: `begin` starts the count anew.
    """

    def __init__(self, sock: socket.socket, body_s: float) -> None:
        self._sock = sock
        self._body_s = body_s
        self._began_at = 0.0
        self._received_bytes = 0
        self.gave_up = False
        """Whether a read failed, so that what the application made of it is no fault."""
        self.gettimeout = sock.gettimeout
        self.settimeout = sock.settimeout

    def begin(self) -> None:
        """Start to count for the next request."""
        self._began_at = time.monotonic()
        self._received_bytes = 0
        self._sock.settimeout(self._body_s)

    def recv(self, size_bytes: int) -> bytes:
        """Read as a socket does.

        Raises:
            TimeoutError: Nothing came for ``body_s``, or far too little.
            ConnectionError: The client is gone.
        """
        self.gave_up = True
        data = self._sock.recv(size_bytes)
        self._received_bytes += len(data)
        taken_s = time.monotonic() - self._began_at
        if taken_s > max(self._body_s, self._received_bytes / SLOWEST_BYTES_PER_S):
            raise TimeoutError(self._received_bytes)
        self.gave_up = False
        return data


class Connection:
    """A client's connection, through all its requests."""

    __slots__ = ("client", "head", "parser", "reader", "server", "sock", "watched")

    def __init__(
        self,
        sock: socket.socket,
        client: Address,
        server: Address,
        config: Config,
        body_s: float,
    ) -> None:
        self.sock = sock
        self.client = client
        self.server = server
        self.watched = False
        """Whether epoll knows the socket; the connection loop's own business."""
        self.head = bytearray()
        """What has arrived of the next request, and perhaps of its body."""
        self.reader = PacedReader(sock, body_s)
        self.parser = RequestParser(config, self.reader, client)

    def next_request(self) -> Any:
        """Read the request whose head is in `head`.

        Raises:
            gunicorn.http.errors.ParseException: It is not HTTP as we accept it.
            StopIteration: The client does not want another one.
        """
        self.reader.begin()
        self.parser.unreader.unread(bytes(self.head))
        self.head.clear()
        return next(self.parser)

    def reusable(self) -> bool:
        """Read away what is left of the body; False when that cannot be done."""
        return bool(self.parser.finish_body(deadline=time.monotonic() + DRAIN_S))
