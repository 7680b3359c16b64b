"""Which box this is: its id, made once by `init`, and who issues what it makes.

What a school makes begins with the box's id. A county centre's keys may change, its name
for ever is the SHA-256 of its first root of trust: `init` sets it beside the id.
"""

import uuid

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import outbox, settings

BOX_ID = "box_id"
ISSUER = "issuer"


def make(tx: Tx, clock: Clock) -> str:
    """Give the box its id and its first epoch; a second call returns what it has."""
    known: str | None = settings.get(tx, BOX_ID)
    if known is not None:
        return known
    made = uuid.uuid4().hex
    settings.put(tx, clock, BOX_ID, made, by="init")
    outbox.begin_epoch(tx, clock)
    return made


def become_issuer(tx: Tx, clock: Clock, issuer: str) -> None:
    """Note what the resources of a county centre begin with; it is never changed.

    Args:
        tx: The transaction.
        clock: The box's clock.
        issuer: SHA-256 of the centre's first root of trust, 64 hex digits.
    """
    if settings.get(tx, ISSUER) is None:
        settings.put(tx, clock, ISSUER, issuer, by="init")


def box_id(db: Db) -> str:
    """Return this box's id, 32 hex digits."""
    return str(settings.get(db, BOX_ID))


def issuer(db: Db) -> str:
    """Return what the id of each resource made here begins with.

    It is the county's issuer at a county centre (64 hex digits), else the box's id.
    """
    return str(settings.get(db, ISSUER) or box_id(db))
