"""A sheet that came with files: a sidecar or a table of contents, read and kept.

The sheet itself stays in ``own/sheets/``, durable before its rows, so that a rebuild knows
what it said. What its author should see (rows that fit no file, words nobody knows) is
listed where refused files are, without keeping anything from being taken.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from edge_server.ground import durable, store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx, transaction
from edge_server.ground.worker import WriteDown
from edge_server.guard import file_types, names
from edge_server.records import catalogue, identity, placing, refusals, textbooks
from sync.arrivals import contents_sheet, descriptions, offers, sidecar
from sync.arrivals.brought import bring_in
from sync.arrivals.offers import Offer
from sync.arrivals.sheets import Problem

SLICE = 500
MOST_PROBLEMS = 50


def read(box: Box, offer: Offer, source: Path) -> WriteDown:
    """Read an offered sheet; its result names the resources that it may describe.

    Raises:
        Refused: It cannot be read, or has no heading that tells what its columns are.
    """
    if not bring_in(box, offer, source):
        return lambda tx: _end(tx, offer, ())
    kind = file_types.of(source, offer.name).format
    folder = str(PurePosixPath(offer.path).parent)
    folder = "" if folder == "." else folder
    if contents_sheet.is_contents_name(offer.name):
        return _contents(box, offer, source, kind, folder)
    return _sidecar(box, offer, source, kind, folder)


def _sidecar(box: Box, offer: Offer, source: Path, kind: str, folder: str) -> WriteDown:
    sheet = sidecar.read(source, kind)
    _keep(box, offer, source)
    # In slices of their own: writing the same rows twice changes nothing.
    for start in range(0, len(sheet.rows), SLICE):
        with transaction(box.db) as tx:
            if start == 0:
                descriptions.forget(tx, folder)
            descriptions.put(tx, folder, sheet.rows[start : start + SLICE])

    def write_down(tx: Tx) -> Iterable[str]:
        _list_problems(box, tx, offer, sheet.problems)
        below = catalogue.shown_below(tx, folder, identity.issuer(tx))
        return _end(tx, offer, [resource.id for resource in below])

    return write_down


def _contents(
    box: Box, offer: Offer, source: Path, kind: str, folder: str
) -> WriteDown:
    around = placing.place_of(f"{folder}/x").place if folder else None
    sheet = contents_sheet.read(source, kind, around)
    _keep(box, offer, source)

    def write_down(tx: Tx) -> Iterable[str]:
        found: set[str] = set()
        for volume in sheet.volumes:
            textbooks.put(tx, box.clock, volume)
            found.update(textbooks.resources_in(tx, volume))
        _list_problems(box, tx, offer, sheet.problems)
        return _end(tx, offer, sorted(found))

    return write_down


def _keep(box: Box, offer: Offer, source: Path) -> None:
    folder = box.folder / "own" / "sheets"
    durable.make_folders(folder)
    name = names.clean(f"{store.hash_file(source)[:16]}-{offer.name}")
    durable.write(folder / name, source.read_bytes())


def _list_problems(box: Box, tx: Tx, offer: Offer, problems: Sequence[Problem]) -> None:
    for problem in problems[:MOST_PROBLEMS]:
        refusals.add(
            tx,
            box.clock,
            name=offer.path,
            file=None,
            channel=offer.channel,
            code=problem.code,
            values=problem.values,
            size_bytes=0,
        )


def _end(tx: Tx, offer: Offer, keys: Iterable[str]) -> Iterable[str]:
    offers.remove(tx, offer.id)
    return keys
