"""What may go: old versions, refused files past their time, orphans, scratch of nobody.

Rows before deletion: a row is removed and that is written down, only then its file goes.
Nothing is judged by a missing file: missing is not deleted. An object goes only
when no version, rendition or offer names it and it has lain that way for a day, since a
step may have kept it a moment ago and not yet written its row.
"""

import json
import time
from dataclasses import dataclass

from edge_server.ground import durable, store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import accounts, audit, outbox, refusals, usage

DAY_S = 86_400.0
KEEP_REFUSED_S = 30 * DAY_S
KEEP_AUDIT_S = 180 * DAY_S
KEEP_EVENTS_S = 3 * 366 * DAY_S
SLICE = 500

_INDEXED = "state <> 'shown'"
"""Says to SQLite that the index of what is not shown will do."""
_UNNAMED = (
    "o.kept_at < ? and not exists (select 1 from parts p where p.object_id = o.id)"
    " and not exists (select 1 from renditions r where r.object_id = o.id and"
    "  exists (select 1 from parts p where p.object_id = r.source_object_id))"
)


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep removed."""

    versions: int
    objects: int
    orphans: int
    refused: int
    scratch: int
    events: int
    """Usage events that became monthly sums."""
    freed_bytes: int


def sweep(box: Box) -> Swept:
    """Remove what nobody needs any more, at most 500 of each kind; returns what went."""
    versions = _old_versions(box)
    objects, freed = _unneeded_objects(box)
    orphans, more = _orphans(box)
    refused, even_more = _refused(box)
    return Swept(
        versions=versions,
        objects=objects,
        orphans=orphans,
        refused=refused,
        scratch=_scratch(box),
        events=_rows_past_their_time(box),
        freed_bytes=freed + more + even_more,
    )


def _old_versions(box: Box) -> int:
    """Forget versions that were replaced long ago; withdrawn ones stay (they are small)."""
    before = box.clock() - box.config.keep_trash_days * DAY_S
    with transaction(box.db) as tx:
        gone = tx.all(
            f"select resource_id, version from versions where state = 'old' and {_INDEXED}"
            " and changed_s < ? limit ?",
            (before, SLICE),
        )
        tx.executemany(
            "delete from versions where resource_id = ? and version = ?",
            [(row["resource_id"], row["version"]) for row in gone],
        )
        # What a withdrawn version consists of may be restored for as long, then goes.
        tx.execute(
            "delete from parts where (resource_id, version) in"
            " (select resource_id, version from versions v where state = 'withdrawn'"
            f" and {_INDEXED} and changed_s < ? and exists (select 1 from parts p where"
            " p.resource_id = v.resource_id and p.version = v.version) limit ?)",
            (before, SLICE),
        )
    return len(gone)


def _unneeded_objects(box: Box) -> tuple[int, int]:
    """Remove rows of objects that nothing names, then their files."""
    # All objects are looked through before the transaction, only those found again in it.
    found = box.db.all(f"select o.id from objects o where {_UNNAMED} limit ?", _late())
    if not found:
        return 0, 0
    ids = json.dumps([row["id"] for row in found])
    with transaction(box.db) as tx:
        rows = tx.all(
            "select o.id, o.size_bytes from json_each(?) j join objects o"
            f" on o.id = j.value where {_UNNAMED} limit ?",
            (ids, *_late()),
        )
        tx.executemany(
            "delete from renditions where source_object_id = ?",
            [(row["id"],) for row in rows],
        )
        tx.executemany(
            "delete from objects where id = ?", [(row["id"],) for row in rows]
        )
    # The rows are gone for good; a cut here leaves orphans for the next sweep.
    places = [store.place_of(box, row["id"]) for row in rows]
    return len(rows), store.remove_unrecorded(box, places)


def _late() -> tuple[float, int]:
    return time.time() - DAY_S, SLICE


def _orphans(box: Box) -> tuple[int, int]:
    """Remove files of the store that have no row and were not touched for a day."""
    old = [p for p in store.files(box) if p.stat().st_ctime < time.time() - DAY_S]
    known = {row["id"] for row in box.db.all("select id from objects")}
    orphans = [path for path in old if path.name not in known][:SLICE]
    return len(orphans), store.remove_unrecorded(box, orphans)


def _refused(box: Box) -> tuple[int, int]:
    """Remove refused files after 30 days of running."""
    freed = 0
    gone = refusals.older_than(box.db, box.clock() - KEEP_REFUSED_S)
    for refusal in gone:
        with transaction(box.db) as tx:
            refusals.forget(tx, refusal.id)
        if refusal.file is not None:
            durable.remove_tree(box.folder / "refused" / refusal.file)
        freed += refusal.size_bytes
    return len(gone), freed


def _rows_past_their_time(box: Box) -> int:
    """Let go of rows whose keeping is limited; returns events that became sums."""
    now = box.clock()
    with transaction(box.db) as tx:
        accounts.forget_ended(tx, box.clock)
        audit.forget_older(tx, now - KEEP_AUDIT_S)
        outbox.forget_old(tx, box.clock, SLICE)
        return usage.fold_older(tx, now - KEEP_EVENTS_S, SLICE)


def _scratch(box: Box) -> int:
    """Remove work folders and empty upload folders whose job or offer is gone."""
    wanted = {
        store.scratch_of(box, row["kind"], row["key"])
        for row in box.db.all("select kind, key from jobs")
    }
    removed = 0
    for kind in (box.folder / "work").iterdir():
        for folder in kind.iterdir():
            if folder not in wanted and folder.stat().st_mtime < time.time() - DAY_S:
                durable.remove_tree(folder)
                removed += 1
    return removed
