"""Threads for requests: started when needed, reused, never in the way of an exit.

`concurrent.futures` joins its threads when the interpreter ends, so one open event stream
would hold up a shutdown for ever. These are daemons: when the time to stop is over, they
end with the process.
"""

import logging
import threading
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)


class Threads:
    """A pool that grows to ``most`` threads, and only while all of them are busy."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._idle = threading.Semaphore(0)
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()

    def run(self, work: Callable[[], None]) -> None:
        """Have ``work`` done; called from one thread only."""
        self._work.put(work)
        if not self._idle.acquire(blocking=False) and self._started < self._most:
            self._started += 1
            name = f"request {self._started}"
            threading.Thread(target=self._live, name=name, daemon=True).start()

    def _live(self) -> None:
        while True:
            work = self._work.get()
            try:
                work()
            except Exception:  # whatever it was, the next request needs this thread
                log.exception("a request's thread survived an error")
            self._idle.release()
