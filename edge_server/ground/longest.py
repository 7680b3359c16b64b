"""The longest write transaction of this process: how long, in which file, for what work.

Whoever else wants to write waits while a transaction is held, so none may be long, and
the worker logs the longest. Every database counts, `words.db` too; waiting for others at
the beginning does not. It is one record for the process: a name and a figure, no history.
"""

import threading
from contextvars import ContextVar
from dataclasses import dataclass

MOST_S = 0.2
"""No write transaction is to be held longer."""

work: ContextVar[str] = ContextVar("work", default="")
"""What this thread is doing: the kind of its job."""


@dataclass(frozen=True, slots=True)
class Longest:
    """One write transaction."""

    seconds: float = 0.0
    """From when it had the lock to the end of its commit."""
    file: str = ""
    work: str = ""


_guard = threading.Lock()
_found = Longest()


def note(seconds: float, file: str) -> None:
    """Keep a transaction that has ended, if it was the longest so far."""
    global _found
    with _guard:
        if seconds > _found.seconds:
            _found = Longest(seconds, file, work.get())


def found() -> Longest:
    """Return the longest so far."""
    return _found
