"""Deltas: the next version of a document in few bytes, or the whole one."""

import hashlib
import random
import tracemalloc
from dataclasses import replace

import pytest
import zstandard

from sync.format import delta, documents, shard
from sync.format.documents import DocumentDamaged, DocumentTooNew
from tests.sync.format import made

MOST = 4 << 20


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def two_weeks(entries: int = 100, changed: int = 9) -> tuple[bytes, bytes]:
    """Return a shard, and the same with some of its entries changed."""
    r = random.Random(20)
    one = shard.Shard(made.collection(r), 3, made.shard(r, entries).entries)
    newer = list(one.entries)
    for n in r.sample(range(len(newer)), changed):
        part = replace(newer[n].parts[0], object_id=made.sha256(r))
        newer[n] = replace(newer[n], version=4, parts=(part, *newer[n].parts[1:]))
    return shard.encode(one), shard.encode(
        replace(one, version=4, entries=tuple(newer))
    )


def test_a_weeks_changes_take_a_few_dozen_bytes_each():
    old, new = two_weeks()
    made_from = delta.make(old, new, most_bytes=MOST)

    assert made_from is not None
    assert len(made_from) < 9 * 64
    assert delta.apply(made_from, old, sha256=sha256(new), most_bytes=MOST) == new


def test_any_document_comes_out_of_any_other():
    r = random.Random(21)
    for _ in range(100):
        body = {f"n{n}": made.plain(r, 4) for n in range(r.randint(1, 40))}
        old = documents.encode("x", 1, body)
        new = documents.encode("x", 1, body | {f"n{r.randint(0, 50)}": made.plain(r)})
        made_from = delta.make(old, new, most_bytes=MOST)
        if made_from is not None:
            assert (
                delta.apply(made_from, old, sha256=sha256(new), most_bytes=MOST) == new
            )


def test_what_saves_nothing_is_not_made():
    r = random.Random(22)
    one, other = (documents.encode("x", 1, {"x": r.randbytes(9000)}) for _ in range(2))
    assert delta.make(one, other, most_bytes=MOST) is None


def test_what_another_zstd_has_packed_is_not_made():
    old, new = two_weeks()
    packed = zstandard.ZstdCompressor(3).compress(documents.decompress(new, MOST))
    assert delta.make(old, packed, most_bytes=MOST) is None


def test_what_is_too_long_or_no_document_is_not_made():
    old, new = two_weeks()
    for pair in ((old, b"x"), (b"", new)):
        with pytest.raises(DocumentDamaged):
            delta.make(*pair, most_bytes=MOST)
    with pytest.raises(DocumentDamaged):
        delta.make(old, new, most_bytes=1000)


def test_another_old_document_is_found_out():
    old, new = two_weeks()
    other, _ = two_weeks(entries=50)
    made_from = delta.make(old, new, most_bytes=MOST)
    assert made_from is not None
    for wrong in (other, new, documents.encode("x", 1, {}), b"", b"no document"):
        with pytest.raises(DocumentDamaged):
            delta.apply(made_from, wrong, sha256=sha256(new), most_bytes=MOST)


def test_a_bent_or_torn_delta_never_makes_anything_else():
    r = random.Random(23)
    old, new = two_weeks(entries=5, changed=2)
    made_from = delta.make(old, new, most_bytes=MOST)
    assert made_from is not None
    for n in range(500):
        bent = bytearray(made_from)
        if n % 3:
            bent[r.randrange(len(bent))] ^= 1 << r.randrange(8)
        else:
            del bent[r.randrange(len(bent)) :]
        try:
            assert (
                delta.apply(bytes(bent), old, sha256=sha256(new), most_bytes=MOST)
                == new
            )
        except (DocumentDamaged, DocumentTooNew):
            continue


@pytest.mark.parametrize("bomb", [bytes(1 << 28), bytes(MOST + 1)])
def test_a_bomb_is_refused_in_little_memory(bomb: bytes):
    old, new = two_weeks()
    hostile = delta.MAGIC + zstandard.ZstdCompressor().compress(bomb)

    tracemalloc.start()
    with pytest.raises(DocumentDamaged):
        delta.apply(hostile, old, sha256=sha256(new), most_bytes=MOST)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak_bytes < MOST


def test_a_number_of_tomorrow_is_too_new_not_damaged():
    old, new = two_weeks()
    with pytest.raises(DocumentTooNew):
        delta.apply(b"EDD2" + b"x" * 20, old, sha256=sha256(new), most_bytes=MOST)
