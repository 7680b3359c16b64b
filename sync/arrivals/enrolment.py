"""The wish to join a county centre, typed on a page and done by `work`.

The web process may not read or write ``keys/`` and calls nobody. So an address and a
one-time code are kept as a setting together with the job that joins, and the code leaves
the setting as soon as it was used or refused.
"""

from dataclasses import dataclass

from edge_server.ground import jobs
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import settings

SETTING = "enrol_asked"
KIND, KEY = "enrol", "all"


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed."""

    address: str
    code: str
    """Empty: it was refused, and waits for another."""


def ask(tx: Tx, clock: Clock, wish: Asked, *, by: str) -> None:
    """Have `work` join as soon as it can, instead of any wish before."""
    _put(tx, clock, wish, by)
    jobs.enqueue(tx, KIND, KEY, now=clock(), urgency=jobs.URGENT)


def asked(db: Db) -> Asked | None:
    """Return what was typed and has not led to a centre yet."""
    told = settings.get(db, SETTING)
    return None if told is None else Asked(told["address"], told["code"])


def was_refused(tx: Tx, clock: Clock, wish: Asked) -> None:
    """Forget the code of a wish, unless somebody has typed another meanwhile."""
    if asked(tx) == wish:
        _put(tx, clock, Asked(wish.address, ""), "work")


def was_done(tx: Tx, wish: Asked) -> None:
    """Forget a wish that has led to a centre, unless there is another by now."""
    if asked(tx) == wish:
        settings.forget(tx, SETTING)


def _put(tx: Tx, clock: Clock, wish: Asked, by: str) -> None:
    told = {"address": wish.address, "code": wish.code}
    settings.put(tx, clock, SETTING, told, by=by)
