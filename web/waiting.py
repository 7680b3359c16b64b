"""Connections that wait for their client, each for the same time at most.

Because the time is the same for all, they lie in the order of their deadlines, and only
the first ever needs looking at.
"""

import time
from collections.abc import Iterator

from web.connection import Connection


class Waiting:
    """Connections in one state, in the order in which they came to it."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._until: dict[Connection, float] = {}

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._until

    def __iter__(self) -> Iterator[Connection]:
        return iter(tuple(self._until))

    def add(self, connection: Connection) -> None:
        """Let a connection wait from now on."""
        self._until[connection] = time.monotonic() + self._patience_s

    def remove(self, connection: Connection) -> None:
        """Forget a connection that may be here."""
        self._until.pop(connection, None)

    def oldest(self) -> Connection | None:
        """Return who has waited longest."""
        return next(iter(self._until), None)

    def deadline(self) -> float | None:
        """Return when the first becomes late, on the monotonic clock."""
        return next(iter(self._until.values()), None)
