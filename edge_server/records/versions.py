"""A resource's versions as they come, are shown and go: the writing side of the catalogue.

Of a resource at most two versions matter: the highest seen, and the one shown. A version
becomes visible when all its objects are here (`make_visible`), and the one before it is
then ``old`` until the sweep takes it. Withdrawn is a state of a version, so that whatever
order versions arrive in, the end is the same.
"""

import json

from edge_server.ground.clock import Clock
from edge_server.ground.db import Tx
from edge_server.records.catalogue import PLACE_COLUMNS, Resource, select


def add_version(tx: Tx, clock: Clock, resource: Resource) -> None:
    """Write a version and its parts, ``waiting`` until `make_visible`.

    Writing the same version again changes nothing, so a step may run twice.
    """
    tx.execute(
        "insert into resources values (?, ?, ?, ?) on conflict (id) do update set"
        " highest = max(highest, excluded.highest)",
        (resource.id, resource.id_on_disk, int(resource.own), resource.version),
    )
    about, place = resource.about, resource.place
    new = tx.execute(
        "insert into versions (resource_id, version, state, title, kind, format, stage,"
        " grade, subject, edition, textbook_year, volume, unit, unit_no, lesson,"
        " lesson_no, placed, guessed, path, tags, source, note, extra, channel,"
        " size_bytes, arrived_at, changed_s)"
        " values (?, ?, 'waiting', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
        " ?, ?, ?, ?, ?, ?) on conflict do nothing",
        (
            resource.id, resource.version, about.title, resource.kind, resource.format,
            *(getattr(place, column) for column in PLACE_COLUMNS),
            about.placed, int(about.guessed), resource.path, about.tags, about.source,
            about.note, json.dumps(dict(about.extra), ensure_ascii=False),
            resource.channel, resource.size_bytes, resource.arrived_at, clock(),
        ),
    )  # fmt: skip
    if new:
        numbers: dict[str, int] = {}
        for part in resource.parts:
            n = numbers[part.role] = numbers.get(part.role, 0) + 1
            tx.execute(
                "insert into parts values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    resource.id, resource.version, n, part.role, part.object_id,
                    part.name, part.format, part.media_type, part.language,
                ),
            )  # fmt: skip


def forget_waiting(tx: Tx, resource_id: str) -> None:
    """Know nothing of a version that was never whole here, as if it had not come.

    So it comes again when it is announced again; what is shown stays.
    """
    tx.execute(
        "delete from versions where resource_id = ? and state = 'waiting'",
        (resource_id,),
    )
    tx.execute(
        "delete from resources where id = :id and not exists"
        " (select 1 from versions where resource_id = :id)",
        {"id": resource_id},
    )
    tx.execute(
        "update resources set highest = (select max(version) from versions"
        " where resource_id = :id) where id = :id",
        {"id": resource_id},
    )


def make_visible(tx: Tx, clock: Clock, resource_id: str) -> list[str]:
    """Show the newest version whose objects are all recorded; older ones become old.

    Returns:
        The objects of the version that is shown now, none when none is whole yet, or it
        is withdrawn.
    """
    newest = tx.one(
        "select version, state from versions v where resource_id = ? and not exists"
        " (select 1 from parts p where p.resource_id = v.resource_id"
        "  and p.version = v.version and p.object_id not in (select id from objects))"
        " order by version desc limit 1",
        (resource_id,),
    )
    if newest is None or newest["state"] == "withdrawn":
        return []
    tx.execute(
        "update versions set state = iif(version = :newest, 'shown', 'old'),"
        " changed_s = :now where resource_id = :id and (version = :newest and"
        " state = 'waiting' or version < :newest and state in ('shown', 'waiting'))",
        {"newest": newest["version"], "now": clock(), "id": resource_id},
    )
    rows = tx.all(
        "select object_id from parts where resource_id = ? and version = ?"
        " order by role = 'main' desc, role, n",
        (resource_id, newest["version"]),
    )
    return [row["object_id"] for row in rows]


def withdraw(tx: Tx, clock: Clock, resource_id: str) -> bool:
    """Take a resource out of the library; its files stay until the sweep."""
    return bool(
        tx.execute(
            "update versions set state = 'withdrawn', changed_s = ?"
            " where resource_id = ? and state in ('shown', 'waiting')",
            (clock(), resource_id),
        )
    )


def add_withdrawn(tx: Tx, clock: Clock, resource: Resource) -> None:
    """Write a version that says only that the resource is withdrawn: the centre's order.

    Earlier versions become old and wait for the sweep, so their files stay as long as any
    other withdrawn ones; a later version may bring the resource back.
    """
    add_version(tx, clock, resource)
    tx.execute(
        "update versions set state = 'withdrawn', changed_s = ? where resource_id = ?"
        " and version = ?",
        (clock(), resource.id, resource.version),
    )
    tx.execute(
        "update versions set state = 'old', changed_s = ? where resource_id = ?"
        " and version < ? and state in ('shown', 'waiting')",
        (clock(), resource.id, resource.version),
    )


def take_back(tx: Tx, clock: Clock, object_id: str) -> list[Resource]:
    """Withdraw every version that is an object which turned out to be nothing.

    What a resource was before is shown again, if that is still kept.

    Returns:
        The versions that were withdrawn, as they were.
    """
    gone = select(
        tx,
        "v.state in ('shown', 'waiting', 'old') and (v.resource_id, v.version) in"
        " (select resource_id, version from parts where object_id = ? and role = 'main')",
        (object_id,),
    )
    for resource in gone:
        tx.execute(
            "update versions set state = 'withdrawn', changed_s = ?"
            " where resource_id = ? and version = ?",
            (clock(), resource.id, resource.version),
        )
    for resource_id in {resource.id for resource in gone}:
        tx.execute(
            "update versions set state = 'shown', changed_s = :now where resource_id = :id"
            " and state = 'old' and version = (select max(version) from versions where"
            " resource_id = :id and state = 'old') and not exists (select 1 from versions"
            " where resource_id = :id and state in ('shown', 'waiting'))",
            {"now": clock(), "id": resource_id},
        )
    return gone


def restore(tx: Tx, clock: Clock, resource_id: str) -> bool:
    """Put the newest withdrawn version back; `make_visible` shows it."""
    return bool(
        tx.execute(
            "update versions set state = 'waiting', changed_s = :now"
            " where resource_id = :id and state = 'withdrawn' and version ="
            " (select max(version) from versions where resource_id = :id)",
            {"now": clock(), "id": resource_id},
        )
    )
