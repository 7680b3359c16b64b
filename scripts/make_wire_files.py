#!/usr/bin/env python3
"""Make one file of each format on the wire, and say beside it what it holds.

    .venv/bin/python scripts/make_wire_files.py

Run once for each released number of a format; ``tests/wire/`` keeps what it made, and
every later version must read it (`tests/sync/format/test_wire.py`). A folder that is there
is left as it is: a file that was made anew would prove nothing about the boxes that are
out there.
"""

import hashlib
import io
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from edge_server.records import outbox  # noqa: E402 - the project's folder is put in place first
from edge_server.records.curriculum import AXES, read  # noqa: E402 - likewise
from sync.format import (  # noqa: E402 - likewise
    batch,
    calls,
    chunks,
    codes,
    delta,
    documents,
    patch,
    root_index,
    shard,
    signing,
)
from sync.format.batch import Boot, Row  # noqa: E402 - likewise
from sync.format.entry import Entry, EntryPart, EntryRendition  # noqa: E402 - likewise
from sync.format.root_index import RootIndex, ShardRef  # noqa: E402 - likewise
from sync.format.shard import Collection, PackRef, PatchRef, Shard  # noqa: E402 - likewise

WIRE = PROJECT / "tests" / "wire"
MOST = 1 << 20
BOX, BOOT = "0123456789abcdef" * 2, "6b1e7a8e-2222-4000-8000-123456789abc"
AT = 1_790_000_000.0


def main() -> None:
    """Make the folders that are not there yet."""
    made: dict[str, Callable[[], dict[str, bytes]]] = {
        "shard-1": shards,
        "root-index-1": root_indexes,
        "chunk-list-1": chunk_lists,
        "patch-1": patches,
        "delta-1": deltas,
        "batch-1": batches,
        "calls-1": said,
    }
    for name, make in made.items():
        folder = WIRE / name
        if folder.exists():
            print(f"{name}: is there, left as it is")
            continue
        folder.mkdir(parents=True)
        for file, data in make().items():
            (folder / file).write_bytes(data)
        print(f"{name}: {', '.join(sorted(path.name for path in folder.iterdir()))}")


def shards() -> dict[str, bytes]:
    """A collection of three resources, and the same as a newer program may write it."""
    data = shard.encode(one_shard())
    _, body = documents.decode(data, shard.KIND, most_bytes=MOST)
    body["mood"] = {"of": ["tomorrow"]}
    body["collection"]["semester"] = "2"
    body["entries"][0] |= {"mood": "happy", "size": [1, {"x": None}]}
    body["entries"][0]["parts"][0]["colour"] = "red"
    body["packs"][0]["members"][0]["kind"] = "picture"
    tomorrow = documents.encode(shard.KIND, 1, body)
    return {
        "three.shard": data,
        "three.json": told(one_shard()),
        "tomorrow.shard": tomorrow,
        "tomorrow.json": told(shard.decode(tomorrow)),
    }


def root_indexes() -> dict[str, bytes]:
    """Two collections, an urgent withdrawal, a revoked box, a calendar; and nothing."""
    return {
        "two.root-index": root_index.encode(one_root_index()),
        "two.json": told(one_root_index()),
        "empty.root-index": root_index.encode(RootIndex(1, int(AT), digest("issuer"))),
        "empty.json": told(RootIndex(1, int(AT), digest("issuer"))),
    }


def chunk_lists() -> dict[str, bytes]:
    """Of 9 MiB: what the list of 9 << 20 zeros is."""
    data = bytes(9 << 20)
    return {
        "9-mib-of-zeros.chunk-list": chunks.list_of(io.BytesIO(data)),
        "9-mib-of-zeros.json": told({"size_bytes": len(data)}),
    }


def patches() -> dict[str, bytes]:
    """A poem with a line changed, one moved and one added."""
    old = "\n".join(f"{n} 大青树下的小学 {digest(str(n))}" for n in range(40)).encode()
    new = (
        old[:700] + "新的一行\n".encode() + old[1500:2400] + old[800:1400] + old[2500:]
    )
    made = patch.make(old, new)
    assert made is not None
    return {
        "old": old,
        "new": new,
        "poem.patch": made,
        "poem.json": told({"size_bytes": len(new), "sha256": sha256(new)}),
    }


def deltas() -> dict[str, bytes]:
    """From one version of a long shard to the next."""
    many = tuple(film(n, version=3) for n in range(100, 140))
    newer = (*many[:7], film(107, version=4, title="新"), *many[8:])
    old, new = (
        shard.encode(Shard(Collection(), version, entries))
        for version, entries in ((3, many), (4, newer))
    )
    made = delta.make(old, new, most_bytes=MOST)
    assert made is not None
    return {
        "old.shard": old,
        "new.shard": new,
        "week.delta": made,
        "week.json": told({"sha256": sha256(new)}),
    }


def batches() -> dict[str, bytes]:
    """Rows 1 to 40 of an evening, and a heartbeat without rows."""
    bodies = [
        {"kind": "played", "visit": f"{BOX[:24]}-{n}", "resource_id": "x/语文/5.mp4",
         "version": 3, "played_s": 30.0, "position_s": 30.0 * n, "at": AT + n / 8}
        for n in range(38)
    ]  # fmt: skip
    texts = [canonical(body) for body in bodies]
    texts += ['{"nested":{"list":[1,2]}}', '{ "not": "as we write it" }']
    rows = [
        Row(n + 1, "usage", text, BOOT, 60 + 1.5 * n, AT + 60 + 1.5 * n)
        for n, text in enumerate(texts)
    ]
    chain = b""
    for row in rows:
        chain = outbox.link(chain, row.body)
    evening = batch.encode(BOX, "epoch-1", 1, b"", rows, [Boot(BOOT, AT, "wall")])
    alive = batch.encode(
        BOX, "epoch-1", 41, chain, [], heartbeat={"head": 5, "disk": {"free_bytes": 7}},
        nothing_before=True,
    )  # fmt: skip
    return {
        "evening.batch": evening,
        "evening.json": told(batch.decode(evening)),
        "alive.batch": alive,
        "alive.json": told(batch.decode(alive)),
    }


def said() -> dict[str, bytes]:
    """What box and centre say to each other, and a signed call."""
    private = signing.new_key()
    code = codes.make_code(b"the certificate of an authority")
    header = signing.sign(private, BOX, "POST", calls.BATCH, 7, b"the body")
    return {
        "enrol-request": calls.EnrolRequest(
            code.secret, BOX, signing.public_of(private), "0.1.0"
        ).to_json(),
        "enrol-answer": calls.EnrolAnswer(
            "向阳小学教学点",
            b'{"signed": {}}',
            "http://192.0.2.1:8000/published",
            AT,
            6,
        ).to_json(),
        "batch-answer": calls.BatchAnswer("gap", 12, AT).to_json(),
        "refusal": calls.Refusal("call_repeated", {"counter": 9}).to_json(),
        "signed.json": told(
            {
                "public": signing.public_of(private),
                "header": header,
                "path": calls.BATCH,
                "body": "the body",
                "code": str(code),
                "authority": "the certificate of an authority",
            }
        ),
    }


def one_shard() -> Shard:
    """A collection with a film, a withdrawn deck and a deck that takes its place."""
    words = ["小学", "三年级", "语文", "统编版", "-", "上册"]
    axes = {a: v.id for a, w in zip(AXES, words, strict=True) if (v := read(a, w))}
    deck = EntryPart("main", digest("deck"), 87_181, "2.pptx", "pptx", "application/x")
    gone = Entry("小学/2 花.pptx", 5, "withdrawn", "slides", "pptx", "花")
    return Shard(
        Collection(**axes),
        version=5,
        entries=(
            film(1, version=3, place=axes | {"unit_no": 1, "lesson": "大青树下的小学"}),
            gone,
            Entry("小学/2 花的学校.pptx", 5, "published", "slides", "pptx", "花的学校",
                  parts=(deck,), replaces=gone.id),
        ),
        contents={"format": 1, **axes, "units": [{"no": 1, "title": "学校", "lessons": []}]},
        packs=(
            PackRef(digest("pack"), 90_000,
                    ((digest("chunks"), 120, 64), (deck.object_id, 184, 87_181))),
        ),
        patches=(PatchRef(digest("film 1"), digest("film 0"), digest("patch"), 163),),
    )  # fmt: skip


def one_root_index() -> RootIndex:
    """What a small county publishes."""
    refs = [
        ShardRef(one.id, one, digest(one.id), 15_091, 5, 100, 38 << 30)
        for one in (one_shard().collection, Collection(subject="text:围棋"))
    ]
    return RootIndex(
        version=5,
        issued_at=int(AT),
        issuer=digest("issuer"),
        shards=tuple(sorted(refs, key=lambda ref: ref.collection_id)),
        urgent=(("小学/2 花.pptx", 5),),
        revoked=(BOX,),
        calendar=(digest("calendar"), 700),
    )


def film(n: int, **others: Any) -> Entry:
    """A film with everything an entry can say."""
    part = EntryPart(
        "main", digest(f"film {n}"), 38_261_795, f"{n}.mp4", "mp4", "video/mp4",
        "zh-CN", digest("chunks"),
    )  # fmt: skip
    small = EntryRendition(
        part.object_id, "mp4-360/1", digest(f"small {n}"), 9_000_000, "video/mp4",
        240.5, 640, 360, 300, None, "原声", {"pictures": [["0001.jpg"]]}, digest("chunks"),
    )  # fmt: skip
    return Entry(
        **{
            "id": f"小学/{n}.mp4", "version": 3, "state": "published", "kind": "video",
            "format": "mp4", "title": f"{n} 大青树下的小学", "tags": "朗读", "source": "县教研室",
            "note": "第一课时", "extra": {"页数": "12"}, "placed": "number",
            "path": f"小学/{n}.mp4", "parts": (part,), "renditions": (small,), "weeks": (3, 4),
        } | others
    )  # fmt: skip


def told(one: object) -> bytes:
    """Say in JSON what a file holds."""
    values = asdict(one) if is_dataclass(one) and not isinstance(one, type) else one
    return json.dumps(values, ensure_ascii=False, indent=1, default=bytes.hex).encode()


def canonical(body: object) -> str:
    """Write a body as the outbox does."""
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(of: str) -> str:
    """A hash to stand for a file of that name."""
    return sha256(of.encode())


def sha256(data: bytes) -> str:
    """64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
