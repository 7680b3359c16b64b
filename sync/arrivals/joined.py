"""A folder that is one film becomes one file, which is then taken like any other.

What makes the file is `edge_server.media`'s, handed in by the pipeline: this room knows
only that pieces go in and files come out, and that files of the folder which are no
pieces must not be lost.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from edge_server.ground import durable
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.guard import names
from sync.arrivals import offers
from sync.arrivals.brought import bring_in
from sync.arrivals.offers import Offer

Joiner = Callable[[Box, Job, Path, Path], Sequence[Path]]
"""``(box, job, folder, out)``: makes files in ``out`` of the pieces in ``folder``, which is
only read; their names tell the title, their suffix the container."""

PIECES = (".ts", ".m4s", ".key", ".m2ts", ".m3u8", ".vob", ".ifo", ".bup", ".dat")


def join(
    box: Box, job: Job, offer: Offer, folder: Path, out: Path, joiner: Joiner
) -> WriteDown:
    """Join an offered folder; the result and what was no piece are offered in turn."""
    if not bring_in(box, offer, folder):
        return lambda tx: _end(tx, offer, ())
    durable.remove_tree(out)
    out.mkdir()
    made = [(path, _path_of(offer, path)) for path in joiner(box, job, folder, out)]
    above = PurePosixPath(offer.path)
    beside = [
        (path, str(above / path.relative_to(folder).as_posix()))
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not path.is_symlink()
        and path.suffix.lower() not in PIECES
        and not names.is_litter(path.name)
    ]
    bundle = box.folder / "uploads" / f"{offer.id}-joined"
    durable.make_folders(bundle)
    ready: list[tuple[str, str, int]] = []
    for n, (path, name) in enumerate([*made, *beside]):
        target = bundle / str(n)
        # Linked, not moved: a second try must find the same files in the same order.
        target.unlink(missing_ok=True)
        durable.sync_file(path)
        os.link(path, target)
        ready.append((str(target.relative_to(box.folder)), name, target.stat().st_size))
    durable.sync_folder(bundle)

    def write_down(tx: Tx) -> Iterable[str]:
        for file, path, size_bytes in ready:
            offers.add(
                tx,
                box.clock,
                channel=offer.channel,
                file=file,
                path=path,
                size_bytes=size_bytes,
                said=offer.said,
                urgency=job.urgency,
            )
        return _end(tx, offer, ())

    return write_down


def _path_of(offer: Offer, made: Path) -> str:
    """Return the path of a joined film: in the folder's own place, under its name."""
    folder = PurePosixPath(offer.path)
    if offer.shape == "disc":  # VIDEO_TS says nothing; the folder above it does
        folder = folder.parent if str(folder.parent) != "." else folder
        return str(folder.parent / f"{folder.name} {made.name}")
    return str(folder.parent / f"{folder.name}{made.suffix}")


def _end(tx: Tx, offer: Offer, keys: Iterable[str]) -> Iterable[str]:
    offers.remove(tx, offer.id)
    return keys
