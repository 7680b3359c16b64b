"""Made-up documents: seeded, so that a failure comes again; strange where it is allowed."""

import random
from typing import Any

from edge_server.records import curriculum
from edge_server.records.curriculum import AXES
from sync.format.entry import STATES, Entry, EntryPart, EntryRendition
from sync.format.root_index import RootIndex, ShardRef
from sync.format.shard import Collection, PackRef, PatchRef, Shard

LETTERS = "大青树下的小学 花的学校abc/.\n\t\x00\"'<>&🌳é"


def sha256(r: random.Random) -> str:
    return r.randbytes(32).hex()


def text(r: random.Random, most: int = 20) -> str:
    return "".join(r.choice(LETTERS) for _ in range(r.randint(1, most)))


def maybe(r: random.Random, value: Any, otherwise: Any = None) -> Any:
    return value if r.random() < 0.6 else otherwise


def size(r: random.Random) -> int:
    return r.choice([0, 1, 255, 256, 1 << 20, 1 << 31, 1 << 40, 2**53 - 1])


def plain(r: random.Random, depth: int = 3) -> Any:
    if depth and r.random() < 0.5:
        if r.random() < 0.5:
            return [plain(r, depth - 1) for _ in range(r.randint(0, 3))]
        return {text(r, 5): plain(r, depth - 1) for _ in range(r.randint(0, 3))}
    return r.choice([None, True, False, 0, -5, 2**53 - 1, 1.5, "", "字", sha256(r)])


def part(r: random.Random, role: str) -> EntryPart:
    return EntryPart(
        role, sha256(r), size(r), text(r), maybe(r, "mp4", ""), maybe(r, "video/mp4", ""),
        maybe(r, "zh-CN"), maybe(r, sha256(r)),
    )  # fmt: skip


def rendition(r: random.Random) -> EntryRendition:
    return EntryRendition(
        sha256(r), "mp4-360/1", sha256(r), size(r), maybe(r, "video/mp4", ""),
        maybe(r, r.random() * 1e4), maybe(r, 640), maybe(r, 0), maybe(r, 300), maybe(r, 0),
        maybe(r, text(r)), maybe(r, {text(r): plain(r)}, {}), maybe(r, sha256(r)),
    )  # fmt: skip


def entry(r: random.Random) -> Entry:
    place: dict[str, str | int] = {
        axis: r.choice(curriculum.values(axis)).id for axis in AXES
    }
    place |= {"unit": text(r), "unit_no": r.randint(0, 9), "lesson_no": size(r)}
    return Entry(
        id=text(r, 60),
        version=r.choice([1, 2, 60, 2**53 - 1]),
        state=r.choice(STATES),
        kind=maybe(r, "video", ""),
        format=maybe(r, "mp4", ""),
        title=maybe(r, text(r), ""),
        place={k: v for k, v in place.items() if r.random() < 0.7},
        tags=maybe(r, text(r), ""),
        source=maybe(r, text(r), ""),
        note=maybe(r, text(r, 9000), ""),
        extra=maybe(r, {text(r): maybe(r, text(r), "")}, {}),
        placed=maybe(r, "title", ""),
        path=maybe(r, text(r), ""),
        parts=(part(r, "main"), *(part(r, "subtitle") for _ in range(r.randint(0, 2)))),
        renditions=tuple(rendition(r) for _ in range(r.randint(0, 2))),
        weeks=tuple(r.sample(range(1, 60), r.randint(0, 3))),
        replaces=maybe(r, text(r), ""),
        unknown=maybe(r, {"a newer field": [1], "another": {"x": plain(r, 1)}}, {}),
    )  # fmt: skip


def collection(r: random.Random) -> Collection:
    return Collection(
        *(maybe(r, r.choice(curriculum.values(axis)).id, r.choice([None, "text:围棋"]))
          for axis in AXES)
    )  # fmt: skip


def pack(r: random.Random) -> PackRef:
    members, end = [], r.randint(0, 500)
    for _ in range(r.randint(0, 5)):
        members.append((sha256(r), end, r.randint(0, 300_000)))
        end += members[-1][2] + r.choice([0, 0, 0, 512])
    return PackRef(sha256(r), end, tuple(members))


def shard(r: random.Random, entries: int = 4) -> Shard:
    made = {one.id: one for one in (entry(r) for _ in range(entries))}
    return Shard(
        collection(r),
        r.randint(1, 60),
        tuple(made[id] for id in sorted(made)),
        maybe(r, {"format": 1, "units": [{"no": 1, "title": "学校", "lessons": []}]}),
        tuple(pack(r) for _ in range(r.randint(0, 2))),
        tuple(
            PatchRef(sha256(r), sha256(r), sha256(r), size(r))
            for _ in range(r.randint(0, 3))
        ),
    )


def root_index(r: random.Random, shards: int = 5) -> RootIndex:
    made = {one.id: one for one in (collection(r) for _ in range(shards))}
    return RootIndex(
        version=r.randint(1, 60),
        issued_at=1_790_000_000,
        issuer=sha256(r),
        shards=tuple(
            ShardRef(id, made[id], sha256(r), size(r), r.randint(1, 60), size(r), size(r))
            for id in sorted(made)
        ),
        urgent=tuple((text(r), r.randint(1, 60)) for _ in range(r.randint(0, 2))),
        revoked=tuple(text(r) for _ in range(r.randint(0, 2))),
        calendar=maybe(r, (sha256(r), size(r))),
    )  # fmt: skip
