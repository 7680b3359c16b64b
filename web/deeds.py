"""Who does something that needs a right: written down in the transaction that does it."""

from edge_server.errors import Value
from edge_server.ground.db import Tx
from edge_server.records import audit
from web import visitor
from web.site import Site


def who() -> str:
    """Return the name of the account that asks; empty: it has just given its PIN."""
    met = visitor.here()
    return met.session.account.name if met.session else ""


def note(site: Site, tx: Tx, what: str, **values: Value) -> None:
    """Write down what the visitor does, see `records.audit`."""
    audit.note(
        tx,
        site.box.clock,
        who=who(),
        client=visitor.here().client,
        what=what,
        values=values,
    )
