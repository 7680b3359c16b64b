"""What the county has announced and this box does not hold yet, as teachers know it."""

import json
from dataclasses import dataclass

from edge_server.ground import jobs
from edge_server.ground.db import Db, Tx
from edge_server.records import catalogue
from edge_server.records.catalogue import Resource

LOOK = 500
"""Wanted objects that are looked at for the resources that come next."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A resource that is to come."""

    resource: Resource
    urgency: int
    """0 a person waits, 1 this teaching week, 2 the rest."""


def nearest(db: Db, most: int) -> list[Coming]:
    """Return the resources that come next, in the order in which they are fetched."""
    rows = db.all(
        "with next as (select object_id, urgency, size_bytes from wants"
        " where state = 'wanted' order by urgency, size_bytes, object_id limit ?)"
        " select p.resource_id, min(n.urgency) urgency, min(n.size_bytes) first_bytes"
        " from next n join parts p using (object_id) join versions v"
        " using (resource_id, version) where v.state = 'waiting' group by p.resource_id"
        " order by urgency, first_bytes, p.resource_id limit ?",
        (LOOK, most),
    )
    found = []
    for row in rows:
        resource = catalogue.newest_version(db, row["resource_id"])
        if resource is not None and resource.state == "waiting":
            found.append(Coming(resource, row["urgency"]))
    return found


def count(db: Db) -> int:
    """Return how many resources of the county are to come."""
    return int(
        db.value(
            "select count(*) from versions where state = 'waiting'"
            " and channel = 'county'"
        )
    )


def sooner(tx: Tx, id_on_disk: str) -> Resource | None:
    """Fetch a resource before all others: somebody needs it tonight.

    Returns:
        The resource; None: it is here already, or nobody knows it.
    """
    resource_id = tx.value(
        "select id from resources where id_on_disk = ?", (id_on_disk,)
    )
    resource = catalogue.newest_version(tx, resource_id) if resource_id else None
    if resource is None or resource.state != "waiting":
        return None
    tx.execute(
        "update wants set urgency = :urgent where object_id in"
        " (select value from json_each(:parts)) or object_id in (select object_id from"
        " announced_renditions where source_object_id = :main)",
        {
            "urgent": jobs.URGENT,
            "parts": json.dumps([part.object_id for part in resource.parts]),
            "main": resource.main.object_id,
        },
    )
    return resource
