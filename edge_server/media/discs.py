"""A copied DVD or VCD becomes one file for each title.

A DVD's ``VIDEO_TS`` holds titles as ``VTS_<title>_<part>.VOB`` (part 0 is the menu), a
VCD's ``MPEGAV`` one ``AVSEQ<n>.DAT`` each. The parts of a title are one stream cut at
1 GB, so they are joined as they lie.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.ground.box import Box
from edge_server.ground.jobs import Job
from edge_server.media import joining

_VOB = re.compile(r"VTS_(\d\d)_([1-9])\.VOB", re.IGNORECASE)
_DAT = re.compile(r"(?:AVSEQ|MUSIC)(\d\d)\.(?:DAT|MPG)", re.IGNORECASE)
SHORTEST_BYTES = 4_000
"""Titles smaller than this hold no film."""


def join(box: Box, job: Job, folder: Path, out: Path) -> Sequence[Path]:
    """Join the parts of each title; returns one file a title in ``out``.

    Raises:
        PermanentError: ``disc_empty``: no title in it; ``copy_failed``.
    """
    titles: dict[int, list[tuple[int, Path]]] = defaultdict(list)
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or not path.is_file():
            continue
        if found := _VOB.fullmatch(path.name):
            titles[int(found[1])].append((int(found[2]), path))
        elif found := _DAT.fullmatch(path.name):
            titles[int(found[1])].append((1, path))
    made = [
        joining.join(
            box, job, [path for _, path in sorted(parts)], out, f"{title:02d}.mkv"
        )
        for title, parts in sorted(titles.items())
        if sum(path.stat().st_size for _, path in parts) >= SHORTEST_BYTES
    ]
    if not made:
        raise PermanentError("disc_empty")
    return made
