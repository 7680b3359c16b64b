"""What this box wants from the county: objects that published resources need.

A row is written by `announce` in the transaction that writes the resource, and leaves in
the one that records its object. Receivers ask `next_parcels` what to fetch: an object by
itself, or the pack in which several travel. What has come whole is said by `is_whole`,
which asks `work` to look at it; until then no byte of it counts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from sqlite3 import Row

from edge_server.ground import jobs
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx

OBJECT, PACK, PATCH = "object", "pack", "patch"


@dataclass(frozen=True, slots=True)
class Wanted:
    """An object that is to come, and how it travels."""

    object_id: str
    size_bytes: int
    urgency: int
    pack_id: str | None = None
    offset_bytes: int | None = None
    """In the pack."""
    list_id: str | None = None
    """Its chunk list, an object itself; of large objects only."""
    list_pack_id: str | None = None
    list_offset_bytes: int | None = None
    patch: "Patch | None" = None
    """What makes it from an object that is here."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A recipe from an old object to the one that is wanted."""

    id: str
    """SHA-256 of the patch."""
    old_object_id: str
    size_bytes: int
    """Of the patch."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to fetch: an object, a patch for it, or a pack with what is wanted of it."""

    what: str
    """``object``, ``patch`` or ``pack``."""
    id: str
    """SHA-256 of all its bytes."""
    size_bytes: int
    urgency: int
    list_id: str | None = None
    list_pack_id: str | None = None
    list_offset_bytes: int | None = None


def add(tx: Tx, wanted: Wanted, pack_bytes: Mapping[str, int]) -> None:
    """Want an object; one that is wanted already becomes as urgent as the more urgent.

    Args:
        tx: The transaction.
        wanted: The object.
        pack_bytes: The size of the pack it travels in, by the pack's id.
    """
    tx.execute(
        "insert into wants (object_id, size_bytes, urgency, pack_id, offset_bytes,"
        " list_id, list_pack_id, list_offset_bytes) values (?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (object_id) do update set urgency = min(urgency, excluded.urgency)",
        (
            wanted.object_id, wanted.size_bytes, wanted.urgency, wanted.pack_id,
            wanted.offset_bytes, wanted.list_id, wanted.list_pack_id,
            wanted.list_offset_bytes,
        ),
    )  # fmt: skip
    if wanted.pack_id is not None:
        tx.execute(
            "insert into wanted_packs values (?, ?) on conflict do nothing",
            (wanted.pack_id, pack_bytes[wanted.pack_id]),
        )
    if wanted.patch is not None:
        tx.execute(
            "insert into wanted_patches values (?, ?, ?, ?) on conflict do nothing",
            (
                wanted.object_id, wanted.patch.old_object_id, wanted.patch.id,
                wanted.patch.size_bytes,
            ),
        )  # fmt: skip


def next_parcels(db: Db, most: int) -> list[Parcel]:
    """Return what to fetch next: the most urgent first, then small before large."""
    rows = db.all(
        "select w.*, p.size_bytes as pack_bytes, t.patch_id, t.size_bytes as patch_bytes"
        " from wants w left join wanted_packs p using (pack_id)"
        " left join wanted_patches t using (object_id) where w.state = 'wanted'"
        " order by w.urgency, w.size_bytes, w.object_id limit ?",
        (most * 64,),
    )
    found: dict[str, Parcel] = {}
    for row in rows:
        parcel = _parcel(row)
        found.setdefault(parcel.id, parcel)
        if len(found) == most:
            break
    return list(found.values())


def _parcel(row: Row) -> Parcel:
    if row["patch_id"] is not None:
        return Parcel(PATCH, row["patch_id"], row["patch_bytes"], row["urgency"])
    if row["pack_id"] is not None:
        return Parcel(PACK, row["pack_id"], row["pack_bytes"], row["urgency"])
    return Parcel(
        what=OBJECT,
        id=row["object_id"],
        size_bytes=row["size_bytes"],
        urgency=row["urgency"],
        list_id=row["list_id"],
        list_pack_id=row["list_pack_id"],
        list_offset_bytes=row["list_offset_bytes"],
    )


_JUDGES = {OBJECT: "keep", PACK: "unpack", PATCH: "patch"}
"""Which kind of job looks at what came whole."""
_OF_PARCEL = {
    OBJECT: "object_id = ?",
    PACK: "pack_id = ?",
    PATCH: "object_id in (select object_id from wanted_patches where patch_id = ?)",
}


def is_whole(tx: Tx, clock: Clock, parcel: Parcel) -> None:
    """Say that all bytes of a parcel lie durably in ``partial/``: `work` judges them."""
    tx.execute(
        f"update wants set state = 'whole' where {_OF_PARCEL[parcel.what]}",
        (parcel.id,),
    )
    kind = _JUDGES[parcel.what]
    jobs.enqueue(tx, kind, parcel.id, now=clock(), urgency=parcel.urgency)


def patched(db: Db, patch_id: str) -> list[tuple[Wanted, Patch]]:
    """Return the objects that a patch is for; usually one."""
    return [
        (
            Wanted(row["object_id"], row["size_bytes"], row["urgency"]),
            Patch(patch_id, row["old_object_id"], row["patch_bytes"]),
        )
        for row in db.all(
            "select w.object_id, w.size_bytes, w.urgency, t.old_object_id,"
            " t.size_bytes as patch_bytes from wanted_patches t"
            " join wants w using (object_id) where t.patch_id = ?",
            (patch_id,),
        )
    ]


def without_patch(tx: Tx, patch_id: str) -> None:
    """Want whole what a patch did not make."""
    tx.execute(
        f"update wants set state = 'wanted' where {_OF_PARCEL[PATCH]}", (patch_id,)
    )
    tx.execute("delete from wanted_patches where patch_id = ?", (patch_id,))


def was_wrong(tx: Tx, parcel_id: str) -> None:
    """Want again what came and was something else."""
    tx.execute(
        "update wants set state = 'wanted', tries = tries + 1"
        " where object_id = :id or pack_id = :id",
        {"id": parcel_id},
    )


def in_pack(db: Db, pack_id: str) -> list[Wanted]:
    """Return what is wanted of a pack, in the order in which it lies there."""
    return [
        Wanted(
            row["object_id"], row["size_bytes"], row["urgency"], pack_id,
            row["offset_bytes"],
        )
        for row in db.all(
            "select * from wants where pack_id = ? order by offset_bytes", (pack_id,)
        )
    ]  # fmt: skip


def is_wanted(db: Db, parcel_id: str) -> bool:
    """Return whether an object, a pack or a patch is still to come, or to be judged."""
    return (
        db.value("select 1 from wants where object_id = ?", (parcel_id,)) is not None
        or db.value("select 1 from wants where pack_id = ?", (parcel_id,)) is not None
        or db.value("select 1 from wanted_patches where patch_id = ?", (parcel_id,))
        is not None
    )


def has_come(tx: Tx, object_ids: Iterable[str]) -> None:
    """Want objects no longer: they are in the store."""
    ids = json.dumps(list(object_ids))
    tx.execute(
        "delete from wants where object_id in (select value from json_each(?))", (ids,)
    )
    tx.execute(
        "delete from wanted_packs where pack_id not in"
        " (select pack_id from wants where pack_id is not null)"
    )
    tx.execute(
        "delete from wanted_patches where object_id in (select value from json_each(?))",
        (ids,),
    )


def forget_unneeded(tx: Tx) -> None:
    """Want no longer what only versions need that were replaced or withdrawn meanwhile."""
    tx.execute(
        "delete from announced_renditions where not exists (select 1 from parts p"
        " join versions v using (resource_id, version) where v.state in"
        " ('waiting', 'shown') and p.object_id = announced_renditions.source_object_id)"
    )
    tx.execute(
        "delete from wants where state = 'wanted' and not exists (select 1 from parts p"
        " join versions v using (resource_id, version) where v.state in"
        " ('waiting', 'shown') and p.object_id = wants.object_id) and not exists"
        " (select 1 from announced_renditions a where a.object_id = wants.object_id)"
    )
    tx.execute(
        "delete from wanted_patches where object_id not in (select object_id from wants)"
    )


def left(db: Db) -> tuple[int, int]:
    """Return how many objects are still to come, and how many bytes."""
    row = db.one(
        "select count(*) n, coalesce(sum(size_bytes), 0) b from wants"
        " where state = 'wanted'"
    )
    return (row["n"], row["b"]) if row else (0, 0)
