"""Searching: from what was typed to hits with the place in them, and suggestions.

The index proposes, the catalogue decides: `allowed` is asked at the moment of the query
which versions may be seen, so a hit that was withdrawn a second ago is not shown.

Ways, strictest first, the later ones only when nothing was found: the words as typed;
the same sound (京夜思 finds 静夜思); some of the words; Latin words one slip away. A query
of one character looks in titles first, because every second text has it, and does not
rank them: those that begin with it come first, then the newest. A query that takes too
long is ended and looks in titles only: FTS5 gives no rows at all when it is stopped.

FTS5's bm25 knows one length for the whole row, so a short exact title loses to others.
The best 200 are therefore ordered again: exact title, beginning of a title, then bm25.
What narrows a search is counted over these too, not by another look into the index.
"""

import json
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import TYPE_CHECKING

from edge_server.ground.db import Db
from indexer import analysis, schema, snippets, spelling
from indexer.candidates import Candidates, Row, Version
from indexer.fulltext import Words
from indexer.postings import WordsDamaged
from indexer.snippets import Pieces
from indexer.terms import NARROW, TITLES

if TYPE_CHECKING:
    from indexer.query import Compiled

_RERANKED = 200
_MOST_FETCHED = 2000
_MOST_SUGGESTED_KEYS = 60

# More searches at once than cores only take the interpreter from each other: eight
# threads answered 313 queries a second freely and 580 two at a time.
_running = threading.BoundedSemaphore(max(1, os.cpu_count() or 1))

Allowed = Callable[[Sequence[Version]], set[Version]]
"""Given versions that were found, returns those that may be seen now."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One resource that was found."""

    resource_id: str
    version: int
    score: float
    """Higher is better; comparable within one answer only."""
    snippet: Pieces
    """Text around the first place, in pieces; True marks what was searched for."""
    page: int | None
    at_s: float | None


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to one search."""

    hits: list[Hit]
    total: int
    """All that was found; beyond the first 2,000 without asking what may be seen."""
    corrected: str | None = None
    """What was probably meant, when nothing was found for what was typed."""
    words: tuple[str, ...] = ()
    """What to mark in a title (`snippets.mark`)."""
    way: str = "words"
    """``words``, ``sound``, ``some`` or ``slip``: how the hits were found."""
    cut: bool = False
    """Ended by the time limit: there may be more."""
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """Of each axis that was asked for, how many of what was found have which id."""
    counted_all: bool = True
    """False: only the best were counted, so each count is the least there are."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A title that a search box offers."""

    text: str
    resource_id: str


@dataclass(frozen=True, slots=True)
class _Found:
    rows: list[Row]
    match: str
    words: tuple[str, ...]
    way: str = "words"
    corrected: str | None = None
    cut: bool = False


def search(
    words: Words,
    text: str,
    *,
    allowed: Allowed | None = None,
    facets: Mapping[str, str] | None = None,
    count: Sequence[str] = (),
    limit: int = 20,
    offset: int = 0,
) -> Results:
    """Find resources by what a person typed.

    Args:
        words: The index.
        text: Anything; at most 200 characters and eight words of it are used.
        allowed: Says which of the versions found may be seen; None allows all.
        facets: Axis to the id it must have.
        count: Axes whose values are to be counted.
        limit: Hits to return, at most.
        offset: Hits to pass over, for further pages.

    Raises:
        WordsDamaged: The index cannot be read and has to be made again.
    """
    if words.problem in ("schema", "texts", "damaged"):
        raise WordsDamaged(file=words.db.path.name)
    compiled: Compiled = import_module("indexer.query").compile_query(text)
    if not compiled.match:
        return Results([], 0)
    with _running:
        try:
            look = _Look(words.db, text, compiled, facets or {}, limit + offset)
            found = look.find()
            return look.answer(found, allowed, count, slice(offset, offset + limit))
        except sqlite3.DatabaseError as error:
            if schema.is_damage(error):
                raise WordsDamaged(file=words.db.path.name) from error
            raise


def suggest(
    words: Words, text: str, limit: int = 10, *, allowed: Allowed | None = None
) -> list[Suggestion]:
    """Return titles that begin with what was typed, in characters, pinyin or initials."""
    key = analysis.key(text[:_MOST_SUGGESTED_KEYS])
    if not key or words.problem in ("schema", "texts", "damaged"):
        return []
    if key.isascii():
        key = analysis.typed_pinyin(key)
    with _running:
        rows = words.db.all(
            "select e.title, e.resource, e.version from ("
            " select key, length, entry from suggestions where key >= ? and key < ?"
            " order by key <> ?, length, entry limit ?) s join entries e on e.id = s.entry"
            " order by s.key <> ?, s.length, s.entry",
            (key, key + "\U0010ffff", key, _MOST_SUGGESTED_KEYS, key),
        )
    versions = [(row["resource"], row["version"]) for row in rows]
    seen = set(versions) if allowed is None else allowed(versions)
    offered: dict[str, Suggestion] = {}
    for row in rows:
        if (row["resource"], row["version"]) in seen:
            offered.setdefault(row["title"], Suggestion(row["title"], row["resource"]))
    return list(offered.values())[:limit]


class _Look:
    """One search: the rows, their order, and what is shown of them."""

    def __init__(
        self,
        db: Db,
        typed: str,
        compiled: "Compiled",
        facets: Mapping[str, str],
        wanted: int,
    ) -> None:
        self.db = db
        self.typed = typed
        self.compiled = compiled
        self.key = analysis.key(typed)
        self.wanted = wanted
        self.most = min(max(_RERANKED, 2 * wanted), _MOST_FETCHED)
        self.index = Candidates(db, typed, facets, self.most, compiled.terms)

    def find(self) -> _Found:
        """Return what the strictest way that finds anything has found."""
        compiled, index = self.compiled, self.index
        asked, marked = compiled.match, tuple(compiled.words)
        exact = index.exact_titles()
        narrow = f"{NARROW}: ({asked})"
        newest, in_titles = 0, list[Row]()
        if len(self.key) == 1:
            titles = _joined(index.beginnings(), index.latest(narrow) or [])
            if len(titles) >= self.wanted:
                return _Found(_joined(exact, titles), narrow, marked)
            exact += titles
        elif (newest := index.newest(asked)) and not compiled.strict:
            in_titles = index.latest(narrow) or []
        rows = index.rows(asked, newest)
        if rows is None:
            narrow = f"{TITLES}: ({asked})"
            rows = index.rows(narrow) or []
            return _Found(_joined(exact, rows), narrow, marked, cut=True)
        if rows or exact or compiled.strict:
            return _Found(_joined(exact, [*rows, *in_titles]), asked, marked)
        for way, other in spelling.ways(self.db, self.typed):
            if rows := index.rows(other.match):
                found = _Found(rows, other.match, other.words, way, other.corrected)
                if way != "sound":
                    return found
                meant = spelling.same_sound(self.typed, [row.title for row in rows])
                return replace(found, words=meant.words, corrected=meant.text)
        return _Found([], asked, marked)

    def answer(
        self,
        found: _Found,
        allowed: Allowed | None,
        count: Sequence[str],
        page: slice,
    ) -> Results:
        """Order, leave out what may not be seen, count, and show a page of it."""
        ordered = sorted(found.rows, key=lambda row: (*self.near(row), row.rank))
        versions = [row.version for row in ordered]
        seen = set(versions) if allowed is None else allowed(versions)
        visible = [row for row in ordered if row.version in seen]
        total, all_here = len(visible), len(found.rows) < self.most
        if not all_here and not found.cut:
            total += self.index.count(found.match) - len(found.rows)
        return Results(
            [self.hit(row, found.words) for row in visible[page]],
            max(total, len(visible)),
            found.corrected,
            found.words,
            found.way,
            found.cut,
            _counted(visible, count),
            all_here and not found.cut,
        )

    def near(self, row: Row) -> tuple[bool, bool, bool]:
        """Return how near a title is to what was typed; the smallest is nearest."""
        title = analysis.key(row.title)
        keys = [title]
        asked = self.key
        if asked.isascii() and len(asked) > 1:
            asked = analysis.typed_pinyin(asked)
            keys += analysis.spellings(row.title)
        return (
            asked not in keys,
            not any(key.startswith(asked) for key in keys),
            not any(asked in key for key in keys),
        )

    def hit(self, row: Row, words: tuple[str, ...]) -> Hit:
        looked_for = [word for word in words if not _spelt(word, row.title)]
        objects = json.loads(
            self.db.value("select objects from entries where id = ?", (row.id,)) or "[]"
        )
        snippet, place = snippets.of_texts(self.db, objects, looked_for)
        return Hit(*row.version, -row.rank, snippet, *place)


def _counted(rows: Sequence[Row], axes: Sequence[str]) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {axis: Counter() for axis in axes}
    if axes:
        for facets, alike in Counter(row.facets for row in rows).items():
            for axis, id in json.loads(facets).items():
                if axis in counts:
                    counts[axis][id] += alike
    return counts


def _joined(first: list[Row], then: list[Row]) -> list[Row]:
    """Return both lists as one; the second knows the rank, the first the order."""
    ranked = {row.id: row for row in then}
    joined = {row.id: ranked.get(row.id, row) for row in first}
    return list((joined | ranked).values())


def _spelt(word: str, title: str) -> bool:
    """Return whether letters were found as the pinyin of a title, not as a word.

    Looking for them in the text would fold all of it in vain.
    """
    if not word.isascii() or not word.isalpha():
        return False
    typed = analysis.typed_pinyin(word)
    return any(key.startswith(typed) for key in analysis.pinyin_keys(title))
