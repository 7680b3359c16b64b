"""Which box speaks for a point: one-time codes, enrolment, moves, revocation.

A code is for one use and 60 days; only the SHA-256 of its letters is kept. A point has one
live box. A second one enrolled there takes its place, with the point's name and figures,
and the first is revoked. A box that enrols again keeps its id, so its marks go on.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from edge_server.errors import PermanentError, Refused
from sync.centre.ledger import points
from sync.centre.ledger.points import Point
from sync.centre.ledger.schema import boxes, codes
from sync.centre.ledger.schema import points as table

CODE_LASTS_S = 60 * 86_400.0


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A box that was enrolled once."""

    box_id: str
    point: int
    public_key: bytes
    """Ed25519, 32 bytes."""
    counter: int
    """Of its last signed call."""
    revoked_at: float | None
    """UTC; None while it may call."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a box is told when it has joined."""

    point: int
    about: Point
    replaced: tuple[str, ...]
    """Box ids that spoke for the point before and are revoked now."""


def add_codes(tx: Connection, secrets: Mapping[int, str], at: float) -> None:
    """Let the next boxes of points join with codes; see `Ledger.add_codes`."""
    asked = sorted(secrets)
    known = set(tx.execute(select(table.c.id).where(table.c.id.in_(asked))).scalars())
    for point in asked:
        if point not in known:
            raise PermanentError("point_unknown", point=point)
    tx.execute(delete(codes).where(codes.c.point.in_(asked), codes.c.used_at.is_(None)))
    if asked:
        rows = [
            {"code_hash": _hash(secrets[point]), "point": point, "made_at": at}
            for point in asked
        ]
        tx.execute(insert(codes), rows)


def enrol(
    tx: Connection, secret: str, box_id: str, public_key: bytes, at: float
) -> Enrolled:
    """Let a box join; see `Ledger.enrol`."""
    its = codes.c.code_hash == _hash(secret)
    code = tx.execute(select(codes).where(its).with_for_update()).one_or_none()
    if code is None:
        raise Refused("code_unknown")
    known = box(tx, box_id)
    if code.used_at is not None:
        if code.box_id != box_id or known is None or known.revoked_at is not None:
            raise Refused("code_used")
        if known.public_key != public_key:
            raise Refused("code_used")
        return Enrolled(code.point, points.of(tx, code.point), ())
    if at - code.made_at > CODE_LASTS_S:
        raise Refused("code_expired")
    replaced = _make_room(tx, code.point, box_id, at)
    seat = {
        "point": code.point, "public_key": public_key, "enrolled_at": at,
        "revoked_at": None,
    }  # fmt: skip
    if known:
        tx.execute(update(boxes).where(boxes.c.box_id == box_id).values(**seat))
    else:
        tx.execute(insert(boxes).values(box_id=box_id, counter=0, **seat))
    tx.execute(update(codes).where(its).values(used_at=at, box_id=box_id))
    return Enrolled(code.point, points.of(tx, code.point), replaced)


def move(tx: Connection, box_id: str, point: int, at: float) -> tuple[str, ...]:
    """Let a box speak for another point; returns whom it replaced there.

    What it told so far stays with the point that it stood in.
    """
    points.of(tx, point)
    _must(tx, box_id)
    replaced = _make_room(tx, point, box_id, at)
    tx.execute(update(boxes).where(boxes.c.box_id == box_id).values(point=point))
    return replaced


def revoke(tx: Connection, box_id: str, at: float) -> None:
    """Hear a box no longer; it may join again with a new code."""
    _must(tx, box_id)
    tx.execute(
        update(boxes)
        .where(boxes.c.box_id == box_id, boxes.c.revoked_at.is_(None))
        .values(revoked_at=at)
    )


def box(tx: Connection, box_id: str) -> BoxRow | None:
    """Return a box, None when it never joined."""
    row = tx.execute(
        select(
            boxes.c.box_id, boxes.c.point, boxes.c.public_key,
            boxes.c.counter, boxes.c.revoked_at,
        ).where(boxes.c.box_id == box_id)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    return BoxRow(
        row.box_id, row.point, bytes(row.public_key), row.counter, row.revoked_at
    )


def hear(tx: Connection, box_id: str, counter: int, at: float) -> bool:
    """Note a signed call; False when its counter is not above the last one's."""
    newer = boxes.c.box_id == box_id, boxes.c.counter < counter
    done = tx.execute(update(boxes).where(*newer).values(counter=counter, heard_at=at))
    return bool(done.rowcount)


def note_refused(tx: Connection, box_id: str, at: float) -> None:
    """Note that a revoked box has called."""
    tx.execute(update(boxes).where(boxes.c.box_id == box_id).values(refused_at=at))


def _make_room(tx: Connection, point: int, box_id: str, at: float) -> tuple[str, ...]:
    """Revoke who else speaks for a point; returns their ids."""
    # Two boxes that join one point at once take turns.
    tx.execute(select(table.c.id).where(table.c.id == point).with_for_update())
    others = (
        boxes.c.point == point,
        boxes.c.box_id != box_id,
        boxes.c.revoked_at.is_(None),
    )
    found = tx.execute(select(boxes.c.box_id).where(*others)).scalars().all()
    tx.execute(update(boxes).where(*others).values(revoked_at=at))
    return tuple(found)


def _must(tx: Connection, box_id: str) -> BoxRow:
    found = box(tx, box_id)
    if found is None:
        raise PermanentError("box_unknown", box=box_id)
    return found


def _hash(secret: str) -> bytes:
    return hashlib.sha256(b"edge-server code\0" + secret.encode()).digest()
