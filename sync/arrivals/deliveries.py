"""When this box fetched from the county, how it ended, and who asked it to.

A *delivery* is one time of fetching: its row says when it began, what it brought and why
it ended before its time, which is what a teacher reads in the morning. 现在就取 is a
number that goes up; `receive` writes down the last one it has done.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_server.errors import EdgeError, Value
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import settings

ASKED = "fetch_asked"
"""Setting: how often somebody asked to fetch now; more than `ANSWERED`: do it."""
ANSWERED = "fetch_answered"
CUT = "delivery_cut"
"""Why a delivery ended that nobody ended: the power, or the end of the process."""
KEPT = 1000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One time the box fetched."""

    id: int
    began_at: float
    """UTC, seconds, like ``ended_at``."""
    ended_at: float | None
    bytes: int
    objects: int
    code: str | None
    """Why it ended before its time; None: it did not."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """What the sentence of the code tells."""


def ask(tx: Tx, clock: Clock, *, by: str) -> int:
    """Have the box fetch now, whatever the hour; returns the number of this wish."""
    number = asked(tx) + 1
    settings.put(tx, clock, ASKED, number, by=by)
    return number


def asked(db: Db) -> int:
    """Return the number of the last wish."""
    return int(settings.get(db, ASKED, 0))


def answered(db: Db) -> int:
    """Return the number of the last wish that was done."""
    return int(settings.get(db, ANSWERED, 0))


def answer(tx: Tx, clock: Clock, number: int) -> None:
    """Write down that a wish was done, well or not."""
    settings.put(tx, clock, ANSWERED, number, by="receive")


def begin(tx: Tx, clock: Clock, channel: str) -> int:
    """Write the row of a delivery that begins; returns its number.

    The process that fetches is one alone, so an earlier row that is open was cut.
    """
    end_cut(tx, clock)
    number = tx.insert(
        "insert into deliveries (channel, began_at) values (?, ?)",
        (channel, clock.moment().at),
    )
    tx.execute("delete from deliveries where id <= ?", (number - KEPT,))
    return number


def end(
    tx: Tx, clock: Clock, number: int, *, size_bytes: int, objects: int,
    error: Exception | None,
) -> None:  # fmt: skip
    """Write down how a delivery ended, and why if that was before its time."""
    tx.execute(
        "update deliveries set ended_at = ?, bytes = ?, objects = ?, code = ?,"
        " detail = ? where id = ?",
        (
            clock.moment().at, size_bytes, objects, _code(error), _detail(error), number,
        ),
    )  # fmt: skip


def end_cut(tx: Tx, clock: Clock) -> None:
    """End what a cut left open, so that nobody is told that it still goes on."""
    tx.execute(
        "update deliveries set ended_at = max(began_at, ?), code = ?"
        " where ended_at is null",
        (clock.moment().at, CUT),
    )


def newest(db: Db, most: int = 10) -> list[Delivery]:
    """Return the newest deliveries, the newest first."""
    return [
        Delivery(
            id=row["id"],
            began_at=row["began_at"],
            ended_at=row["ended_at"],
            bytes=row["bytes"],
            objects=row["objects"],
            code=row["code"],
            values=json.loads(row["detail"]),
        )
        for row in db.all("select * from deliveries order by id desc limit ?", (most,))
    ]


def _code(error: Exception | None) -> str | None:
    if error is None:
        return None
    return error.reason if isinstance(error, EdgeError) else "unexpected"


def _detail(error: Exception | None) -> str:
    values = error.values if isinstance(error, EdgeError) else {}
    return json.dumps(dict(values), ensure_ascii=False)
