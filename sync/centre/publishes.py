"""What was published, and what waits: read by the desk and by whoever reports."""

import json
from dataclasses import dataclass

from edge_server.ground.db import Db
from sync.centre import entries
from sync.format.shard import Collection


@dataclass(frozen=True, slots=True)
class Publish:
    """One publish, as far as it came."""

    number: int
    begun_at: float
    """UTC."""
    state: str
    """``building``, ``built``: waits for the release key; ``live``."""
    resources: int
    """Entries that changed with it."""
    new_bytes: int


@dataclass(frozen=True, slots=True)
class Published:
    """A collection as boxes can fetch it."""

    collection: Collection
    version: int
    """The publish in which it changed last."""
    resources: int
    content_bytes: int


def newest(db: Db, most: int) -> list[Publish]:
    """Return the newest publishes, newest first."""
    return [
        Publish(
            row["number"], row["begun_at"], row["state"], row["resources"],
            row["new_bytes"],
        )
        for row in db.all(
            "select * from publishes order by number desc limit ?", (most,)
        )
    ]  # fmt: skip


def live(db: Db, *, before_at: float | None = None) -> int:
    """Return the number of the newest publish that boxes can see; 0: none.

    Args:
        db: The centre's database.
        before_at: Only of those that were begun before this moment, UTC.
    """
    return int(
        db.value(
            "select max(number) from publishes where state = 'live'"
            " and (:before is null or begun_at < :before)",
            {"before": before_at},
        )
        or 0
    )


def collections(db: Db) -> dict[str, Published]:
    """Return every collection that was published, by its id."""
    return {
        row["collection_id"]: Published(
            Collection(**json.loads(row["axes"])),
            row["version"],
            row["resources"],
            row["content_bytes"],
        )
        for row in db.all(
            "select * from published_collections where shard_id is not null"
            " order by collection_id"
        )
    }


def waiting(db: Db, most: int) -> int:
    """Return how many resources the next publish would change, counted up to ``most``."""
    return len(entries.changed(db, most=most))
