"""What every group of pages is made from: the box, its words, and what the site knows.

Blueprints are made by functions that are handed a `Site`, so nothing below a route looks
into Flask's globals.
"""

import hashlib
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from edge_server.ground.box import Box
from edge_server.ground.config import COUNTY_CENTRE
from edge_server.ground.db import transaction
from edge_server.language import Words
from edge_server.records import identity, settings
from indexer import fulltext
from indexer.fulltext import Words as Index

STATIC = Path(__file__).parent / "static"
FORM_SECRET = "form_secret"


@dataclass(frozen=True, slots=True)
class Site:
    """One box as its pages see it."""

    box: Box
    words: Index
    """The search index."""
    secret: bytes
    """Makes the tokens of forms; the same after a restart, so that a form that was open
    while the power was cut can still be sent."""
    look: str
    """Names the state of all static files; in their addresses, so they are kept for ever."""
    names: frozenset[str]
    """Host names, beside plain addresses, under which this box may be called."""
    development: bool = False
    """Shows `/_parts`."""

    @property
    def school(self) -> str:
        """What this place is called."""
        return self.box.config.name

    @property
    def is_centre(self) -> bool:
        """Whether it is a county centre, whose pages are its desk."""
        return self.box.config.role == COUNTY_CENTRE

    @property
    def now(self) -> float:
        """The present, UTC seconds, as well as the box knows it."""
        return self.box.clock.moment().at


def open_site(box: Box, *, development: bool = False) -> Site:
    """Look at a prepared box; writes once in its life, the secret of its forms."""
    Words("en")  # not compiled: say so at the start, not to the first who asks
    secret = settings.get(box.db, FORM_SECRET)
    if secret is None:
        with transaction(box.db) as tx:
            secret = settings.get(tx, FORM_SECRET) or secrets.token_hex(32)
            settings.put(tx, box.clock, FORM_SECRET, secret, by="serve")
    return Site(
        box=box,
        words=fulltext.open_words(box.folder),
        secret=bytes.fromhex(secret),
        look=look_of(STATIC),
        names=_names(box),
        development=development,
    )


def _names(box: Box) -> frozenset[str]:
    names = {"localhost", f"jxd-{identity.box_id(box.db)[:4]}.local"}
    if box.config.role == COUNTY_CENTRE:  # what its certificate says, too
        names |= {socket.gethostname().lower(), *box.config.names.lower().split()}
    return frozenset(names)


def look_of(folder: Path) -> str:
    """Return a short name for the content of all files below a folder."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
