"""Opening a zip by our own checks.

Python's ``zipfile`` is no defence: 3.11.7 reads a 66 kB file whose overlapping members
declare 20 GB (CVE-2024-0450). So the central directory is read and judged as a whole
before a byte is inflated: how many members, how large, how well packed, whether their
ranges overlap, what they are called, whether the local headers say the same. Then each is
inflated with a running cap and its CRC-32 compared.

Format: PKWARE APPNOTE.TXT 6.3.10 (4.3.7 local header).
"""

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from edge_server.errors import Refused
from edge_server.guard import zip_directory
from edge_server.guard.archive_rules import (
    ArchiveLimits,
    Unpacked,
    clean_names,
    is_bomb,
    judge_total,
)
from edge_server.guard.zip_directory import (
    DEFLATED,
    ENCRYPTED,
    LATER,
    STORED,
    UTF8,
    Directory,
    Member,
)

STEP_BYTES = 1 << 18
_LOCAL = struct.Struct("<4sHHHHHIIIHH")


def unpack(
    path: Path, out: Path, room_bytes: int, limits: ArchiveLimits
) -> list[Unpacked]:
    """Judge a zip as a whole, then inflate it; arguments and errors as `archive.unpack`."""
    unpacked = []
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        table = zip_directory.read(file.fileno(), size, limits)
        _judge(table.members, size, limits)
        # The folder itself, as tar packs it, is no name.
        members = [member for member in table.members if member.name != "./"]
        clean = clean_names(member.name for member in members)
        starts = _starts(file.fileno(), table, size)
        # Last: who sends a bomb is not told to make room for it.
        total = sum(member.size_bytes for member in table.members)
        if is_bomb(total, size, limits):
            raise Refused("archive_bomb", name="")
        judge_total(total, room_bytes, limits)
        for n, (member, name) in enumerate(zip(members, clean, strict=True)):
            if member.name.endswith("/"):
                continue
            target = out / str(n)
            _inflate(file.fileno(), member, starts[member], target)
            unpacked.append(Unpacked(name, target, member.size_bytes))
    return unpacked


def _judge(members: list[Member], size: int, limits: ArchiveLimits) -> None:
    """Refuse the archive by what its directory says of single members."""
    for member in members:
        if member.kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise Refused("archive_special_file", name=member.name[:200])
        if member.flags & ENCRYPTED:
            raise Refused("archive_encrypted")
        if member.method not in (STORED, DEFLATED):
            raise Refused("archive_method", method=member.method)
        if member.name.endswith("/") and member.size_bytes:
            # A folder that holds bytes of its own: some readers would see a file.
            raise Refused("archive_contradicts", name=member.name[:200])
        if is_bomb(member.size_bytes, member.packed_bytes, limits):
            raise Refused("archive_bomb", name=member.name[:200])
        if member.header_at + member.packed_bytes > size:
            raise Refused("archive_damaged", why="range")


def _starts(descriptor: int, table: Directory, size: int) -> dict[Member, int]:
    """Return where each member's data begins; local headers must agree, nothing overlap."""
    starts: dict[Member, int] = {}
    ranges = [(table.at, table.at + table.length_bytes)]
    for member in table.members:
        header = os.pread(descriptor, _LOCAL.size, member.header_at)
        if len(header) != _LOCAL.size:
            raise Refused("archive_damaged", why="header")
        (
            magic,
            _,
            flags,
            method,
            _,
            _,
            _,
            packed,
            unpacked,
            name_length,
            extra_length,
        ) = _LOCAL.unpack(header)
        rest = os.pread(
            descriptor, name_length + extra_length, member.header_at + _LOCAL.size
        )
        unpacked, packed, _ = zip_directory.zip64_sizes(
            rest[name_length:], unpacked, packed, 0
        )
        differs = (
            magic != b"PK\x03\x04"
            or method != member.method
            or rest[:name_length] != member.raw_name
            or (flags ^ member.flags) & (ENCRYPTED | UTF8)
        )
        later = flags & LATER
        if differs or (
            not later and (packed, unpacked) != (member.packed_bytes, member.size_bytes)
        ):
            raise Refused("archive_contradicts", name=member.name[:200])
        start = member.header_at + _LOCAL.size + name_length + extra_length
        starts[member] = start
        ranges.append((member.header_at, start + member.packed_bytes))
        if ranges[-1][1] > size:
            raise Refused("archive_damaged", why="range")
    ranges.sort()
    for (_, end), (begin, _) in pairwise(ranges):
        if begin < end:
            raise Refused("archive_overlap", members=len(table.members))
    return starts


def _inflate(descriptor: int, member: Member, start: int, target: Path) -> None:
    """Write a member's data, never more than its row says, and compare its CRC-32."""
    crc = written = 0
    with target.open("xb") as out:
        for data in _pieces(descriptor, member, start):
            written += len(data)
            if written > member.size_bytes:
                raise Refused("archive_contradicts", name=member.name[:200])
            crc = zlib.crc32(data, crc)
            out.write(data)
    if written != member.size_bytes or crc != member.crc:
        raise Refused("archive_damaged", why="crc")


def _pieces(descriptor: int, member: Member, start: int) -> Iterator[bytes]:
    """Yield a member's data in pieces of at most `STEP_BYTES`."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    read = 0
    while read < member.packed_bytes:
        step = os.pread(
            descriptor, min(STEP_BYTES, member.packed_bytes - read), start + read
        )
        if not step:
            raise Refused("archive_damaged", why="short")
        read += len(step)
        if member.method == STORED:
            yield step
            continue
        if inflater.eof:
            # zlib would keep all that follows, and copy it at each step.
            raise Refused("archive_contradicts", name=member.name[:200])
        while step:
            yield _inflated(inflater, step)
            step = inflater.unconsumed_tail
    if (
        member.method == DEFLATED and read
    ):  # some pack an empty file into no byte at all
        while not inflater.eof and (data := _inflated(inflater, b"")):
            yield data
        if not inflater.eof:
            raise Refused("archive_damaged", why="short")
        if inflater.unused_data:
            raise Refused("archive_contradicts", name=member.name[:200])


def _inflated(inflater: "zlib._Decompress", data: bytes) -> bytes:
    try:
        return inflater.decompress(data, STEP_BYTES)
    except zlib.error as error:
        raise Refused("archive_damaged", why="data") from error
