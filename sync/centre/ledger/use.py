"""What is used: sums by point, subject, stage, grade, week or resource."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Label, case, func, select

from edge_server.records.usage import KINDS, WEEK_S, week_began_at
from sync.centre.ledger.schema import points, resources, sums

By = Literal["point", "stage", "grade", "subject", "week", "resource"]
"""What a row of use stands for."""

_GRADE = case((sums.c.grade != "", sums.c.grade), else_=resources.c.grade)
"""Of the class; where nobody said it, what the resource is for."""
_KEYS: Mapping[By, ColumnElement[Any]] = {
    "point": sums.c.point,
    "stage": resources.c.stage,
    "grade": _GRADE,
    "subject": resources.c.subject,
    "week": sums.c.week,
    "resource": resources.c.id,
}


@dataclass(frozen=True, slots=True)
class Use:
    """Sums of one point, subject, grade, week or resource."""

    key: str | int
    """Id of the point, axis value ('' unknown), UTC of the week's Monday, resource id."""
    opened: int
    played_s: float
    pages: int
    finished: int
    downloaded: int
    searched: int
    cast: int
    points: int
    """Different ones that it was used at."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which use is asked for: these weeks, and only what all of this fits."""

    from_at: float
    """UTC; its whole week counts."""
    until_at: float
    """UTC; its whole week counts."""
    point: int | None = None
    centre_school: str | None = None
    stage: str | None = None
    grade: str | None = None
    subject: str | None = None


def used(tx: Connection, by: By, asked: Asked, limit: int | None = None) -> list[Use]:
    """Return what was used, most opened first; weeks in their order.

    Args:
        tx: The transaction.
        by: What each row stands for; for resources, searches are left out.
        asked: Which weeks, points and axes.
        limit: The most rows.
    """
    key = _KEYS[by].label("key")
    opened = _events("opened")
    query = (
        select(
            key, opened, func.sum(sums.c.seconds).label("played_s"),
            *(_events(kind) for kind in _COUNTED),
            func.count(sums.c.point.distinct()).label("points"),
        )
        .select_from(sums.join(resources, resources.c.n == sums.c.resource))
        .where(
            sums.c.week >= int(week_began_at(asked.from_at)),
            sums.c.week < int(week_began_at(asked.until_at)) + WEEK_S,
        )
        .group_by(key)
        .order_by(key if by == "week" else opened.desc(), key)
        .limit(limit)
    )  # fmt: skip
    if by == "resource":
        query = query.where(sums.c.resource != 0)
    if asked.point is not None:
        query = query.where(sums.c.point == asked.point)
    if asked.centre_school is not None:
        its = select(points.c.id).where(points.c.centre_school == asked.centre_school)
        query = query.where(sums.c.point.in_(its))
    for column, value in (
        (resources.c.stage, asked.stage),
        (_GRADE, asked.grade),
        (resources.c.subject, asked.subject),
    ):
        if value is not None:
            query = query.where(column == value)
    return [_use(row._mapping) for row in tx.execute(query)]


_COUNTED = ("page", "finished", "downloaded", "searched", "cast")


def _events(kind: str) -> Label[int]:
    assert kind in KINDS
    return func.sum(case((sums.c.kind == kind, sums.c.events), else_=0)).label(kind)


def _use(row: Mapping[Any, Any]) -> Use:
    """Sums are `Decimal` in PostgreSQL."""
    return Use(
        key=row["key"],
        opened=int(row["opened"]),
        played_s=float(row["played_s"]),
        pages=int(row["page"]),
        finished=int(row["finished"]),
        downloaded=int(row["downloaded"]),
        searched=int(row["searched"]),
        cast=int(row["cast"]),
        points=int(row["points"]),
    )
