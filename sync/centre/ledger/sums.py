"""Sums of use by point, week, resource, class grade and kind.

They are raised in the transaction that writes the events, so they are never behind and
never ahead, and what the desk shows of a county does not read 140 million events.
"""

from sqlalchemy import Connection

from edge_server.records.usage import KINDS, week_began_at
from sync.centre.ledger.dialects import upsert
from sync.centre.ledger.schema import sums


class Shares:
    """What events add to the sums, gathered for one statement."""

    def __init__(self) -> None:
        self._sums: dict[tuple[int, int, int, str, str], list[float]] = {}

    def add(
        self,
        point: int,
        at: float,
        resource: int,
        grade: str | None,
        kind: str,
        seconds: float | None,
        events: int = 1,
    ) -> None:
        """Count an event; what is no use is passed over.

        Args:
            point: Where it was.
            at: UTC.
            resource: `resources.n`, 0 for none.
            grade: Of the class; None: not said.
            kind: One of `usage.KINDS`.
            seconds: Really played.
            events: -1 takes one back that was counted before.
        """
        if kind not in KINDS:
            return
        key = point, int(week_began_at(at)), resource, grade or "", kind
        sum = self._sums.setdefault(key, [0, 0.0])
        sum[0] += events
        sum[1] += events * (seconds or 0.0)

    def write(self, tx: Connection) -> None:
        """Raise the sums."""
        names = sums.c.keys()
        # In order, so that two transactions never wait for each other in a ring.
        rows = [
            dict(zip(names, (*key, *self._sums[key]), strict=True))
            for key in sorted(self._sums)
            if any(self._sums[key])
        ]
        if rows:
            upsert(tx, sums, rows, raised=("events", "seconds"))
