"""What was not taken in: set aside with its reason, where a person sees it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Row

from edge_server.errors import Value
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx


@dataclass(frozen=True, slots=True)
class Refusal:
    """One thing that was set aside."""

    id: int
    name: str
    """As the sender called it, with its folders."""
    file: str | None
    """Where it lies below ``refused/``; None: nothing was kept."""
    channel: str
    code: str
    values: Mapping[str, Value]
    size_bytes: int
    at: float
    """UTC, seconds."""


def add(
    tx: Tx,
    clock: Clock,
    *,
    name: str,
    file: str | None,
    channel: str,
    code: str,
    values: Mapping[str, Value],
    size_bytes: int,
) -> int:
    """Write a refusal down; the same file refused again for the same reason is one row."""
    detail = json.dumps(values, ensure_ascii=False, sort_keys=True)
    known = tx.value(
        "select id from refusals where name = ? and code = ? and size_bytes = ?"
        " and channel = ? and detail = ?",
        (name, code, size_bytes, channel, detail),
    )
    if known is not None:
        tx.execute(
            "update refusals set file = ?, detail = ?, at = ?, refused_s = ?"
            " where id = ?",
            (file, detail, clock.moment().at, clock(), known),
        )
        return int(known)
    return tx.insert(
        "insert into refusals (name, file, channel, code, detail, size_bytes, at,"
        " refused_s) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (name, file, channel, code, detail, size_bytes, clock.moment().at, clock()),
    )


def newest(db: Db, limit: int = 100) -> list[Refusal]:
    """Return the refusals, the newest first."""
    rows = db.all("select * from refusals order by at desc limit ?", (limit,))
    return [_of(row) for row in rows]


def count(db: Db) -> int:
    """Return how many things are set aside."""
    return int(db.value("select count(*) from refusals"))


def older_than(db: Db, refused_s: float, limit: int = 500) -> list[Refusal]:
    """Return refusals from before a running time, for the sweep."""
    rows = db.all(
        "select * from refusals where refused_s < ? order by id limit ?",
        (refused_s, limit),
    )
    return [_of(row) for row in rows]


def forget(tx: Tx, refusal_id: int) -> None:
    """Remove the row of a refusal whose file is gone."""
    tx.execute("delete from refusals where id = ?", (refusal_id,))


def _of(row: Row) -> Refusal:
    return Refusal(
        id=row["id"],
        name=row["name"],
        file=row["file"],
        channel=row["channel"],
        code=row["code"],
        values=json.loads(row["detail"]),
        size_bytes=row["size_bytes"],
        at=row["at"],
    )
