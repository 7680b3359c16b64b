"""What was once written to the wire is read by every later version.

The files are `scripts/make_wire_files.py`'s, made once and never edited: boxes and centres
of that version are out there. ``.json`` beside each says what it must be read as; fields
that came later are not in it.
"""

import io
import json
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from edge_server.records import outbox
from sync.format import batch, chunks, codes, delta, patch, root_index, shard, signing
from sync.format.calls import BatchAnswer, EnrolAnswer, EnrolRequest, Refusal

WIRE = Path(__file__).parents[2] / "wire"


def expected(path: Path) -> Any:
    return json.loads(path.with_suffix(".json").read_bytes())


def as_json(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    return json.loads(json.dumps(value, default=bytes.hex))


def says_at_least(found: Any, told: Any) -> bool:
    """Say whether everything that was told is still found; there may be more."""
    if isinstance(told, dict):
        return isinstance(found, dict) and all(
            name in found and says_at_least(found[name], value)
            for name, value in told.items()
        )
    if isinstance(told, list):
        return (
            isinstance(found, list)
            and len(found) == len(told)
            and all(says_at_least(*pair) for pair in zip(found, told, strict=True))
        )
    return bool(found == told)


@pytest.mark.parametrize(
    "path", sorted(WIRE.glob("shard-*/*.shard")), ids=lambda p: p.name
)
def test_shards_are_read(path: Path):
    assert says_at_least(as_json(shard.decode(path.read_bytes())), expected(path))


def test_a_shard_of_tomorrow_is_read_as_far_as_it_is_understood():
    told = shard.decode((WIRE / "shard-1" / "tomorrow.shard").read_bytes())
    today = shard.decode((WIRE / "shard-1" / "three.shard").read_bytes())
    assert told.entries[0].unknown == {"mood": "happy", "size": [1, {"x": None}]}
    assert told.entries[1:] == today.entries[1:]
    assert (told.packs, told.collection) == (today.packs, today.collection)


@pytest.mark.parametrize(
    "path", sorted(WIRE.glob("root-index-*/*.root-index")), ids=lambda p: p.name
)
def test_root_indexes_are_read(path: Path):
    assert says_at_least(as_json(root_index.decode(path.read_bytes())), expected(path))


@pytest.mark.parametrize(
    "path", sorted(WIRE.glob("batch-*/*.batch")), ids=lambda p: p.name
)
def test_batches_are_read(path: Path):
    assert says_at_least(as_json(batch.decode(path.read_bytes())), expected(path))


def test_the_chain_of_an_evening_leads_to_what_came_after_it():
    evening, alive = (
        batch.decode((WIRE / "batch-1" / f"{name}.batch").read_bytes())
        for name in ("evening", "alive")
    )
    chain = evening.chain_before
    for row in evening.rows:
        chain = outbox.link(chain, row.body)
    assert (chain, evening.last_seq + 1) == (alive.chain_before, alive.first_seq)


def test_chunk_lists_are_read():
    (path,) = WIRE.glob("chunk-list-1/*.chunk-list")
    size_bytes = expected(path)["size_bytes"]
    made = chunks.list_of(io.BytesIO(bytes(size_bytes)))
    assert b"".join(chunks.check(path.read_bytes(), size_bytes)) == made


def test_patches_are_applied():
    folder, out = WIRE / "patch-1", io.BytesIO()
    with (folder / "poem.patch").open("rb") as made, (folder / "old").open("rb") as old:
        patch.apply(made, old, out, **expected(folder / "poem.patch"))
    assert out.getvalue() == (folder / "new").read_bytes()


def test_deltas_are_applied():
    folder = WIRE / "delta-1"
    made, old = ((folder / name).read_bytes() for name in ("week.delta", "old.shard"))
    new = delta.apply(
        made, old, **expected(folder / "week.delta"), most_bytes=shard.MOST_BYTES
    )
    # Should a newer zstd pack otherwise, this fails: then every box fetches its shards
    # whole once. It is dear, not wrong; weigh it before the lock is made anew.
    assert new == (folder / "new.shard").read_bytes()


@pytest.mark.parametrize("kind", [EnrolRequest, EnrolAnswer, BatchAnswer, Refusal])
def test_calls_are_understood(kind):
    name = {"EnrolRequest": "enrol-request", "EnrolAnswer": "enrol-answer",
            "BatchAnswer": "batch-answer", "Refusal": "refusal"}[kind.__name__]  # fmt: skip
    data = (WIRE / "calls-1" / name).read_bytes()
    assert says_at_least(json.loads(kind.from_json(data).to_json()), json.loads(data))


def test_signatures_are_believed_and_codes_fit():
    told = expected(WIRE / "calls-1" / "signed")
    signature = signing.read(told["header"])
    public, body = bytes.fromhex(told["public"]), told["body"].encode()
    signing.verify(public, signature, "POST", told["path"], body)
    assert codes.fits(codes.parse_code(told["code"]), told["authority"].encode())
