"""A RAR's headers: how long each file is, and its CRC-32.

libarchive 3.6.2 opens RAR, but does not say when a file that was stored comes out with
other bytes than its checksum (measured with both formats): a download with one flipped
bit would become a lesson. So the headers are walked here, nothing is unpacked, and who
unpacks compares. BLAKE2 checksums, which few ask of WinRAR, are not compared.

Formats: RAR 5.0 (rarlab.com/technote.htm); RAR 1.5 to 4 as in unrar's ``headers.hpp``.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edge_server.errors import Refused

_SIGNATURE, _SIGNATURE_4 = b"Rar!\x1a\x07\x01\x00", b"Rar!\x1a\x07\x00"
_MOST_HEADER_BYTES = 1 << 21
"""What the format allows (5.0: three bytes of length)."""
_BLOCK_4 = struct.Struct("<HBHH")
_FACTS_4 = struct.Struct("<IIBI")
_MAIN, _FILE, _PASSWORD, _END = 1, 2, 4, 5
_MAIN_4, _FILE_4, _END_4 = 0x73, 0x74, 0x7B
MOST_BLOCKS = 200_000


@dataclass(frozen=True, slots=True)
class Checksum:
    """Of one entry, in the order of the archive; folders have their place too."""

    size_bytes: int
    crc: int | None
    """CRC-32 of the file; None for folders, and where there is another checksum."""


def checksums(path: Path) -> Iterator[Checksum]:
    """Yield the checksum of each entry.

    Raises:
        Refused: ``archive_damaged``, ``archive_encrypted``, ``archive_volumes`` (only one
            piece of several), ``archive_special_file`` (a link, or a copy of another).
    """
    try:
        with path.open("rb") as file:
            size_bytes = os.fstat(file.fileno()).st_size
            signature = file.read(8)
            if signature == _SIGNATURE:
                yield from _of_5(file, size_bytes)
            elif signature.startswith(_SIGNATURE_4):
                file.seek(7)
                yield from _of_4(file, size_bytes)
            else:
                raise Refused("archive_damaged", why="signature")
    except (struct.error, IndexError) as error:
        raise Refused("archive_damaged", why="header") from error


def _of_5(file: BinaryIO, size_bytes: int) -> Iterator[Checksum]:
    for n in range(MOST_BLOCKS):
        start = file.read(7)  # CRC-32, at most three bytes of length
        if not start and n:
            return
        (crc,) = struct.unpack_from("<I", start)
        length, at = _number(start, 4)
        if not 2 <= length <= _MOST_HEADER_BYTES:
            raise Refused("archive_damaged", why="header")
        head = start[4:] + file.read(at + length - 7)
        if len(head) != at - 4 + length or zlib.crc32(head) != crc:
            raise Refused("archive_damaged", why="header")
        kind, at = _number(head, at - 4)
        flags, at = _number(head, at)
        extra_length, at = _number(head, at) if flags & 1 else (0, at)
        data_length, at = _number(head, at) if flags & 2 else (0, at)
        if kind == _PASSWORD:
            raise Refused("archive_encrypted")
        if (kind == _MAIN and head[at] & 1) or (kind == _FILE and flags & 0x18):
            raise Refused("archive_volumes")
        if kind == _FILE:
            _judge_extra(head[len(head) - extra_length :] if extra_length else b"")
            yield _file_5(head, at)
        if kind == _END:
            return
        _pass_over(file, data_length, size_bytes)
    raise Refused("archive_damaged", why="header")


def _pass_over(file: BinaryIO, data_bytes: int, size_bytes: int) -> None:
    if file.tell() + data_bytes > size_bytes:
        raise Refused("archive_damaged", why="short")
    file.seek(data_bytes, os.SEEK_CUR)


def _file_5(head: bytes, at: int) -> Checksum:
    flags, at = _number(head, at)
    size, at = _number(head, at)
    _, at = _number(head, at)  # attributes
    at += 4 if flags & 2 else 0  # time
    crc = struct.unpack_from("<I", head, at)[0] if flags & 4 and not flags & 1 else None
    return Checksum(size, crc)


def _judge_extra(extra: bytes) -> None:
    """Refuse a file whose data is encrypted, or lies elsewhere."""
    at = 0
    while at < len(extra):
        length, at = _number(extra, at)
        kind, _ = _number(extra, at)
        if kind == 1:
            raise Refused("archive_encrypted")
        if kind == 5:
            raise Refused("archive_special_file", name="")
        at += length


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of RAR 5, seven bits a byte, lowest first, and where it ends."""
    number = 0
    for n in range(10):
        number |= (data[at + n] & 0x7F) << 7 * n
        if data[at + n] < 0x80:
            return number, at + n + 1
    raise IndexError


def _of_4(file: BinaryIO, size_bytes: int) -> Iterator[Checksum]:
    for _ in range(MOST_BLOCKS):
        start = file.read(7)
        if len(start) < 7:
            return
        _, kind, flags, length = _BLOCK_4.unpack(start)
        if length < 7:
            raise Refused("archive_damaged", why="header")
        rest = file.read(length - 7)
        data_length = struct.unpack_from("<I", rest)[0] if flags & 0x8000 else 0
        if kind == _MAIN_4 and flags & 0x80:
            raise Refused("archive_encrypted")
        if (kind == _MAIN_4 and flags & 0x01) or (kind == _FILE_4 and flags & 0x03):
            raise Refused("archive_volumes")
        if kind == _FILE_4:
            if flags & 0x04:
                raise Refused("archive_encrypted")
            data_length, size, _, crc = _FACTS_4.unpack_from(rest)
            if flags & 0x100:  # longer than 4 GB: the upper halves
                upper, upper_size = struct.unpack_from("<II", rest, 25)
                data_length, size = (
                    data_length + (upper << 32),
                    size + (upper_size << 32),
                )
            yield Checksum(size, None if flags & 0xE0 == 0xE0 else crc)
        if kind == _END_4:
            return
        _pass_over(file, data_length, size_bytes)
    raise Refused("archive_damaged", why="header")
