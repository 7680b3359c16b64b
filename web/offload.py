"""Connections: who waits, who has a thread, whose file is being sent.

gunicorn reads requests and frames responses (`web.answer`); how connections live is ours,
because its threaded worker stops under what a school does every day: as many paused films
as it has threads, 200 slow headers, or a few clients that never close each brought it
down when measured. Here a connection is always in one place::

    accept --> heads --whole head--> busy --kept alive--> idle --first byte--> heads
                 |                     |                    |
                 +--late, too long-----+--last response-----+--silent--> lingering --> closed

* *heads*: no thread is used until the head of a request is whole.
* *busy*: in a thread, or its file in `web.sendloop`. Only pages and event streams hold a
  thread.
* *idle*: kept alive, waiting for a next request.
* *lingering*: we have said the last word and wait for the client's FIN; closing at once
  could throw away our last bytes.

Each place but *busy* has one constant deadline, so its members lie in the order of their
deadlines. Where none runs the process sleeps: an idle box wakes for nothing and writes
nothing (nobody supervises this process but systemd, so there is no heartbeat file).

When all connections are taken, whoever asks for nothing makes room, the oldest first,
then the reader that has stood still longest; slow headers cannot lock anybody out.
"""

import logging
import os
import select
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from wsgiref.types import WSGIApplication

from gunicorn.config import Config

from web.answer import After, Answerer, refuse
from web.connection import Connection
from web.limits import Limits
from web.sendloop import SendLoop
from web.threads import Threads
from web.waiting import Waiting

log = logging.getLogger(__name__)

HEAD_END = b"\r\n\r\n"
READ_BYTES = 16 * 1024

FULL_S = 1.0
"""How long to wait before looking again for room."""


class OffloadWorker:
    """Serves an application on a listening socket until it is told to stop.

    Args:
        app: The WSGI application; ``wsgi.file_wrapper`` bodies are sent by the loop.
        listener: Bound and listening; closed at the end.
        limits: What clients may take.
    """

    def __init__(
        self, app: WSGIApplication, listener: socket.socket, limits: Limits
    ) -> None:
        self._limits = limits
        self._listener = listener
        self._server = listener.getsockname()[:2]
        self._heads = Waiting(limits.header_s)
        self._idle = Waiting(limits.idle_s)
        self._lingering = Waiting(limits.linger_s)
        self._open: dict[int, Connection] = {}
        self._config = Config()
        self._config.set("limit_request_line", limits.line_bytes)
        self._config.set("limit_request_field_size", limits.line_bytes)
        # No header of a client's is believed; who stands in front, `web.front` knows.
        self._config.set("forwarded_allow_ips", "")
        self._send_loop = SendLoop()
        self._threads = Threads(limits.threads)
        self._answerer = Answerer(app, self._config, self._send_loop, self._over)
        self._told: deque[Callable[[], None]] = deque()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll = select.epoll()
        self._accepting = False
        self._ask_again_at: float | None = None
        self._stop_by: float | None = None

    def stop(self) -> None:
        """Take no more clients and let responses end; callable from anywhere."""
        self._tell(self._begin_to_stop)

    def run(self) -> None:
        """Serve; returns after `stop`, at most ``grace_s`` later."""
        # Accepted sockets inherit it; without it a page waits for the client to
        # acknowledge its headers, 40 ms on an idle connection.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._listener.setblocking(False)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._accept_more(True)
        self._send_loop.start()
        while self._open or self._stop_by is None:
            for descriptor, _ in self._epoll.poll(self._next_deadline_s()):
                if descriptor == self._wake:
                    self._listen_to_threads()
                elif descriptor == self._listener.fileno():
                    self._accept()
                elif connection := self._open.get(descriptor):
                    self._read(connection)
            self._close_late()
            if self._stop_by is not None and time.monotonic() >= self._stop_by:
                break
        for connection in tuple(self._open.values()):
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    # -- what others tell the loop

    def _tell(self, what: Callable[[], None]) -> None:
        self._told.append(what)
        os.eventfd_write(self._wake, 1)

    def _listen_to_threads(self) -> None:
        os.eventfd_read(self._wake)
        while self._told:
            self._told.popleft()()

    def _over(self, connection: Connection, after: After) -> None:
        self._tell(lambda: self._after_response(connection, after))

    def _begin_to_stop(self) -> None:
        if self._stop_by is not None:
            return
        self._stop_by = time.monotonic() + self._limits.grace_s
        self._answerer.stopping = True
        self._accept_more(False)
        self._listener.close()
        for connection in (*self._idle, *self._heads):
            if not connection.head:
                self._close(connection)

    # -- a connection's life

    def _accept_more(self, more: bool) -> None:
        if more == self._accepting or self._listener.fileno() < 0:
            return
        if more:
            self._epoll.register(self._listener, select.EPOLLIN)
        else:
            self._epoll.unregister(self._listener)
        self._accepting = more
        self._ask_again_at = None

    def _full(self) -> None:
        """Let new clients wait in the backlog until one closes, or a moment."""
        self._accept_more(False)
        self._ask_again_at = time.monotonic() + FULL_S

    def _accept(self) -> None:
        if len(self._open) >= self._limits.connections and not self._make_room():
            self._full()
            return
        try:
            sock, client = self._listener.accept()
        except BlockingIOError:
            return
        except OSError as error:
            # Out of descriptors or memory, or a client gone before we looked.
            log.warning("a client could not be accepted: %s", error)
            if not self._make_room():
                self._full()
            return
        sock.setblocking(False)
        connection = Connection(
            sock, client[:2], self._server, self._config, self._limits.body_s
        )
        self._open[sock.fileno()] = connection
        self._heads.add(connection)
        self._read(connection)  # most clients have asked by now

    def _read(self, connection: Connection) -> None:
        if not self._waits(connection):
            # Who had to make room may have passed its number on, within this round of
            # events, to a new client whose thread reads already.
            return
        try:
            data = connection.sock.recv(READ_BYTES)
        except BlockingIOError:
            self._wait_for(connection)
            return
        except OSError:
            data = b""
        if not data:
            self._close(connection)
        elif connection in self._lingering:
            self._wait_for(connection)
        else:
            connection.head += data
            self._look_at_head(connection)

    def _look_at_head(self, connection: Connection) -> None:
        head = connection.head
        while head.startswith((b"\r", b"\n")):  # RFC 9112 2.2: robust against old ones
            del head[:1]
        if HEAD_END in head:
            self._idle.remove(connection)
            self._heads.remove(connection)
            self._threads.run(lambda: self._answerer.answer(connection))
        elif len(head) >= self._limits.header_bytes:
            refuse(connection.sock, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            self._linger(connection)
        else:
            if connection in self._idle or connection not in self._heads:
                self._idle.remove(connection)
                self._heads.add(connection)
            self._wait_for(connection)

    def _after_response(self, connection: Connection, after: After) -> None:
        if after is After.CLOSE:
            self._close(connection)
            return
        if after is After.LINGER:
            self._linger(connection)
            return
        connection.sock.setblocking(False)
        # The parser may have read on into the next request.
        connection.head += connection.parser.unreader.take_buffered()
        if connection.head:
            self._look_at_head(connection)
        elif self._stop_by is not None:
            self._linger(connection)
        else:
            self._idle.add(connection)
            self._wait_for(connection)

    def _waits(self, connection: Connection) -> bool:
        return any(
            connection in waiting
            for waiting in (self._heads, self._idle, self._lingering)
        )

    def _wait_for(self, connection: Connection) -> None:
        watch = self._epoll.modify if connection.watched else self._epoll.register
        watch(connection.sock, select.EPOLLIN | select.EPOLLONESHOT)
        connection.watched = True

    def _linger(self, connection: Connection) -> None:
        self._heads.remove(connection)
        self._idle.remove(connection)
        try:
            connection.sock.setblocking(False)
            connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self._close(connection)
            return
        self._lingering.add(connection)
        self._wait_for(connection)

    def _close(self, connection: Connection) -> None:
        for place in (self._heads, self._idle, self._lingering):
            place.remove(connection)
        del self._open[connection.sock.fileno()]
        connection.sock.close()
        if self._stop_by is None:
            self._accept_more(True)

    # -- deadlines and room

    def _next_deadline_s(self) -> float | None:
        deadlines = [
            deadline
            for deadline in (
                self._heads.deadline(),
                self._idle.deadline(),
                self._lingering.deadline(),
                self._ask_again_at,
                self._stop_by,
            )
            if deadline is not None
        ]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _close_late(self) -> None:
        now = time.monotonic()
        for place in (self._heads, self._idle, self._lingering):
            while (deadline := place.deadline()) is not None and deadline <= now:
                if oldest := place.oldest():
                    self._close(oldest)
        if self._ask_again_at is not None and self._ask_again_at <= now:
            self._accept_more(True)

    def _make_room(self) -> bool:
        """Close whoever asks for nothing; False when all connections are at work."""
        for place in (self._lingering, self._idle, self._heads):
            if oldest := place.oldest():
                self._close(oldest)
                return True
        self._send_loop.drop_stalest(self._limits.stood_still_s)
        return False
