"""A county centre as commands make, prepare and serve it; imported only there.

What a box never needs stays out of its memory: the ledger's library alone takes 20 MB.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.types import WSGIApplication

from edge_server.ground import lan
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import identity
from sync.centre import books, certificates, keys
from web.machine.calls import MachineCalls
from web.machine.tls import TlsServer
from web.safety import name_of


def make(box: Box, passphrase: str | None) -> tuple[Path, ...]:
    """Make the centre's keys and book at the first time; returns where root keys lie.

    Args:
        box: The centre.
        passphrase: Locks the release key; None leaves it open.
    """
    made = keys.make(box.folder, passphrase, _names(box), now_at=box.clock.moment().at)
    with transaction(box.db) as tx:
        identity.become_issuer(tx, box.clock, made.issuer)
    prepare(box)
    return made.root_keys


def prepare(box: Box) -> None:
    """Make the tables of the centre's book, or bring them up to date."""
    book = books.open_ledger(box)
    try:
        book.prepare()
    finally:
        book.close()


@contextmanager
def heard(box: Box, desk: WSGIApplication) -> Iterator[int]:
    """Hear boxes, and show the desk, over TLS while the block runs; gives the port."""
    book = books.open_ledger(box)
    certificate = certificates.server_certificate(
        box.folder, _names(box), now_at=box.clock.moment().at
    )
    app = MachineCalls(desk, box, book, lambda host: _tree(box, host))
    server = TlsServer(app, box.config.host, box.config.machine_port, certificate)
    server.start()
    try:
        yield server.port
    finally:
        server.stop()
        book.close()


def _tree(box: Box, host: str) -> str:
    """Return where the published tree is, for who called this machine by a host name."""
    if box.config.published_at:
        return box.config.published_at
    port = "" if box.config.port == 80 else f":{box.config.port}"
    return f"http://{name_of(host)}{port}/published"


def _names(box: Box) -> list[str]:
    """Return every name that boxes may call this machine by."""
    own = ("localhost", "127.0.0.1", socket.gethostname(), *lan.addresses())
    return sorted({*own, *box.config.names.split()})
