"""Making words.db again in a new file, in pieces, while it is searched and written to.

50,000 entries take minutes, and an upload must not wait for them: a piece ends after a
moment, and other work comes between. What that work writes into the old file is noted
(`Words.changes`) and carried over last; once nothing is left the new file takes the old
one's place. How far it is lies in memory only: after a kill or a power cut it begins again.
What the old file cannot tell is what the new one lacks, and `steps.reconcile` finds that.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from functools import partial

from edge_server.ground import db as ground_db
from edge_server.ground import durable
from edge_server.ground.db import Db, Tx, transaction
from indexer import fulltext, postings, schema
from indexer.fulltext import Changes, Words
from indexer.passages import Body

_SLICE = 200
"""Rows that are read at once."""
_TURN_S = 0.02
"""So long it writes in one transaction, the commit not counted."""

_Write = Callable[[Tx], None]


class _Rebuild:
    """One new file that is being filled."""

    def __init__(self, words: Words) -> None:
        fulltext.tidy(words)
        self.words = words
        self.old = words.db
        self.changes = words.changes = Changes()
        self._path = schema.next_file(words.folder)
        self._new = ground_db.open(self._path)
        # Until it is whole nobody reads it, and a cut begins it anew: one sync at the
        # end does, where thousands took minutes and 0.3 s at the worst.
        self._new.connection().execute("pragma synchronous = off")
        with transaction(self._new) as tx:
            schema.make(tx)
        self._writes = self._to_write(words.problem)

    def turn(self) -> bool:
        """Write for a moment; returns False when nothing was left."""
        ends_s = time.monotonic() + _TURN_S
        with transaction(self._new) as tx:
            for write in self._writes:
                write(tx)
                if time.monotonic() >= ends_s:
                    return True
        return False

    def finish(self) -> None:
        """Make the new file durable, then the one in use."""
        self.end()
        durable.sync_file(self._path)
        schema.switch(self._path)
        fulltext.tidy(self.words)

    def end(self) -> None:
        """Close the new file; nothing more is noted for it."""
        self._new.close()
        self.words.changes = None

    def _to_write(self, problem: str | None) -> Iterator[_Write]:
        if problem in (None, "schema", "tables", "damaged"):
            for row in _rows(self.old, "texts", "object_id"):
                yield partial(_keep_row, row)
        if problem in (None, "tables", "damaged"):
            for row in _rows(self.old, "entries", "id"):
                yield partial(_put_in_row, row)
        while self.changes.texts or self.changes.resources:
            if self.changes.texts:
                yield partial(self._keep_again, self.changes.texts.pop())
            else:
                yield partial(self._put_again, self.changes.resources.pop())

    def _keep_again(self, object_id: str, tx: Tx) -> None:
        row = self.old.one("select * from texts where object_id = ?", (object_id,))
        if row is not None:
            body = Body(row["body"], row["marks"])
            fulltext.keep(tx, object_id, body, row["problem"])

    def _put_again(self, resource_id: str, tx: Tx) -> None:
        row = self.old.one("select * from entries where resource = ?", (resource_id,))
        if row is None:
            postings.take_out(tx, resource_id)
        else:
            fulltext.put(tx, postings.entry_of(row))


class Rebuilding:
    """Rebuilds of one index, one at a time, by the one process that writes."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._under_way: _Rebuild | None = None

    def piece(
        self, seconds: float, should_stop: Callable[[], bool] = lambda: False
    ) -> bool:
        """Do a piece of a rebuild; returns True once the new file is in use.

        Args:
            seconds: How long it takes; the last one syncs the file too.
            should_stop: Asked many times a second; ends the piece.

        Raises:
            WordsDamaged: The old file is; the next piece begins anew.
            DiskFull: Likewise.
        """
        ends_s = time.monotonic() + seconds
        words, under_way = self._words, self._under_way
        with words.writing, fulltext.told(words):
            if under_way is not None and under_way.old is not words.db:
                under_way.end()  # somebody took the file away
                under_way = None
            under_way, self._under_way = under_way or _Rebuild(words), None
            try:
                while under_way.turn():
                    if should_stop() or time.monotonic() >= ends_s:
                        self._under_way = under_way
                        return False
                under_way.finish()
            except BaseException:
                under_way.end()
                raise
        return True


def _keep_row(row: sqlite3.Row, tx: Tx) -> None:
    tx.execute(
        "insert or ignore into texts (object_id, body, marks, problem)"
        " values (:object_id, :body, :marks, :problem)",
        dict(row),
    )


def _put_in_row(row: sqlite3.Row, tx: Tx) -> None:
    # There already: it was taken out and put in again meanwhile, and is among the changes.
    if not tx.one("select 1 from entries where resource = ?", (row["resource"],)):
        postings.put_in(tx, postings.entry_of(row))


def _rows(db: Db, table: str, key: str) -> Iterator[sqlite3.Row]:
    """Yield the rows of a table, ending early where the file is damaged."""
    last: object = 0 if key == "id" else ""
    sql = f"select * from {table} where {key} > ? order by {key} limit {_SLICE}"
    try:
        while rows := db.all(sql, (last,)):
            yield from rows
            last = rows[-1][key]
    except sqlite3.DatabaseError as error:
        if not schema.is_damage(error):
            raise
