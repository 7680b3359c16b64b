"""Candidates for a search: rows of the index by words and by title, each kind in time.

bm25 has its price for each word in each match (2 µs), so what half the library says is
ranked among the newest matches only, and every look into the index has a time limit. It
also asks the whole library how rare each word is: 20 ms of the 60 to 70 that a search for
four common words takes among 50,000 resources, and no fewer matches make that less. To
count all matches and find the newest in one look gained nothing.
"""

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass

from edge_server.ground.db import Db
from indexer import analysis, postings

TIME_LIMIT_S = 0.5
"""For one look into the index; a search makes two at most when it is too slow."""
MOST_RANKED = 1500
"""Matches that are ranked, for all words of a search together."""
MOST_OF_A_TITLE = 200
"""Resources with one title, or with titles of one beginning."""
_STEPS_BETWEEN_LOOKS_AT_THE_CLOCK = 2000
_INTERRUPTED = 9
_BEFORE_ALL = -1000.0
"""No bm25 is lower: a title that says it says more than a text."""
_ENTRY = "e.id, e.resource, e.version, e.title, e.facets"

Version = tuple[str, int]
"""(resource id, version)"""


@dataclass(frozen=True, slots=True)
class Row:
    """One resource that may be what was meant."""

    id: int
    """Of its entry in the index."""
    version: Version
    title: str
    rank: float
    """FTS5's: lower is better."""
    facets: str
    """JSON {axis: id}."""


class Candidates:
    """Looks into one index for what one person typed.

    Args:
        db: The index.
        typed: What was typed.
        facets: Axis to the id it must have.
        most: Rows that a look brings at most.
        terms: Words that were typed, which share what may be ranked.
    """

    def __init__(
        self, db: Db, typed: str, facets: Mapping[str, str], most: int, terms: int
    ) -> None:
        self._db = db
        self._facets = facets
        self._most = most
        self._ranked = max(most, MOST_RANKED // max(terms, 1))
        self.key = analysis.key(typed)

    def rows(self, match: str, newest: int | None = None) -> list[Row] | None:
        """Return the best rows of a MATCH, or None if the time was over first.

        Args:
            match: In the language of FTS5.
            newest: What `newest` says of it, where it was asked already.
        """
        newest = self.newest(match) if newest is None else newest
        return self._in_time(
            f"select {_ENTRY}, f.rank from"
            " (select rowid r, rank from postings where postings match ?"
            " and rowid > ? order by rank limit ?) f join entries e on e.id = f.r",
            (self._filtered(match), newest, self._most),
        )

    def latest(self, match: str) -> list[Row] | None:
        """Return the newest rows of a MATCH in titles, each before all that is ranked.

        None if the time was over first.
        """
        return self._in_time(
            f"select {_ENTRY}, {_BEFORE_ALL} rank from (select rowid r from postings"
            " where postings match ? order by rowid desc limit ?) f"
            " join entries e on e.id = f.r",
            (self._filtered(match), self._most),
        )

    def _in_time(self, sql: str, values: tuple[object, ...]) -> list[Row] | None:
        """Return rows, or None if the time was over first."""
        end = time.monotonic() + TIME_LIMIT_S
        connection = self._db.connection()
        connection.set_progress_handler(
            lambda: time.monotonic() > end, _STEPS_BETWEEN_LOOKS_AT_THE_CLOCK
        )
        try:
            rows = self._db.all(sql, values)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != _INTERRUPTED:
                raise
            return None
        finally:
            connection.set_progress_handler(None, 0)
        return [_row(row, row["rank"]) for row in rows]

    def newest(self, match: str) -> int:
        """Return the id behind which the newest matches lie; 0: all may be ranked."""
        return int(
            self._db.value(
                "select rowid from postings where postings match ?"
                " order by rowid desc limit 1 offset ?",
                (self._filtered(match), self._ranked),
            )
            or 0
        )

    def _filtered(self, match: str) -> str:
        filters = [
            f'facet: "{postings.facet(axis, value)}"'
            for axis, value in self._facets.items()
        ]
        return " AND ".join([f"({match})", *filters])

    def exact_titles(self) -> list[Row]:
        """Return resources whose whole title was typed: bm25 may miss 秋 among 10,000."""
        return self._titled("s.key = ? order by e.id", self.key)

    def beginnings(self) -> list[Row]:
        """Return resources whose title begins with what was typed, short ones first."""
        if self.key.isascii():
            return []  # keys of pinyin too: every second title would begin so
        return self._titled(
            "s.key >= ? and s.key < ? order by s.length, e.id",
            self.key,
            self.key + "\U0010ffff",
        )

    def _titled(self, condition: str, *keys: str) -> list[Row]:
        rows = self._db.all(
            f"select {_ENTRY} from suggestions s join entries e on e.id = s.entry"
            f" where {condition} limit ?",
            (*keys, MOST_OF_A_TITLE),
        )
        return [
            _row(row, 0.0)
            for row in rows
            if self._facets.items() <= json.loads(row["facets"]).items()
        ]

    def count(self, match: str) -> int:
        """Return how many rows a MATCH has."""
        return int(
            self._db.value(
                "select count(*) from postings where postings match ?",
                (self._filtered(match),),
            )
        )


def _row(row: sqlite3.Row, rank: float) -> Row:
    version = (row["resource"], row["version"])
    return Row(row["id"], version, row["title"], rank, row["facets"])
