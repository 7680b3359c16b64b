"""The outermost boxes of an MP4 or QuickTime file (ISO/IEC 14496-12, 4.2).

They tell without any decoder whether its index (``moov``) is there: a film whose download
was cut off before it can be played by nobody.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

FORMATS = ("mp4", "mov", "3gp", "m4a")
"""Those of `guard.formats` that are built of such boxes."""
MOST_BOXES = 100_000
_FIRST = ("ftyp", "moov", "mdat", "wide", "free", "skip")


@dataclass(frozen=True, slots=True)
class Boxes:
    """The outermost boxes of an MP4."""

    has_index: bool
    index_first: bool
    in_fragments: bool
    end_bytes: int
    """Where the last box says it ends."""


def boxes(path: Path) -> Boxes | None:
    """Walk the outermost boxes of an MP4 or QuickTime file; None for anything else."""
    size_bytes = path.stat().st_size
    names: list[str] = []
    offset = 0
    with path.open("rb") as file:
        while offset < size_bytes and len(names) < MOST_BOXES:
            file.seek(offset)
            head = file.read(16)
            if len(head) < 8:
                break
            length = int.from_bytes(head[:4], "big")
            name = head[4:8].decode("latin-1")
            if not names and name not in _FIRST:
                return None
            if length == 1 and len(head) == 16:
                (length,) = struct.unpack(">Q", head[8:])
            elif length == 0:
                length = size_bytes - offset
            if length < 8:
                break
            names.append(name)
            offset += length
    if not names:
        return None
    data_at = names.index("mdat") if "mdat" in names else len(names)
    return Boxes(
        has_index="moov" in names,
        index_first="moov" in names[:data_at],
        in_fragments="moof" in names,
        end_bytes=offset,
    )
