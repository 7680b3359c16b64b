"""What strangers send: any reader says the error it promises, in bounded memory.

Each document is bent in three ways: as it travels, in its msgpack under a whole zstd frame,
and field by field with values that nobody would write there. What is read all the same
must also be written again: nothing that breaks later slips through.
"""

import random
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from edge_server.records.curriculum import Place
from sync.format import batch, documents, root_index, shard
from sync.format.documents import DocumentDamaged, DocumentTooNew
from tests.sync.format import made
from tests.sync.format.test_batch import evening

MOST = 1 << 20
JUNK = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, 2**64 - 1, -(2**63), 0.5, -0.0,
    float("nan"), float("inf"), float("-inf"), "", "x", "../../etc/passwd", "x" * 10_001,
    "\x00", "ab" * 32, b"", b"ab" * 16, [], {}, [[]], [{}], {"": None}, {"id": "x"},
    [0] * 300, ["ab" * 32] * 300, [[[[[[[[[[[[]]]]]]]]]]]], {"a": {"a": {"a": {"a": []}}}},
)  # fmt: skip


@dataclass(frozen=True)
class Kind:
    name: str
    whole: bytes
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


def write_batch(told: batch.Batch) -> bytes:
    return batch.encode(
        told.box_id, told.epoch, told.first_seq, told.chain_before, told.rows,
        told.boots, told.heartbeat, nothing_before=told.nothing_before,
    )  # fmt: skip


KINDS = (
    Kind(
        "shard",
        shard.encode(made.shard(random.Random(30), 3)),
        lambda data: shard.decode(data, most_bytes=MOST),
        shard.encode,
    ),
    Kind(
        "root-index",
        root_index.encode(made.root_index(random.Random(31), 3)),
        lambda data: root_index.decode(data, most_bytes=MOST),
        root_index.encode,
    ),
    Kind(
        "batch",
        batch.encode(
            "ab" * 16, "e", 1, b"", evening(random.Random(32), 25),
            [batch.Boot("b", 1.0, "wall")], {"disk": {"free": 1}},
        ),
        batch.decode,
        write_batch,
    ),
)  # fmt: skip


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request) -> Kind:
    return request.param


def holds(kind: Kind, data: bytes) -> bool:
    """Read bytes; True when they were read. Any other error than promised is raised."""
    try:
        told = kind.read(data)
    except (DocumentDamaged, DocumentTooNew):
        return False
    kind.read(kind.write(told))
    for entry in getattr(told, "entries", ()):
        Place(**entry.place)
    return True


def bent(r: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(r.randint(1, 3)):
        at, way = r.randrange(len(changed) or 1), r.randrange(5)
        if way == 0:
            del changed[at:]
        elif way == 1:
            changed[at : at + 1] = bytes(
                [r.choice([0xC1, 0xDD, 0xDF, 0xC6, 0xDC, 0xFF])]
            )
        elif way == 2:
            changed[at:at] = r.randbytes(r.randint(1, 8))
        elif way == 3:
            del changed[at : at + r.randint(1, 8)]
        elif changed:
            changed[at] ^= 1 << r.randrange(8)
    return bytes(changed)


def test_bytes_bent_on_the_way_are_refused(kind: Kind):
    r = random.Random(33)
    for _ in range(1500):
        holds(kind, bent(r, kind.whole))


def test_every_shorter_document_is_refused(kind: Kind):
    for size in range(0, len(kind.whole), 7):
        assert not holds(kind, kind.whole[:size])


def test_msgpack_bent_under_a_whole_frame_is_refused_or_read(kind: Kind):
    r = random.Random(34)
    packed = documents.decompress(kind.whole, MOST)
    for _ in range(800):
        holds(kind, documents.compress(bent(r, packed)))


def nodes(value: Any) -> list[tuple[Any, Any]]:
    """Return where each value stands: (map or list, key or place)."""
    found = []
    for key in value if isinstance(value, dict) else range(len(value)):
        found.append((value, key))
        if isinstance(value[key], dict | list):
            found += nodes(value[key])
    return found


def test_every_field_refuses_what_nobody_would_write_there(kind: Kind):
    r = random.Random(35)
    _, whole = documents.decode(kind.whole, kind.name, most_bytes=MOST)
    for n in range(len(nodes(whole))):
        _, body = documents.decode(kind.whole, kind.name, most_bytes=MOST)
        within, key = nodes(body)[n]
        within[key] = r.choice(JUNK)
        holds(kind, documents.encode(kind.name, 1, body))


def test_many_fields_at_once(kind: Kind):
    r = random.Random(36)
    for _ in range(400):
        _, body = documents.decode(kind.whole, kind.name, most_bytes=MOST)
        for within, key in r.sample(nodes(body), 3):
            within[key] = r.choice(JUNK)
        holds(kind, documents.encode(kind.name, 1, body))


def test_no_bent_document_costs_more_than_a_few_megabytes(kind: Kind):
    r = random.Random(37)
    packed = documents.decompress(kind.whole, MOST)
    tracemalloc.start()
    for _ in range(200):
        holds(kind, bent(r, kind.whole))
        holds(kind, documents.compress(bent(r, packed)))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 8 << 20
