"""Files that somebody hands over on purpose: from the browser, or by ``library add``.

They are copied into ``uploads/``, durable there, before their offer is written; the
sender's own file is left alone.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from edge_server.ground import disk, durable, jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.together import Together
from edge_server.guard import names
from sync.arrivals import offers
from sync.arrivals.offers import Said
from sync.receivers import shapes
from sync.receivers.shapes import Found, PassedOver

PER_TRANSACTION = 200
BYTES_PER_TRANSACTION = 64_000_000
"""Files are synced together (`ground.together`); more than this would only wait longer."""


def place_for(box: Box) -> tuple[str, Path]:
    """Return an offer's id and the folder in ``uploads/`` where its file is to be put."""
    offer_id = offers.new_id()
    folder = box.folder / "uploads" / offer_id
    durable.make_folders(folder)
    return offer_id, folder


def offer(
    box: Box,
    offer_id: str,
    file: Path,
    name: str,
    said: Said,
    *,
    channel: str = "upload",
) -> str:
    """Offer a file that lies durably in its folder of ``uploads/``.

    Args:
        box: The box.
        offer_id: From `place_for`.
        file: Where it lies.
        name: What its sender calls it; cleaned here.
        said: What its sender said of it.
        channel: ``upload``, or who else uses this road.

    Returns:
        The offer's id, for following its progress.
    """
    with transaction(box.db) as tx:
        offers.add(
            tx,
            box.clock,
            channel=channel,
            file=str(file.relative_to(box.folder)),
            path=names.clean(name),
            size_bytes=file.stat().st_size,
            said=said,
            offer_id=offer_id,
            urgency=jobs.URGENT,
        )
    return offer_id


def find(
    path: Path, on_passed: Callable[[PassedOver], None] = lambda passed: None
) -> Iterator[Found]:
    """Yield what ``library add PATH`` would add; tell of what it would pass over."""
    if path.is_dir():
        yield from shapes.walk(path, on_passed=on_passed)
    else:
        stat = path.stat()
        yield Found(path, "file", stat.st_size, stat.st_mtime)


def add_tree(
    box: Box,
    path: Path,
    found: list[Found],
    *,
    on_bytes: Callable[[int], None],
    channel: str = "cli",
) -> list[str]:
    """Copy what was found below a path into ``uploads/`` and offer it.

    Paths count from the parent of ``path``, so that its own name may say a grade.

    Returns:
        The offers' ids.

    Raises:
        DiskFull: Not all of it would fit; nothing was added.
    """
    total = sum(item.size_bytes for item in found)
    ids: list[str] = []
    with disk.reserve(box, f"cli/{offers.new_id()}", total):
        for some in _slices(found):
            # One folder for them all: making one costs ext4 as much as the file.
            bundle = box.folder / "uploads" / offers.new_id()
            with Together() as together:
                together.make_folders(bundle)
                for n, item in enumerate(some):
                    _copy(together, item, bundle / str(n), on_bytes)
                together.finish()
            with transaction(box.db) as tx:
                for n, item in enumerate(some):
                    below = item.path.relative_to(path.parent)
                    added = offers.add(
                        tx,
                        box.clock,
                        channel=channel,
                        file=f"uploads/{bundle.name}/{n}",
                        path="/".join(names.clean(part) for part in below.parts),
                        size_bytes=item.size_bytes,
                        shape=item.shape,
                        urgency=jobs.SOON,
                    )
                    if added is not None:
                        ids.append(added)
    return ids


def _slices(found: list[Found]) -> Iterator[list[Found]]:
    """Yield what is to share a transaction, at most 200 files or about 64 MB."""
    some: list[Found] = []
    size_bytes = 0
    for item in found:
        some.append(item)
        size_bytes += item.size_bytes
        if len(some) >= PER_TRANSACTION or size_bytes >= BYTES_PER_TRANSACTION:
            yield some
            some, size_bytes = [], 0
    if some:
        yield some


def _copy(
    together: Together, item: Found, target: Path, on_bytes: Callable[[int], None]
) -> None:
    if item.shape == "file":
        together.copy(item.path, target, on_bytes)
        return
    for file in sorted(item.path.rglob("*")):
        if file.is_file() and not file.is_symlink():
            inside = target / file.relative_to(item.path)
            together.make_folders(inside.parent)
            together.copy(file, inside, on_bytes)
