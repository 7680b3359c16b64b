"""What one step makes: files that are kept, and rows that are written together."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edge_server.errors import PermanentError
from edge_server.ground import durable, store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.jobs import Job
from edge_server.ground.store import Kept
from edge_server.ground.worker import WriteDown
from edge_server.records import catalogue, renditions
from edge_server.records.renditions import Rendition


class Results:
    """Renditions made by one step, kept and to be written down together."""

    def __init__(self, box: Box, job: Job) -> None:
        self.box = box
        self.source = job.key
        self.kept: list[Kept] = []
        self.rows: list[Rendition] = []

    def add(self, profile: str, path: Path, media_type: str, **told: Any) -> Path:
        """Keep a file and note its row; returns where it lies from now on."""
        kept = store.keep(self.box, path, store.hash_file(path))
        self.kept.append(kept)
        self.rows.append(
            Rendition(self.source, profile, kept.object_id, media_type, **told)
        )
        return kept.path

    def itself(self, profile: str, media_type: str, **told: Any) -> None:
        """Note that the source is its own rendition."""
        self.rows.append(
            Rendition(self.source, profile, self.source, media_type, **told)
        )

    def failed(self, profile: str, error: PermanentError) -> None:
        """Note why a rendition cannot be made."""
        self.rows.append(
            Rendition(
                self.source, profile, None, code=error.reason, values=error.values
            )
        )

    def write_down(self, keys: Iterable[str] = ()) -> WriteDown:
        """Return what writes all of it, if anybody still uses the source."""
        answer = list(keys)

        def write(tx: Tx) -> Iterable[str]:
            if not catalogue.waiting_for(tx, self.source):
                return ()
            at = self.box.clock.moment().at
            for kept in self.kept:
                store.record(tx, kept, "derived", at)
            for row in self.rows:
                renditions.record(tx, self.box.clock, row)
            return answer

        return write


def fresh_folder(scratch: Path, name: str) -> Path:
    """Make an empty folder in a job's work folder, whatever an earlier try left there."""
    folder = scratch / name
    durable.remove_tree(folder)
    folder.mkdir()
    return folder
