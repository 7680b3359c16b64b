"""What this box wants from the county: objects that published resources need.

A row is written by `announce` in the transaction that writes the resource, and leaves in
the one that records its object. Receivers ask `next_parcels` what to fetch: an object by
itself, or the pack in which several travel. What has come whole is said by `is_whole`,
which asks `work` to look at it; until then no byte of it counts.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge_server.ground import jobs
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx

OBJECT, PACK = "object", "pack"


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


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to fetch: an object, or a pack with what is wanted of it."""

    what: str
    """``object`` or ``pack``."""
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


def next_parcels(db: Db, most: int) -> list[Parcel]:
    """Return what to fetch next: the most urgent first, then small before large."""
    rows = db.all(
        "select w.*, p.size_bytes as pack_bytes from wants w"
        " left join wanted_packs p using (pack_id) where w.state = 'wanted'"
        " order by w.urgency, w.size_bytes, w.object_id limit ?",
        (most * 64,),
    )
    found: dict[str, Parcel] = {}
    for row in rows:
        packed = row["pack_id"] is not None
        parcel = Parcel(
            what=PACK if packed else OBJECT,
            id=row["pack_id"] if packed else row["object_id"],
            size_bytes=row["pack_bytes"] if packed else row["size_bytes"],
            urgency=row["urgency"],
            list_id=row["list_id"],
            list_pack_id=row["list_pack_id"],
            list_offset_bytes=row["list_offset_bytes"],
        )
        found.setdefault(parcel.id, parcel)
        if len(found) == most:
            break
    return list(found.values())


def is_whole(tx: Tx, clock: Clock, parcel: Parcel) -> None:
    """Say that all bytes of a parcel lie durably in ``partial/``: `work` judges them."""
    column = "pack_id" if parcel.what == PACK else "object_id"
    tx.execute(f"update wants set state = 'whole' where {column} = ?", (parcel.id,))
    kind = "unpack" if parcel.what == PACK else "keep"
    jobs.enqueue(tx, kind, parcel.id, now=clock(), urgency=parcel.urgency)


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
    """Return whether an object or a pack is still to come, or to be judged."""
    return (
        db.value("select 1 from wants where object_id = ?", (parcel_id,)) is not None
        or db.value("select 1 from wants where pack_id = ?", (parcel_id,)) is not None
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


def left(db: Db) -> tuple[int, int]:
    """Return how many objects are still to come, and how many bytes."""
    row = db.one(
        "select count(*) n, coalesce(sum(size_bytes), 0) b from wants"
        " where state = 'wanted'"
    )
    return (row["n"], row["b"]) if row else (0, 0)
