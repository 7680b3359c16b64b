"""What the ledger lets go: raw events after 13 months, codes after 60 days."""

from sqlalchemy import Connection, delete, select

from sync.centre.ledger.boxes import CODE_LASTS_S
from sync.centre.ledger.schema import codes, events, marks

EVENTS_LAST_S = 396 * 86_400.0
"""13 months."""


def forget(tx: Connection, at: float, limit: int) -> int:
    """Remove what has been kept long enough, a slice; returns how many events went.

    Events of one life stand in the order of their time, so only its oldest are looked
    at. Sums and marks stay, for ever.

    Args:
        tx: The transaction.
        at: UTC.
        limit: The most events to remove.
    """
    tx.execute(delete(codes).where(codes.c.made_at < at - CODE_LASTS_S))
    before = at - EVENTS_LAST_S
    gone = 0
    for mark in tx.execute(select(marks.c.n)).scalars().all():
        oldest = select(events.c.seq, events.c.at).where(events.c.mark == mark)
        oldest = oldest.order_by(events.c.seq)
        first = tx.execute(oldest.limit(1)).first()
        if first is None or first.at >= before:
            continue
        few = tx.execute(oldest.limit(limit - gone)).all()
        last = max(row.seq for row in few if row.at < before)
        gone += tx.execute(
            delete(events).where(events.c.mark == mark, events.c.seq <= last)
        ).rowcount
        if gone >= limit:
            break
    return gone
