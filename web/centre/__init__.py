"""The desk of a county centre: its points, their use, publishing. Imported only there.

What a box never needs stays out of its memory: the ledger's library alone takes 20 MB.
"""

from flask import Blueprint

from sync.centre import books
from web.centre import bringing, cards, overview, point, publishing, use
from web.centre.desk import Desk
from web.site import Site


def blueprints(site: Site) -> tuple[Blueprint, ...]:
    """Make the groups of pages that only a centre has; the first is its home."""
    desk = Desk(site, books.open_ledger(site.box))
    rooms = (overview, point, cards, bringing, use, publishing)
    return tuple(room.blueprint(desk) for room in rooms)
