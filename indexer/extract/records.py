"""Streams of an OLE file and the records a PowerPoint stream is made of ([MS-PPT] 2.3.1)."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import olefile

from indexer.extract import MEMBER_BYTES, Unreadable

_HEADER = struct.Struct("<HHI")
_DEEPEST = 20


def streams(path: Path, *names: str) -> list[bytes]:
    """Return some streams of an OLE file, empty where it lacks one.

    Raises:
        Unreadable: It is no OLE file, or a stream is too big.
    """
    # What lacks the signature is another kind of file, and not a damaged one.
    if not olefile.isOleFile(path):
        raise Unreadable("other_kind")
    with olefile.OleFileIO(path) as ole:
        if ole.exists("EncryptionInfo"):
            raise Unreadable("locked")
        found = []
        for name in names:
            if ole.exists(name) and ole.get_size(name) > MEMBER_BYTES:
                raise Unreadable("too_big")
            found.append(ole.openstream(name).read() if ole.exists(name) else b"")
    return found


@dataclass(frozen=True, slots=True)
class Record:
    """One record; a container's body holds further records."""

    kind: int
    instance: int
    body: memoryview
    container: bool


def records(data: memoryview) -> Iterator[Record]:
    """Yield the records that follow each other in ``data``, until one does not fit."""
    at = 0
    while at + _HEADER.size <= len(data):
        first, kind, length = _HEADER.unpack_from(data, at)
        at += _HEADER.size
        if at + length > len(data):
            return
        body = data[at : at + length]
        yield Record(kind, first >> 4, body, first & 0xF == 0xF)
        at += length


def record_at(data: memoryview, offset: int) -> Record | None:
    """Return the record that begins at ``offset``."""
    return next(records(data[offset:]), None) if offset < len(data) else None


def below(record: Record, depth: int = 0) -> Iterator[Record]:
    """Yield all records inside a record, depth first, in the order of the file."""
    if not record.container or depth > _DEEPEST:
        return
    for inner in records(record.body):
        yield inner
        yield from below(inner, depth + 1)
