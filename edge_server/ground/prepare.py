"""What is done once before any process starts: folders, check, snapshot, migrations.

Three processes that apply one set of migrations at once fail (measured), so only
`prepare` migrates, under an exclusive lock that all others hold shared. It also makes room
on a full disk first (a WAL database cannot even be read there), reads the database after
an unclean stop (`ground.whole`), and copies it before it is changed.
"""

import fcntl
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge_server.errors import Busy
from edge_server.ground import box as boxes
from edge_server.ground import clock, config, db, disk, durable, whole
from edge_server.ground.box import DATABASE, FOLDERS, Box
from edge_server.ground.db import transaction

CLEAN = "clean"
"""In run/: the database was read whole, and nobody has had it open since."""
BALLAST = "ballast"
SNAPSHOTS_KEPT = 3
SHARED_WAIT_S = 30.0
"""Three processes that start together each look whether there is something to prepare,
for a moment; whoever then wants to share the box waits for that."""
SHARED_LOOK_S = 0.05


@contextmanager
def lock(folder: Path, name: str, *, shared: bool = False) -> Iterator[int]:
    """Hold ``run/<name>.lock`` of a data folder while the block runs.

    Args:
        folder: The data folder.
        name: Of the lock.
        shared: Others may share it; who holds it alone is waited for, but not for ever.

    Yields:
        The descriptor that the lock is on.

    Raises:
        Busy: Another process holds it.
    """
    path = folder / "run" / f"{name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        mode = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        ends_s = time.monotonic() + (SHARED_WAIT_S if shared else 0.0)
        while True:
            try:
                fcntl.flock(descriptor, mode | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() >= ends_s:
                    raise Busy(lock=name) from error
            time.sleep(SHARED_LOOK_S)
        yield descriptor
    finally:
        os.close(descriptor)


def held(folder: Path, name: str) -> bool:
    """Return whether some process holds a lock of this data folder."""
    try:
        with lock(folder, name):
            return False
    except Busy:
        return True


def prepare(folder: Path, sets: Sequence[Migrations]) -> Box:
    """Make a data folder ready and return the box. Twice changes nothing.

    Args:
        folder: The data folder; made when it is missing.
        sets: The migrations of every room, lowest floor first.

    Raises:
        Busy: A process of this box runs.
        PermanentError: ``database_damaged``: it is kept beside as it is; nothing was
            changed.
    """
    durable.make_folders(folder.resolve())
    for name in FOLDERS:
        durable.make_folders(folder / name)
    (folder / "keys").chmod(0o700)
    with lock(folder, "prepare"):
        return _prepare(folder.resolve(), sets)


def _prepare(folder: Path, sets: Sequence[Migrations]) -> Box:
    settings = config.load(folder)
    _make_room(folder, settings.ballast_bytes, settings.floor_bytes)
    clean = folder / "run" / CLEAN
    known = clean.is_file()
    database = db.open(folder / DATABASE)
    unread = database.path.is_file() and not known
    if unread and not whole.may_wait(folder):
        whole.check(database)
        unread = False
    with whole.told():
        handle = Database(database.connection(), recursive_triggers=False)
        pending = [migrations for migrations in sets if migrations.pending(handle)]
    if pending:
        if unread:
            whole.check(database)
            unread = False
        _forget(clean)
        if database.value("select count(*) from sqlite_master"):
            _snapshot(folder, database)
        for migrations in pending:
            migrations.apply(handle)
    with whole.told(), transaction(database) as tx:
        clock.begin_boot(tx)
        # Nobody runs: only a job that goes on still needs the room it was promised.
        tx.execute(
            "delete from reservations where holder not in"
            " (select kind || '/' || key from jobs)"
        )
    database.close()
    if unread:
        whole.put_off(folder)
    elif pending or not known:
        whole.put_off_no_more(folder)
        durable.write(clean, b"")
    return boxes.open_box(folder, settings)


@contextmanager
def sharing(folder: Path) -> Iterator[None]:
    """Work on a prepared data folder, beside others, while the block runs.

    From the first that begins to the last that ends a stop of the machine is unclean, and
    the next `prepare` has the whole database read. The last one notes the orderly end, if
    it was read.

    Raises:
        Busy: `prepare` is at work on it, and goes on for too long.
    """
    with lock(folder, "prepare", shared=True) as descriptor:
        _forget(folder / "run" / CLEAN)
        try:
            yield
        finally:
            with suppress(BlockingIOError):  # others go on
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if not whole.is_put_off(folder):
                    durable.write(folder / "run" / CLEAN, b"")


def _forget(clean: Path) -> None:
    """Take the mark away, durably: after a power cut it must not be there again."""
    with suppress(FileNotFoundError):
        clean.unlink()
        durable.sync_folder(clean.parent)


def _make_room(folder: Path, ballast_bytes: int, floor_bytes: int) -> None:
    """Keep a file that may be dropped, and drop it when there is no room at all."""
    ballast = folder / BALLAST
    free_bytes = disk.free_bytes(folder)
    if ballast.is_file():
        if free_bytes < ballast_bytes:
            ballast.unlink()
            durable.sync_folder(folder)
    elif ballast_bytes and free_bytes > ballast_bytes + floor_bytes:
        with ballast.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, ballast_bytes)
            os.fsync(file.fileno())


def _snapshot(folder: Path, database: db.Db) -> None:
    """Copy the database before its tables change; a live file is never copied itself."""
    backup = folder / "backup"
    numbers = sorted(int(p.stem.split("-")[-1]) for p in backup.glob("before-*.db"))
    target = backup / f"before-{(numbers or [0])[-1] + 1}.db"
    temporary = target.with_suffix(".part")
    temporary.unlink(missing_ok=True)
    database.connection().execute("vacuum into ?", (str(temporary),))
    durable.move(temporary, target)
    for number in numbers[: -(SNAPSHOTS_KEPT - 1)]:
        (backup / f"before-{number}.db").unlink(missing_ok=True)
