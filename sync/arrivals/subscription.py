"""Which of the county's courseware a box takes: by axes, kinds and size.

An empty list means all of it. What is said of a collection decides whether its shard is
read at all; what is said of entries (kinds, size) is looked at when it is merged. A
resource that no axis places is everybody's.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from edge_server.ground import jobs
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import settings
from edge_server.records.curriculum import AXES
from sync.format.entry import Entry
from sync.format.shard import Collection

SETTING = "subscription"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a box takes; empty: no limit."""

    stage: tuple[str, ...] = ()
    """Ids of axis values, like the five that follow."""
    grade: tuple[str, ...] = ()
    subject: tuple[str, ...] = ()
    edition: tuple[str, ...] = ()
    textbook_year: tuple[str, ...] = ()
    volume: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    """As of resources: ``video``, ``slides`` …"""
    most_bytes: int = 0
    """Of one resource; 0: no limit."""

    @staticmethod
    def of(db: Db) -> "Subscription":
        """Return what this box takes: everything, unless somebody has said otherwise."""
        return from_map(settings.get(db, SETTING, {}))

    def takes(self, collection: Collection) -> bool:
        """Return whether the shard of a collection is to be read."""
        for axis in AXES:
            allowed: tuple[str, ...] = getattr(self, axis)
            value: str | None = getattr(collection, axis)
            if allowed and value is not None and value not in allowed:
                return False
        return True

    def wants(self, collection: Collection, entry: Entry) -> bool:
        """Return whether an entry is to be merged; a withdrawn one always is."""
        if entry.state == "withdrawn":
            return True
        if not self.takes(collection):
            return False
        if self.kinds and entry.kind not in self.kinds:
            return False
        size_bytes = sum(part.size_bytes for part in entry.parts)
        return not self.most_bytes or size_bytes <= self.most_bytes


def from_map(told: Mapping[str, Any]) -> Subscription:
    """Read a subscription as it is kept; what is not known is passed over."""
    known = {name: told[name] for name in asdict(Subscription()) if name in told}
    most_bytes = int(known.pop("most_bytes", 0))
    return Subscription(
        **{name: tuple(map(str, value)) for name, value in known.items()},
        most_bytes=most_bytes,
    )


def put(tx: Tx, clock: Clock, subscription: Subscription, *, by: str) -> None:
    """Say what this box takes from now on; known shards are merged again.

    So what is wanted now is fetched, and what is no longer wanted is not; what has come
    stays.
    """
    settings.put(tx, clock, SETTING, asdict(subscription), by=by)
    tx.execute("update shards set merged = ''")
    for row in tx.all("select collection_id from shards"):
        jobs.enqueue(
            tx, "announce", row["collection_id"], now=clock(), urgency=jobs.SOON
        )
