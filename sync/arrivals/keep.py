"""What has come whole becomes objects: by itself, out of a pack, or made by a patch.

Receivers write below ``partial/`` and say that all bytes are there; here they are hashed,
and only what has the wanted hash is linked into the store. Anything else is as if it had
never come, and is wanted again. What came lies in the job's folder meanwhile and goes
with it, after the rows are written.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from edge_server.ground import disk, store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.jobs import Job
from edge_server.ground.store import Kept
from edge_server.ground.worker import WriteDown
from edge_server.records import catalogue, renditions
from sync.arrivals import partial, wants
from sync.format import patch as patches
from sync.format.documents import DocumentTooNew


def keep(box: Box, job: Job) -> WriteDown:
    """Keep an object that came by itself; gives the resources that it belongs to."""
    path = _arrived(box, job)
    if path is None:
        return _again(job.key)
    return _record(box, [store.keep(box, path, job.key, job.together)])


def unpack(box: Box, job: Job) -> WriteDown:
    """Keep what is wanted of a pack; gives the resources that any of it belongs to."""
    path = _arrived(box, job)
    if path is None:
        return _again(job.key)
    kept = []
    with path.open("rb") as file:
        for wanted in wants.in_pack(box.db, job.key):
            file.seek(wanted.offset_bytes or 0)
            data = file.read(wanted.size_bytes)
            if hashlib.sha256(data).hexdigest() != wanted.object_id:
                return _again(job.key)  # the shard is wrong about its own pack
            member = path.with_name(wanted.object_id)
            member.write_bytes(data)
            kept.append(store.keep(box, member, wanted.object_id, job.together))
    return _record(box, kept)


def patch(box: Box, job: Job) -> WriteDown:
    """Make objects from older ones by a patch; what it does not make is fetched whole."""
    path = _arrived(box, job)
    if path is None:
        return _without(job.key)
    kept = []
    for wanted, how in wants.patched(box.db, job.key):
        made = path.with_name(wanted.object_id)
        try:
            with (
                disk.reserve(box, f"{job.kind}/{job.key}", wanted.size_bytes),
                path.open("rb") as recipe,
                store.path_of(box, how.old_object_id).open("rb") as old,
                made.open("wb") as out,
            ):
                patches.apply(
                    recipe, old, out,
                    size_bytes=wanted.size_bytes, sha256=wanted.object_id,
                )  # fmt: skip
        except (patches.PatchDamaged, DocumentTooNew, store.ObjectMissing):
            return _without(job.key)
        kept.append(store.keep(box, made, wanted.object_id, job.together))
    return _record(box, kept)


def _arrived(box: Box, job: Job) -> Path | None:
    """Return what came whole, in the job's folder; None: it is gone, or something else."""
    path = partial.bring_in(box, job.key, store.scratch(box, job.kind, job.key))
    return path if path is not None and store.hash_file(path) == job.key else None


def _without(patch_id: str) -> WriteDown:
    def write_down(tx: Tx) -> Iterable[str]:
        wants.without_patch(tx, patch_id)
        return ()

    return write_down


def _record(box: Box, kept: list[Kept]) -> WriteDown:
    def write_down(tx: Tx) -> Iterable[str]:
        at = box.clock.moment().at
        resources: dict[str, None] = {}
        for one in kept:
            store.record(tx, one, "published", at)
            sources = renditions.arrived(tx, box.clock, one.object_id)
            for object_id in (one.object_id, *sources):
                resources.update(dict.fromkeys(catalogue.waiting_for(tx, object_id)))
        wants.has_come(tx, [one.object_id for one in kept])
        return list(resources)

    return write_down


def _again(parcel_id: str) -> WriteDown:
    def write_down(tx: Tx) -> Iterable[str]:
        wants.was_wrong(tx, parcel_id)
        return ()

    return write_down
