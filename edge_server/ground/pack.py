"""Many small files as one object: the pages of a slide deck, the pictures of a storyboard.

A small file costs a flush, an inode and a row; six hundred page pictures as one file cost
one of each, and each picture is still a byte range that the web server sends as it lies.

The format, number 1, all integers little-endian::

    8 bytes   magic  b"EDGEPAK1"
    u32       length of the index in bytes
    index     JSON: [[name, offset, size, sha256 hex], …], offsets from the file's start
    …         the members, one after another, in the order of the index
"""

import hashlib
import json
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import PermanentError

MAGIC = b"EDGEPAK1"
MOST_INDEX_BYTES = 16_000_000
STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file inside a pack."""

    name: str
    offset_bytes: int
    """From the start of the pack."""
    size_bytes: int
    sha256: str
    """64 lower-case hex digits."""


def write(target: Path, members: Iterable[tuple[str, Path]]) -> None:
    """Write a pack of ``(name, file)`` pairs in their order; the caller makes it durable."""
    found = []
    for name, path in members:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        found.append((name, path, path.stat().st_size, sha256))
    # Offsets depend on the index's length, which depends on the offsets' digits: numbers
    # are padded, so that the length is known beforehand.
    index = _index([(name, 0, size, sha) for name, _, size, sha in found])
    offset = len(MAGIC) + 4 + len(index)
    rows = []
    for name, _, size, sha in found:
        rows.append((name, offset, size, sha))
        offset += size
    with target.open("xb") as out:
        out.write(MAGIC + struct.pack("<I", len(index)) + _index(rows))
        for _, path, _, _ in found:
            with path.open("rb") as file:
                while step := file.read(STEP_BYTES):
                    out.write(step)


def read_index(path: Path) -> list[Member]:
    """Return the members of a pack in order.

    Raises:
        PermanentError: ``pack_damaged``: not a pack, or members outside the file.
    """
    size = path.stat().st_size
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC) + 4)
            (length,) = struct.unpack("<I", head[len(MAGIC) :])
            if head[: len(MAGIC)] != MAGIC or length > min(size, MOST_INDEX_BYTES):
                raise ValueError("not a pack")
            rows = json.loads(file.read(length))
        members = [Member(str(n), int(o), int(s), str(h)) for n, o, s, h in rows]
    except (ValueError, TypeError, struct.error) as error:
        raise PermanentError("pack_damaged", bytes=size) from error
    if any(
        m.offset_bytes < 0 or m.size_bytes < 0 or m.offset_bytes + m.size_bytes > size
        for m in members
    ):
        raise PermanentError("pack_damaged", bytes=size)
    return members


def read_member(path: Path, member: Member) -> bytes:
    """Return the bytes of one small member."""
    with path.open("rb") as file:
        return os.pread(file.fileno(), member.size_bytes, member.offset_bytes)


def _index(rows: Iterable[tuple[str, int, int, str]]) -> bytes:
    padded = ",\n".join(
        f"[{json.dumps(name)}, {offset:>15d}, {size:>15d}, {json.dumps(sha)}]"
        for name, offset, size, sha in rows
    )
    return f"[{padded}]".encode("ascii")
