"""Patches: what makes a new object from one that a box holds already.

The publisher looks for what both files share: cut points that the content itself chooses
(FastCDC) find matching pieces wherever they moved to, each match is extended byte by byte
to both sides, and behind it, past a few changed bytes, the same is looked for in the same
place: a zip has a date in front of each member. A retagged film, one with its index moved
to the front, a deck with one title changed or a zip packed again differ in little, and
only that travels: 0.01 to 0.5 % of a file (figures in its test).

Format, number 1: ``EDGEPAT1``, then one zstd frame of steps until the new object is whole::

    varint  length of what is new, and those bytes
    varint  length of what is copied from the old object, at least 32
    varint  where: zigzag, from the end of the copy before

Steps and new bytes stand in one stream so that a box applies it with a few MB of memory,
however long the files are; each step but the last brings 32 bytes at least, so that no
patch keeps a box busy with nothing. Rolling checksums on the box were measured and left:
fixed pieces find nothing after a shift, and a chunk store has millions of small files.
"""

import hashlib
import io
from collections.abc import Callable, Iterator
from itertools import chain
from mmap import mmap
from typing import BinaryIO, NamedTuple

import zstandard

from edge_server.errors import PermanentError
from sync.format.documents import DocumentTooNew

MAGIC = b"EDGEPAT1"
LEAST_COPY_BYTES = 32
"""A shorter match costs as much as it saves."""
MOST_CHANGED_BYTES = 64
"""How far behind a match is looked for the same again in the same place."""
STEP_BYTES = 1 << 20
LEVEL = 12
MOST_WINDOW_BYTES = 8 << 20
"""A box unpacks with no larger window; this level takes 4 MB of it."""
_VARINT_BYTES = 8
"""Seven bits each: more than any file is long."""

Buffer = bytes | memoryview | mmap
"""A whole file, read or mapped."""


class PatchDamaged(PermanentError):
    """A patch that is none, that reaches outside the old object, or whose result is not
    the object it should make."""

    code = "patch_damaged"


class _Copy(NamedTuple):
    at: int
    """In the new object."""
    offset: int
    """In the old object."""
    size: int


def make(old: Buffer, new: Buffer) -> bytes | None:
    """Return a patch, None when it is no shorter than half of the new object.

    Args:
        old: The whole old object: bytes, or an ``mmap``.
        new: The whole new object.
    """
    with memoryview(old) as before, memoryview(new) as after:
        return _make(before, after)


def _make(old: memoryview, new: memoryview) -> bytes | None:
    squeeze = zstandard.ZstdCompressor(
        compression_params=zstandard.ZstdCompressionParameters.from_level(
            LEVEL, source_size=len(new)
        )
    ).compressobj()
    patch = bytearray(MAGIC)
    done = end = 0
    for copy in chain(_copies(old, new), [_Copy(len(new), 0, 0)]):
        if done == len(new):
            break
        patch += squeeze.compress(_varint(copy.at - done))
        for at in range(done, copy.at, STEP_BYTES):
            patch += squeeze.compress(new[at : min(at + STEP_BYTES, copy.at)])
            if 2 * len(patch) >= len(new):
                return None
        if copy.size:
            patch += squeeze.compress(_varint(copy.size) + _place(copy.offset - end))
        done, end = copy.at + copy.size, copy.offset + copy.size
    patch += squeeze.flush()
    return bytes(patch) if 2 * len(patch) < len(new) else None


def apply(
    patch: BinaryIO, old: BinaryIO, out: BinaryIO, *, size_bytes: int, sha256: str
) -> None:
    """Write the new object, and see that it is the one it should be.

    Args:
        patch: The patch, from where it stands.
        old: The old object; it is read at random.
        out: Where the new object goes; worth nothing when this raises.
        size_bytes: Of the new object.
        sha256: Of the new object.

    Raises:
        PatchDamaged: It is no patch, does not fit ``old``, or made something else.
        DocumentTooNew: Its number is not known here.
        OSError: Of the files; a full disk, for example.
    """
    magic = patch.read(len(MAGIC))
    if magic != MAGIC:
        if magic[:-1] == MAGIC[:-1] and len(magic) == len(MAGIC):
            raise DocumentTooNew(kind="patch", number=magic[-1] - ord("0"))
        raise PatchDamaged(what="magic")
    digest = hashlib.sha256()
    try:
        for piece in _pieces(patch, old, size_bytes):
            digest.update(piece)
            out.write(piece)
    except zstandard.ZstdError as error:
        raise PatchDamaged(what="zstd") from error
    if digest.hexdigest() != sha256:
        raise PatchDamaged(what="result")


def _pieces(patch: BinaryIO, old: BinaryIO, size_bytes: int) -> Iterator[bytes]:
    """Yield the new object, at most `STEP_BYTES` at once, never more than it is long."""
    unpack = zstandard.ZstdDecompressor(max_window_size=MOST_WINDOW_BYTES)
    steps: BinaryIO = io.BufferedReader(unpack.stream_reader(patch))
    old_bytes = old.seek(0, io.SEEK_END)
    left, end = size_bytes, 0
    while left:
        fresh = _read_varint(steps)
        if fresh > left:
            raise PatchDamaged(what="length")
        left -= fresh
        yield from _read(steps, fresh)
        if not left:
            break
        copied, offset = _read_varint(steps), end + _unplace(_read_varint(steps))
        if not LEAST_COPY_BYTES <= copied <= left:
            raise PatchDamaged(what="length")
        if not 0 <= offset <= old_bytes - copied:
            raise PatchDamaged(what="offset")
        left, end = left - copied, offset + copied
        old.seek(offset)
        yield from _read(old, copied)
    if steps.read(1):
        raise PatchDamaged(what="length")


def _copies(old: memoryview, new: memoryview) -> Iterator[_Copy]:
    """Yield what the new object shares with the old one, ascending in the new."""
    average = _average(max(len(old), len(new)))
    known: dict[bytes, int] = {}
    for at, piece in _cut(old, average):
        known.setdefault(_digest(piece), at)
    done = 0
    for at, piece in _cut(new, average):
        ends = at + len(piece)
        if ends <= done or (found := known.get(_digest(piece))) is None:
            continue
        begins, shift = max(at, done), found - at
        begins -= _alike_before(old, new, begins + shift, begins, begins - done)
        ends += _alike_after(old, new, ends + shift, ends)
        while ends - begins >= LEAST_COPY_BYTES:
            yield _Copy(begins, begins + shift, ends - begins)
            done = ends
            # A changed date or length inside, and the same goes on: zip is full of them.
            begins = _goes_on(old, new, ends + shift, ends)
            ends = begins + _alike_after(old, new, begins + shift, begins)


def _average(size_bytes: int) -> int:
    """Return how long pieces are on average: 256 bytes in a small file, 16 KiB in a film.

    About 130,000 to 260,000 of them, so that a film takes seconds and 40 MB of memory.
    """
    return min(max(256, 1 << (size_bytes >> 17).bit_length()), 16 << 10)


def _cut(data: memoryview, average: int) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, bytes) of pieces at cut points that the content chooses."""
    # Only the centre cuts, and only it has the package (`setup.py`, extra `centre`).
    from pyfastcdc import FastCDC

    cutter = FastCDC(avg_size=average, min_size=average // 4, max_size=average * 4)
    at = 0
    for chunk in cutter.cut_buf(data):
        piece = bytes(chunk.data)
        yield at, piece
        at += len(piece)


def _digest(piece: bytes) -> bytes:
    return hashlib.blake2b(piece, digest_size=16).digest()


def _alike_after(old: memoryview, new: memoryview, a: int, b: int) -> int:
    """Return how many bytes are the same from offset a in old, b in new."""
    return _alike(
        lambda n, size: (
            old[a + n : a + n + size].tobytes() == new[b + n : b + n + size].tobytes()
        ),
        most=min(len(old) - a, len(new) - b),
    )


def _goes_on(old: memoryview, new: memoryview, a: int, b: int) -> int:
    """Return where, a little after b in new, old is the same again; else b itself."""
    size = LEAST_COPY_BYTES
    for n in range(1, min(MOST_CHANGED_BYTES, len(old) - a - size) + 1):
        if old[a + n : a + n + size].tobytes() == new[b + n : b + n + size].tobytes():
            return b + n
    return b


def _alike_before(old: memoryview, new: memoryview, a: int, b: int, most: int) -> int:
    """Return how many bytes, at most ``most``, are the same before a in old, b in new."""
    return _alike(
        lambda n, size: (
            old[a - n - size : a - n].tobytes() == new[b - n - size : b - n].tobytes()
        ),
        most=min(most, a),
    )


def _alike(same: Callable[[int, int], bool], most: int) -> int:
    """Return how many bytes are the same, asked of ever shorter pieces.

    Args:
        same: Says whether so many bytes are the same behind so many that were.
        most: Most bytes to ask of.
    """
    alike, size = 0, 1 << 16
    while alike < most:
        size = min(size, most - alike)
        if same(alike, size):
            alike += size
        elif size == 1:
            break
        else:
            size //= 2
    return alike


def _varint(number: int) -> bytes:
    """Return a number, seven bits a byte, the lowest first."""
    told = bytearray()
    while number > 127:
        told.append(number & 127 | 128)
        number >>= 7
    return bytes((*told, number))


def _read_varint(steps: BinaryIO) -> int:
    number = 0
    for shift in range(0, 7 * _VARINT_BYTES, 7):
        byte = steps.read(1)
        if not byte:
            raise PatchDamaged(what="length")
        number |= (byte[0] & 127) << shift
        if byte[0] < 128:
            return number
    raise PatchDamaged(what="length")


def _place(steps: int) -> bytes:
    """Return how far to go, forwards or back, zigzag: small either way is short."""
    return _varint(2 * steps if steps >= 0 else -2 * steps - 1)


def _unplace(number: int) -> int:
    return -(number + 1) // 2 if number & 1 else number // 2


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size:
        piece = file.read(min(size, STEP_BYTES))
        if not piece:
            raise PatchDamaged(what="length")
        size -= len(piece)
        yield piece
