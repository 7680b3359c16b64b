"""words.db: its tables, the numbers that say whether it fits, and which file is in use.

The index is a cache beside the truth: it only proposes, the catalogue decides what is
shown. So it is never migrated. When a number here, or a table behind the words, is not
the one the file was made with, a new file is filled and takes its place.

The new file has a new name (``words-2.db``), and ``words.in-use`` says which one counts;
without that file it is ``words.db``. Renaming over an open database in WAL mode would
replay the old log into the new file for everybody who opens it later.
"""

import re
import sqlite3
from pathlib import Path

from edge_server.ground import durable
from edge_server.ground.db import Db, Tx
from indexer import tables

SCHEMA = 1
"""Grows when these tables, or what `indexer.analysis` makes of a text, change."""
TEXTS = 1
"""Grows when the table of texts changes, or when a reader should read all files again."""

FIRST_NAME = "words.db"
IN_USE = "words.in-use"
_NAME = re.compile(r"words(?:-(\d{1,9}))?\.db")
_CORRUPT, _NOT_A_DATABASE = 11, 26

STATEMENTS = (
    # What this file was made with: schema, texts, tables.
    """create table if not exists made_with (
        name  text primary key,
        value text not null
    ) strict""",
    # The words of each object, as its reader found them. Bytes never change under an
    # object id, so neither does this, until a better reader reads them again.
    """create table if not exists texts (
        object_id text primary key,
        body      text not null,    -- passages, a line end between two
        marks     text not null,    -- JSON [[offset, page, at_s], ...], one a passage
        problem   text              -- why there are no words: 'encrypted', 'damaged', ...
    ) strict""",
    # One row for each resource in the index: all that went into its postings, because
    # FTS5 takes words out only when told exactly the words that were put in.
    """create table if not exists entries (
        id        integer primary key, -- the row id in postings
        resource  text not null unique,
        version   integer not null,
        title     text not null,
        author    text not null,
        about     text not null,       -- names of its axes, unit, lesson, tags; by line
        facets    text not null,       -- JSON {axis: id}
        objects   text not null,       -- JSON [object id, ...] whose texts it has
        digest    blob not null        -- BLAKE2b-64 of the words that were put in
    ) strict""",
    # Which resources an object's text is in.
    """create table if not exists uses (
        object_id text not null,
        entry     integer not null references entries(id) on delete cascade,
        primary key (object_id, entry)
    ) strict, without rowid""",
    """create index if not exists uses_by_entry on uses (entry)""",
    # What a search box completes: folded titles, their pinyin, their initials.
    """create table if not exists suggestions (
        key       text not null,
        length    integer not null,    -- of the title in characters: short ones first
        entry     integer not null references entries(id) on delete cascade,
        primary key (key, length, entry)
    ) strict, without rowid""",
    """create index if not exists suggestions_by_entry on suggestions (entry)""",
    # Our own tokens separated by blanks, so the plainest tokenizer will do; unicode61
    # would drop rare characters. No copy of the text.
    """create virtual table if not exists postings using fts5(
        title, author, about, text, facet, py, content='', tokenize='ascii')""",
    """insert into postings(postings, rank) values('rank', 'bm25(6, 4, 2, 1, 0, 3)')""",
    """create virtual table if not exists vocabulary using fts5vocab(postings, col)""",
)


def made_with() -> dict[str, str]:
    """Return the numbers of a file made by this program."""
    return {"schema": str(SCHEMA), "texts": str(TEXTS), "tables": tables.digest()}


def make(tx: Tx) -> None:
    """Make the tables in a new file; in a made one this changes nothing."""
    for statement in STATEMENTS:
        tx.execute(statement)
    for name, value in made_with().items():
        tx.execute("insert or ignore into made_with values (?, ?)", (name, value))


def problem(db: Db) -> str | None:
    """Return why a file has to be made again, or None.

    Returns:
        ``"new"`` (no tables yet), ``"damaged"``, or the first of ``"texts"``,
        ``"schema"``, ``"tables"`` whose number is another: with ``"texts"`` not even the
        texts can be carried over.
    """
    try:
        if not db.one("select 1 from sqlite_master where name = 'made_with'"):
            return "new"
        found = {row["name"]: row["value"] for row in db.all("select * from made_with")}
        for name in ("texts", "schema", "tables"):
            if found.get(name) != made_with()[name]:
                return name
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        return "damaged"
    return None


def is_damage(error: sqlite3.Error) -> bool:
    """Return whether the file itself is bad, and not busy, full or away."""
    return error.sqlite_errorcode & 0xFF in (_CORRUPT, _NOT_A_DATABASE)


def in_use(folder: Path) -> Path:
    """Return the file that counts, whether it exists or not."""
    try:
        name = (folder / IN_USE).read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        name = FIRST_NAME
    return folder / (name if _NAME.fullmatch(name) else FIRST_NAME)


def next_file(folder: Path) -> Path:
    """Return a name that no index in this folder has had."""
    numbers = [_number(path.name) for path in (*_files(folder), in_use(folder))]
    return folder / f"words-{max(numbers, default=1) + 1}.db"


def switch(path: Path) -> None:
    """Make a finished file the one in use, durable when this returns."""
    durable.sync_folder(path.parent)
    durable.write(path.parent / IN_USE, path.name.encode("ascii"))


def remove_others(folder: Path) -> None:
    """Remove every index but the one in use. Only the process that writes may do this."""
    kept = in_use(folder).name
    for path in _files(folder):
        if path.name != kept:
            for suffix in ("", "-wal", "-shm"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.glob("words*.db") if _NAME.fullmatch(path.name)]


def _number(name: str) -> int:
    found = _NAME.fullmatch(name)
    return int(found[1]) if found and found[1] else 1
