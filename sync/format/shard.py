"""A shard: the signed list of one collection's entries, with its contents.

It also says where the collection's small objects travel (packs) and from which older
objects new ones can be made (patches). A box fetches the shards of its subscription and
no others.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

from edge_server.records import curriculum
from edge_server.records.curriculum import AXES, Place
from sync.format import documents, entry
from sync.format.documents import DocumentDamaged
from sync.format.entry import Entry
from sync.format.fields import Fields

KIND = "shard"
NUMBER = 1
MOST_BYTES = 32 << 20
"""Unpacked. A collection of 10,000 films takes about 7 MB."""

Member = tuple[str, int, int]
"""Object id, offset in the pack, size: both in bytes."""


@dataclass(frozen=True, slots=True)
class Collection:
    """The resources of one stage, grade, subject, edition, textbook year and volume."""

    stage: str | None = None
    """Id of an axis value, as in `records.curriculum.Place`; None: not said."""
    grade: str | None = None
    subject: str | None = None
    edition: str | None = None
    textbook_year: str | None = None
    volume: str | None = None
    id: str = ""
    """``xiaoxue.g3.yuwen.-.-.shang``: the axes' slugs, ``-`` for what is not said. The
    publisher's word travels with it, since an older reader may not know a slug yet."""

    def __post_init__(self) -> None:
        if not self.id:
            slugs = (
                "-" if id is None else curriculum.value(axis, id).slug
                for axis, id in zip(AXES, self.axes, strict=True)
            )
            object.__setattr__(self, "id", ".".join(slugs))

    @property
    def axes(self) -> tuple[str | None, ...]:
        """The six ids in the order of `records.curriculum.AXES`."""
        return tuple(getattr(self, axis) for axis in AXES)

    @classmethod
    def of(cls, place: Place) -> "Collection":
        """Return the collection in which a place lies."""
        return cls(
            place.stage, place.grade, place.subject, place.edition, place.textbook_year,
            place.volume,
        )  # fmt: skip

    @property
    def place(self) -> Place:
        """Its axes as a place without unit and lesson."""
        return Place(
            self.stage, self.grade, self.subject, self.edition, self.textbook_year,
            self.volume,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PackRef:
    """A pack of the collection, and the objects in it."""

    pack_id: str
    """SHA-256 of the whole pack."""
    size_bytes: int
    members: tuple[Member, ...]
    """In the order of the pack; they never overlap."""


@dataclass(frozen=True, slots=True)
class PatchRef:
    """A patch that makes a new object from one that a box may hold."""

    new_object_id: str
    old_object_id: str
    patch_id: str
    """SHA-256 of the patch."""
    size_bytes: int
    """Of the patch."""


@dataclass(frozen=True, slots=True)
class Shard:
    """One collection as it was published."""

    collection: Collection
    version: int
    """Number of the publish that made it."""
    entries: tuple[Entry, ...] = ()
    """By id, each id once."""
    contents: Mapping[str, Any] | None = None
    """The volume's contents as in `records.textbooks.to_json`; None: there are none."""
    packs: tuple[PackRef, ...] = ()
    patches: tuple[PatchRef, ...] = ()


def encode(shard: Shard) -> bytes:
    """Return the bytes of a shard, which are named by their hash.

    Raises:
        ValueError: Entries are not in order, or members of a pack overlap.
    """
    ids = [one.id for one in shard.entries]
    if ids != sorted(set(ids)):
        raise ValueError("entries are not in order of their ids")
    return documents.encode(
        KIND,
        NUMBER,
        {
            "collection": collection_to_map(shard.collection),
            "version": shard.version,
            "entries": [entry.to_map(one) for one in shard.entries],
            "contents": shard.contents,
            "packs": [
                {
                    "pack_id": pack.pack_id,
                    "size_bytes": pack.size_bytes,
                    "members": _members(pack),
                }
                for pack in shard.packs
            ],
            "patches": [asdict(patch) for patch in shard.patches],
        },
    )


def decode(data: bytes, *, most_bytes: int = MOST_BYTES) -> Shard:
    """Read a shard.

    Raises:
        DocumentDamaged: It is no shard, or something in it is not as it should be (an
            entry: `entry.EntryDamaged`).
        DocumentTooNew: Its number is above the one known here.
    """
    _, body = documents.decode(data, KIND, most_bytes=most_bytes, newest=NUMBER)
    taken = Fields(body, DocumentDamaged, kind=KIND)
    entries = tuple(entry.from_map(one) for one in taken.listed("entries"))
    if any(a.id >= b.id for a, b in pairwise(entries)):
        raise taken.refuse("entries")
    return Shard(
        collection=collection_of(taken.map("collection")),
        version=taken.whole("version", least=1),
        entries=entries,
        contents=taken.plain("contents") if taken.has("contents") else None,
        packs=tuple(_pack(one) for one in taken.maps("packs")),
        patches=tuple(_patch(one) for one in taken.maps("patches")),
    )


def collection_to_map(collection: Collection) -> dict[str, Any]:
    """Return a collection as it stands in a document."""
    return {name: value for name, value in asdict(collection).items() if value}


def collection_of(taken: Fields) -> Collection:
    """Take a collection out of a document."""
    axes = {axis: taken.text_or_none(axis) for axis in AXES}
    return Collection(**axes, id=taken.text("id"))


def _members(pack: PackRef) -> list[dict[str, Any]]:
    """Return where members lie: by the gap to the one before, which is mostly none."""
    told, end = [], 0
    for object_id, offset_bytes, size_bytes in pack.members:
        if offset_bytes < end:
            raise ValueError("members of a pack overlap")
        told.append({"id": object_id, "gap": offset_bytes - end, "size": size_bytes})
        end = offset_bytes + size_bytes
    return told


def _pack(taken: Fields) -> PackRef:
    size_bytes = taken.whole("size_bytes")
    members, end = [], 0
    for one in taken.maps("members"):
        member = one.sha256("id"), end + one.whole("gap"), one.whole("size")
        end = member[1] + member[2]
        members.append(member)
    if end > size_bytes:
        raise taken.refuse("members")
    return PackRef(taken.sha256("pack_id"), size_bytes, tuple(members))


def _patch(taken: Fields) -> PatchRef:
    return PatchRef(
        new_object_id=taken.sha256("new_object_id"),
        old_object_id=taken.sha256("old_object_id"),
        patch_id=taken.sha256("patch_id"),
        size_bytes=taken.whole("size_bytes"),
    )
