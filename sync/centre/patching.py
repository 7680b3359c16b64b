"""Recipes from the objects that were published to those that take their place.

Made once here, so that two thousand boxes fetch a few kB where a film got another title or
a deck another page. Only for what travels by itself: small objects are in packs anyway.
"""

import hashlib
import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from edge_server.errors import TemporaryError
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx
from edge_server.ground.together import Together
from sync.centre import packing, tree
from sync.format import patch
from sync.format import tree as names
from sync.format.entry import Entry
from sync.format.shard import PatchRef

MOST_BYTES = 1 << 30
"""Longer objects are not compared: a film of an hour has less."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A pair that was looked at."""

    new_object_id: str
    old_object_id: str
    patch_id: str | None
    """SHA-256; None: they have too little in common."""
    size_bytes: int = 0


def note(tx: Tx, collection_id: str, before: Entry, now: Entry) -> None:
    """Write down which objects of an entry took the place of others."""
    for role in {part.role for part in now.parts}:
        old = [part for part in before.parts if part.role == role]
        new = [part for part in now.parts if part.role == role]
        for was, is_now in zip(old, new, strict=False):
            sizes = (was.size_bytes, is_now.size_bytes)
            if (
                was.object_id != is_now.object_id
                and min(sizes) >= packing.SMALL_BYTES
                and max(sizes) <= MOST_BYTES
            ):
                tx.execute(
                    "insert into patches values (?, ?, ?, '', 0) on conflict do nothing",
                    (collection_id, is_now.object_id, was.object_id),
                )


def make(
    box: Box, collection_id: str, objects: Mapping[str, int], together: Together
) -> Iterator[Tried]:
    """Make the patches that a collection lacks, in the tree once ``together`` is done.

    Args:
        box: The centre.
        collection_id: The collection.
        objects: Its objects now: id and bytes.
        together: Makes the files durable.
    """
    for row in box.db.all(
        "select * from patches where collection_id = ? and patch_id = ''",
        (collection_id,),
    ):
        new, old = row["new_object_id"], row["old_object_id"]
        data = _made(box, old, new) if new in objects else None
        if data is None:
            yield Tried(new, old, None)
            continue
        patch_id = hashlib.sha256(data).hexdigest()
        tree.put_bytes(box, names.patch_name(patch_id), data, together)
        yield Tried(new, old, patch_id, len(data))


def record(tx: Tx, collection_id: str, tried: Tried) -> None:
    """Write down a patch that is durable in the tree, or that there is none."""
    key = (collection_id, tried.new_object_id, tried.old_object_id)
    where = "collection_id = ? and new_object_id = ? and old_object_id = ?"
    if tried.patch_id is None:
        tx.execute(f"delete from patches where {where}", key)
    else:
        tx.execute(
            f"update patches set patch_id = ?, size_bytes = ? where {where}",
            (tried.patch_id, tried.size_bytes, *key),
        )


def refs_of(db: Db, collection_id: str, objects: Mapping[str, int]) -> list[PatchRef]:
    """Return the patches that make objects of a collection, in the order of their ids."""
    return [
        PatchRef(
            new_object_id=row["new_object_id"],
            old_object_id=row["old_object_id"],
            patch_id=row["patch_id"],
            size_bytes=row["size_bytes"],
        )
        for row in db.all(
            "select * from patches where collection_id = ? and patch_id <> ''"
            " order by new_object_id, old_object_id",
            (collection_id,),
        )
        if row["new_object_id"] in objects
    ]


def _made(box: Box, old_id: str, new_id: str) -> bytes | None:
    """Return a patch, None when it would be no shorter than half, or one is not here."""
    try:
        paths = [store.path_of(box, one) for one in (old_id, new_id)]
    except TemporaryError:
        return None
    with (
        paths[0].open("rb") as old_file,
        paths[1].open("rb") as new_file,
        mmap.mmap(old_file.fileno(), 0, access=mmap.ACCESS_READ) as old,
        mmap.mmap(new_file.fileno(), 0, access=mmap.ACCESS_READ) as new,
    ):
        return patch.make(old, new)
