"""Teaching points as the county writes them down."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, func, insert, select, update

from edge_server.errors import PermanentError
from sync.centre.ledger.schema import points


@dataclass(frozen=True, slots=True)
class Point:
    """What the county knows of a teaching point 教学点."""

    name: str
    school_code: str | None = None
    """学校标识码; None when it has none or nobody said it."""
    centre_school: str = ""
    """中心校."""
    township: str = ""
    head: str = ""
    """负责人."""
    phone: str = ""
    grouping: str = ""
    """Whose subscription it has; '' the county's."""


def put(
    tx: Connection, wanted: Iterable[Point], at: float
) -> Iterator[tuple[int, str]]:
    """Write points down, known ones anew; yields the id of each and what happened.

    A point is known by its school code; one without a code, or known without one so far,
    by name and 中心校.

    Yields:
        (id, ``new``, ``changed`` or ``same``) of each point, in order.
    """
    columns = [c for c in points.c if c.name in Point.__dataclass_fields__]
    by_code: dict[str, tuple[int, Point]] = {}
    by_name: dict[tuple[str, str], tuple[int, Point]] = {}
    for row in tx.execute(select(points.c.id, *columns)):
        known = row.id, Point(**{c.name: getattr(row, c.name) for c in columns})
        _remember(known, by_code, by_name)
    for point in wanted:
        name = point.name, point.centre_school
        found = by_code.get(point.school_code or "")
        if found is None:
            named = by_name.get(name)
            if named and not (named[1].school_code and point.school_code):
                found = named
        if found is None:
            made = tx.execute(
                insert(points)
                .values(**asdict(point), state="open", created_at=at)
                .returning(points.c.id)
            ).scalar_one()
            _remember((made, point), by_code, by_name)
            yield made, "new"
            continue
        id, before = found
        now = _over(before, point)
        if now != before:
            tx.execute(update(points).where(points.c.id == id).values(**asdict(now)))
            _remember((id, now), by_code, by_name)
        yield id, "same" if now == before else "changed"


def close(tx: Connection, id: int, closed: bool) -> None:
    """Say that a point exists no longer (撤点), or does again.

    Raises:
        PermanentError: There is no such point (``point_unknown``).
    """
    done = tx.execute(
        update(points)
        .where(points.c.id == id)
        .values(state="closed" if closed else "open")
    )
    if not done.rowcount:
        raise PermanentError("point_unknown", point=id)


def of(tx: Connection, id: int) -> Point:
    """Return a point.

    Raises:
        PermanentError: There is no such point (``point_unknown``).
    """
    columns = [c for c in points.c if c.name in Point.__dataclass_fields__]
    row = tx.execute(select(*columns).where(points.c.id == id)).one_or_none()
    if row is None:
        raise PermanentError("point_unknown", point=id)
    return Point(**row._mapping)


def count(tx: Connection) -> int:
    """Return how many points there are, closed ones too."""
    return tx.execute(select(func.count()).select_from(points)).scalar_one()


def _over(before: Point, said: Point) -> Point:
    """Return what is known now: what the newer says, and the rest as it was."""
    told = {name: value for name, value in asdict(said).items() if value}
    return Point(**{**asdict(before), **told})


def _remember(
    known: tuple[int, Point],
    by_code: dict[str, tuple[int, Point]],
    by_name: dict[tuple[str, str], tuple[int, Point]],
) -> None:
    point = known[1]
    if point.school_code:
        by_code[point.school_code] = known
    by_name[point.name, point.centre_school] = known
