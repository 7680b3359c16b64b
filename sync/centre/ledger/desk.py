"""What the desk reads of points: all of them at a glance, and one in detail."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from edge_server.errors import PermanentError
from sync.centre.ledger.points import Point
from sync.centre.ledger.schema import (
    boxes,
    heartbeats,
    holes,
    marks,
    points,
    receipts,
)

MOST_DAYS = 60


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """How a box said it was."""

    day: str
    """``2026-11-25``, in China."""
    at: float
    """UTC, the centre's."""
    skew_s: float | None
    """The box's clock minus the centre's."""
    head_version: int | None
    disk_free_bytes: int | None
    said: Mapping[str, Any]
    """All of it, as the box said it."""


@dataclass(frozen=True, slots=True)
class PointSeen:
    """A point as the list of points shows it."""

    id: int
    about: Point
    closed: bool
    """撤点."""
    box_id: str | None
    """The box that speaks for it; None while none has joined."""
    enrolled_at: float | None
    heard_at: float | None
    """UTC of its last call."""
    used_at: float | None
    """UTC of the newest use: silent and unused are told apart by these two."""
    forked_at: float | None
    """UTC when two boxes last spoke with its id."""
    refused_at: float | None
    """UTC when a box that was replaced here last called."""
    heartbeat: Heartbeat | None


@dataclass(frozen=True, slots=True)
class BoxSeen:
    """A box that spoke for a point, or does."""

    box_id: str
    enrolled_at: float
    revoked_at: float | None
    heard_at: float | None
    refused_at: float | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A point holds this version of a collection whole."""

    collection_id: str
    version: int
    at: float


@dataclass(frozen=True, slots=True)
class Hole:
    """Rows of a box that were gone when the centre asked for them."""

    box_id: str
    epoch: str
    first_seq: int
    last_seq: int
    at: float


@dataclass(frozen=True, slots=True)
class OnePoint:
    """All that is known of a point."""

    seen: PointSeen
    boxes: tuple[BoxSeen, ...]
    """Newest first."""
    heartbeats: tuple[Heartbeat, ...]
    """Newest first, at most `MOST_DAYS`."""
    receipts: tuple[Receipt, ...]
    holes: tuple[Hole, ...]


def all_points(tx: Connection) -> list[PointSeen]:
    """Return every point, in one query, by township, 中心校 and name."""
    order = points.c.township, points.c.centre_school, points.c.name, points.c.id
    return [_seen(row) for row in tx.execute(_points().order_by(*order))]


def one_point(tx: Connection, id: int) -> OnePoint:
    """Return a point in detail.

    Raises:
        PermanentError: There is no such point (``point_unknown``).
    """
    row = tx.execute(_points().where(points.c.id == id)).one_or_none()
    if row is None:
        raise PermanentError("point_unknown", point=id)
    its_boxes = tx.execute(
        select(
            boxes.c.box_id, boxes.c.enrolled_at, boxes.c.revoked_at, boxes.c.heard_at,
            boxes.c.refused_at,
        )
        .where(boxes.c.point == id)
        .order_by(boxes.c.enrolled_at.desc())
    )  # fmt: skip
    days = tx.execute(
        select(*_HEARTBEAT)
        .where(heartbeats.c.point == id)
        .order_by(heartbeats.c.day.desc())
        .limit(MOST_DAYS)
    )
    held = tx.execute(
        select(receipts.c.collection_id, receipts.c.version, receipts.c.at)
        .where(receipts.c.point == id)
        .order_by(receipts.c.collection_id)
    )
    lost = tx.execute(
        select(
            boxes.c.box_id, marks.c.epoch,
            holes.c.first_seq, holes.c.last_seq, holes.c.at,
        )
        .select_from(holes.join(marks).join(boxes))
        .where(boxes.c.point == id)
        .order_by(holes.c.at)
    )  # fmt: skip
    return OnePoint(
        seen=_seen(row),
        boxes=tuple(BoxSeen(*one) for one in its_boxes),
        heartbeats=tuple(_heartbeat(one) for one in days),
        receipts=tuple(Receipt(*one) for one in held),
        holes=tuple(Hole(*one) for one in lost),
    )


_ABOUT = tuple(Point.__dataclass_fields__)
_HEARTBEAT = (
    heartbeats.c.day, heartbeats.c.at.label("beat_at"), heartbeats.c.skew_s,
    heartbeats.c.head_version, heartbeats.c.disk_free_bytes, heartbeats.c.body,
)  # fmt: skip


def _points() -> Select[*tuple[Any, ...]]:
    newest = (
        select(func.max(heartbeats.c.day))
        .where(heartbeats.c.point == points.c.id)
        .correlate(points)
        .scalar_subquery()
    )
    called = (
        select(boxes.c.point, func.max(boxes.c.refused_at).label("refused_at"))
        .where(boxes.c.revoked_at.is_not(None), boxes.c.refused_at.is_not(None))
        .group_by(boxes.c.point)
        .subquery()
    )
    return select(
        points.c.id, *(points.c[name] for name in _ABOUT), points.c.state,
        boxes.c.box_id, boxes.c.enrolled_at, boxes.c.heard_at, points.c.used_at,
        boxes.c.forked_at, called.c.refused_at, *_HEARTBEAT,
    ).select_from(
        points.outerjoin(
            boxes, and_(boxes.c.point == points.c.id, boxes.c.revoked_at.is_(None))
        )
        .outerjoin(called, called.c.point == points.c.id)
        .outerjoin(
            heartbeats,
            and_(heartbeats.c.point == points.c.id, heartbeats.c.day == newest),
        )
    )  # fmt: skip


def _seen(row: Sequence[Any]) -> PointSeen:
    """Return a row of `_points`; by place, since names take twice the time."""
    about, rest = row[1 : 1 + len(_ABOUT)], row[1 + len(_ABOUT) :]
    beat = _heartbeat(rest[7:]) if rest[7] is not None else None
    fields = row[0], Point(*about), rest[0] == "closed", *rest[1:7], beat
    return PointSeen(*fields)


def _heartbeat(row: Sequence[Any]) -> Heartbeat:
    fields = *row[:5], json.loads(row[5])
    return Heartbeat(*fields)
