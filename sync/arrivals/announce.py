"""A verified shard becomes rows: entries are merged by version, their objects wanted.

The shard's bytes lie in ``head/``, its hash is in the signed root index; what its entries
say is the county's word. Still nothing in it may reach beyond the county's own resources:
an entry's id stands below the issuer's name, and a row of the school is never touched.
Merging goes by version alone, so whatever order shards come in, over whatever road, the
end is the same.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from edge_server.errors import PermanentError
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.records import catalogue, renditions, textbooks, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.contents import ContentsVolume
from edge_server.records.curriculum import Place
from edge_server.records.renditions import Rendition
from sync.arrivals import head, wants
from sync.arrivals.subscription import Subscription
from sync.arrivals.wants import Patch, Wanted
from sync.format import shard as shards
from sync.format.entry import Entry, EntryPart, EntryRendition
from sync.format.shard import Shard

SLICE = 200
"""Entries merged in one transaction."""


@dataclass(frozen=True, slots=True)
class _Travel:
    """Where each small object of a shard lies in a pack."""

    places: Mapping[str, tuple[str, int]]
    """Object id → (pack id, offset in bytes)."""
    pack_bytes: Mapping[str, int]
    patches: Mapping[str, tuple[Patch, ...]]
    """Object id → what makes it from older ones."""


def announce(box: Box, job: Job) -> WriteDown:
    """Merge the shard that a collection now has, in slices; the key is the collection's id."""
    row = box.db.one("select * from shards where collection_id = ?", (job.key,))
    if row is None or row["merged"] == row["shard_id"]:
        return lambda tx: ()
    data = head.read_shard(box, row["shard_id"])
    if data is None:
        return lambda tx: _forget(tx, job.key)
    shard = shards.decode(data)
    issuer = head.issuer(box.db)
    travel = _travel(shard)
    taken = Subscription.of(box.db)
    for start in range(0, len(shard.entries), SLICE):
        with transaction(box.db) as tx:
            for entry in shard.entries[start : start + SLICE]:
                if taken.wants(shard.collection, entry):
                    _merge(tx, box, issuer, entry, travel)
                else:
                    versions.forget_waiting(tx, f"{issuer}/{entry.id}")
    volume = _contents(shard.contents)

    def write_down(tx: Tx) -> Iterable[str]:
        if volume is not None and textbooks.exactly(tx, volume.place) != volume:
            textbooks.put(tx, box.clock, volume)
        wants.forget_unneeded(tx)
        tx.execute(
            "update shards set merged = ? where collection_id = ?",
            (row["shard_id"], job.key),
        )
        return ()

    return write_down


def _forget(tx: Tx, collection_id: str) -> Iterable[str]:
    """Know nothing of a collection whose shard is gone, so that it is fetched again."""
    tx.execute("delete from shards where collection_id = ?", (collection_id,))
    return ()


def _merge(tx: Tx, box: Box, issuer: str, entry: Entry, travel: _Travel) -> None:
    resource_id = f"{issuer}/{entry.id}"
    highest = tx.value("select highest from resources where id = ?", (resource_id,))
    if highest is not None and highest >= entry.version:
        return
    resource = _resource(box, resource_id, entry)
    if entry.state == "withdrawn":
        if highest is not None:  # what was never known need not be withdrawn
            versions.add_withdrawn(tx, box.clock, resource)
            jobs.enqueue(tx, "index", resource_id, now=box.clock())
        return
    versions.add_version(tx, box.clock, resource)
    for one in entry.renditions:
        renditions.announce(tx, _rendition(one))
    for part in entry.objects:
        if _is_here(tx, part.object_id):
            renditions.arrived(tx, box.clock, part.object_id)
        else:
            wants.add(tx, _wanted(tx, part, travel), travel.pack_bytes)
    # `keep` shows what is waited for; nobody shows what is all here already.
    if all(_is_here(tx, part.object_id) for part in entry.parts):
        jobs.enqueue(tx, "catalogue", resource_id, now=box.clock())


def _is_here(db: Db, object_id: str) -> bool:
    return db.value("select 1 from objects where id = ?", (object_id,)) is not None


def _wanted(db: Db, one: EntryPart | EntryRendition, travel: _Travel) -> Wanted:
    patches = travel.patches.get(one.object_id, ())
    pack_id, offset_bytes = travel.places.get(one.object_id, (None, None))
    list_pack_id, list_offset = travel.places.get(one.chunks or "", (None, None))
    return Wanted(
        object_id=one.object_id,
        size_bytes=one.size_bytes,
        urgency=jobs.LATER,
        pack_id=pack_id,
        offset_bytes=offset_bytes,
        list_id=one.chunks if list_pack_id is not None else None,
        list_pack_id=list_pack_id,
        list_offset_bytes=list_offset,
        patch=next((p for p in patches if _is_here(db, p.old_object_id)), None),
    )


def _travel(shard: Shard) -> _Travel:
    patches: dict[str, tuple[Patch, ...]] = {}
    for ref in shard.patches:
        made = Patch(ref.patch_id, ref.old_object_id, ref.size_bytes)
        patches[ref.new_object_id] = (*patches.get(ref.new_object_id, ()), made)
    return _Travel(
        places={
            object_id: (pack.pack_id, offset_bytes)
            for pack in shard.packs
            for object_id, offset_bytes, _ in pack.members
        },
        pack_bytes={pack.pack_id: pack.size_bytes for pack in shard.packs},
        patches=patches,
    )


def _resource(box: Box, resource_id: str, entry: Entry) -> Resource:
    return Resource(
        id=resource_id,
        id_on_disk=catalogue.disk_id(resource_id),
        version=entry.version,
        state="waiting",
        own=False,
        kind=entry.kind,
        format=entry.format,
        about=Description(
            title=entry.title,
            place=Place(**entry.place),  # type: ignore[arg-type]  # its decoder checked them
            tags=entry.tags,
            source=entry.source,
            note=entry.note,
            extra=entry.extra,
            placed=entry.placed,
        ),
        path=entry.path,
        channel="county",
        size_bytes=sum(part.size_bytes for part in entry.parts),
        arrived_at=box.clock.moment().at,
        parts=tuple(
            Part(
                role=part.role,
                object_id=part.object_id,
                name=part.name,
                format=part.format,
                media_type=part.media_type,
                language=part.language,
            )
            for part in entry.parts
        ),
    )


def _rendition(one: EntryRendition) -> Rendition:
    return Rendition(
        source_object_id=one.source_object_id,
        profile=one.profile,
        object_id=one.object_id,
        media_type=one.media_type,
        duration_s=one.duration_s,
        width=one.width,
        height=one.height,
        bitrate_kbps=one.bitrate_kbps,
        pages=one.pages,
        label=one.label,
        about=one.about,
    )


def _contents(told: Mapping[str, object] | None) -> ContentsVolume | None:
    try:
        return None if told is None else textbooks.from_json(json.dumps(told))
    except ValueError as error:
        raise PermanentError(
            "document_damaged", kind="shard", field="contents"
        ) from error
