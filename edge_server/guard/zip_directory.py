"""A zip's table of entries: the central directory, read whole and by our own rules.

Nothing is inflated and no local header is looked at here; `zip_archive` judges what this
table says.

Format: PKWARE APPNOTE.TXT 6.3.10 (4.3.12 central directory, 4.3.14 zip64); the Info-ZIP
Unicode path extra field 0x7075.
"""

import os
import stat
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from edge_server.errors import Refused
from edge_server.guard import names
from edge_server.guard.archive_rules import ArchiveLimits

STORED, DEFLATED = 0, 8
ENCRYPTED, LATER, UTF8 = 1 << 0, 1 << 3, 1 << 11
"""Bits of an entry's flags; ``LATER``: its sizes stand behind its data."""
_CENTRAL = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_UNIX = (3, 19)  # made on Unix or OS X: the upper 16 bits are a mode


@dataclass(frozen=True, slots=True)
class Member:
    """One entry, as the directory tells it."""

    name: str
    method: int
    flags: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_at: int
    raw_name: bytes
    kind: int
    """`stat.S_IFMT` of its mode; 0 where it was packed on a system that has none."""


@dataclass(frozen=True, slots=True)
class Directory:
    """The whole table, and where in the file it lies."""

    members: list[Member]
    at: int
    length_bytes: int


def read(descriptor: int, size: int, limits: ArchiveLimits) -> Directory:
    """Read the central directory, and nothing else.

    Args:
        descriptor: The open zip.
        size: Its length in bytes.
        limits: Of them ``members`` and ``directory_bytes``.

    Raises:
        Refused: ``archive_damaged``: there is no such table, or it does not fill exactly
            the place that the last record gives it; ``archive_too_many``.
    """
    tail_at = max(size - 65_557, 0)
    tail = os.pread(descriptor, size - tail_at, tail_at)
    end_at = tail.rfind(b"PK\x05\x06")
    if end_at < 0 or len(tail) < end_at + _END.size:
        raise Refused("archive_damaged", why="end")
    _, disk, first, _, count, length, at, _ = _END.unpack_from(tail, end_at)
    if disk != first:
        raise Refused("archive_damaged", why="disks")
    if count == 0xFFFF or 0xFFFFFFFF in (length, at):
        count, length, at = _zip64_end(tail, end_at, descriptor)
    if count > limits.members:
        raise Refused("archive_too_many", members=count, most=limits.members)
    if length > limits.directory_bytes or at + length > size:
        raise Refused("archive_damaged", why="directory")
    data = os.pread(descriptor, length, at)
    members = _rows(data, count, beside_gb18030=False)
    silent = (member for member in members if not member.flags & UTF8)
    if not all(names.is_utf8(member.raw_name) for member in silent):
        members = _rows(data, count, beside_gb18030=True)
    return Directory(members, at, length)


def _rows(data: bytes, count: int, *, beside_gb18030: bool) -> list[Member]:
    members, offset = [], 0
    for _ in range(count):
        member, offset = _central(data, offset, beside_gb18030)
        members.append(member)
    if offset != len(data):
        # Rows that the count leaves out: another reader would see other files.
        raise Refused("archive_damaged", why="directory")
    return members


def _zip64_end(tail: bytes, end_at: int, descriptor: int) -> tuple[int, int, int]:
    locator = tail[end_at - 20 : end_at]
    if len(locator) != 20 or locator[:4] != b"PK\x06\x07":
        raise Refused("archive_damaged", why="zip64")
    (where,) = struct.unpack_from("<Q", locator, 8)
    record = os.pread(descriptor, _END64.size, where) if where < 1 << 62 else b""
    if len(record) != _END64.size or record[:4] != b"PK\x06\x06":
        raise Refused("archive_damaged", why="zip64")
    *_, count, length, at = _END64.unpack(record)
    return count, length, at


def _central(data: bytes, offset: int, beside_gb18030: bool) -> tuple[Member, int]:
    try:
        (
            magic, _, system, _, flags, method, _, _, crc, packed, size,
            name_length, extra_length, comment_length, _, _, mode, header_at,
        ) = _CENTRAL.unpack_from(data, offset)  # fmt: skip
    except struct.error as error:
        raise Refused("archive_damaged", why="directory") from error
    if magic != b"PK\x01\x02":
        raise Refused("archive_damaged", why="directory")
    start = offset + _CENTRAL.size
    raw = data[start : start + name_length]
    extra = data[start + name_length : start + name_length + extra_length]
    size, packed, header_at = zip64_sizes(extra, size, packed, header_at)
    name = _unicode_name(extra, raw) or names.decode_zip_name(
        raw, bool(flags & UTF8), beside_gb18030=beside_gb18030
    )
    # Windows writes backslashes into zips against the rule (4.4.17.1).
    name = name.replace("\\", "/") if system not in _UNIX else name
    kind = stat.S_IFMT(mode >> 16) if system in _UNIX else 0
    member = Member(name, method, flags, crc, packed, size, header_at, raw, kind)
    return member, start + name_length + extra_length + comment_length


def zip64_sizes(
    extra: bytes, size: int, packed: int, header_at: int
) -> tuple[int, int, int]:
    """Return the numbers of a header, from its zip64 field where they are too large."""
    for tag, field in _extras(extra):
        if tag == 0x0001:
            values = iter(
                struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8])
            )
            if size == 0xFFFFFFFF:
                size = next(values, size)
            if packed == 0xFFFFFFFF:
                packed = next(values, packed)
            if header_at == 0xFFFFFFFF:
                header_at = next(values, header_at)
    return size, packed, header_at


def _unicode_name(extra: bytes, raw: bytes) -> str | None:
    for tag, field in _extras(extra):
        if tag == 0x7075 and len(field) > 5 and field[0] == 1:
            (crc,) = struct.unpack_from("<I", field, 1)
            if crc == zlib.crc32(raw):
                return field[5:].decode("utf-8", "replace")
    return None


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length
