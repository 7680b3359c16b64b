"""When it was: events of boxes without a clock, mended when their boot is better known.

A box says of each row the kernel's boot and the seconds since, and of each boot its
offset from UTC and how far that is trusted. A better anchor moves every event of that
boot, and its share in the sums with it.

How far a time is trusted, also in `events.trust`: 0, the box said something impossible,
so it is the centre's time of hearing; 1, not earlier than this; 2, the box's own clock;
3, a time that the county signed; 4, the centre's answer.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from edge_server.ground.clock import EARLIEST_UTC_S
from sync.centre.ledger.bodies import finite
from sync.centre.ledger.schema import boots, events, marks
from sync.centre.ledger.sums import Shares
from sync.format import batch as wire

HEARD, FLOOR, WALL = 0, 1, 2
TRUST = {"floor": FLOOR, "wall": WALL, "signed": 3, "centre": 4}
"""By the word of `boots.trust` on the box; a word nobody knows is as good as the first."""
_AHEAD_S = 86_400.0
"""No event is further ahead of the centre's clock."""


class Boots:
    """What is known of the boots that a batch speaks of.

    Args:
        tx: The transaction; it holds the lock of the box.
        mark: `marks.n` of the batch.
        batch: The batch.
        at: When the centre heard it, UTC.
    """

    def __init__(self, tx: Connection, mark: int, batch: wire.Batch, at: float) -> None:
        self._tx, self._mark, self._at = tx, mark, at
        self._said = {boot.id: boot for boot in batch.boots}
        ids = {row.boot for row in batch.rows} | self._said.keys()
        self._known: dict[str, list[Row[*tuple[Any, ...]]]] = {}
        for row in tx.execute(
            select(
                boots.c.n, boots.c.mark, boots.c.boot,
                boots.c.first_seq, boots.c.offset_s, boots.c.trust,
            )
            .join(marks)
            .where(marks.c.box_id == batch.box_id, boots.c.boot.in_(sorted(ids)))
        ):  # fmt: skip
            self._known.setdefault(row.boot, []).append(row)

    def mend(self) -> None:
        """Move the events of boots that the batch knows better than the ledger."""
        for id, said in sorted(self._said.items()):
            trust = TRUST.get(said.trust, FLOOR)
            for known in self._known.get(id, ()):
                if trust > known.trust and self._move(known, said.offset_s, trust):
                    self._tx.execute(
                        update(boots)
                        .where(boots.c.n == known.n)
                        .values(offset_s=said.offset_s, trust=trust)
                    )

    def note(self, rows: Sequence[wire.Row]) -> None:
        """Write down the boots of new rows; afterwards `of` knows them."""
        self._of: dict[str, tuple[int, float | None, int]] = {}
        for row in rows:
            if row.boot not in self._of:
                self._of[row.boot] = self._place(row.boot, row.seq)

    def of(self, row: wire.Row) -> tuple[int, float, int]:
        """Return `boots.n` of a row, its time in UTC and how far that is trusted."""
        n, offset_s, trust = self._of[row.boot]
        at = row.at
        if offset_s is not None and trust >= WALL:
            at = offset_s + row.since_boot_s
        else:
            trust = FLOOR
        return (n, at, trust) if self._may_be(at) else (n, self._at, HEARD)

    def _place(self, boot: str, seq: int) -> tuple[int, float | None, int]:
        """Return (`boots.n`, offset, trust) of a boot in this life of the database."""
        best: tuple[float | None, int] = None, HEARD
        if said := self._said.get(boot):
            best = said.offset_s, TRUST.get(said.trust, FLOOR)
        here = None
        for known in self._known.get(boot, ()):
            here = known.n if known.mark == self._mark else here
            if known.trust >= best[1]:
                best = known.offset_s, known.trust
        if here is None:
            here = self._tx.execute(
                insert(boots)
                .values(
                    mark=self._mark, boot=boot, first_seq=seq,
                    offset_s=best[0], trust=best[1],
                )
                .returning(boots.c.n)
            ).scalar_one()  # fmt: skip
        return here, *best

    def _may_be(self, at: float) -> bool:
        known = finite(at)
        return known is not None and EARLIEST_UTC_S <= known <= self._at + _AHEAD_S

    def _move(
        self,
        boot: Row[*tuple[Any, ...]],
        offset_s: float,
        trust: int,
    ) -> bool:
        """Give the events of a boot their better time; False when it cannot be true."""
        theirs = (
            events.c.mark == boot.mark,
            events.c.seq >= boot.first_seq,
            events.c.boot == boot.n,
            events.c.trust < trust,
        )
        found = self._tx.execute(
            select(
                events.c.point, events.c.kind, events.c.resource, events.c.grade,
                events.c.seconds, events.c.at, events.c.since_boot_s,
            ).where(*theirs)
        ).all()  # fmt: skip
        if not all(self._may_be(offset_s + event.since_boot_s) for event in found):
            return False
        self._tx.execute(
            update(events)
            .where(*theirs)
            .values(at=offset_s + events.c.since_boot_s, trust=trust)
        )
        moved = Shares()
        for event in found:
            its = event.resource, event.grade, event.kind, event.seconds
            moved.add(event.point, event.at, *its, events=-1)
            moved.add(event.point, offset_s + event.since_boot_s, *its)
        moved.write(self._tx)
        return True
