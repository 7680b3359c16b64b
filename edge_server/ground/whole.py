"""Is the database whole? It is read to its end after a stop that was not orderly.

SQLite needs none of this: it replays its own log, and what was committed is there. What it
cannot know is whether the card kept its word about flushes, and damage that nobody looks
for grows. So a small database is read before anything is written into it. One of 50,000
resources takes 1 s on a fast disk and 15 s on a slow card, and a class waits; there the
box begins, and `work` reads beside its other work.

What is found damaged is marked beside the database, durably. From that moment no process
can begin a transaction (`ground.db`), and nothing starts until a database that was put in
its place has been read whole.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.ground import db, durable
from edge_server.ground.box import DATABASE

log = logging.getLogger(__name__)

UNREAD = "unread"
"""In run/: the box began before its database had been read whole."""
READ_FIRST_BYTES = 16 << 20
"""A database up to here is read before the box begins: 1 s on the slowest card."""
BEGIN_AFTER_S = 5.0
"""Reading beside the work begins once the first pages are out."""
_CORRUPT, _NOT_A_DATABASE = 11, 26


def may_wait(folder: Path) -> bool:
    """Return whether the box may begin before its database has been read."""
    path = folder / DATABASE
    return path.stat().st_size > READ_FIRST_BYTES and not db.damage_mark(path).exists()


def check(database: db.Db) -> None:
    """Read the whole database now.

    Raises:
        PermanentError: ``database_damaged``.
    """
    with told():
        found = _look(database.connection())
    if found != "ok":
        raise PermanentError("database_damaged", found=found)
    db.damage_mark(database.path).unlink(missing_ok=True)


def put_off(folder: Path) -> None:
    """Note that the database has still to be read."""
    (folder / "run" / UNREAD).touch()


def put_off_no_more(folder: Path) -> None:
    """Note that the database has been read and is well."""
    (folder / "run" / UNREAD).unlink(missing_ok=True)


def is_put_off(folder: Path) -> bool:
    """Return whether the database has still to be read."""
    return (folder / "run" / UNREAD).exists()


@contextmanager
def read_beside(folder: Path, stop: Callable[[], None]) -> Iterator[None]:
    """Read the database while the block runs, if that was put off.

    What is left half-way is begun again at the next start.

    Args:
        folder: The data folder.
        stop: Ends the block; called when damage was found.

    Raises:
        PermanentError: ``database_damaged``, once the block has ended.
    """
    if not is_put_off(folder):
        yield
        return
    database = db.open(folder / DATABASE)
    connection = database.connection()
    ending, damage = threading.Event(), list[str]()

    def read() -> None:
        if ending.wait(BEGIN_AFTER_S):
            return
        try:
            found = _look(connection)
        except sqlite3.OperationalError as error:
            if not ending.is_set():
                log.warning("the database could not be read whole: %s", error)
            return
        if found == "ok":
            put_off_no_more(folder)
            return
        durable.write(db.damage_mark(database.path), found.encode())
        damage.append(found)
        stop()

    thread = threading.Thread(target=read, name="whole")
    thread.start()
    try:
        yield
    finally:
        ending.set()
        while thread.is_alive():
            connection.interrupt()
            thread.join(0.05)
        database.close()
        if damage:
            raise PermanentError("database_damaged", found=damage[0])


@contextmanager
def told() -> Iterator[None]:
    """Say in our own code what SQLite says of a damaged file.

    Raises:
        PermanentError: ``database_damaged``.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        raise PermanentError("database_damaged", found=str(error)) from error


def _look(connection: sqlite3.Connection) -> str:
    """Return ``ok``, or the first damage that was found."""
    try:
        return str(connection.execute("pragma quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        return str(error)


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0)  # Python's own errors have none
    return code & 0xFF in (_CORRUPT, _NOT_A_DATABASE)
