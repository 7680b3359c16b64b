"""Takes what a box sends, once: no event lost, none counted twice.

A box numbers its rows within an epoch and chains each to all before it. The ledger keeps
up to which number it has everything, and that number's chain: the *mark*. A batch is
taken in one transaction under the lock of its box: what the mark covers is skipped, the
rest is written with its sums, the mark is raised; only then is "have all up to n" said.
Whatever gets lost, comes twice or out of order, the box goes on from the last answer.

A centre restored to an older copy has a lower mark. The next batch leaves a gap, the
answer names the mark, and the box sends again what it kept. Rows that it keeps no longer
are a *hole*, written down.

Where two boxes were made from one image, their chains part: the answer is ``forked`` with
the last row both have. A chain value vouches for every row before it, so one comparison
says whether all of a batch's older rows are the ones that are here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, insert, select, update

from edge_server.errors import PermanentError
from edge_server.records import outbox
from sync.centre.ledger import bodies, dialects, heartbeats
from sync.centre.ledger.numbers import Numbers
from sync.centre.ledger.schema import (
    boxes,
    events,
    holes,
    marks,
    points,
    receipts,
)
from sync.centre.ledger.sums import Shares
from sync.centre.ledger.times import Boots
from sync.format import batch as wire
from sync.format.calls import BatchAnswer
from sync.format.documents import DocumentDamaged


@dataclass(frozen=True, slots=True)
class _Mark:
    n: int
    seq: int
    chain: bytes


def take(
    tx: Connection, batch: wire.Batch, at: float, resources: Numbers
) -> BatchAnswer:
    """Take a batch; see `Ledger.take_batch`."""
    names = {batch.epoch, *(b.id for b in batch.boots), *(r.boot for r in batch.rows)}
    if not all(map(bodies.is_text, names)):
        raise DocumentDamaged(kind=wire.KIND, box=batch.box_id)
    point = _lock(tx, batch.box_id, at)
    if batch.heartbeat is not None:
        heartbeats.note(tx, point, batch.box_id, batch.heartbeat, at)
    mark = _mark(tx, batch)
    boots = Boots(tx, mark.n, batch, at)
    boots.mend()
    links = _links(batch)
    verdict, upto = _judge(tx, mark, batch, links)
    if verdict == "forked":
        tx.execute(
            update(boxes).where(boxes.c.box_id == batch.box_id).values(forked_at=at)
        )
    if verdict == "have" and upto > mark.seq:
        if batch.first_seq > mark.seq + 1:
            tx.execute(
                insert(holes).values(
                    mark=mark.n, first_seq=mark.seq + 1,
                    last_seq=batch.first_seq - 1, at=at,
                )
            )  # fmt: skip
        new = max(mark.seq + 1 - batch.first_seq, 0)
        _write(tx, mark.n, point, batch.rows[new:], links[new + 1 :], boots, resources)
        tx.execute(
            update(marks).where(marks.c.n == mark.n).values(seq=upto, chain=links[-1])
        )
    return BatchAnswer(verdict, upto, now_at=at)


def _lock(tx: Connection, box_id: str, at: float) -> int:
    """Note that a box has called, which locks its row; returns its point.

    Raises:
        PermanentError: ``box_unknown`` or ``box_revoked``.
    """
    point: int | None = tx.execute(
        update(boxes)
        .where(boxes.c.box_id == box_id, boxes.c.revoked_at.is_(None))
        .values(heard_at=at)
        .returning(boxes.c.point)
    ).scalar()
    if point is None:
        its = select(boxes.c.box_id).where(boxes.c.box_id == box_id)
        known = tx.execute(its).first() is not None
        raise PermanentError("box_revoked" if known else "box_unknown", box=box_id)
    return point


def _mark(tx: Connection, batch: wire.Batch) -> _Mark:
    """Return the mark of a batch's life, a new one at zero; the box is locked."""
    its = marks.c.box_id == batch.box_id, marks.c.epoch == batch.epoch
    row = tx.execute(select(marks.c.n, marks.c.seq, marks.c.chain).where(*its)).first()
    if row:
        return _Mark(row.n, row.seq, bytes(row.chain))
    n = tx.execute(
        insert(marks)
        .values(box_id=batch.box_id, epoch=batch.epoch, seq=0, chain=b"")
        .returning(marks.c.n)
    ).scalar_one()
    return _Mark(n, 0, b"")


def _links(batch: wire.Batch) -> list[bytes]:
    """Return the chain before the first row and after each: one more than rows."""
    links = [batch.chain_before if batch.first_seq > 1 else b""]
    for row in batch.rows:
        links.append(outbox.link(links[-1], row.body))
    return links


def _judge(
    tx: Connection, mark: _Mark, batch: wire.Batch, links: Sequence[bytes]
) -> tuple[Literal["have", "gap", "forked"], int]:
    """Return what to answer; ``have`` may reach beyond the mark, then rows are new."""
    before, last = batch.first_seq - 1, batch.last_seq
    if before > mark.seq:
        if batch.nothing_before and batch.rows:
            return "have", last
        return "gap", mark.seq
    upto = min(mark.seq, last)
    held = {0: b"", mark.seq: mark.chain}
    if upto not in held:
        held |= _held(tx, mark.n, upto, upto)
    if held.get(upto, links[upto - before]) == links[upto - before]:
        return "have", last
    held |= _held(tx, mark.n, before, upto)
    for seq in range(upto, before - 1, -1):
        # What is too old to be here still is taken for the same.
        if held.get(seq, links[seq - before]) == links[seq - before]:
            return "forked", seq
    if batch.nothing_before:
        return "forked", before
    # They part before this batch: the box goes back, each time twice as far.
    return "gap", max(mark.seq - 2 * (mark.seq - before) - len(links), 0)


def _held(tx: Connection, mark: int, first: int, last: int) -> dict[int, bytes]:
    """Return the chain values that are here of rows from first to last."""
    rows = tx.execute(
        select(events.c.seq, events.c.chain).where(
            events.c.mark == mark, events.c.seq.between(first, last)
        )
    )
    return {row.seq: bytes(row.chain) for row in rows}


def _write(
    tx: Connection,
    mark: int,
    point: int,
    rows: Sequence[wire.Row],
    links: Sequence[bytes],
    boots: Boots,
    resources: Numbers,
) -> None:
    """Write new rows and all that follows from them."""
    told = [bodies.read(row.kind, row.body) for row in rows]
    number = resources.of(tx, {t.resource_id for t in told if t.resource_id})
    boots.note(rows)
    written: list[tuple[Any, ...]] = []
    shares = Shares()
    used_at = 0.0
    for row, one, link in zip(rows, told, links, strict=True):
        boot, at, trust = boots.of(row)
        resource = number[one.resource_id] if one.resource_id else 0
        written.append(
            (
                mark, row.seq, point, one.kind, resource, boot, row.since_boot_s, at,
                trust, one.grade, one.class_name, one.screen, one.version, one.page,
                one.position_s, one.seconds, one.words, link, one.body,
            )
        )  # fmt: skip
        if one.counts:
            used_at = max(used_at, at)
            shares.add(point, at, resource, one.grade, one.kind, one.seconds)
        elif row.kind == "receipt":
            _receipt(tx, point, row, at)
    dialects.append(tx, events, written)
    shares.write(tx)
    if used_at:
        newer = (points.c.used_at.is_(None)) | (points.c.used_at < used_at)
        tx.execute(
            update(points).where(points.c.id == point, newer).values(used_at=used_at)
        )


def _receipt(tx: Connection, point: int, row: wire.Row, at: float) -> None:
    """Note that a point holds a version of a collection whole."""
    said = bodies.as_map(row.body)
    collection, version = said.get("collection_id"), bodies.whole(said.get("version"))
    if (
        not isinstance(collection, str)
        or version is None
        or not collection.isprintable()
    ):
        return
    held = {"point": point, "collection_id": collection, "version": version, "at": at}
    dialects.upsert(tx, receipts, [held], replaced=("version", "at"))
