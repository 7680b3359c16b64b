"""What of the centre's catalogue has changed since the last publish, as entries to sign.

A resource counts as changed when its newest version is another one, when it was withdrawn
or put back, or when there are other renditions of it than were signed. One whose
renditions are still being made waits for the next publish, so that a box is not told
twice.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_server.ground.db import Db
from edge_server.records import catalogue, renditions
from edge_server.records.catalogue import PLACE_COLUMNS, Resource
from edge_server.records.renditions import Rendition
from sync.format import chunks
from sync.format.entry import Entry, EntryPart, EntryRendition

_NEXT = """
with newest as (
    select resource_id, max(version) as version from versions
    where state in ('shown', 'withdrawn') and resource_id > :after
    group by resource_id
), looked as (
    select v.resource_id, v.version, v.state, (
        select count(*) || '/' || coalesce(max(r.made_at), '')
        from parts a join renditions r on r.source_object_id = a.object_id
        where a.resource_id = v.resource_id and a.version = v.version
        and r.object_id is not null
    ) as made
    from newest join versions v using (resource_id, version)
)
select l.resource_id, l.version, l.state, l.made
from looked l left join published p using (resource_id)
where (p.resource_id is null and l.state = 'shown'
    or p.source_version <> l.version
    or (p.state = 'withdrawn') <> (l.state = 'withdrawn')
    or (p.made <> l.made and l.state = 'shown'))
and not exists (
    select 1 from parts a join jobs j on j.key = a.object_id
    where a.resource_id = l.resource_id and a.version = l.version
    and j.kind in ('render', 'pages', 'small') and j.state <> 'aside'
)
order by l.resource_id limit :most
"""


@dataclass(frozen=True, slots=True)
class Change:
    """A resource whose entry has to be signed anew."""

    resource: Resource
    made: str
    """What its renditions are, comparable."""
    renditions: tuple[Rendition, ...]


def changed(db: Db, *, after: str = "", most: int) -> list[Change]:
    """Return the next resources to be published, in the order of their ids.

    Args:
        db: The centre's database.
        after: The id of the last one that was looked at; only later ones come.
        most: How many at the most.
    """
    rows = db.all(_NEXT, {"after": after, "most": most})
    made = {(row["resource_id"], row["version"]): row["made"] for row in rows}
    found = catalogue.select(
        db,
        "(v.resource_id, v.version) in"
        " (select value ->> 0, value ->> 1 from json_each(?))",
        (json.dumps(list(made)),),
    )
    of_objects = renditions.of_many(
        db, [part.object_id for resource in found for part in resource.parts]
    )
    return [
        Change(
            resource,
            made[resource.id, resource.version],
            tuple(_published_of(resource, of_objects)),
        )
        for resource in sorted(found, key=lambda one: one.id)
    ]


def objects_of(changes: Iterable[Change]) -> list[str]:
    """Return the ids of all objects that some changes need in the tree."""
    found: dict[str, None] = {}
    for change in changes:
        if change.resource.state != "withdrawn":
            found.update(
                dict.fromkeys(part.object_id for part in change.resource.parts)
            )
            found.update(
                dict.fromkeys(
                    one.object_id for one in change.renditions if one.object_id
                )
            )
    return list(found)


def sizes_of(db: Db, object_ids: Sequence[str]) -> dict[str, int]:
    """Return the size in bytes of each object that the store has recorded."""
    return {
        row["id"]: row["size_bytes"]
        for row in db.all(
            "select id, size_bytes from objects where id in"
            " (select value from json_each(?))",
            (json.dumps(list(object_ids)),),
        )
    }


def entry_of(
    change: Change, number: int, sizes: dict[str, int], lists: dict[str, str]
) -> Entry:
    """Return the entry that the centre signs for a resource.

    Args:
        change: The resource with its renditions.
        number: Of the publish: the entry's version.
        sizes: Bytes of each object.
        lists: Of each object over one chunk, the id of its chunk list.
    """
    resource = change.resource
    about = resource.about
    withdrawn = resource.state == "withdrawn"
    return Entry(
        id=resource.id.partition("/")[2],
        version=number,
        state="withdrawn" if withdrawn else "published",
        kind=resource.kind,
        format=resource.format,
        title=about.title,
        place={
            column: value
            for column in PLACE_COLUMNS
            if (value := getattr(about.place, column)) is not None
        },
        tags=about.tags,
        source=about.source,
        note=about.note,
        extra=dict(about.extra),
        placed=about.placed,
        path=resource.path,
        parts=()
        if withdrawn
        else tuple(
            EntryPart(
                role=part.role,
                object_id=part.object_id,
                size_bytes=sizes[part.object_id],
                name=part.name,
                format=part.format,
                media_type=part.media_type,
                language=part.language,
                chunks=lists.get(part.object_id),
            )
            for part in resource.parts
        ),
        renditions=()
        if withdrawn
        else tuple(
            EntryRendition(
                source_object_id=one.source_object_id,
                profile=one.profile,
                object_id=one.object_id,
                size_bytes=sizes[one.object_id],
                media_type=one.media_type,
                duration_s=one.duration_s,
                width=one.width,
                height=one.height,
                bitrate_kbps=one.bitrate_kbps,
                pages=one.pages,
                label=one.label,
                about=dict(one.about),
                chunks=lists.get(one.object_id),
            )
            for one in change.renditions
            if one.object_id is not None
        ),
    )


def has_chunks(size_bytes: int) -> bool:
    """Return whether an object of this size has a chunk list."""
    return size_bytes > chunks.CHUNK_BYTES


def _published_of(
    resource: Resource, of_objects: dict[str, dict[str, Rendition]]
) -> Iterable[Rendition]:
    for part in resource.parts:
        made = of_objects.get(part.object_id, {})
        yield from (made[profile] for profile in sorted(made))
