"""The newest verified chain of the county, as received: ``head/`` and its rows.

``receive`` fetches and verifies it, ``work`` merges its shards. A shard's file is durable
before its row names it, so `announce` always finds it.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.ground import durable, jobs
from edge_server.ground.box import Box
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx, transaction
from sync.arrivals import offered
from sync.arrivals.subscription import Subscription
from sync.format import trust
from sync.format.root_index import RootIndex, ShardRef


@dataclass(frozen=True, slots=True)
class Centre:
    """The county centre that this box has joined."""

    address: str
    """Of machine calls: ``https://host:port``."""
    tree: str
    """Of the published tree: ``http://host:port/published``."""
    issuer: str
    authority: bytes
    """Its certificate, DER."""
    point: str
    """What the centre calls this place."""
    trust: trust.State
    name: str = ""
    """What the centre calls itself."""


def centre(db: Db) -> Centre | None:
    """Return the centre of this box, None: it has joined none."""
    row = db.one("select * from centre")
    if row is None:
        return None
    return Centre(
        address=row["address"],
        tree=row["tree"],
        issuer=row["issuer"],
        authority=row["authority"],
        point=row["point"],
        trust=trust.State.from_json(row["trust"]),
        name=row["name"],
    )


def issuer(db: Db) -> str:
    """Return the issuer of the county's resources.

    Raises:
        PermanentError: ``no_centre``: this box has joined none.
    """
    found = db.value("select issuer from centre")
    if found is None:
        raise PermanentError("no_centre")
    return str(found)


def join(tx: Tx, clock: Clock, joined: Centre, *, counter: int) -> None:
    """Belong to a centre from now on, instead of any before.

    Joining the same county again keeps the newest chain that was verified.

    Args:
        tx: The transaction.
        clock: The box's clock.
        joined: The centre; its ``trust`` begins with the first root.
        counter: The highest of this box's calls that the centre has seen.
    """
    before = centre(tx)
    kept = joined.trust
    if before is not None and before.issuer == joined.issuer:
        kept = before.trust
        counter = max(counter, int(tx.value("select counter from centre")))
    else:
        tx.execute("delete from shards")
    tx.execute("delete from centre")
    tx.execute(
        "insert into centre (id, address, tree, issuer, authority, point, trust, counter,"
        " enrolled_at, name) values (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            joined.address, joined.tree, joined.issuer, joined.authority, joined.point,
            kept.to_json(), counter, clock.moment().at, joined.name,
        ),
    )  # fmt: skip


def version(db: Db) -> int:
    """Return the number of the newest publish that was merged; 0: none."""
    return int(db.value("select max(version) from shards where merged = shard_id") or 0)


def keep_trust(tx: Tx, state: trust.State) -> None:
    """Write down the newest verified chain, and the latest time that is known by it."""
    tx.execute("update centre set trust = ?", (state.to_json(),))


def next_counter(tx: Tx) -> int:
    """Return the number of the next signed call; it is never given again."""
    tx.execute("update centre set counter = counter + 1")
    return int(tx.value("select counter from centre"))


def jump_counter(tx: Tx, seen: int) -> None:
    """Go on above what the centre has seen: this box was restored from an older copy."""
    tx.execute("update centre set counter = max(counter, ?)", (seen,))


def missing(box: Box, index: RootIndex) -> list[ShardRef]:
    """Return the shards of the subscription that have to be fetched."""
    taken = Subscription.of(box.db)
    known = {
        row["collection_id"]: row["shard_id"]
        for row in box.db.all("select collection_id, shard_id from shards")
    }
    return [
        ref
        for ref in index.shards
        if taken.takes(ref.collection) and known.get(ref.collection_id) != ref.shard_id
    ]


def put_shard(box: Box, ref: ShardRef, data: bytes) -> None:
    """Keep a shard whose hash the root index names, and have it merged.

    Raises:
        PermanentError: ``shard_wrong``: it is another file.
    """
    if hashlib.sha256(data).hexdigest() != ref.shard_id:
        raise PermanentError("shard_wrong", collection=ref.collection_id)
    path = _path(box, ref.shard_id)
    durable.make_folders(path.parent)
    durable.write(path, data)
    with transaction(box.db) as tx:
        before = tx.value(
            "select shard_id from shards where collection_id = ?", (ref.collection_id,)
        )
        tx.execute(
            "insert into shards (collection_id, axes, shard_id, size_bytes, version,"
            " resources, content_bytes, merged) values (?, ?, ?, ?, ?, ?, ?, '')"
            " on conflict (collection_id) do update set shard_id = excluded.shard_id,"
            " size_bytes = excluded.size_bytes, version = excluded.version,"
            " resources = excluded.resources, content_bytes = excluded.content_bytes",
            (
                ref.collection_id, json.dumps(asdict(ref.collection)), ref.shard_id,
                ref.size_bytes, ref.version, ref.resources, ref.content_bytes,
            ),
        )  # fmt: skip
        jobs.enqueue(
            tx, "announce", ref.collection_id, now=box.clock(), urgency=jobs.SOON
        )
    if before is not None and before != ref.shard_id:
        _path(box, before).unlink(missing_ok=True)


def put_root_index(box: Box, data: bytes) -> None:
    """Keep the newest verified root index."""
    path = offered.path_of(box)
    durable.make_folders(path.parent)
    durable.write(path, data)


def read_root_index(box: Box, root_index_id: str) -> bytes | None:
    """Return the kept root index if it is the one of this hash."""
    try:
        data = offered.path_of(box).read_bytes()
    except FileNotFoundError:
        return None
    return data if hashlib.sha256(data).hexdigest() == root_index_id else None


def read_shard(box: Box, shard_id: str) -> bytes | None:
    """Return the bytes of a kept shard."""
    try:
        return _path(box, shard_id).read_bytes()
    except FileNotFoundError:
        return None


def _path(box: Box, shard_id: str) -> Path:
    return box.folder / "head" / "i" / shard_id
