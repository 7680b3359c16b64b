"""Shards and the root index come out as they went in, or not at all."""

import random
from dataclasses import replace

import pytest

from edge_server.records.curriculum import AXES, read
from sync.format import documents, root_index, shard
from sync.format.documents import DocumentDamaged
from sync.format.entry import EntryDamaged
from sync.format.root_index import RootIndex
from sync.format.shard import Collection, PackRef, Shard
from tests.sync.format import made

MOST = 1 << 20


def changed(data: bytes, kind: str, **fields: object) -> bytes:
    _, body = documents.decode(data, kind, most_bytes=MOST)
    return documents.encode(kind, 1, body | fields)


def test_a_shard_comes_out_as_it_went_in():
    r = random.Random(3)
    for _ in range(100):
        one = made.shard(r)
        assert shard.decode(shard.encode(one)) == one


def test_a_root_index_comes_out_as_it_went_in():
    r = random.Random(4)
    for _ in range(100):
        one = made.root_index(r)
        assert root_index.decode(root_index.encode(one)) == one


def test_a_collection_is_called_by_its_axes():
    words = ["小学", "三年级", "语文", "统编版", "-", "上册"]
    ids = {
        axis: found.id
        for axis, word in zip(AXES, words, strict=True)
        if (found := read(axis, word))
    }
    assert Collection(**ids).id == "xiaoxue.g3.yuwen.tongbian.-.shang"
    assert Collection().id == "-.-.-.-.-.-"


def test_no_two_collections_are_called_alike():
    r = random.Random(5)
    made_up = [made.collection(r) for _ in range(2000)]
    assert len({one.id for one in made_up}) == len({one.axes for one in made_up})


def test_the_publishers_word_for_a_collection_stands_where_a_reader_knows_no_slug():
    weiqi = Collection(subject="jxd:subject-weiqi", id="-.-.weiqi.-.-.-")
    assert (
        shard.decode(shard.encode(Shard(weiqi, 1))).collection.id == "-.-.weiqi.-.-.-"
    )


def test_entries_out_of_order_are_neither_written_nor_read():
    one = made.shard(random.Random(6), entries=5)
    backwards = replace(one, entries=one.entries[::-1])
    twice = replace(one, entries=(one.entries[0], *one.entries))
    for wrong in (backwards, twice):
        with pytest.raises(ValueError, match="order"):
            shard.encode(wrong)

    _, body = documents.decode(shard.encode(one), "shard", most_bytes=MOST)
    with pytest.raises(DocumentDamaged):
        shard.decode(
            documents.encode("shard", 1, body | {"entries": body["entries"][::-1]})
        )


def test_members_of_a_pack_never_overlap_and_never_leave_it():
    a, b = "aa" * 32, "bb" * 32
    with pytest.raises(ValueError, match="overlap"):
        shard.encode(
            Shard(Collection(), 1, packs=(PackRef(a, 90, ((b, 0, 50), (a, 49, 1))),))
        )

    whole = shard.encode(Shard(Collection(), 1))
    for gap, size, fits in [
        (10, 80, True),
        (11, 80, False),
        (-1, 5, False),
        (2**53, 1, False),
    ]:
        members = [{"id": b, "gap": gap, "size": size}]
        data = changed(
            whole, "shard", packs=[{"pack_id": a, "size_bytes": 90, "members": members}]
        )
        if fits:
            assert shard.decode(data).packs == (PackRef(a, 90, ((b, 10, 80),)),)
        else:
            with pytest.raises(DocumentDamaged):
                shard.decode(data)


@pytest.mark.parametrize(
    "fields",
    [
        {"collection": None},
        {"collection": {"grade": 5, "id": "x"}},
        {"collection": {}},
        {"version": 0},
        {"version": -(2**63)},
        {"entries": {}},
        {"entries": [5]},
        {"contents": []},
        {"contents": {"units": [[[[[[[[[[]]]]]]]]]]}},
        {"packs": [{"pack_id": "../x", "size_bytes": 1}]},
        {"packs": [{"pack_id": "aa" * 32, "size_bytes": 1, "members": [{"id": 1}]}]},
        {"patches": [{"new_object_id": "aa" * 32}]},
    ],
)
def test_a_shard_that_is_not_as_it_should_be_is_refused(fields: dict[str, object]):
    with pytest.raises(DocumentDamaged):
        shard.decode(changed(shard.encode(Shard(Collection(), 1)), "shard", **fields))


def test_a_damaged_entry_says_that_it_is_the_entry():
    data = changed(shard.encode(Shard(Collection(), 1)), "shard", entries=[{"id": "x"}])
    with pytest.raises(EntryDamaged):
        shard.decode(data)


@pytest.mark.parametrize(
    "fields",
    [
        {"version": 0},
        {"issued_at": "yesterday"},
        {"issuer": "the county"},
        {"shards": [{}]},
        {"urgent": [["x", 1]]},
        {"urgent": [{"id": "x", "version": -1}]},
        {"revoked": [1]},
        {"revoked": "all"},
        {"calendar": ["aa" * 32, 1]},
        {"calendar": {"sha256": "/etc/passwd", "size_bytes": 1}},
    ],
)
def test_a_root_index_that_is_not_as_it_should_be_is_refused(fields: dict[str, object]):
    whole = root_index.encode(RootIndex(1, 0, "aa" * 32))
    with pytest.raises(DocumentDamaged):
        root_index.decode(changed(whole, "root-index", **fields))


def test_shards_out_of_order_or_twice_are_not_read():
    whole = root_index.encode(made.root_index(random.Random(7)))
    _, body = documents.decode(whole, "root-index", most_bytes=MOST)
    for wrong in (body["shards"][::-1], body["shards"][:1] * 2):
        with pytest.raises(DocumentDamaged):
            root_index.decode(changed(whole, "root-index", shards=wrong))


def test_shards_out_of_order_or_under_anothers_name_are_not_written():
    one = made.root_index(random.Random(7))
    with pytest.raises(ValueError, match="order"):
        root_index.encode(replace(one, shards=one.shards[::-1]))
    named = replace(one.shards[0], collection_id="another")
    with pytest.raises(ValueError, match="order"):
        root_index.encode(replace(one, shards=(named,)))
