"""Small numbers for the resources that events tell of, with the axes they are counted by."""

from collections.abc import Callable, Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from edge_server.records.curriculum import Place
from sync.centre.ledger.dialects import upsert
from sync.centre.ledger.schema import resources

Places = Callable[[Collection[str]], Mapping[str, Place]]
"""Where resources belong, as far as it is known: asked for ids that are new here."""


_MOST_REMEMBERED = 50_000
"""About 10 MB."""


class Numbers:
    """Numbers by resource id; those that are committed are remembered.

    A row is never removed, so what was once read stays true. What this transaction writes
    is not remembered before another has read it: it may be rolled back.

    Args:
        places: Where published resources belong.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._remembered: dict[str, int] = {}

    def of(self, tx: Connection, ids: AbstractSet[str]) -> Mapping[str, int]:
        """Return `resources.n` by id; new ones are written down with their axes."""
        known = {id: self._remembered[id] for id in ids if id in self._remembered}
        if asked := ids - known.keys():
            read = dict(_known(tx, asked))
            if len(self._remembered) > _MOST_REMEMBERED:
                self._remembered = {}
            self._remembered |= read
            known |= read
        if new := sorted(ids - known.keys()):
            found = self._places(new)
            rows = [{"id": id, **_axes(found.get(id))} for id in new]
            upsert(tx, resources, rows)
            known |= dict(_known(tx, new))
        return known


def describe(tx: Connection, places: Mapping[str, Place]) -> None:
    """Say anew where resources belong; ids that no event told of are passed over."""
    rows = [{"of": id, **_axes(place)} for id, place in sorted(places.items())]
    if rows:
        tx.execute(update(resources).where(resources.c.id == bindparam("of")), rows)


def _known(tx: Connection, ids: Collection[str]) -> Iterator[tuple[str, int]]:
    for row in tx.execute(
        select(resources.c.id, resources.c.n).where(resources.c.id.in_(sorted(ids)))
    ):
        yield row.id, row.n


def _axes(place: Place | None) -> Mapping[str, Any]:
    known = place or Place()
    return {axis: getattr(known, axis) or "" for axis in ("stage", "grade", "subject")}
