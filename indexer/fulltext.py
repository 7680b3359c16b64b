"""words.db: texts and postings of one data folder.

One process writes (`work`), any may read. Words are committed before the job that put
them there ends, so a job may run twice: everything here is idempotent. The file is a
cache; what it lacks, `steps.reconcile` finds, and `rebuilding` fills a new one while
searches go on in the old.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge_server.errors import DiskFull
from edge_server.ground import db as ground_db
from edge_server.ground import disk
from edge_server.ground.db import Db, Tx, transaction
from indexer import postings, schema
from indexer.passages import Body, Passage, Text, body
from indexer.postings import Entry, WordsDamaged

_SLICE = 200
"""Rows that are removed at once."""
_FULL = 13
_LEAST_BYTES = 1 << 20
"""What SQLite does not say: room that lets it go on for a while."""


@dataclass(frozen=True, slots=True)
class Stats:
    """Figures for `edge-server index stats`."""

    file: str
    file_bytes: int
    resources: int
    texts: int
    characters: int
    unreadable: int
    """Files whose reader found nothing it could read; `problem` says why for each."""
    problem: str | None
    """Why the file has to be made again, None when it need not be."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What was written since a copy of the index was begun."""

    texts: set[str] = field(default_factory=set)
    """Object ids."""
    resources: set[str] = field(default_factory=set)


class Words:
    """The index of one data folder, open; safe to share between threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.writing = threading.RLock()
        """Held by whoever writes, so that nothing is put into a file being replaced."""
        self.changes: Changes | None = None
        """Filled by whoever writes while there is one."""
        self._guard = threading.Lock()
        self._seen: tuple[object, object] | None = None
        self._problem: str | None = None
        self._open()

    @property
    def db(self) -> Db:
        """The file in use; another process may have replaced it since the last look."""
        self._look()
        return self._db

    @property
    def problem(self) -> str | None:
        """Why the file must be made again (`schema.problem`), or None."""
        self._look()
        return self._problem

    def distrust(self) -> None:
        """Take the file in use for damaged, until another is."""
        self._problem = self._problem or "damaged"

    def close(self) -> None:
        """Close the connections of every thread."""
        self._db.close()

    def _look(self) -> None:
        with self._guard:
            if self._state() != self._seen:
                self._open()

    def _open(self) -> None:
        # The old file's connections close when the last search in it has ended.
        self._db = ground_db.open(schema.in_use(self.folder))
        self._problem = schema.problem(self._db)
        if self._problem == "new":
            with transaction(self._db) as tx:
                schema.make(tx)
            self._problem = None
        self._seen = self._state()

    def _state(self) -> tuple[object, object]:
        """Return what changes when another file is in use, or this one was deleted."""
        return _identity(self.folder / schema.IN_USE), _identity(
            schema.in_use(self.folder)
        )


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def open_words(folder: Path) -> Words:
    """Open the index of a data folder; an empty one is made when there is none."""
    return Words(folder)


def keep_text(
    words: Words, object_id: str, text: Text, problem: str | None = None
) -> None:
    """Keep the words of an object; entries that already have them get the new ones.

    Args:
        words: The index.
        object_id: SHA-256 of the file.
        text: What its reader found, in reading order.
        problem: Why nothing could be read, a code such as ``"encrypted"``.
    """
    with _writing(words) as tx:
        keep(tx, object_id, body(text), problem)
        if words.changes is not None:
            words.changes.texts.add(object_id)


def keep(tx: Tx, object_id: str, new: Body, problem: str | None) -> None:
    """Do what `keep_text` does, in any file."""
    old = tx.one("select * from texts where object_id = ?", (object_id,))
    if old and (old["body"], old["marks"]) == (new.text, new.marks):
        tx.execute(
            "update texts set problem = ? where object_id = ?", (problem, object_id)
        )
        return
    entries = [
        postings.entry_of(row)
        for row in tx.all(
            "select e.* from uses u join entries e on e.id = u.entry"
            " where u.object_id = ?",
            (object_id,),
        )
    ]
    for entry in entries:
        postings.take_out(tx, entry.resource_id)
    tx.execute(
        "insert or replace into texts (object_id, body, marks, problem)"
        " values (?, ?, ?, ?)",
        (object_id, new.text, new.marks, problem),
    )
    for entry in entries:
        postings.put_in(tx, entry)


def text_of(words: Words, object_id: str) -> list[Passage] | None:
    """Return the passages kept of an object, None when it was never read."""
    kept = postings.body_of(words.db, object_id)
    return None if kept is None else kept.passages()


def length_of_text(words: Words, object_id: str) -> int | None:
    """Return how many characters are kept of an object, None when it was never read."""
    length: int | None = words.db.value(
        "select length(body) from texts where object_id = ?", (object_id,)
    )
    return length


def index(words: Words, entry: Entry) -> None:
    """Put a version of a resource into the index, in place of the one before.

    Raises:
        WordsDamaged: What is there is not what was put in; rebuild and try again.
    """
    with _writing(words) as tx:
        put(tx, entry)
        if words.changes is not None:
            words.changes.resources.add(entry.resource_id)


def put(tx: Tx, entry: Entry) -> None:
    """Do what `index` does, in any file."""
    if not postings.has(tx, entry):
        postings.take_out(tx, entry.resource_id)
        postings.put_in(tx, entry)


def remove(words: Words, resource_id: str) -> None:
    """Take a resource out of the index. Twice is harmless.

    Raises:
        WordsDamaged: What is there is not what was put in; rebuild and try again.
    """
    with _writing(words) as tx:
        postings.take_out(tx, resource_id)
        if words.changes is not None:
            words.changes.resources.add(resource_id)


def indexed_versions(words: Words) -> dict[str, int]:
    """Return the version that is indexed of each resource."""
    rows = words.db.all("select resource, version from entries")
    return {row["resource"]: row["version"] for row in rows}


def texts_held(words: Words) -> set[str]:
    """Return the ids of the objects that have been read."""
    return {row[0] for row in words.db.all("select object_id from texts")}


def forget_texts(words: Words, wanted: Iterable[str]) -> None:
    """Drop the texts that no entry has and nobody wants."""
    # Nearly always there are none: looked for before anything is held up by it.
    with told(words):
        unused = {
            row[0]
            for row in words.db.all(
                "select object_id from texts"
                " where object_id not in (select object_id from uses)"
            )
        }
    gone = sorted(unused.difference(wanted))
    for start in range(0, len(gone), _SLICE):
        with _writing(words) as tx:
            tx.executemany(
                "delete from texts where object_id = ? and object_id not in"
                " (select object_id from uses)",
                [(object_id,) for object_id in gone[start : start + _SLICE]],
            )


def tidy(words: Words) -> None:
    """Remove files of earlier rebuilds; only the process that writes may ask for it."""
    with words.writing:
        schema.remove_others(words.folder)


def stats(words: Words) -> Stats:
    """Return figures about the index; zeros where the file cannot be read."""
    db, problem = words.db, words.problem
    row = None
    if problem in (None, "tables"):
        row = db.one(
            "select (select count(*) from entries) resources, count(*) texts,"
            " coalesce(sum(length(body)), 0) characters, count(problem) unreadable"
            " from texts"
        )
    return Stats(
        file=db.path.name,
        file_bytes=sum(
            path.stat().st_size for path in db.path.parent.glob(f"{db.path.name}*")
        ),
        resources=row["resources"] if row else 0,
        texts=row["texts"] if row else 0,
        characters=row["characters"] if row else 0,
        unreadable=row["unreadable"] if row else 0,
        problem=problem,
    )


@contextmanager
def _writing(words: Words) -> Iterator[Tx]:
    with words.writing, told(words), transaction(words.db) as tx:
        yield tx


@contextmanager
def told(words: Words) -> Iterator[None]:
    """Say in our own codes what SQLite says of a bad file and a full disk.

    Raises:
        WordsDamaged: The file is bad.
        DiskFull: There is no room to write into it.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if schema.is_damage(error):
            raise WordsDamaged(file=words.db.path.name) from error
        if error.sqlite_errorcode == _FULL:
            free = disk.free_bytes(words.folder)
            raise DiskFull(needed_bytes=_LEAST_BYTES, free_bytes=free) from error
        raise
