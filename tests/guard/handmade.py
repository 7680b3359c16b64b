"""Archives written byte by byte, so that each of their lies can be told on its own.

Formats: PKWARE APPNOTE.TXT 6.3.10; the RAR 5.0 archive format (rarlab.com/technote.htm);
RAR 1.5 to 4 as unrar's ``headers.hpp`` lays it out.
"""

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

NOTE = "一张普通的便条。\n".encode()
UNIX, UTF8, LATER, ENCRYPTED = 3, 1 << 11, 1 << 3, 1 << 0


def deflated(data: bytes, level: int = 9) -> bytes:
    """Return raw deflate data, as a zip holds it."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@dataclass(frozen=True, slots=True)
class Entry:
    """One member of a zip: what is true, and what its two headers say instead."""

    name: bytes
    data: bytes = NOTE
    method: int = 8
    flags: int = 0
    system: int = 0
    mode: int = 0
    extra: bytes = b""
    packed: bytes | None = None
    """What lies there instead of the packed data."""
    header: dict[str, Any] = field(default_factory=dict)
    """Fields of the local header that lie."""
    row: dict[str, Any] = field(default_factory=dict)
    """Fields of the row in the directory that lie."""


def zip_of(
    *entries: Entry,
    end: dict[str, int] | None = None,
    before_directory: bytes = b"",
    in_directory: bytes = b"",
    before_end: bytes = b"",
    comment: bytes = b"",
) -> bytes:
    """Write a zip; ``end`` replaces ``count``, ``length``, ``at`` of its last record."""
    body, rows = bytearray(), bytearray()
    for entry in entries:
        packed = entry.packed
        if packed is None:
            packed = deflated(entry.data) if entry.method == 8 else entry.data
        true: dict[str, Any] = {
            "name": entry.name, "flags": entry.flags, "method": entry.method,
            "crc": zlib.crc32(entry.data), "packed": len(packed), "size": len(entry.data),
            "extra": b"",
        }  # fmt: skip
        said = true | entry.header
        row = true | {"extra": entry.extra, "at": len(body)} | entry.row
        body += b"PK\x03\x04" + _facts(said) + said["name"] + said["extra"] + packed
        rows += (
            b"PK\x01\x02" + bytes([20, entry.system]) + _facts(row)
            + struct.pack("<HHHII", 0, 0, 0, entry.mode << 16, row["at"])
            + row["name"] + row["extra"]
        )  # fmt: skip
    body += before_directory
    rows += in_directory
    told = {"count": len(entries), "length": len(rows), "at": len(body)} | (end or {})
    last = struct.pack(
        "<HHHHIIH", 0, 0, told["count"] & 0xFFFF, told["count"] & 0xFFFF,
        told["length"], told["at"], len(comment),
    )  # fmt: skip
    return bytes(body + rows + before_end) + b"PK\x05\x06" + last + comment


def _facts(said: dict[str, Any]) -> bytes:
    """Write the fields that both headers have in common (4.3.7, 4.3.12)."""
    name, extra = said["name"], said["extra"]
    return struct.pack(
        "<HHHHHIIIHH", 20, said["flags"], said["method"], 0, 0x21,
        said["crc"], said["packed"], said["size"], len(name), len(extra),
    )  # fmt: skip


def zip64_end(count: int, length: int, at: int, record_at: int) -> bytes:
    """Write the two records that stand before the last one of a zip64 (4.3.14, 4.3.15)."""
    record = struct.pack(
        "<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, length, at
    )
    return record + struct.pack("<4sIQI", b"PK\x06\x07", 0, record_at, 1)


def zip64_extra(*values: int) -> bytes:
    """Return the extra field that holds sizes of more than 32 bits."""
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values)


def _vint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*written, number])


def _rar5_block(
    kind: int, rest: bytes, data: bytes | None = None, extra: bytes = b""
) -> bytes:
    head = _vint(kind) + _vint((1 if extra else 0) | (0 if data is None else 2))
    head += _vint(len(extra)) if extra else b""
    head += b"" if data is None else _vint(len(data))
    head += rest + extra
    sized = _vint(len(head)) + head
    return struct.pack("<I", zlib.crc32(sized)) + sized + (data or b"")


@dataclass(frozen=True, slots=True)
class RarEntry:
    """One member of a RAR 5, stored."""

    name: bytes
    data: bytes = NOTE
    size: int | None = None
    """What the header says instead of the length."""
    crc: int | None = None
    link: tuple[int, bytes] | None = None
    """Kind of redirection (1 symbolic, 4 hard link, 5 copy) and where it leads."""
    folder: bool = False
    mode: int = 0o100644
    secret: bool = False
    """Has a record that says how it is encrypted."""
    owner: bytes = b""
    sized: bool = True
    """Whether its size is known when it is packed."""


RAR5 = b"Rar!\x1a\x07\x01\x00"


def rar5_of(*entries: RarEntry, volume: bool = False) -> bytes:
    """Return a RAR 5 archive of these entries, or the first of several volumes."""
    written = RAR5 + _rar5_block(1, _vint(1 if volume else 0))
    for entry in entries:
        extra = b""
        if entry.link is not None:
            kind, to = entry.link
            record = _vint(5) + _vint(kind) + _vint(0) + _vint(len(to)) + to
            extra = _vint(len(record)) + record
        if entry.owner:
            record = _vint(6) + _vint(1) + _vint(len(entry.owner)) + entry.owner
            extra += _vint(len(record)) + record
        if entry.secret:
            extra += b"\x31\x01" + bytes(48)
        data = b"" if entry.link or entry.folder else entry.data
        size = len(data) if entry.size is None else entry.size
        crc = zlib.crc32(data) if entry.crc is None else entry.crc
        flags = (1 if entry.folder else 4) | (0 if entry.sized else 8)
        rest = _vint(flags) + _vint(size) + _vint(entry.mode)
        rest += b"" if entry.folder else struct.pack("<I", crc)
        rest += _vint(0) + _vint(1) + _vint(len(entry.name)) + entry.name
        written += _rar5_block(2, rest, data, extra)
    return written + _rar5_block(5, _vint(0))


def rar5_with_password() -> bytes:
    """Write the head of a RAR 5 whose names are encrypted too."""
    secret = _vint(0) + _vint(0) + bytes([15]) + bytes(range(16))
    return RAR5 + _rar5_block(4, secret) + bytes(range(64))


def rar4_of(*names: bytes, data: bytes = NOTE, flags: int = 0x8000) -> bytes:
    """Write a RAR as WinRAR 4 did, with names in the bytes of its Windows."""

    def block(kind: int, flags: int, rest: bytes, data: bytes = b"") -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data

    written = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name in names:
        facts = struct.pack(
            "<IIBIIBBHI", len(data), len(data), 2, zlib.crc32(data), 0x5A21_0000,
            20, 0x30, len(name), 0x20,
        )  # fmt: skip
        written += block(0x74, flags, facts + name, data)
    return written + block(0x7B, 0x4000, b"")


def seven_zip_with_password() -> bytes:
    """Write a 7z whose only file, ``a.txt``, is encrypted by AES (7zFormat.txt)."""
    coder = b"\x24\x06\xf1\x07\x01\x02\x13\x00"
    streams = (
        b"\x06\x00\x01\x09\x10\x00" + b"\x07\x0b\x01\x00\x01" + coder + b"\x0c\x10\x00"
    )
    streams += b"\x08\x0a\x01" + bytes(4) + b"\x00"
    name = "a.txt\0".encode("utf-16-le")
    files = b"\x05\x01\x11" + bytes([len(name) + 1, 0]) + name + b"\x00"
    header = b"\x01\x04" + streams + b"\x00" + files + b"\x00"
    start = struct.pack("<QQI", 16, len(header), zlib.crc32(header))
    signature = b"7z\xbc\xaf\x27\x1c\x00\x04" + struct.pack("<I", zlib.crc32(start))
    return signature + start + bytes(range(16)) + header
