"""Arrivals: ``partial/<id>`` holds the bytes so far, ``<id>.map`` one byte for each chunk.

Chunks come in any order, from any road. A chunk's byte in the map is written after its
bytes are durable, so a map never says more than is there; the map itself is not synced,
for a lost byte only costs its chunk again. Where the chunk's hash is known nothing else
counts as the chunk. Of a chunk that was broken off, its beginning stays: the byte says how
many sixteens of KiB, and whoever goes on proves the whole chunk with them.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import DiskFull, TemporaryError
from edge_server.ground import disk, durable
from edge_server.ground.box import Box
from sync.format.chunks import CHUNK_BYTES

HERE = b"\x01"
"""In a map; 0 is nothing yet, n above 1 that n - 1 steps of the beginning lie there."""
BEGINNING_BYTES = CHUNK_BYTES // 256
"""One step of a beginning."""


class ChunkWrong(TemporaryError):
    """A chunk that came has not the hash that its list says."""

    code = "chunk_wrong"


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a parcel that is not here yet."""

    n: int
    offset_bytes: int
    size_bytes: int
    begun_bytes: int = 0
    """How many of its first bytes lie there, unproven."""


class Arrival:
    """One parcel on its way; several threads may `put` chunks of it at once.

    Args:
        box: The box.
        id: SHA-256 of the whole.
        size_bytes: Of the whole.
        hashes: Of each chunk, where a list of them is known; of a single chunk the id is
            the hash.

    Raises:
        DiskFull: There is no room for it.
    """

    def __init__(
        self, box: Box, id: str, size_bytes: int, hashes: Sequence[bytes] = ()
    ) -> None:
        self.id = id
        self.size_bytes = size_bytes
        count = max(1, -(-size_bytes // CHUNK_BYTES))
        self._hashes = hashes or ([bytes.fromhex(id)] if count == 1 else [])
        self._lock = threading.Lock()
        path, map_path = path_of(box, id), _map_of(box, id)
        self._path, self._count = path, count
        if not path.exists() or path.stat().st_size != size_bytes:
            map_path.unlink(missing_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            self._take_room(box)
            self._map = os.open(map_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except (OSError, DiskFull) as error:
            os.close(self._file)
            if not map_path.exists():  # nothing of it came
                path.unlink(missing_ok=True)
            if isinstance(error, DiskFull):
                raise
            raise durable.full_disk(error, path, size_bytes) from error
        had = os.pread(self._map, count, 0).ljust(count, b"\0")
        self._missing = {
            n: max(0, had[n] - 1) * BEGINNING_BYTES
            for n in range(count)
            if had[n] != HERE[0]
        }

    def missing(self) -> list[Chunk]:
        """Return the chunks that are not here, in order."""
        with self._lock:
            return [self._chunk(n, begun) for n, begun in sorted(self._missing.items())]

    @property
    def is_whole(self) -> bool:
        """Whether every chunk is here."""
        with self._lock:
            return not self._missing

    @property
    def is_proven(self) -> bool:
        """Whether every chunk that came was compared with its hash."""
        return bool(self._hashes)

    def put(self, n: int, data: bytes | bytearray) -> None:
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
        self._write(data, chunk.offset_bytes)
        os.fdatasync(self._file)
        os.pwrite(self._map, HERE, n)
        with self._lock:
            self._missing.pop(n, None)

    def put_beginning(self, n: int, data: bytes | memoryview, kept_bytes: int) -> int:
        """Keep the first bytes of a chunk that has not come whole, in whole steps.

        They are not made durable: whoever goes on proves the whole chunk, so what a cut
        takes of them costs that chunk and nothing else.

        Args:
            n: The chunk.
            data: Its first bytes.
            kept_bytes: How many of them were kept already.

        Returns:
            How many are kept now.

        Raises:
            DiskFull: There was no room after all.
        """
        steps = min(len(data) // BEGINNING_BYTES, 254)
        if steps * BEGINNING_BYTES <= kept_bytes:
            return kept_bytes
        at = self._chunk(n).offset_bytes + kept_bytes
        self._write(memoryview(data)[kept_bytes : steps * BEGINNING_BYTES], at)
        os.pwrite(self._map, bytes([steps + 1]), n)
        return steps * BEGINNING_BYTES

    def beginning(self, chunk: Chunk) -> bytes:
        """Return the first bytes of a chunk that `put_beginning` kept."""
        return os.pread(self._file, chunk.begun_bytes, chunk.offset_bytes)

    def forget(self) -> None:
        """Know of nothing that came: together it was not what it should be."""
        os.ftruncate(self._map, 0)
        with self._lock:
            self._missing = dict.fromkeys(range(self._count), 0)

    def close(self) -> None:
        """Let go of the files; they stay for the next try."""
        os.close(self._file)
        os.close(self._map)

    def _chunk(self, n: int, begun_bytes: int = 0) -> Chunk:
        offset_bytes = n * CHUNK_BYTES
        size_bytes = min(CHUNK_BYTES, self.size_bytes - offset_bytes)
        return Chunk(n, offset_bytes, size_bytes, min(begun_bytes, size_bytes))

    def _take_room(self, box: Box) -> None:
        """Allocate all of it at once, where that leaves the floor and what is promised."""
        lacking_bytes = self.size_bytes - 512 * os.fstat(self._file).st_blocks
        if lacking_bytes > 0:
            with disk.reserve(box, f"fetch/{self.id}", lacking_bytes):
                os.posix_fallocate(self._file, 0, self.size_bytes)
        os.ftruncate(self._file, self.size_bytes)

    def _write(self, data: bytes | bytearray | memoryview, at: int) -> None:
        view = memoryview(data)
        try:
            while view:
                written = os.pwrite(self._file, view, at)
                at, view = at + written, view[written:]
        except OSError as error:
            raise durable.full_disk(error, self._path, len(data)) from error


def remove_unwanted(box: Box, is_wanted: Callable[[str], bool]) -> None:
    """Remove what began to come and is wanted no longer: replaced or withdrawn meanwhile.

    Args:
        box: The box; nobody else receives.
        is_wanted: Whether a parcel of this id is still to come, or to be judged.
    """
    for path in (box.folder / "partial").iterdir():
        if not is_wanted(path.name.removesuffix(".map")):
            path.unlink(missing_ok=True)


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
