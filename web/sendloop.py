"""One thread that sends every file: epoll says which socket has room, sendfile fills it.

A paused ``<video>`` on a TV keeps its connection open with a full buffer, for an hour if
need be. Where each download has a thread, as many paused TVs as there are threads stop
the whole site. Here a response leaves its thread as soon as its socket is full, and a
stalled reader costs one descriptor. The bytes go from the page cache to the socket
without passing through Python, so a GB costs about what it costs nginx.

The first piece is sent on the request's own thread (`Sending.push`): short bodies never
come here, and the seek of a cold disk delays nobody else. After that the kernel is told
to read ahead, because a read that blocks in this thread would hold up all streams; where
the bytes are in memory already, looking first costs a twentieth of asking.
"""

import os
import select
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

STEP_BYTES = 1 << 20
"""Most that one socket gets before the next one's turn."""
READ_AHEAD_BYTES = 4 << 20
STALLED_S = 3600.0
"""How long a reader may take nothing: a film paused over the break, with room to spare."""
LOOK_FOR_STALLED_S = 60.0


class FileBody(Protocol):
    """The body of a response that lies in a file; closed when it has been sent."""

    def close(self) -> None:
        """Give the file back."""


class Sending:
    """A response on its way: its head, then one piece of a file.

    Args:
        sock: The client's socket; becomes non-blocking.
        head: Status line and headers with the empty line after them.
        body: Closed at the end, whatever the end is.
        descriptor: The open file that ``body`` stands for.
        piece: The bytes of the file to send.
        done: Called once, with whether everything was sent, on the thread that noticed.
    """

    __slots__ = (
        "_asked_to",
        "_at",
        "_body",
        "_descriptor",
        "_done",
        "_end",
        "_head",
        "moved_at",
        "sock",
    )

    def __init__(
        self,
        sock: socket.socket,
        head: bytes,
        body: FileBody,
        descriptor: int,
        piece: range,
        done: Callable[[bool], None],
    ) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.moved_at = time.monotonic()
        """When the client last took a byte, on the monotonic clock."""
        self._head = head
        self._body = body
        self._descriptor = descriptor
        self._at = self._asked_to = piece.start
        self._end = piece.stop
        self._done = done

    def push(self) -> bool:
        """Send what the socket takes now; True when all is sent.

        Raises:
            OSError: The client is gone.
            EOFError: The file is shorter than was promised.
        """
        try:
            if self._head:
                # The kernel holds the head back until the first file bytes join it.
                self._head = self._head[self.sock.send(self._head, socket.MSG_MORE) :]
                if self._head:
                    return False
            self._read_ahead()
            wanted = min(STEP_BYTES, self._end - self._at)
            sent = os.sendfile(self.sock.fileno(), self._descriptor, self._at, wanted)
        except BlockingIOError:
            return False
        if sent == 0:
            raise EOFError(self._at)
        self._at += sent
        self.moved_at = time.monotonic()
        return self._at >= self._end

    def finish(self, whole: bool) -> None:
        """Close the file and say how it ended."""
        self._body.close()
        self._done(whole)

    def _read_ahead(self) -> None:
        if self._at < self._asked_to:
            return
        self._asked_to = self._at + READ_AHEAD_BYTES
        try:
            os.preadv(
                self._descriptor, [bytearray(1)], self._asked_to - 1, os.RWF_NOWAIT
            )
        except OSError:  # not in memory yet, or a file system that cannot tell
            os.posix_fadvise(
                self._descriptor, self._at, READ_AHEAD_BYTES, os.POSIX_FADV_WILLNEED
            )


class SendLoop(threading.Thread):
    """Feeds every unfinished `Sending` as its client reads; wakes for nothing else."""

    def __init__(self) -> None:
        super().__init__(name="send files", daemon=True)
        self._epoll = select.epoll()
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake, select.EPOLLIN)
        self._asked: deque[Callable[[], None]] = deque()
        self._live: dict[int, Sending] = {}

    def add(self, sending: Sending) -> None:
        """Take over a response whose first `Sending.push` left something to do."""
        self._ask(lambda: self._take(sending))

    def drop_stalest(self, stalled_s: float) -> None:
        """End the response whose reader has stood still longest, if for ``stalled_s``."""
        self._ask(lambda: self._drop_stalest(stalled_s))

    def run(self) -> None:
        """Send for as long as the process lives."""
        while True:
            timeout = LOOK_FOR_STALLED_S if self._live else None
            for descriptor, events in self._epoll.poll(timeout):
                if descriptor == self._wake:
                    os.eventfd_read(self._wake)
                    while self._asked:
                        self._asked.popleft()()
                elif sending := self._live.get(descriptor):
                    self._serve(descriptor, sending, events)
            if self._live:
                self._drop_stalest(STALLED_S)

    def _ask(self, what: Callable[[], None]) -> None:
        self._asked.append(what)
        os.eventfd_write(self._wake, 1)

    def _take(self, sending: Sending) -> None:
        descriptor = sending.sock.fileno()
        self._live[descriptor] = sending
        self._epoll.register(descriptor, select.EPOLLOUT)

    def _serve(self, descriptor: int, sending: Sending, events: int) -> None:
        over, whole = True, False
        if not events & (select.EPOLLHUP | select.EPOLLERR):
            with suppress(OSError, EOFError):
                over = whole = sending.push()
        if over:
            # Forgotten first: `finish` lets the socket's owner close it, and its
            # number may then belong to the next client at once.
            self._forget(descriptor)
            sending.finish(whole)

    def _forget(self, descriptor: int) -> None:
        del self._live[descriptor]
        self._epoll.unregister(descriptor)

    def _drop_stalest(self, stalled_s: float) -> None:
        if not self._live:
            return
        descriptor, sending = min(self._live.items(), key=lambda item: item[1].moved_at)
        if time.monotonic() - sending.moved_at >= stalled_s:
            self._forget(descriptor)
            sending.finish(False)
