"""Which box this is: its id, made once by `init`, is the issuer of what the school makes."""

import uuid

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import outbox, settings

BOX_ID = "box_id"


def make(tx: Tx, clock: Clock) -> str:
    """Give the box its id and its first epoch; a second call returns what it has."""
    known: str | None = settings.get(tx, BOX_ID)
    if known is not None:
        return known
    made = uuid.uuid4().hex
    settings.put(tx, clock, BOX_ID, made, by="init")
    outbox.begin_epoch(tx, clock)
    return made


def box_id(db: Db) -> str:
    """Return this box's id, 32 hex digits."""
    return str(settings.get(db, BOX_ID))
