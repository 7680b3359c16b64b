"""Is every file what its name says, and every row's file there?

Re-hashes the store and looks at what can be looked at without changing anything: the
database's own check, checksums of accounts, the chains of outbox and audit. A flipped bit
is found and named; nothing is repaired or removed here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from edge_server.errors import Value
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import audit, catalogue, outbox

HASH_SLICE = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be."""

    code: str
    """``object_missing``, ``object_damaged``, ``resource_broken``, ``database_damaged``,
    ``outbox_chain_broken``, ``audit_chain_broken``."""
    values: dict[str, Value]


def problems(box: Box, on_bytes: Callable[[int], None]) -> Iterator[Problem]:
    """Yield every problem; ``on_bytes`` hears how much was hashed."""
    found = box.db.value("pragma quick_check(1)")
    if found != "ok":
        yield Problem("database_damaged", {"found": str(found)})
    good: list[str] = []
    bad: set[str] = set()
    for object_id in store.all_ids(box.db):
        path = store.place_of(box, object_id)
        if not path.is_file():
            bad.add(object_id)
            yield Problem("object_missing", {"object_id": object_id})
        elif store.hash_file(path, on_bytes) != object_id:
            bad.add(object_id)
            yield Problem(
                "object_damaged",
                {"object_id": object_id, "used_by": _users(box, object_id)},
            )
        else:
            good.append(object_id)
        if len(good) >= HASH_SLICE:
            _note_good(box, good)
    _note_good(box, good)
    yield from _broken_resources(box, bad)
    broken = outbox.broken_at(box.db)
    if broken is not None:
        yield Problem("outbox_chain_broken", {"epoch": broken[0], "seq": broken[1]})
    row = audit.broken_at(box.db)
    if row is not None:
        yield Problem("audit_chain_broken", {"seq": row})


def _broken_resources(box: Box, bad: set[str]) -> Iterator[Problem]:
    """A visible resource needs rows and files of all its parts."""
    for row in box.db.all(
        "select v.resource_id, v.title, p.object_id, o.id from versions v"
        " join parts p using (resource_id, version)"
        " left join objects o on o.id = p.object_id where v.state = 'shown'"
    ):
        if row["id"] is None or row["object_id"] in bad:
            yield Problem(
                "resource_broken",
                {"resource_id": row["resource_id"], "title": row["title"]},
            )


def _users(box: Box, object_id: str) -> str:
    titles = [
        resource.title
        for resource in catalogue.many(
            box.db, catalogue.resources_using(box.db, object_id)
        ).values()
    ]
    return "、".join(titles)


def _note_good(box: Box, good: list[str]) -> None:
    with transaction(box.db) as tx:
        tx.executemany(
            "update objects set checked_s = ? where id = ?",
            [(box.clock(), object_id) for object_id in good],
        )
    good.clear()
