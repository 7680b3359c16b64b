"""The step `publish`: from the centre's own catalogue to a tree that boxes can fetch.

It works in slices, each durable before the next, and each written down in a transaction
of its own: which entries changed, then a shard for each collection that did, then the
root index. Killed anywhere, the next run goes on with the same number. Nothing of it can
be seen from outside before `sign` has written ``timestamp.json``.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

import msgpack

from edge_server.errors import Stopped
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.together import Together
from edge_server.ground.worker import WriteDown, progress
from edge_server.records import identity, textbooks
from sync.centre import entries, packing, patching, sign, tree
from sync.format import chunks, entry, root_index, shard
from sync.format import tree as names
from sync.format.entry import Entry
from sync.format.root_index import RootIndex, ShardRef
from sync.format.shard import Collection, PackRef, Shard

SLICE = 200
"""Resources whose entries are written down in one transaction."""


def publish(box: Box, job: Job) -> WriteDown:
    """Make what the next head will lead to, from all that changed since the last one."""
    number = _begin(box)
    _describe(box, job, number)
    _note_contents(box)
    waiting = box.db.all(
        "select collection_id, axes from published_collections where changed"
        " order by collection_id"
    )
    note = progress(box, job)
    for n, row in enumerate(waiting):
        if job.should_stop():
            raise Stopped
        _make_shard(box, job, number, Collection(**json.loads(row["axes"])))
        note(n + 1, len(waiting), "collections")
    return _close(box, number)


def _begin(box: Box) -> int:
    """Return the number of this publish.

    One that was cut goes on under its own. One that was built and not signed gets the
    next: its number may stand in metadata already, and nothing of a number is rewritten.
    """
    number = sign.next_number(box)
    with transaction(box.db) as tx:
        begun = tx.one("select number, state from publishes where state <> 'live'")
        if begun is None:
            tx.execute(
                "insert into publishes (number, begun_at, state)"
                " values (?, ?, 'building')",
                (number, box.clock.moment().at),
            )
        elif begun["state"] == "building":
            number = int(begun["number"])
        else:
            tx.execute(
                "update publishes set number = ?, state = 'building' where number = ?",
                (number, begun["number"]),
            )
    return number


def _describe(box: Box, job: Job, number: int) -> None:
    """Write the entry of each resource that changed, and which collections that changes."""
    after = ""
    while changes := entries.changed(box.db, after=after, most=SLICE):
        if job.should_stop():
            raise Stopped
        after = changes[-1].resource.id
        ids = entries.objects_of(changes)
        sizes = entries.sizes_of(box.db, ids)
        lists = _chunk_lists(box, sizes)
        whole = [change for change in changes if _is_whole(change, sizes)]
        with transaction(box.db) as tx:
            for change in whole:
                made = entries.entry_of(change, number, sizes, lists)
                collection = Collection.of(change.resource.place)
                before = tx.one(
                    "select collection_id, entry from published where resource_id = ?",
                    (change.resource.id,),
                )
                _note_entry(tx, change, made, collection)
                _note_changed(tx, collection)
                if before is not None:  # it may have stood elsewhere
                    tx.execute(
                        "update published_collections set changed = 1"
                        " where collection_id = ?",
                        (before["collection_id"],),
                    )
                    earlier = entry.from_map(msgpack.unpackb(before["entry"]))
                    patching.note(tx, collection.id, earlier, made)
            tx.execute(
                "update publishes set resources = resources + ? where number = ?",
                (len(whole), number),
            )


def _is_whole(change: entries.Change, sizes: Mapping[str, int]) -> bool:
    return all(one in sizes for one in entries.objects_of([change]))


def _chunk_lists(box: Box, sizes: Mapping[str, int]) -> dict[str, str]:
    """Return the id of the chunk list of each large object, made where there is none."""
    large = [one for one, size in sizes.items() if entries.has_chunks(size)]
    known = {
        row["object_id"]: row["list_id"]
        for row in box.db.all(
            "select object_id, list_id from chunk_lists where object_id in"
            " (select value from json_each(?))",
            (json.dumps(large),),
        )
    }
    for object_id in large:
        if object_id not in known:
            with store.path_of(box, object_id).open("rb") as file:
                hashes = chunks.list_of(file)
            known[object_id] = hashlib.sha256(hashes).hexdigest()
            with transaction(box.db) as tx:
                tx.execute(
                    "insert into chunk_lists values (?, ?, ?) on conflict do nothing",
                    (object_id, known[object_id], hashes),
                )
    return known


def _note_entry(
    tx: Tx, change: entries.Change, made: Entry, collection: Collection
) -> None:
    tx.execute(
        "insert into published values (?, ?, ?, ?, ?, ?, ?)"
        " on conflict (resource_id) do update set collection_id = excluded.collection_id,"
        " source_version = excluded.source_version, state = excluded.state,"
        " made = excluded.made, version = excluded.version, entry = excluded.entry",
        (
            change.resource.id, collection.id, change.resource.version, made.state, change.made,
            made.version, msgpack.packb(entry.to_map(made)),
        ),
    )  # fmt: skip


def _note_changed(tx: Tx, collection: Collection) -> None:
    tx.execute(
        "insert into published_collections (collection_id, axes, changed)"
        " values (?, ?, 1) on conflict (collection_id) do update set changed = 1",
        (collection.id, json.dumps(asdict(collection))),
    )


def _note_contents(box: Box) -> None:
    """Mark the collections whose 目录 is another one than was published."""
    for volume in textbooks.all_volumes(box.db):
        collection = Collection.of(volume.place)
        digest = hashlib.sha256(textbooks.to_json(volume).encode()).hexdigest()
        known = box.db.value(
            "select contents from published_collections where collection_id = ?",
            (collection.id,),
        )
        if known != digest:
            with transaction(box.db) as tx:
                _note_changed(tx, collection)
                tx.execute(
                    "update published_collections set contents = ? where collection_id = ?",
                    (digest, collection.id),
                )


def _make_shard(box: Box, job: Job, number: int, collection: Collection) -> None:
    """Put all that a collection consists of into the tree, then its shard."""
    found = _entries_in(box.db, collection.id)
    sizes = {one.object_id: one.size_bytes for made in found for one in made.objects}
    _fill_tree(box, job, number, collection.id, sizes, _lists_of(box.db, found))
    volume = textbooks.exactly(box.db, collection.place)
    data = shard.encode(
        Shard(
            collection=collection,
            version=number,
            entries=tuple(found),
            contents=json.loads(textbooks.to_json(volume)) if volume else None,
            packs=tuple(
                PackRef(one.pack_id, one.size_bytes, one.members)
                for one in packing.packs_of(box.db, collection.id)
            ),
            patches=tuple(patching.refs_of(box.db, collection.id, sizes)),
        )
    )
    shard_id = hashlib.sha256(data).hexdigest()
    with Together() as together:
        tree.put_bytes(box, names.index_name(shard_id), data, together)
        together.finish()
    with transaction(box.db) as tx:
        tx.execute(
            "update published_collections set changed = 0, shard_id = ?, size_bytes = ?,"
            " version = ?, resources = ?, content_bytes = ? where collection_id = ?",
            (
                shard_id, len(data), number,
                sum(made.state == "published" for made in found),
                sum(sizes.values()), collection.id,
            ),
        )  # fmt: skip


def _fill_tree(
    box: Box,
    job: Job,
    number: int,
    collection_id: str,
    sizes: Mapping[str, int],
    lists: Mapping[str, bytes],
) -> None:
    """Put a collection's objects into the tree, with packs and patches that are new.

    Args:
        box: The centre.
        job: Its scratch is where packs are made.
        number: Of the publish.
        collection_id: The collection.
        sizes: Its objects: id and bytes.
        lists: Its chunk lists: id and content.
    """
    small = {one: size for one, size in sizes.items() if size < packing.SMALL_BYTES}
    small.update({list_id: len(hashes) for list_id, hashes in lists.items()})
    missing = packing.not_packed(box.db, collection_id, small)
    scratch = store.scratch(box, job.kind, job.key)
    new_bytes = 0
    with Together() as together:
        for object_id, size_bytes in sizes.items():
            if size_bytes >= packing.SMALL_BYTES and tree.put_object(
                box, object_id, together
            ):
                new_bytes += size_bytes
        packs = []
        for path, made in packing.make_packs(box, missing, lists, scratch):
            tree.put_file(box, packing.name_of(made), path, together)
            packs.append(made)
        tried = list(patching.make(box, collection_id, sizes, together))
        together.finish()
    new_bytes += sum(made.size_bytes for made in packs)
    new_bytes += sum(one.size_bytes for one in tried)
    with transaction(box.db) as tx:
        for made in packs:
            packing.record(tx, collection_id, made)
        for one in tried:
            patching.record(tx, collection_id, one)
        tx.execute(
            "update publishes set new_bytes = new_bytes + ? where number = ?",
            (new_bytes, number),
        )


def _entries_in(db: Db, collection_id: str) -> list[Entry]:
    return [
        entry.from_map(msgpack.unpackb(row["entry"]))
        for row in db.all(
            "select entry from published where collection_id = ? order by resource_id",
            (collection_id,),
        )
    ]


def _lists_of(db: Db, found: Iterable[Entry]) -> dict[str, bytes]:
    ids = [
        one.chunks for made in found for one in made.objects if one.chunks is not None
    ]
    return {
        row["list_id"]: row["hashes"]
        for row in db.all(
            "select list_id, hashes from chunk_lists where list_id in"
            " (select value from json_each(?))",
            (json.dumps(ids),),
        )
    }


def _close(box: Box, number: int) -> WriteDown:
    """Write the root index, unless nothing changed and there was a publish before."""
    newest = box.db.value("select max(version) from published_collections") or 0
    live = box.db.value("select max(number) from publishes where state = 'live'")
    if live is not None and newest <= live:

        def nothing_new(tx: Tx) -> Iterable[str]:
            tx.execute("delete from publishes where number = ?", (number,))
            return ()

        return nothing_new
    begun_at = box.db.value(
        "select begun_at from publishes where number = ?", (number,)
    )
    data = root_index.encode(
        RootIndex(
            version=number,
            issued_at=int(begun_at),
            issuer=identity.issuer(box.db),
            shards=tuple(_shards(box.db)),
            urgent=(),
            revoked=(),
            calendar=None,
        )
    )
    index_id = hashlib.sha256(data).hexdigest()
    with Together() as together:
        tree.put_bytes(box, names.index_name(index_id), data, together)
        together.finish()

    def write_down(tx: Tx) -> Iterable[str]:
        tx.execute(
            "update publishes set state = 'built', root_index = ?, root_index_bytes = ?"
            " where number = ?",
            (index_id, len(data), number),
        )
        return ("all",)

    return write_down


def _shards(db: Db) -> Iterable[ShardRef]:
    for row in db.all(
        "select * from published_collections where shard_id is not null"
        " order by collection_id"
    ):
        yield ShardRef(
            collection_id=row["collection_id"],
            collection=Collection(**json.loads(row["axes"])),
            shard_id=row["shard_id"],
            size_bytes=row["size_bytes"],
            version=row["version"],
            resources=row["resources"],
            content_bytes=row["content_bytes"],
        )
