"""Receipts: the county hears which collections are here whole, and in which version.

A collection is whole once its newest shard is merged and nothing of its resources is to
come. The receipt is a row of the outbox, written with the note that it was.
"""

import json

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import outbox
from edge_server.records.curriculum import AXES

_LACKING = f"""
select distinct {", ".join(f"v.{axis}" for axis in AXES)}
from versions v join parts p using (resource_id, version)
where v.channel = 'county' and v.state in ('waiting', 'shown') and (
    p.object_id in (select object_id from wants)
    or p.object_id in (select source_object_id from announced_renditions))
"""


def write(tx: Tx, clock: Clock) -> int:
    """Write a receipt for each collection that is whole and was not told; returns how many."""
    rows = tx.all(
        "select * from shards where merged = shard_id and receipted <> shard_id"
    )
    lacking = _lacking(tx) if rows else set()
    written = 0
    for row in rows:
        axes = json.loads(row["axes"])
        if tuple(axes[axis] for axis in AXES) in lacking:
            continue
        body = {"collection_id": row["collection_id"], "version": row["version"]}
        outbox.add(tx, clock, "receipt", body)
        tx.execute(
            "update shards set receipted = shard_id where collection_id = ?",
            (row["collection_id"],),
        )
        written += 1
    return written


def _lacking(db: Db) -> set[tuple[str | None, ...]]:
    """Return the axes of every collection of which something is still to come."""
    return {tuple(row) for row in db.all(_LACKING)}
