"""Waits for a child in a sandbox: reads what it says, and ends it when it must.

All in the calling thread, with one selector over stdout, stderr and bubblewrap's own
report: a child that floods one pipe while we read another blocks nobody, and there is no
second thread to outlive the child (`sandbox` says why that matters).
"""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from edge_server.errors import Killed, PermanentError, TemporaryError
from edge_server.guard import leftovers

ERRORS_BYTES = 8 * 1024
"""How much of stderr is kept: its end."""
LINE_BYTES = 64 * 1024
"""A longer line of stdout reaches ``on_line`` in pieces of this length."""
ASK_S = 0.5
"""How often ``should_stop`` is asked."""
KILLED = 128 + signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended by itself or by a limit of the kernel."""

    exit_status: int
    """Its own; 128 + the signal's number when one of a limit or a crash ended it."""
    output: bytes
    """All of its stdout; empty where ``on_line`` was given, who has had it."""
    errors: str
    """The last 8 KiB of stderr."""


class Stopped(TemporaryError):
    """``should_stop`` said so; nothing is wrong with the input."""

    code = "stopped"


class Watch:
    """Reads a child's three pipes until they close, and ends it when it must."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        status_fd: int,
        wall_s: float,
        mark: str,
    ) -> None:
        self.process = process
        self.status_fd = status_fd
        self.mark = mark
        self.status = b""
        self.wall_s = wall_s
        self.deadline = time.monotonic() + wall_s
        self.output = bytearray()
        self.errors = bytearray()

    def until_end(
        self,
        on_line: Callable[[str], None] | None,
        should_stop: Callable[[], bool] | None,
        output_bytes: int,
    ) -> Finished:
        """Read to the end; leave no process behind, whatever is raised.

        Raises:
            Killed: Somebody else sent SIGKILL, which no limit does (`sandbox`).
        """
        try:
            for kind, data in self._pieces(should_stop):
                if kind == "status":
                    self.status += data
                elif kind == "errors":
                    self.errors += data
                    del self.errors[:-ERRORS_BYTES]
                elif on_line is None:
                    self.output += data
                    if len(self.output) > output_bytes:
                        raise PermanentError(
                            "converter_too_much", limit_bytes=output_bytes
                        )
                else:
                    self.output += data
                    self._tell_lines(on_line)
            if on_line is not None and self.output:
                on_line(self.output.decode("utf-8", "replace"))
                self.output.clear()
            self.process.wait()
        finally:
            self._end()
        return self._finished()

    def _pieces(
        self, should_stop: Callable[[], bool] | None
    ) -> Iterator[tuple[str, bytes]]:
        """Yield what arrives, as (pipe, bytes), until all pipes are closed."""
        assert self.process.stdout is not None
        assert self.process.stderr is not None
        ask_at = time.monotonic() + ASK_S
        with selectors.DefaultSelector() as pipes:
            pipes.register(self.process.stdout, selectors.EVENT_READ, "output")
            pipes.register(self.process.stderr, selectors.EVENT_READ, "errors")
            pipes.register(self.status_fd, selectors.EVENT_READ, "status")
            while pipes.get_map():
                for key, _ in pipes.select(timeout=ASK_S / 2):
                    data = os.read(key.fd, 65536)
                    if data:
                        yield key.data, data
                    else:
                        pipes.unregister(key.fileobj)
                        if key.data == "status":
                            self._end_orphans()
                now = time.monotonic()
                if now > self.deadline:
                    raise PermanentError("converter_too_long", limit_s=self.wall_s)
                if should_stop is not None and now >= ask_at:
                    ask_at = now + ASK_S
                    if should_stop():
                        raise Stopped

    def _tell_lines(self, on_line: Callable[[str], None]) -> None:
        while (end := self.output.find(b"\n")) >= 0 or len(self.output) > LINE_BYTES:
            end = end if 0 <= end <= LINE_BYTES else LINE_BYTES
            line = bytes(self.output[:end])
            del self.output[: end + (self.output[end : end + 1] == b"\n")]
            on_line(line.removesuffix(b"\r").decode("utf-8", "replace"))

    def _end_orphans(self) -> None:
        """End who is inside when bubblewrap outside is dead without a last word.

        They hold the other pipes, and may do so for ever.
        """
        if self._exit_status() is None:
            self.process.wait()
            leftovers.end_run(self.mark)

    def _end(self) -> None:
        """Kill what still runs, and wait until the last process inside is gone."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self._end_orphans()
        if told := self._told():
            # bubblewrap leaves before its guests do; a guest that still writes to /out
            # would change it after it was looked at. One that is dying shows no mark.
            with suppress(ProcessLookupError):
                inside = os.pidfd_open(told[0]["child-pid"])
                leftovers.wait_for(inside, leftovers.WAIT_S)
                os.close(inside)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()

    def _told(self) -> list[dict[str, Any]]:
        """Return bubblewrap's report; killed, it leaves half a line."""
        lines = self.status.splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def _exit_status(self) -> int | None:
        """Return the command's own exit status, None as long as it was not told."""
        told = [entry["exit-code"] for entry in self._told() if "exit-code" in entry]
        return told[-1] if told else None

    def _finished(self) -> Finished:
        errors = self.errors.decode("utf-8", "replace")
        status = self._exit_status()
        if status == KILLED or (status is None and self.process.returncode < 0):
            raise Killed
        if status is None:
            # bubblewrap or the stage gave up before the command began.
            raise TemporaryError(
                "no_sandbox", why="sandbox_not_allowed", told=errors[-500:]
            )
        return Finished(status, bytes(self.output), errors)
