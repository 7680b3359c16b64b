"""Rows on their way to the county centre, each chained to all before it.

A row keeps the (epoch, seq) it was born with. Two boxes restored from one backup would
both go on with the same numbers; their chains differ, so the centre sees it.
"""

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import settings

EPOCH = "epoch"


def begin_epoch(tx: Tx, clock: Clock) -> str:
    """Begin a new life of the database: at init, and after a restore."""
    epoch = str(uuid.uuid4())
    settings.put(tx, clock, EPOCH, epoch, by="init")
    return epoch


def add(tx: Tx, clock: Clock, kind: str, body: Mapping[str, Any]) -> int:
    """Append a row in the transaction that records what it tells of; returns its seq."""
    epoch = settings.get(tx, EPOCH) or begin_epoch(tx, clock)
    last = tx.one(
        "select seq, chain from outbox where epoch = ? order by seq desc limit 1",
        (epoch,),
    )
    seq, chain = (last["seq"] + 1, last["chain"]) if last else (1, b"")
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    moment = clock.moment()
    tx.execute(
        "insert into outbox values (?, ?, ?, ?, ?, ?, ?)",
        (
            epoch, seq, kind, text, link(chain, text), moment.boot, moment.since_boot_s,
        ),
    )  # fmt: skip
    return seq


def link(chain: bytes, body: str) -> bytes:
    """Return the chain value of a row: SHA-256 of the one before and its own body."""
    return hashlib.sha256(chain + body.encode()).digest()


def waiting(db: Db) -> int:
    """Return how many rows are kept, from the first of each epoch's to its last.

    Numbers are given without a gap and rows go in their order, so none has to be counted:
    three years of use that nobody fetched took 20 ms for each look at the box's state.
    """
    found, epoch = 0, ""
    while epoch := db.value("select min(epoch) from outbox where epoch > ?", (epoch,)):
        found += db.value(
            "select (select max(seq) from outbox where epoch = :epoch)"
            " - (select min(seq) from outbox where epoch = :epoch) + 1",
            {"epoch": epoch},
        )
    return found


def broken_at(db: Db) -> tuple[str, int] | None:
    """Return the first (epoch, seq) whose chain does not follow, or None."""
    epoch, chain, expected = "", b"", 0
    for row in db.all("select epoch, seq, body, chain from outbox order by epoch, seq"):
        if row["epoch"] != epoch:
            epoch, expected, chain = row["epoch"], row["seq"], b""
            if expected != 1:  # acknowledged rows before it are gone: it begins here
                chain, expected = row["chain"], expected + 1
                continue
        if row["seq"] != expected or row["chain"] != link(chain, row["body"]):
            return epoch, row["seq"]
        chain, expected = row["chain"], expected + 1
    return None
