"""Batches: what the outbox holds comes out byte for byte, in few bytes, or not at all."""

import json
import random
import tracemalloc
from typing import Any

import pytest

from edge_server.records import outbox
from sync.format import batch, documents
from sync.format.batch import Batch, Boot, Row
from sync.format.documents import DocumentDamaged
from tests.sync.format import made

BOX, EPOCH = "ab" * 16, "6b1e7a8e-1111-4000-8000-123456789abc"
BOOT = "0f1e7a8e-2222-4000-8000-123456789abc"


def row(seq: int, body: str, kind: str = "usage", since_s: float = 5.0) -> Row:
    return Row(seq, kind, body, BOOT, since_s, 1_790_000_000.0 + since_s)


def as_stored(values: object) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sent(rows: list[Row], **others: Any) -> Batch:
    chain = b"c" * 32 if rows and rows[0].seq > 1 else b""
    first = rows[0].seq if rows else 1
    return batch.decode(batch.encode(BOX, EPOCH, first, chain, rows, **others))


def evening(r: random.Random, events: int = 300) -> list[Row]:
    """Return what a school's evening leaves in the outbox, as `records.usage` writes it."""
    known = [
        f"{'cd' * 32}/小学/三年级/语文/上册/第{n // 8 + 1}单元/{n % 8} {made.text(r, 12)}.mp4"
        for n in range(40)
    ]
    found: list[Row] = []
    since_s = 30_000.0
    while len(found) < events:
        resource_id, visit = r.choice(known), r.randbytes(12).hex()
        for n in range(1, r.randint(2, 15)):
            since_s += r.uniform(1, 40)
            body: dict[str, object] = {
                "kind": "opened" if n == 1 else "played",
                "visit": f"{visit}-{n}",
                "resource_id": resource_id,
                "version": 3,
                "at": round(1_790_000_000 + since_s, 3),
            }
            if n > 1:
                body |= {"position_s": 30.0 * n, "played_s": float(r.choice([30, 12]))}
            found.append(row(1 + len(found), as_stored(body), since_s=since_s))
    return found[:events]


def test_a_batch_comes_out_as_it_went_in():
    boots = (Boot(BOOT, 1_790_000_000.25, "wall"), Boot("another", 0.0, "floor"))
    rows = [
        Row(7, "usage", '{"kind":"opened"}', BOOT, 12.345, 1_790_000_012.345),
        Row(8, "receipt", '{"collection":"x"}', "another", 0.001, 0.5),
    ]
    heartbeat = {"disk": {"free_bytes": 5}, "failing": ["render"], "skew_s": -1.5}

    got = sent(rows, boots=boots, heartbeat=heartbeat, nothing_before=True)

    assert got == Batch(
        BOX, EPOCH, 7, b"c" * 32, tuple(rows), boots, heartbeat, nothing_before=True
    )
    assert got.last_seq == 8


def test_a_heartbeat_travels_without_rows():
    got = sent([], heartbeat={"head": 5})
    assert (got.rows, got.heartbeat, got.last_seq) == ((), {"head": 5}, 0)


def a_body(r: random.Random) -> str:
    """Return text as an outbox may hold it, and text as no outbox ever should."""
    names = ["kind", "visit", "at", "page", "n", "字", ""]
    scalars = [
        None, True, 0, -1, 7, 2**53 - 1, 2**53, -(2**70), 0.0, -0.0, 1.5, 0.001, 1e-9,
        1e22, 1790000000.123, 123.4567891, "", "0", "00", "a-1", "a-01", "-5", "x" * 10_001,
        "字\x00\n", made.sha256(r), "٣", f"{r.random()}",
    ]  # fmt: skip
    picked = r.sample(names, r.randint(0, len(names)))
    body = as_stored({name: r.choice(scalars) for name in picked})
    return r.choice(
        [
            body, body, body, body, f" {body}", body.replace(",", ", "),
            as_stored({"nested": [1, {"x": []}]}), as_stored([1, 2]), as_stored("text"),
            '{"a":1,"a":2}', '{"b":1,"a":2}', '{"a":1e5}', '{"a":NaN}', '{"a":Infinity}',
            '{"a":"\\ud800"}', '{"a":"\\u5b57"}', "not json", "", "[" * 5000,
            as_stored({f"n{n}": n for n in range(101)}),
        ]
    )  # fmt: skip


def test_bodies_come_out_byte_for_byte_whatever_they_are():
    r = random.Random(8)
    for _ in range(300):
        rows = [row(n + 1, a_body(r)) for n in range(r.randint(0, 12))]
        assert list(sent(rows).rows) == rows


def test_the_chain_can_be_made_again_from_what_arrives(box):
    from edge_server.ground.db import transaction

    with transaction(box.db) as tx:
        for n in range(20):
            outbox.add(
                tx, box.clock, "usage", {"page": n, "at": n / 3, "words": "字\n"}
            )
    stored = box.db.all("select * from outbox order by seq")
    rows = [
        Row(s["seq"], s["kind"], s["body"], s["boot"], s["since_boot_s"], 1.0)
        for s in stored
    ]

    chain = b""
    for got, there in zip(sent(rows).rows, stored, strict=True):
        chain = outbox.link(chain, got.body)
        assert chain == there["chain"]


def test_an_evening_of_300_events_takes_less_than_30_bytes_each():
    rows = evening(random.Random(9))
    data = batch.encode(BOX, EPOCH, 1, b"", rows, [Boot(BOOT, 1.79e9, "wall")])

    assert len(data) / len(rows) < 30
    assert [got.body for got in batch.decode(data).rows] == [one.body for one in rows]


def test_times_travel_to_the_millisecond():
    (got,) = sent(
        [Row(1, "usage", "{}", BOOT, 86_400.123456, 1_790_000_000.987654)]
    ).rows
    assert (got.since_boot_s, got.at) == (86_400.123, 1_790_000_000.988)


def test_a_gap_is_not_sent():
    with pytest.raises(ValueError, match="gap"):
        sent([row(1, "{}"), row(3, "{}")])


def test_what_fits_is_known_before_and_nothing_more_is_sent():
    many = [as_stored({"n": n}) for n in range(5000)]
    assert batch.how_many(many) == batch.MOST_ROWS
    big = ["x" * 300_000] * 5
    assert batch.how_many(big) == 3
    assert batch.how_many([]) == 0

    rows = [row(n + 1, body) for n, body in enumerate(many)]
    assert len(sent(rows[: batch.MOST_ROWS]).rows) == batch.MOST_ROWS
    assert len(sent([row(n + 1, one) for n, one in enumerate(big[:3])]).rows) == 3
    with pytest.raises(ValueError, match="too much"):
        sent(rows[: batch.MOST_ROWS + 1])


def changed(**fields: object) -> bytes:
    whole = batch.encode(BOX, EPOCH, 1, b"", evening(random.Random(10), 20))
    _, body = documents.decode(whole, "batch", most_bytes=1 << 20)
    for path, value in fields.items():
        *above, last = path.split("__")
        within = body
        for name in above:
            within = within[name]
        within[last] = value
    return documents.encode("batch", 1, body)


@pytest.mark.parametrize(
    "fields",
    [
        {"box_id": 5},
        {"epoch": ""},
        {"first_seq": 0},
        {"first_seq": 2},  # and nothing is said of the chain before
        {"chain_before": b"c" * 32},
        {"chain_before": "c"},
        {"boots": [{"id": "x", "offset_s": -1.0, "trust": "wall"}]},
        {"boots": [{"id": "x", "offset_s": float("nan"), "trust": "wall"}]},
        {"boots": [{"id": "x", "offset_s": 1 << 60, "trust": "wall"}]},
        {"heartbeat": [1]},
        {"heartbeat": {"x": [[[[[[[[[[]]]]]]]]]]}},
        {"nothing_before": 1},
        {"kind": {"whole": [1] * 20}},
        {"kind": {"texts": ["usage"], "text": [0] * 19}},
        {"kind": {"texts": ["usage"], "text": [1] + [0] * 19}},
        {"kind": {"texts": ["usage"], "text": [-1] + [0] * 19}},
        {"kind": {"texts": [5], "text": [0] * 20}},
        {"kind": {"texts": ["usage"], "text": [0] * 20, "ends": [1]}},
        {"since_boot_ms": {"whole": ["1"] * 20}},
        {"since_boot_ms": {"whole": [2**52] * 20}},
        {"since_boot_ms": {"milli": [1] * 20}},
        {"began_ms": {"whole": []}},
        {"began_ms": 5},
        {"bodies": []},
        {"bodies__shape": {"whole": [9]}},
        {"bodies__shape": {"whole": [-1]}},
        {"bodies__shape": {"whole": [0] * 2001}},
        {"bodies__shape": {"whole": [0] * 21}},
        {"bodies__shapes": [{"names": ["nowhere"]}] * 2},
        {
            "bodies__shapes": [{"names": ["at"] * 101}] * 2,
            "bodies__columns": {"at": {"whole": [0] * 101 * 20}},
        },
        {"bodies__shapes": [{}] * 2},
        {"bodies__columns__at": {"any": [[]] * 20}},
        {"bodies__columns__at": {"any": [float("nan")] * 20}},
        {"bodies__columns__at": {"any": [2**60] * 20}},
        {"bodies__columns__at": {}},
        {"bodies__columns": {"at": {"whole": [1]}}},
        {"bodies__texts": [b"x"]},
    ],
)  # fmt: skip
def test_a_batch_that_is_not_as_it_should_be_is_refused(fields: dict[str, object]):
    with pytest.raises(DocumentDamaged):
        batch.decode(changed(**fields))


def test_more_rows_than_fit_are_refused_however_small():
    rows = batch.MOST_ROWS + 1
    nothing = {"texts": ["x"], "text": [0] * rows}
    for most, fits in ((rows, False), (rows - 1, True)):
        column = {"whole": [0] * most}
        data = changed(
            kind=nothing | {"text": [0] * most},
            boot=nothing | {"text": [0] * most},
            since_boot_ms=column,
            began_ms=column,
            bodies={"shapes": [{"names": []}], "shape": column, "columns": {}},
        )
        if fits:
            assert len(batch.decode(data).rows) == most
        else:
            with pytest.raises(DocumentDamaged):
                batch.decode(data)


def test_a_little_document_cannot_name_one_long_text_a_thousand_times():
    data = changed(
        bodies={
            "shapes": [{"names": ["a", "b", "c"]}],
            "shape": {"whole": [0] * 2000},
            "columns": {
                name: {"texts": ["x" * 9_000], "text": [0] * 2000} for name in "abc"
            },
        }
    )
    assert len(data) < 1000

    tracemalloc.start()
    with pytest.raises(DocumentDamaged):
        batch.decode(data)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < 4 << 20
