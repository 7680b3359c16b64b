"""What a receiver brought: into the job's hands, or aside in ``refused/`` with its reason.

A file is renamed from where it was offered to the job's place, and from there, when it is
not taken, to ``refused/``. Each rename is whole or not there, so a cut anywhere leaves it
in one of the three, where the next try looks.
"""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from edge_server.errors import PermanentError, Refused
from edge_server.ground import durable
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.worker import WriteDown
from edge_server.guard import names
from edge_server.records import refusals
from sync.arrivals import offers
from sync.arrivals.offers import Offer


def bring_in(box: Box, offer: Offer, inside: Path) -> bool:
    """Move an offered file or folder to where the job works on it.

    It lies in one of three places: where it was offered, ``inside``, or in ``refused/``
    when a try was cut between setting it aside and saying why. Returns False when it is
    nowhere: whoever dropped it has taken it back.

    Raises:
        Refused: It is a link, or no plain file or folder.
    """
    if not inside.exists():
        outside = box.folder / offer.file
        if not outside.exists():
            outside = _aside(box, offer)
        if not outside.exists():
            return False
        if outside.is_symlink():
            raise Refused("is_link", name=offer.name)
        inside.parent.mkdir(parents=True, exist_ok=True)
        # Not synced: a rename is whole or not there, and all three places are looked at.
        outside.rename(inside)
        if offer.file.startswith("uploads/"):
            with suppress(OSError):  # others of the same bundle are still there
                (box.folder / offer.file).parent.rmdir()
    return True


def refuse(box: Box, offer: Offer, inside: Path, error: PermanentError) -> WriteDown:
    """Set an offer aside in ``refused/`` with its reason."""
    target = _aside(box, offer)
    for place in (inside, box.folder / offer.file):
        if place.exists() and not target.exists():
            place.rename(target)
            durable.sync_folder(target.parent)

    def write_down(tx: Tx) -> Iterable[str]:
        refusals.add(
            tx,
            box.clock,
            name=offer.path,
            file=target.name if target.exists() else None,
            channel=offer.channel,
            code=error.reason,
            values=error.values,
            size_bytes=offer.size_bytes,
        )
        offers.remove(tx, offer.id)
        return ()

    return write_down


def gone(offer: Offer) -> WriteDown:
    """End an offer whose file is nowhere: whoever dropped it has taken it back."""

    def write_down(tx: Tx) -> Iterable[str]:
        offers.remove(tx, offer.id)
        return ()

    return write_down


def _aside(box: Box, offer: Offer) -> Path:
    # Cleaned with what stands before it: the longest name has no room for more.
    return box.folder / "refused" / names.clean(f"{offer.id[:8]}-{offer.name}")
