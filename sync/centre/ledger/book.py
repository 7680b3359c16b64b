"""The ledger itself: each method is one transaction, in SQLite or in PostgreSQL.

SQLite as everywhere here: WAL, FULL, a writing transaction begins IMMEDIATE. In
PostgreSQL a batch locks the row of its box, so boxes do not wait for each other.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event, exc, insert, inspect, select
from sqlalchemy import text as sql_text
from sqlalchemy.engine import URL, Engine, make_url

from edge_server.errors import PermanentError, TemporaryError
from edge_server.ground.db import BUSY_TIMEOUT_S
from edge_server.records.curriculum import Place
from sync.centre.ledger import (
    batches,
    boxes,
    desk,
    growth,
    numbers,
    points,
    schema,
    use,
)
from sync.centre.ledger.boxes import BoxRow, Enrolled
from sync.centre.ledger.desk import OnePoint, PointSeen
from sync.centre.ledger.points import Point
from sync.centre.ledger.use import Asked, By, Use
from sync.format import batch as wire
from sync.format.calls import BatchAnswer

_LOCK = 7_165_501
"""Of `prepare` in PostgreSQL; any number that nobody else takes."""


def url_of(path: Path) -> str:
    """Return the address of a ledger in a SQLite file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def open(url: str, *, places: numbers.Places = lambda ids: {}) -> "Ledger":
    """Open a ledger; its tables are made by `Ledger.prepare`.

    Args:
        url: ``sqlite:////data/ledger.db`` (see `url_of`) or ``postgresql://…``.
        places: Where published resources belong, from the centre's catalogue.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": BUSY_TIMEOUT_S})
        _as_everywhere(engine)
    else:
        address = address.set(drivername="postgresql+psycopg")
        engine = create_engine(address, pool_pre_ping=True)
    return Ledger(engine, places)


class Ledger:
    """What the points told. Safe to share between threads; made by `open`.

    Every method may raise ``ledger_unreachable`` (TemporaryError): the database server
    does not answer, or SQLite's file is busy or its disk full.
    """

    def __init__(self, engine: Engine, places: numbers.Places) -> None:
        self._engine = engine
        self._reader = engine.execution_options(reads=True)
        self._resources = numbers.Numbers(places)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def prepare(self) -> None:
        """Make the tables that are missing.

        Raises:
            PermanentError: A newer program made them (``ledger_too_new``).
        """
        with self._writing() as tx:
            if tx.dialect.name == "postgresql":
                tx.execute(sql_text(f"select pg_advisory_xact_lock({_LOCK})"))
            if not inspect(tx).has_table(schema.made_with.name):
                schema.metadata.create_all(tx)
                tx.execute(insert(schema.made_with).values(number=schema.NUMBER))
                nothing = {"n": 0, "id": "", "stage": "", "grade": "", "subject": ""}
                tx.execute(insert(schema.resources).values(nothing))
            number = tx.execute(select(schema.made_with.c.number)).scalar_one()
            if number > schema.NUMBER:
                raise PermanentError(
                    "ledger_too_new", number=number, known=schema.NUMBER
                )

    # --- what boxes say ---------------------------------------------------------------

    def take_batch(self, batch: wire.Batch, *, at: float) -> BatchAnswer:
        """Take what a box sends; durable once this returns.

        Args:
            batch: The batch; its box has been checked by its signature.
            at: Now, UTC.

        Raises:
            PermanentError: ``box_unknown`` or ``box_revoked``.
        """
        with self._writing() as tx:
            return batches.take(tx, batch, at, self._resources)

    def box(self, box_id: str) -> BoxRow | None:
        """Return a box with its public key, None when it never joined."""
        with self._reading() as tx:
            return boxes.box(tx, box_id)

    def hear(self, box_id: str, counter: int, *, at: float) -> bool:
        """Note a signed call; False when its counter is not above the last: a replay."""
        with self._writing() as tx:
            return boxes.hear(tx, box_id, counter, at)

    def note_refused(self, box_id: str, *, at: float) -> None:
        """Note that a revoked box has called, so that the desk shows it."""
        with self._writing() as tx:
            boxes.note_refused(tx, box_id, at)

    def enrol(
        self, *, secret: str, box_id: str, public_key: bytes, at: float
    ) -> Enrolled:
        """Let a box join with a one-time code.

        The same box asking again with the same code and key is answered the same, for
        the first answer may have been lost. A box that has joined before keeps its
        marks, wherever it joins now. Who spoke for the point so far is revoked.

        Raises:
            Refused: ``code_unknown``, ``code_used`` or ``code_expired``.
        """
        with self._writing() as tx:
            return boxes.enrol(tx, secret, box_id, public_key, at)

    # --- what people say --------------------------------------------------------------

    def put_points(
        self, wanted: Iterable[Point], *, at: float
    ) -> list[tuple[int, str]]:
        """Write points down; returns (id, ``new``, ``changed`` or ``same``) of each.

        What a point says empty stays as it was.
        """
        with self._writing() as tx:
            return list(points.put(tx, wanted, at))

    def close_point(self, point: int, *, closed: bool = True) -> None:
        """Say that a point is no more (撤点), or is again.

        Raises:
            PermanentError: ``point_unknown``.
        """
        with self._writing() as tx:
            points.close(tx, point, closed)

    def add_codes(self, secrets: Mapping[int, str], *, at: float) -> None:
        """Let boxes join points: a new code's secret letters by point.

        Earlier codes of these points that nobody used end.

        Raises:
            PermanentError: ``point_unknown``; then none was added.
        """
        with self._writing() as tx:
            boxes.add_codes(tx, secrets, at)

    def move(self, box_id: str, point: int, *, at: float) -> tuple[str, ...]:
        """Let a box speak for another point; returns the box ids that it replaced.

        Raises:
            PermanentError: ``box_unknown`` or ``point_unknown``.
        """
        with self._writing() as tx:
            return boxes.move(tx, box_id, point, at)

    def revoke(self, box_id: str, *, at: float) -> None:
        """Hear a box no longer; it may join again with a new code.

        Raises:
            PermanentError: ``box_unknown``.
        """
        with self._writing() as tx:
            boxes.revoke(tx, box_id, at)

    def describe(self, places: Mapping[str, Place]) -> None:
        """Say anew where resources belong, after a publish moved them."""
        with self._writing() as tx:
            numbers.describe(tx, places)

    def forget(self, *, at: float, limit: int = 10_000) -> int:
        """Let go what was kept long enough, a slice; returns how many events went."""
        with self._writing() as tx:
            return growth.forget(tx, at, limit)

    # --- what the desk reads ----------------------------------------------------------

    def points(self) -> Sequence[PointSeen]:
        """Return every point with its box and how it is, in one query."""
        with self._reading() as tx:
            return desk.all_points(tx)

    def point(self, id: int) -> OnePoint:
        """Return one point in detail.

        Raises:
            PermanentError: ``point_unknown``.
        """
        with self._reading() as tx:
            return desk.one_point(tx, id)

    def used(self, by: By, asked: Asked, *, limit: int | None = None) -> list[Use]:
        """Return what was used, most opened first; weeks in their order."""
        with self._reading() as tx:
            return use.used(tx, by, asked, limit)

    # ----------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with _reachable(), self._engine.begin() as tx:
            yield tx

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with _reachable(), self._reader.begin() as tx:
            yield tx


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (exc.OperationalError, exc.InterfaceError, exc.TimeoutError) as error:
        why = str(getattr(error, "orig", error)).strip().splitlines() or [""]
        raise TemporaryError("ledger_unreachable", why=why[0][:200]) from error


def _as_everywhere(engine: Engine) -> None:
    """Set up SQLite as `ground.db` does."""

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: object) -> None:
        connection.isolation_level = None  # we begin ourselves
        for setting in (
            "journal_mode = wal",
            "synchronous = full",
            "foreign_keys = on",
            "temp_store = memory",
        ):
            connection.execute(f"pragma {setting}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads")
        connection.exec_driver_sql("begin" if reads else "begin immediate")
