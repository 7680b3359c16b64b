"""The shell of every document: what goes in comes out, and nothing else comes out."""

import random
import tracemalloc

import msgpack
import pytest
import zstandard

from sync.format import documents
from sync.format.documents import DocumentDamaged, DocumentTooNew
from tests.sync.format import made

MOST = 1 << 20


def framed(packed: bytes) -> bytes:
    return zstandard.ZstdCompressor(3, write_content_size=True).compress(packed)


def told(**fields: object) -> bytes:
    return framed(msgpack.packb({"format": "shard", "number": 1, **fields}))


def test_what_goes_in_comes_out():
    r = random.Random(1)
    for _ in range(300):
        body = {f"field {n}": made.plain(r, 5) for n in range(r.randint(0, 5))}
        number = r.randint(1, 3)

        data = documents.encode("shard", number, body)

        assert documents.decode(data, "shard", most_bytes=MOST, newest=3) == (
            number,
            body,
        )


def test_equal_content_gives_equal_bytes():
    one = documents.encode("shard", 1, {"a": {"x": 1, "y": (2,)}, "b": "2"})
    other = documents.encode("shard", 1, {"b": "2", "a": {"y": [2], "x": 1}})
    assert one == other


def test_a_hash_travels_as_its_32_bytes_and_comes_out_as_text():
    ids = [made.sha256(random.Random(n)) for n in range(100)]
    data = documents.encode("shard", 1, {"ids": ids})

    assert len(data) < 100 * 36
    assert documents.decode(data, "shard", most_bytes=MOST)[1]["ids"] == ids


@pytest.mark.parametrize("text", ["A" * 64, "0" * 63, "٠" * 64, "g" * 64])
def test_what_only_looks_like_a_hash_stays_as_it_is(text: str):
    data = documents.encode("shard", 1, {"text": text})
    assert documents.decode(data, "shard", most_bytes=MOST)[1] == {"text": text}


HOSTILE = {
    "nothing": b"",
    "no zstd": b"edge" * 20,
    "no msgpack": framed(b"\xc1\xc1"),
    "an empty frame": framed(b""),
    "no map": framed(msgpack.packb([1, 2])),
    "another kind": framed(msgpack.packb({"format": "batch", "number": 1})),
    "no kind": framed(msgpack.packb({"number": 1})),
    "no number": framed(msgpack.packb({"format": "shard"})),
    "a number that is text": told(number="1"),
    "a number that is a truth": told(number=True),
    "number 0": told(number=0),
    "a list as kind": told(format=["shard"]),
    "a key that is no text": framed(
        msgpack.packb({"format": "shard", "number": 1, b"x": 1})
    ),
    "a key that is a list": framed(b"\x81\x90\xc0"),
    "text that is no UTF-8": framed(b"\x81\xa1x\xa2\xff\xff"),
    "something behind the map": framed(
        msgpack.packb({"format": "shard", "number": 1}) + b"\xc0"
    ),
    "a second frame": told() + told(),
    "a hash of 31 bytes": told(x=msgpack.ExtType(1, b"a" * 31)),
    "another extension": told(x=msgpack.ExtType(5, b"a" * 32)),
    "a list that claims 2 billion": framed(b"\xdd\x7f\xff\xff\xff"),
    "a map that claims 4 billion": framed(b"\xdf\xff\xff\xff\xff"),
    "bytes that claim 4 GB": framed(b"\xc6\xff\xff\xff\xff"),
    "a thousand lists that claim 65535 each": framed(b"\xdc\xff\xff" * 1000),
    "lists in lists in lists": framed(b"\x91" * 100_000 + b"\xc0"),
    "a bomb that says so": framed(bytes(1 << 28)),
    "a frame without its size": zstandard.ZstdCompressor(
        3, write_content_size=False
    ).compress(msgpack.packb({"format": "shard", "number": 1})),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_document_is_refused_in_little_memory(what: str):
    tracemalloc.start()
    with pytest.raises(DocumentDamaged) as caught:
        documents.decode(HOSTILE[what], "shard", most_bytes=MOST)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert caught.value.reason == "document_damaged"
    assert caught.value.values["kind"] == "shard"
    assert peak_bytes < 2 * MOST


def test_a_bomb_that_lies_about_its_size_ends_where_it_said():
    data = bytearray(framed(bytes(8 << 20)))
    assert zstandard.frame_content_size(bytes(data)) == 8 << 20
    data[6:10] = (1000).to_bytes(4, "little")  # behind magic, descriptor and window
    assert zstandard.frame_content_size(bytes(data)) == 1000

    tracemalloc.start()
    with pytest.raises(DocumentDamaged):
        documents.decode(bytes(data), "shard", most_bytes=MOST)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < MOST


def test_the_worst_a_document_can_cost_is_what_the_module_says():
    data = told(x=[{}] * 65_000)

    tracemalloc.start()
    documents.decode(data, "shard", most_bytes=MOST)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < 80 * 65_100


def test_a_document_one_byte_too_long_is_refused_and_one_that_fits_is_not():
    data = told()
    length = zstandard.frame_content_size(data)

    documents.decode(data, "shard", most_bytes=length)
    with pytest.raises(DocumentDamaged):
        documents.decode(data, "shard", most_bytes=length - 1)


def test_a_number_of_tomorrow_is_too_new_not_damaged():
    with pytest.raises(DocumentTooNew) as caught:
        documents.decode(told(number=2), "shard", most_bytes=MOST)
    assert caught.value.values == {"kind": "shard", "number": 2}
