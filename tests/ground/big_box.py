"""A box with a database of many pages, as it lies after a power cut, and its damage."""

from pathlib import Path

from edge_server.ground import prepare
from edge_server.ground.box import DATABASE
from edge_server.ground.db import transaction
from tests.boxes import make_box

PAGE_BYTES = 4096


def make_big(folder: Path, rows: int = 6000) -> Path:
    """Make a box whose database has a page for each of ``rows``, and cut its power."""
    box = make_box(folder)
    with transaction(box.db) as tx:
        tx.execute("create table filling (id integer primary key, bytes blob) strict")
        tx.executemany(
            "insert into filling (bytes) values (randomblob(3000))", [()] * rows
        )
    box.db.connection().execute("pragma wal_checkpoint(truncate)")
    box.db.close()
    (folder / "run" / prepare.CLEAN).unlink()
    return folder


def damage(folder: Path) -> None:
    """Let the card have lost the last pages but a few that were written."""
    path = folder / DATABASE
    with path.open("r+b") as file:
        file.seek(path.stat().st_size - 10 * PAGE_BYTES)
        file.write(bytes(PAGE_BYTES))
