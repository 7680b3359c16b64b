"""Opening a data folder for one command, and doing its work where nobody else does."""

import argparse
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from edge_server.cli.all_tables import SETS
from edge_server.errors import Busy, PermanentError
from edge_server.ground import config, prepare
from edge_server.ground.box import DATABASE, Box, open_box
from edge_server.ground.config import Config
from edge_server.ground.db import transaction
from edge_server.ground.jobs import counts
from edge_server.guard import leftovers
from edge_server.records import identity


def make_ready(folder: Path) -> Box:
    """Prepare a data folder, and give the box its id at the first time."""
    box = prepare.prepare(folder, SETS)
    with transaction(box.db) as tx:
        identity.make(tx, box.clock)
    return box


def existing(said: argparse.Namespace) -> Path:
    """Return the data folder that ``--data`` names, from here on as its owner.

    Raises:
        PermanentError: ``not_a_box``: the folder was never initialised.
    """
    folder: Path = said.data
    if not (folder / DATABASE).is_file():
        raise PermanentError("not_a_box", folder=str(folder))
    become_owner(folder)
    return folder


@contextmanager
def shared(folder: Path) -> Iterator[None]:
    """Prepare a data folder unless somebody runs there; share it while the block runs.

    Raises:
        Busy: `prepare` is at work on it.
    """
    with suppress(Busy):  # another process of this box runs, so it is prepared
        make_ready(folder).db.close()
    with prepare.sharing(folder):
        yield


@contextmanager
def opened(
    said: argparse.Namespace, change: Callable[[Config], Config] = lambda read: read
) -> Iterator[Box]:
    """Open the box that ``--data`` names, prepared if need be, while the block runs.

    Args:
        said: The command line.
        change: What the command line says otherwise than the settings.

    Raises:
        PermanentError: ``not_a_box``: the folder was never initialised.
        Busy: `prepare` is at work on it.
    """
    folder = existing(said)
    with shared(folder):
        box = open_box(folder, change(config.load(folder)))
        try:
            yield box
        finally:
            box.db.close()


@contextmanager
def as_worker(box: Box) -> Iterator[bool]:
    """Be the one worker while the block runs; gives False when somebody else is.

    What converts for a worker that was killed is ended first.
    """
    try:
        with prepare.lock(box.folder, "work"):
            leftovers.end_left_behind()
            yield True
    except Busy:
        yield False


def become_owner(folder: Path) -> None:
    """Started by root, work as the owner of the data folder, so its files stay his."""
    owner = folder.stat()
    if os.geteuid() == 0 and owner.st_uid != 0:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)


def idle(box: Box) -> bool:
    """Return whether no job is queued or running."""
    found = counts(box.db)
    return not (found.get("queued") or found.get("running"))
