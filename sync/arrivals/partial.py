"""Arrivals: ``partial/<id>`` holds the bytes so far, ``<id>.map`` one byte for each chunk.

Chunks come in any order, from any road. A chunk's byte in the map is written after its
bytes are durable, so a map never says more than is there; the map itself is not synced,
for a lost byte only costs its chunk again. Where the chunk's hash is known nothing else
counts as the chunk.
"""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import TemporaryError
from edge_server.ground import durable
from edge_server.ground.box import Box
from sync.format.chunks import CHUNK_BYTES

HERE = b"\x01"


class ChunkWrong(TemporaryError):
    """A chunk that came has not the hash that its list says."""

    code = "chunk_wrong"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a parcel that is not here yet."""

    n: int
    offset_bytes: int
    size_bytes: int


class Arrival:
    """One parcel on its way; several threads may `put` chunks of it at once.

    Args:
        box: The box.
        id: SHA-256 of the whole.
        size_bytes: Of the whole.
        hashes: Of each chunk, where a list of them is known.

    Raises:
        DiskFull: There is no room for it.
    """

    def __init__(
        self, box: Box, id: str, size_bytes: int, hashes: Sequence[bytes] = ()
    ) -> None:
        self.id = id
        self.size_bytes = size_bytes
        self._hashes = hashes
        self._lock = threading.Lock()
        count = max(1, -(-size_bytes // CHUNK_BYTES))
        path, map_path = path_of(box, id), _map_of(box, id)
        if not path.exists() or path.stat().st_size != size_bytes:
            map_path.unlink(missing_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            if size_bytes:
                os.posix_fallocate(self._file, 0, size_bytes)
            self._map = os.open(map_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            os.close(self._file)
            path.unlink(missing_ok=True)
            raise durable.full_disk(error, path, size_bytes) from error
        had = os.pread(self._map, count, 0).ljust(count, b"\0")
        self._missing = {n for n in range(count) if had[n : n + 1] != HERE}

    def missing(self) -> list[Chunk]:
        """Return the chunks that are not here, in order."""
        with self._lock:
            return [self._chunk(n) for n in sorted(self._missing)]

    @property
    def is_whole(self) -> bool:
        """Whether every chunk is here."""
        with self._lock:
            return not self._missing

    def put(self, n: int, data: bytes) -> None:
        """Take one chunk; it is durable when this returns. Twice is as good as once.

        Raises:
            ChunkWrong: It is not the chunk of that number.
            DiskFull: There was no room after all.
        """
        chunk = self._chunk(n)
        wrong = len(data) != chunk.size_bytes or (
            self._hashes and hashlib.sha256(data).digest() != self._hashes[n]
        )
        if wrong:
            raise ChunkWrong(id=self.id, chunk=n)
        try:
            view = memoryview(data)
            while view:
                at = chunk.offset_bytes + len(data) - len(view)
                view = view[os.pwrite(self._file, view, at) :]
            os.fdatasync(self._file)
            os.pwrite(self._map, HERE, n)
        except OSError as error:
            raise durable.full_disk(error, self.id, len(data)) from error
        with self._lock:
            self._missing.discard(n)

    def close(self) -> None:
        """Let go of the files; they stay for the next try."""
        os.close(self._file)
        os.close(self._map)

    def _chunk(self, n: int) -> Chunk:
        offset_bytes = n * CHUNK_BYTES
        return Chunk(n, offset_bytes, min(CHUNK_BYTES, self.size_bytes - offset_bytes))


def come_bytes(box: Box) -> int:
    """Return how many bytes have come of what is not whole yet."""
    found = 0
    for path in (box.folder / "partial").glob("*.map"):
        try:
            size_bytes = path.with_suffix("").stat().st_size
            chunks_here = path.read_bytes().count(HERE)
        except FileNotFoundError:  # it came whole in this moment
            continue
        if chunks_here * CHUNK_BYTES < size_bytes:
            found += chunks_here * CHUNK_BYTES
    return found


def bring_in(box: Box, id: str, scratch: Path) -> Path | None:
    """Move what came whole into a job's folder, which goes with the job; None: not there."""
    inside = scratch / "whole"
    if not inside.exists():
        try:
            path_of(box, id).rename(inside)
        except FileNotFoundError:
            return None
        _map_of(box, id).unlink(missing_ok=True)
    return inside


def path_of(box: Box, id: str) -> Path:
    """Return where the bytes of an arrival lie."""
    return box.folder / "partial" / id


def _map_of(box: Box, id: str) -> Path:
    return box.folder / "partial" / f"{id}.map"
