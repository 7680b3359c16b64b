"""The published tree over plain HTTP: what boxes fetch, answered before Flask.

Everything in it is public and named by its content, and boxes believe only what is
signed, so it may be asked for under any name and needs no encryption. Only names that the
tree can have are looked for.
"""

import re
from pathlib import Path

from edge_server.ground.box import Box
from sync.centre import tree
from sync.format.tree import TIMESTAMP
from web.ranges import MediaFile

PREFIX = "/published/"
_NAME = re.compile(
    r"timestamp\.json|root/[1-9][0-9]{0,17}\.root\.json"
    r"|meta/[1-9][0-9]{0,17}\.(snapshot|targets)\.json"
    r"|i/[0-9a-f]{64}(-[0-9a-f]{64})?|[okp]/[0-9a-f]{2}/[0-9a-f]{64}"
)


class Finder:
    """Finds files of the tree for `web.ranges.MediaFirst`."""

    def __init__(self, box: Box) -> None:
        self._folder: Path = tree.folder_of(box)

    def file(self, name: str) -> MediaFile | None:
        """Return the file behind an address below ``/published/``."""
        if not _NAME.fullmatch(name):
            return None
        path = self._folder / name
        try:
            found = path.stat()
        except OSError:
            return None
        changes = name == TIMESTAMP
        return MediaFile(
            path=path,
            size_bytes=found.st_size,
            etag=f"{found.st_mtime_ns:x}" if changes else path.name,
            media_type="application/json"
            if name.endswith(".json")
            else "application/octet-stream",
            immutable=not changes,
        )
