"""How much room is left, and who has been promised some of it.

Who will write more than 16 MB reserves it first. Free room is what the file system says,
less the floor that is never used up and less all reservations.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_server.errors import DiskFull
from edge_server.ground.box import Box
from edge_server.ground.db import Db, transaction

UNRESERVED_BYTES = 16_000_000
"""Writing less than this needs no reservation."""


def free_bytes(path: Path) -> int:
    """Return what an ordinary user may still write on the file system of ``path``."""
    room = os.statvfs(path)
    return room.f_bavail * room.f_frsize


def total_bytes(path: Path) -> int:
    """Return the size of the file system of ``path``."""
    room = os.statvfs(path)
    return room.f_blocks * room.f_frsize


def reserved(db: Db) -> int:
    """Return the sum of all reservations, in bytes."""
    return int(db.value("select coalesce(sum(bytes), 0) from reservations"))


@contextmanager
def reserve(box: Box, holder: str, needed_bytes: int) -> Iterator[None]:
    """Hold room while a block writes.

    Args:
        box: The box.
        holder: ``<kind>/<key>`` of the job, so that the next try takes its place.
        needed_bytes: The most that the block will write.

    Raises:
        DiskFull: There is not that much beside the floor and other reservations.
    """
    if needed_bytes < UNRESERVED_BYTES:
        free = free_bytes(box.folder) - box.config.floor_bytes
        if free < needed_bytes:
            raise DiskFull(needed_bytes=needed_bytes, free_bytes=max(free, 0))
        yield
        return
    with transaction(box.db) as tx:
        tx.execute("delete from reservations where holder = ?", (holder,))
        free = free_bytes(box.folder) - box.config.floor_bytes - reserved(tx)
        if free >= needed_bytes:
            tx.execute("insert into reservations values (?, ?)", (holder, needed_bytes))
    if free < needed_bytes:
        raise DiskFull(needed_bytes=needed_bytes, free_bytes=max(free, 0))
    try:
        yield
    finally:
        with transaction(box.db) as tx:
            tx.execute("delete from reservations where holder = ?", (holder,))
