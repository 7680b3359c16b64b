"""The root index: what a box reads first, and the one thing that ``targets`` signs.

It names every shard of the county by its hash, and what must reach every box at once:
urgent withdrawals (紧急下架), revoked boxes, the calendar (校历).
"""

from dataclasses import dataclass
from typing import Any

from sync.format import documents, shard
from sync.format.documents import DocumentDamaged
from sync.format.fields import Fields
from sync.format.shard import Collection

KIND = "root-index"
NUMBER = 1
MOST_BYTES = 16 << 20
"""Unpacked. 5,000 collections take about 2 MB."""


@dataclass(frozen=True, slots=True)
class ShardRef:
    """One collection's newest shard."""

    collection_id: str
    """The collection's own ``id``."""
    collection: Collection
    shard_id: str
    """SHA-256 of the shard's bytes."""
    size_bytes: int
    """Of the shard's bytes."""
    version: int
    """Number of the publish that made the shard."""
    resources: int
    content_bytes: int
    """Of all its objects together, each once."""


@dataclass(frozen=True, slots=True)
class RootIndex:
    """Everything a county publishes, by collection."""

    version: int
    """Number of the publish."""
    issued_at: int
    """Unix seconds, UTC."""
    issuer: str
    """SHA-256 of the publisher's first root of trust."""
    shards: tuple[ShardRef, ...] = ()
    """By collection id, each once."""
    urgent: tuple[tuple[str, int], ...] = ()
    """(Resource id without its issuer, version up to which it must go at once)."""
    revoked: tuple[str, ...] = ()
    """Ids of boxes that are no longer the county's."""
    calendar: tuple[str, int] | None = None
    """(SHA-256, size in bytes) of the 校历; None: there is none."""


def encode(index: RootIndex) -> bytes:
    """Return the bytes of a root index, which are named by their hash.

    Raises:
        ValueError: Shards are not in order, or one is not under its collection's id.
    """
    ids = [ref.collection_id for ref in index.shards]
    if ids != sorted(set(ids)) or ids != [ref.collection.id for ref in index.shards]:
        raise ValueError("shards are not in order of their collections' ids")
    body: dict[str, Any] = {
        "version": index.version,
        "issued_at": index.issued_at,
        "issuer": index.issuer,
        "shards": [
            {
                "collection": shard.collection_to_map(ref.collection),
                "shard_id": ref.shard_id,
                "size_bytes": ref.size_bytes,
                "version": ref.version,
                "resources": ref.resources,
                "content_bytes": ref.content_bytes,
            }
            for ref in index.shards
        ],
        "urgent": [{"id": id, "version": version} for id, version in index.urgent],
        "revoked": list(index.revoked),
    }
    if index.calendar is not None:
        body["calendar"] = {
            "sha256": index.calendar[0],
            "size_bytes": index.calendar[1],
        }
    return documents.encode(KIND, NUMBER, body)


def decode(data: bytes, *, most_bytes: int = MOST_BYTES) -> RootIndex:
    """Read a root index.

    Raises:
        DocumentDamaged: It is no root index, or something in it is not as it should be.
        DocumentTooNew: Its number is above the one known here.
    """
    _, body = documents.decode(data, KIND, most_bytes=most_bytes, newest=NUMBER)
    taken = Fields(body, DocumentDamaged, kind=KIND)
    shards = tuple(_ref(one) for one in taken.maps("shards"))
    ids = [ref.collection_id for ref in shards]
    if ids != sorted(set(ids)):
        raise taken.refuse("shards")
    return RootIndex(
        version=taken.whole("version", least=1),
        issued_at=taken.whole("issued_at"),
        issuer=taken.sha256("issuer"),
        shards=shards,
        urgent=tuple(
            (one.text("id"), one.whole("version")) for one in taken.maps("urgent")
        ),
        revoked=tuple(taken.texts_listed("revoked")),
        calendar=_calendar(taken.map("calendar")) if taken.has("calendar") else None,
    )


def _ref(taken: Fields) -> ShardRef:
    collection = shard.collection_of(taken.map("collection"))
    return ShardRef(
        collection_id=collection.id,
        collection=collection,
        shard_id=taken.sha256("shard_id"),
        size_bytes=taken.whole("size_bytes"),
        version=taken.whole("version", least=1),
        resources=taken.whole("resources"),
        content_bytes=taken.whole("content_bytes"),
    )


def _calendar(taken: Fields) -> tuple[str, int]:
    return taken.sha256("sha256"), taken.whole("size_bytes")
