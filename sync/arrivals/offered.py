"""What the county offers in all, and how much room a choice of it needs.

Read from the newest verified root index as `head` keeps it. Its sizes are those of whole
collections, with all renditions, each object once; what a limit by kind or size saves is
not known before the collections are read, so a need is the most that can be needed.
"""

from dataclasses import dataclass
from pathlib import Path

from edge_server.ground.box import Box
from edge_server.ground.db import Db
from edge_server.records.curriculum import AXES
from sync.arrivals.subscription import Subscription
from sync.format import root_index
from sync.format.root_index import RootIndex


@dataclass(frozen=True, slots=True)
class Need:
    """What a subscription takes of the disk."""

    total_bytes: int
    here_bytes: int
    """Of that, what has come already."""

    @property
    def to_come_bytes(self) -> int:
        """What it needs beside what is here."""
        return self.total_bytes - self.here_bytes


def path_of(box: Box) -> Path:
    """Return where the newest verified root index lies."""
    return box.folder / "head" / "root-index"


def newest(box: Box) -> RootIndex | None:
    """Return the newest verified root index, None: this box has not looked yet."""
    try:
        data = path_of(box).read_bytes()
    except FileNotFoundError:
        return None
    return root_index.decode(data)


def need(db: Db, index: RootIndex, taken: Subscription) -> Need:
    """Return how much room all that a subscription takes needs at most."""
    here = {
        tuple(row[axis] for axis in AXES): row["size_bytes"]
        for row in db.all(
            f"select {', '.join(AXES)}, sum(size_bytes) size_bytes from versions"
            " where state = 'shown' and channel = 'county'"
            f" group by {', '.join(AXES)}"
        )
    }
    total_bytes = here_bytes = 0
    for ref in index.shards:
        if taken.takes(ref.collection):
            total_bytes += ref.content_bytes
            here_bytes += min(here.get(ref.collection.axes, 0), ref.content_bytes)
    return Need(total_bytes, here_bytes)
