"""The object store: immutable files named by their SHA-256.

Bytes before rows: `keep` makes the file durable under its name, `record` writes its row in
the transaction of the step that kept it. What lies there without a row is an orphan and
swept later; a row without its file would be a lie, and is found by `verify`.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import TemporaryError
from edge_server.ground import disk
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.ground.durable import OnBytes
from edge_server.ground.together import Together

STEP_BYTES = 1 << 20
REMOVING_S = 0.05
"""So long files are removed in one transaction."""
RANK = {"derived": 0, "published": 1, "own": 2}


class ObjectMissing(TemporaryError):
    """The store has no such file now: an unplugged disk, or damage."""

    code = "object_missing"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that is durable in the store."""

    object_id: str
    """SHA-256, 64 lower-case hex digits."""
    size_bytes: int
    path: Path


def hash_file(path: Path, on_bytes: OnBytes | None = None) -> str:
    """Return the SHA-256 of a file as 64 lower-case hex digits."""
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
        size_bytes = os.fstat(file.fileno()).st_size
        buffer = memoryview(bytearray(min(STEP_BYTES, size_bytes + 1)))
        while count := file.readinto(buffer):
            digest.update(buffer[:count])
            if on_bytes is not None:
                on_bytes(count)
    return digest.hexdigest()


def place_of(box: Box, object_id: str) -> Path:
    """Return where an object lies or would lie."""
    return box.folder.joinpath("objects", object_id[:2], object_id)


def path_of(box: Box, object_id: str) -> Path:
    """Return the path of an object that is here.

    Raises:
        ObjectMissing: Its file is not there; nothing is judged by that.
    """
    path = place_of(box, object_id)
    if not path.is_file():
        raise ObjectMissing(object_id=object_id)
    return path


def exists(box: Box, object_id: str) -> bool:
    """Return whether the file of an object is here."""
    return place_of(box, object_id).is_file()


def keep(
    box: Box, path: Path, object_id: str, together: Together | None = None
) -> Kept:
    """Put a file into the store, durable when this returns. Twice is as good as once.

    The file is linked, not moved: it stays in the job's work folder until the job has
    ended, so a cut between here and the rows loses nothing and the next try finds it.

    Args:
        box: The box.
        path: A file on the store's own file system whose bytes have this hash. It must
            stay where it is until the job has ended.
        object_id: Its SHA-256.
        together: What makes it durable with others; then it is once that has finished.

    Raises:
        ObjectMissing: One of that name is here, but of another size: it is damaged.
    """
    target = place_of(box, object_id)
    size_bytes = path.stat().st_size
    if target.exists() and target.stat().st_size != size_bytes:
        raise ObjectMissing(object_id=object_id)
    with suppress(PermissionError):  # whose file it was stays its owner
        path.chmod(0o444)
    if together is not None:
        _keep(path, target, together)
    else:
        with Together() as alone:
            _keep(path, target, alone)
            alone.finish()
    return Kept(object_id, size_bytes, target)


def _keep(path: Path, target: Path, together: Together) -> None:
    together.make_folders(target.parent)
    together.link(path, target)


def record(tx: Tx, kept: Kept, origin: str, at: float) -> None:
    """Write the row of a kept object; of several origins the strongest stands.

    Args:
        tx: The transaction of the step.
        kept: What `keep` returned.
        origin: ``own``, ``published`` or ``derived``.
        at: UTC, seconds.

    Raises:
        ObjectMissing: A sweep took the file for an old one that nobody needs, in the
            moment before this; the next try of the step keeps it again.
    """
    if not kept.path.is_file():
        raise ObjectMissing(object_id=kept.object_id)
    known = tx.value("select origin from objects where id = ?", (kept.object_id,))
    if known is None:
        tx.execute(
            "insert into objects (id, size_bytes, origin, kept_at) values (?, ?, ?, ?)",
            (kept.object_id, kept.size_bytes, origin, at),
        )
    elif RANK[origin] > RANK[known]:
        tx.execute(
            "update objects set origin = ? where id = ?", (origin, kept.object_id)
        )


def remove_unrecorded(box: Box, paths: Iterable[Path]) -> int:
    """Remove files of the store that have no row; returns how many bytes were freed.

    In transactions, so that no `record` comes between the look and the removal. Each ends
    after a moment: 500 files of 1 MB that nobody had looked at took 2.6 s. And a file is
    held open until its transaction has ended, for only then its blocks are given back,
    which takes 0.1 to 0.3 s for 4 GB and the name alone 0.1 ms.
    """
    freed_bytes = 0
    left = iter(paths)
    path = next(left, None)
    while path is not None:
        ends_s = time.monotonic() + REMOVING_S
        with ExitStack() as held_open, transaction(box.db) as tx:
            while path is not None and time.monotonic() < ends_s:
                freed_bytes += _remove_unrecorded(tx, path, held_open)
                path = next(left, None)
    return freed_bytes


def _remove_unrecorded(tx: Tx, path: Path, held_open: ExitStack) -> int:
    if tx.value("select 1 from objects where id = ?", (path.name,)) is not None:
        return 0
    try:
        file = held_open.enter_context(path.open("rb", buffering=0))
        size_bytes = os.fstat(file.fileno()).st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size_bytes


def all_ids(db: Db) -> list[str]:
    """Return the ids of every recorded object."""
    return [row["id"] for row in db.all("select id from objects order by id")]


def files(box: Box) -> Iterator[Path]:
    """Yield every file that lies in the store, recorded or not."""
    for folder in sorted((box.folder / "objects").iterdir()):
        if folder.is_dir():
            yield from sorted(folder.iterdir())


def scratch(box: Box, kind: str, key: str) -> Path:
    """Make and return the work folder of one job.

    It lives as long as the job: the worker removes it once the job's end is written, and
    after an error or a kill the next try goes on from what is there.
    """
    folder = scratch_of(box, kind, key)
    try:
        folder.mkdir()
    except FileExistsError:
        pass
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def scratch_of(box: Box, kind: str, key: str) -> Path:
    """Return where the work folder of a job is or would be."""
    name = key if key.isalnum() else hashlib.sha256(key.encode()).hexdigest()[:32]
    return box.folder.joinpath("work", kind, name)


def room_bytes(box: Box) -> int:
    """Return how much may still be written: free, less the floor and what is reserved."""
    return disk.free_bytes(box.folder) - box.config.floor_bytes - disk.reserved(box.db)
