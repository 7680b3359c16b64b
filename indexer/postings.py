"""Words into the index and out again, exactly.

FTS5 without a copy of the text has one trap, and this module is there because of it:
words leave the index only when 'delete' is told *exactly* the words that went in. Told
others, it believes them; later some searches fail with "malformed" while its own
integrity check says ok. So each entry keeps all it was made from and a digest of its
words; taking out makes the words again and compares first, in the same transaction. A
digest that differs means that the whole file is made again (`fulltext.rebuild`).
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge_server.errors import TemporaryError
from edge_server.ground.db import Db, Tx
from indexer import analysis
from indexer.passages import Body

_LONGEST_KEY = 60


class WordsDamaged(TemporaryError):
    """The index cannot be trusted; it is made again by `rebuild`."""

    code = "words_damaged"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the index holds of one version of a resource."""

    resource_id: str
    version: int
    title: str
    author: str = ""
    """Who made it or where it comes from; found by its words and its pinyin."""
    about: Sequence[str] = ()
    """Names of its axes, unit, lesson and tags in every language they are typed in."""
    facets: Mapping[str, str] = field(default_factory=dict)
    """Axis to the id of its value, for filters."""
    objects: Sequence[str] = ()
    """Objects whose texts it has, the main one first."""


def facet(axis: str, value: str) -> str:
    """Return the token of a filter: any id becomes ten letters, whatever is in it."""
    return hashlib.blake2b(f"{axis}\x1f{value}".encode(), digest_size=5).hexdigest()


def body_of(db: Db, object_id: str) -> Body | None:
    """Return the text of an object in the form it is kept in."""
    row = db.one("select body, marks from texts where object_id = ?", (object_id,))
    return Body(row["body"], row["marks"]) if row else None


def _columns(db: Db, entry: Entry) -> tuple[str, ...]:
    """Return the words of an entry, column by column, as postings has them."""
    bodies = [body_of(db, object_id) for object_id in entry.objects]
    return (
        analysis.tokens(entry.title),
        analysis.tokens(entry.author),
        analysis.tokens("\n".join(entry.about)),
        analysis.tokens("\n".join(kept.text for kept in bodies if kept)),
        " ".join(facet(axis, value) for axis, value in sorted(entry.facets.items())),
        " ".join(analysis.pinyin_keys(f"{entry.title}\n{entry.author}")),
    )


def _digest(columns: tuple[str, ...]) -> bytes:
    return hashlib.blake2b("\x1f".join(columns).encode(), digest_size=8).digest()


def has(tx: Tx, entry: Entry) -> bool:
    """Return whether exactly this entry is in the index already."""
    row = tx.one("select * from entries where resource = ?", (entry.resource_id,))
    return row is not None and _values(entry_of(row)) == _values(entry)


def take_out(tx: Tx, resource_id: str) -> None:
    """Take the words of a resource out; if it has none, nothing happens.

    The texts of its objects must still be those it was put in with.

    Raises:
        WordsDamaged: The words made now are not those that went in.
    """
    row = tx.one("select * from entries where resource = ?", (resource_id,))
    if row is None:
        return
    columns = _columns(tx, entry_of(row))
    if _digest(columns) != row["digest"]:
        raise WordsDamaged(resource=resource_id)
    tx.execute(
        "insert into postings(postings, rowid, title, author, about, text, facet, py)"
        " values ('delete', ?, ?, ?, ?, ?, ?, ?)",
        (row["id"], *columns),
    )
    tx.execute("delete from entries where id = ?", (row["id"],))


def put_in(tx: Tx, entry: Entry) -> None:
    """Put the words of a resource in that has none in the index."""
    columns = _columns(tx, entry)
    entry_id = tx.insert(
        "insert into entries (resource, version, title, author, about, facets, objects,"
        " digest) values (?, ?, ?, ?, ?, ?, ?, ?)",
        (*_values(entry), _digest(columns)),
    )
    tx.execute(
        "insert into postings(rowid, title, author, about, text, facet, py)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (entry_id, *columns),
    )
    tx.executemany(
        "insert or ignore into uses (object_id, entry) values (?, ?)",
        [(object_id, entry_id) for object_id in entry.objects],
    )
    keys = {analysis.key(entry.title), *analysis.spellings(entry.title)} - {""}
    tx.executemany(
        "insert or ignore into suggestions (key, length, entry) values (?, ?, ?)",
        [(key[:_LONGEST_KEY], len(entry.title), entry_id) for key in keys],
    )


def _values(entry: Entry) -> tuple[str | int, ...]:
    """Return an entry as its row has it, from ``resource`` to ``objects``."""
    return (
        entry.resource_id,
        entry.version,
        entry.title,
        entry.author,
        "\n".join(entry.about),
        json.dumps(dict(sorted(entry.facets.items())), ensure_ascii=False),
        json.dumps(list(entry.objects)),
    )


def entry_of(row: sqlite3.Row) -> Entry:
    """Return the entry that a row was made from."""
    return Entry(
        resource_id=row["resource"],
        version=row["version"],
        title=row["title"],
        author=row["author"],
        about=row["about"].split("\n") if row["about"] else (),
        facets=json.loads(row["facets"]),
        objects=json.loads(row["objects"]),
    )
