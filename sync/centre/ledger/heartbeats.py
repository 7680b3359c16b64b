"""How a box says it is, once a day: disk, clock, head, what fails."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from edge_server.records.usage import CHINA_S
from sync.centre.ledger.bodies import finite, whole
from sync.centre.ledger.dialects import upsert
from sync.centre.ledger.schema import heartbeats


def note(
    tx: Connection, point: int, box_id: str, said: Mapping[str, Any], at: float
) -> None:
    """Write down the heartbeat of a point; a later one of the day takes its place.

    Args:
        tx: The transaction.
        point: The point.
        box_id: Who says it.
        said: What the box says; ``at`` is its own UTC at that moment.
        at: The centre's UTC.
    """
    its_at = finite(said.get("at"))
    row = {
        "point": point,
        "day": day(at),
        "box_id": box_id,
        "at": at,
        "skew_s": None if its_at is None else its_at - at,
        "head_version": whole(said.get("head_version")),
        "disk_free_bytes": whole(said.get("disk_free_bytes")),
        # In ASCII: no character of a box's own can be one that a database refuses.
        "body": json.dumps(said),
    }
    upsert(tx, heartbeats, [row], replaced=row.keys() - {"point", "day"})


def day(at: float) -> str:
    """Return the day of a moment in China, ``2026-11-25``."""
    return (datetime.fromtimestamp(at, UTC) + timedelta(seconds=CHINA_S)).strftime(
        "%Y-%m-%d"
    )
