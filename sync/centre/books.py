"""Where a centre keeps its ledger, and what the ledger asks the catalogue."""

from collections.abc import Collection, Mapping

from edge_server.ground.box import Box
from edge_server.records import catalogue
from edge_server.records.curriculum import Place
from sync.centre import ledger
from sync.centre.ledger import Ledger


def open_ledger(box: Box) -> Ledger:
    """Open the ledger of a centre; `Ledger.prepare` has made its tables.

    Raises:
        TemporaryError: ``ledger_unreachable``.
    """

    def places(ids: Collection[str]) -> Mapping[str, Place]:
        found = catalogue.many(box.db, list(ids))
        return {one.id: one.place for one in found.values()}

    url = box.config.ledger or ledger.url_of(box.folder / "ledger.db")
    return ledger.open(url, places=places)
