"""课件库: the resources this box knows, read: one, several, the newest, those beside.

How versions come, are shown and go is `versions`; where they stand in the tree `shelves`.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Row

from edge_server.ground.db import Db
from edge_server.records.curriculum import Place

PLACE_COLUMNS = (
    "stage", "grade", "subject", "edition", "textbook_year", "volume",
    "unit", "unit_no", "lesson", "lesson_no",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """An object that a resource consists of."""

    role: str
    """``main``, ``subtitle``, ``sound`` or ``cover``."""
    object_id: str
    """SHA-256, 64 lower-case hex digits."""
    name: str
    """What the file was called when it came."""
    format: str
    """What `guard.file_types` found: ``mp4``, ``pptx`` …"""
    media_type: str
    language: str | None = None
    """BCP 47; None: not known."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a resource, apart from its bytes."""

    title: str
    place: Place = field(default_factory=Place)
    tags: str = ""
    source: str = ""
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Columns of the sidecar that nobody knows, kept as they came."""
    guessed: bool = False
    """Axes were read from folder names."""
    placed: str = ""
    """How unit and lesson met the contents: ``given``, ``number``, ``title``, ``guessed``;
    empty: not at all."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One version of a resource, as rooms above see it."""

    id: str
    """``<issuer>/<id>``."""
    id_on_disk: str
    """First 32 hex digits of the id's SHA-256; also its name in addresses."""
    version: int
    state: str
    """``waiting``, ``shown``, ``old`` or ``withdrawn``."""
    own: bool
    """The school's own, not the county's."""
    kind: str
    format: str
    about: Description
    path: str
    """Below the watched or uploaded root."""
    channel: str
    size_bytes: int
    """Of all parts."""
    arrived_at: float
    """UTC, seconds."""
    parts: tuple[Part, ...] = ()

    @property
    def title(self) -> str:
        """What a teacher would call it."""
        return self.about.title

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return self.about.place

    @property
    def main(self) -> Part:
        """The object that the resource is, rather than has."""
        return next(part for part in self.parts if part.role == "main")


def disk_id(resource_id: str) -> str:
    """Return what an id is called on disk and in addresses."""
    return hashlib.sha256(resource_id.encode()).hexdigest()[:32]


def resources_using(db: Db, object_id: str) -> list[str]:
    """Return the ids of the resources whose shown version has this object as a part."""
    return [
        row["resource_id"]
        for row in db.all(
            "select distinct p.resource_id from parts p join versions v"
            " using (resource_id, version) where p.object_id = ? and v.state = 'shown'",
            (object_id,),
        )
    ]


def waiting_for(db: Db, object_id: str) -> list[str]:
    """Return the ids of the resources of which any version has this object as a part."""
    return [
        row["resource_id"]
        for row in db.all(
            "select distinct resource_id from parts where object_id = ?", (object_id,)
        )
    ]


def part_of(db: Db, object_id: str) -> Part | None:
    """Return how a resource calls an object it consists of, None: none has it."""
    row = db.one("select * from parts where object_id = ? limit 1", (object_id,))
    return None if row is None else _part(row)


def shown_resource(db: Db, resource_id: str) -> Resource | None:
    """Return the version of a resource that teachers see, or None."""
    return _one(db, "v.resource_id = ? and v.state = 'shown'", (resource_id,))


def by_disk_id(db: Db, id_on_disk: str, *, withdrawn: bool = False) -> Resource | None:
    """Return the shown version behind an address, with ``withdrawn`` also a withdrawn one."""
    return _one(
        db,
        "r.id_on_disk = ? and (v.state = 'shown' or (? and v.state = 'withdrawn'))",
        (id_on_disk, withdrawn),
    )


def newest_version(db: Db, resource_id: str) -> Resource | None:
    """Return the highest version of a resource, whatever its state."""
    return _one(db, "v.resource_id = ?", (resource_id,))


def visible(db: Db, pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
    """Return which of some (resource id, version) pairs teachers see now."""
    rows = db.all(
        "select v.resource_id, v.version from json_each(?) j join versions v"
        " on v.resource_id = j.value ->> 0 and v.version = j.value ->> 1"
        " where v.state = 'shown'",
        (json.dumps(pairs),),
    )
    return {(row["resource_id"], row["version"]) for row in rows}


def shown_versions(db: Db) -> list[tuple[str, int]]:
    """Return (resource id, version) of everything that teachers see."""
    return [
        (row["resource_id"], row["version"])
        for row in db.all(
            "select resource_id, version from versions where state = 'shown'"
        )
    ]


def many(db: Db, resource_ids: Sequence[str]) -> dict[str, Resource]:
    """Return the shown versions of several resources by id."""
    rows = db.all(
        f"{_SELECT} where v.state = 'shown' and v.resource_id in"
        " (select value from json_each(?))",
        (json.dumps(list(resource_ids)),),
    )
    return {resource.id: resource for resource in _resources(db, rows)}


def newest(db: Db, limit: int = 24, *, offset: int = 0) -> list[Resource]:
    """Return what arrived last."""
    return _resources(
        db,
        db.all(
            f"{_SELECT} where v.state = 'shown' order by v.arrived_at desc limit ?"
            " offset ?",
            (limit, offset),
        ),
    )


def count(db: Db) -> int:
    """Return how many resources are shown."""
    return int(db.value("select count(*) from versions where state = 'shown'"))


def beside(db: Db, folder: str, issuer: str, kinds: Sequence[str]) -> list[Resource]:
    """Return the own resources of some kinds, waiting ones too, that came in one folder.

    Only of kinds that are few beside the rest: it is asked for every file that comes.
    """
    return [
        resource
        for kind in kinds
        for resource in _resources(
            db,
            db.all(
                f"{_SELECT} where v.state in ('shown', 'waiting') and v.kind = ?"
                " and v.path >= ? and v.path < ? and instr(substr(v.path, ?), '/') = 0",
                (
                    kind,
                    f"{folder}/" if folder else "",
                    f"{folder}/\U0010ffff" if folder else "\U0010ffff",
                    len(folder) + 2 if folder else 1,
                ),
            ),
        )
        if resource.id.startswith(f"{issuer}/")
    ]


def shown_below(db: Db, path_prefix: str, issuer: str) -> list[Resource]:
    """Return the own resources whose path begins with a folder, for a late sidecar."""
    start = f"{path_prefix}/" if path_prefix else ""
    rows = db.all(
        f"{_SELECT} where v.state = 'shown' and v.path >= ? and v.path < ?",
        (start, f"{start}\U0010ffff"),
    )
    return [r for r in _resources(db, rows) if r.id.startswith(f"{issuer}/")]


_SELECT = (
    "select v.*, r.id_on_disk, r.own from versions v join resources r"
    " on r.id = v.resource_id"
)


def select(db: Db, condition: str, values: Sequence[object]) -> list[Resource]:
    """Return the versions that meet a condition of SQL; for the records alone.

    Args:
        db: The database.
        condition: What follows ``where``; ``v`` is the version, ``r`` its resource.
        values: What its question marks stand for, in their order.
    """
    return _resources(db, db.all(f"{_SELECT} where {condition}", values))


def _one(db: Db, where: str, values: Sequence[object]) -> Resource | None:
    rows = db.all(f"{_SELECT} where {where} order by v.version desc limit 1", values)
    return next(iter(_resources(db, rows)), None)


def _resources(db: Db, rows: Sequence[Row]) -> list[Resource]:
    """Put versions and their parts together with one more query for all of them."""
    if not rows:
        return []
    parts: dict[tuple[str, int], list[Part]] = {}
    pairs = json.dumps([(row["resource_id"], row["version"]) for row in rows])
    for row in db.all(
        "select p.* from json_each(?) j join parts p on p.resource_id = j.value ->> 0"
        " and p.version = j.value ->> 1 order by p.role = 'main' desc, p.role, p.n",
        (pairs,),
    ):
        parts.setdefault((row["resource_id"], row["version"]), []).append(_part(row))
    return [
        Resource(
            id=row["resource_id"],
            id_on_disk=row["id_on_disk"],
            version=row["version"],
            state=row["state"],
            own=bool(row["own"]),
            kind=row["kind"],
            format=row["format"],
            about=Description(
                title=row["title"],
                place=Place(**{column: row[column] for column in PLACE_COLUMNS}),
                tags=row["tags"],
                source=row["source"],
                note=row["note"],
                extra=json.loads(row["extra"]),
                guessed=bool(row["guessed"]),
                placed=row["placed"],
            ),
            path=row["path"],
            channel=row["channel"],
            size_bytes=row["size_bytes"],
            arrived_at=row["arrived_at"],
            parts=tuple(parts.get((row["resource_id"], row["version"]), ())),
        )
        for row in rows
    ]


def _part(row: Row) -> Part:
    return Part(
        role=row["role"],
        object_id=row["object_id"],
        name=row["name"],
        format=row["format"],
        media_type=row["media_type"],
        language=row["language"],
    )
