"""Small objects of a collection travel in packs of about 8 MiB: one request for many.

A pack belongs to one collection and is never written again; what is new is packed by
itself. The pages of a web lesson, subtitles, pictures and the chunk lists of large files
are what goes in.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge_server.ground import pack, store
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx
from sync.format import tree as names

SMALL_BYTES = 256 << 10
"""Objects below this size travel in packs."""
PACK_BYTES = 8 << 20
"""A pack is closed when the next object would make it larger."""


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack that lies in the tree."""

    pack_id: str
    """SHA-256 of the file, 64 lower-case hex digits."""
    size_bytes: int
    members: tuple[tuple[str, int, int], ...]
    """(object id, offset, size) in bytes, in the order of the file."""


def not_packed(db: Db, collection_id: str, small: Mapping[str, int]) -> dict[str, int]:
    """Return those of some small objects (id → bytes) that no pack of the collection has."""
    known = {
        row["object_id"]
        for row in db.all(
            "select object_id from packed where collection_id = ?", (collection_id,)
        )
    }
    return {one: size for one, size in small.items() if one not in known}


def make_packs(
    box: Box, small: Mapping[str, int], lists: Mapping[str, bytes], scratch: Path
) -> Iterator[tuple[Path, Packed]]:
    """Pack small objects, in the order of their ids; the caller makes the files durable.

    Args:
        box: The centre.
        small: What is to be packed: id and bytes.
        lists: The bytes of those objects that are chunk lists; the store has no file of them.
        scratch: Where packs are written.
    """
    for n, ids in enumerate(_portions(small)):
        members = []
        for object_id in ids:
            path = store.place_of(box, object_id)
            if object_id in lists:
                path = scratch / object_id
                path.write_bytes(lists[object_id])
            members.append((object_id, path))
        target = scratch / f"pack-{n}"
        target.unlink(missing_ok=True)
        pack.write(target, members)
        yield (
            target,
            Packed(
                store.hash_file(target),
                target.stat().st_size,
                tuple(
                    (member.name, member.offset_bytes, member.size_bytes)
                    for member in pack.read_index(target)
                ),
            ),
        )


def record(tx: Tx, collection_id: str, made: Packed) -> None:
    """Write down a pack that is durable in the tree."""
    tx.execute(
        "insert into packs values (?, ?, ?) on conflict do nothing",
        (made.pack_id, collection_id, made.size_bytes),
    )
    tx.executemany(
        "insert into packed values (?, ?, ?, ?, ?) on conflict do nothing",
        [
            (collection_id, object_id, made.pack_id, offset_bytes, size_bytes)
            for object_id, offset_bytes, size_bytes in made.members
        ],
    )


def packs_of(db: Db, collection_id: str) -> list[Packed]:
    """Return the packs of a collection with all they hold, in the order of their ids."""
    members: dict[str, list[tuple[str, int, int]]] = {}
    for row in db.all(
        "select * from packed where collection_id = ? order by pack_id, offset_bytes",
        (collection_id,),
    ):
        members.setdefault(row["pack_id"], []).append(
            (row["object_id"], row["offset_bytes"], row["size_bytes"])
        )
    return [
        Packed(
            row["pack_id"], row["size_bytes"], tuple(members.get(row["pack_id"], ()))
        )
        for row in db.all(
            "select * from packs where collection_id = ? order by pack_id",
            (collection_id,),
        )
    ]


def name_of(made: Packed) -> str:
    """Return where a pack lies in the tree."""
    return names.pack_name(made.pack_id)


def _portions(small: Mapping[str, int]) -> Iterator[list[str]]:
    portion: list[str] = []
    filled_bytes = 0
    for object_id in sorted(small):
        if portion and filled_bytes + small[object_id] > PACK_BYTES:
            yield portion
            portion, filled_bytes = [], 0
        portion.append(object_id)
        filled_bytes += small[object_id]
    if portion:
        yield portion
