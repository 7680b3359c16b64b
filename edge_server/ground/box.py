"""What a room above the ground is handed: the folder, its settings, its database, time.

`Box` holds no more than that; rooms above make what is theirs from it.
"""

from dataclasses import dataclass
from pathlib import Path

from edge_server.ground import clock, config, db
from edge_server.ground.clock import Clock
from edge_server.ground.config import Config
from edge_server.ground.db import Db

DATABASE = "edge.db"
FOLDERS = (
    "objects", "own", "partial", "incoming", "uploads", "work", "refused", "trash",
    "backup", "log", "run", "keys",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Box:
    """One data folder, opened."""

    folder: Path
    config: Config
    db: Db
    clock: Clock


def open_box(folder: Path, settings: Config | None = None) -> Box:
    """Open a data folder that `prepare` has made ready."""
    folder = folder.resolve()
    database = db.open(folder / DATABASE)
    return Box(
        folder=folder,
        config=settings or config.load(folder),
        db=database,
        clock=clock.of_this_boot(database),
    )
