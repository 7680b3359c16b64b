"""Entries: what the centre signs of a resource comes out as it went in, or not at all."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from sync.format import entry
from sync.format.documents import DocumentDamaged
from sync.format.entry import Entry, EntryDamaged, EntryPart
from tests.sync.format import made

FILM = Entry(
    id="小学/语文/5 大青树下的小学.mp4",
    version=3,
    state="published",
    kind="video",
    format="mp4",
    title="大青树下的小学",
    place={"grade": "e7bbd372-0590-11ed-9c79-92fc3b3249d5", "lesson_no": 5},
    parts=(EntryPart("main", "ab" * 32, 5_000_000, "5.mp4", "mp4", "video/mp4"),),
    weeks=(3, 4),
)


def test_what_goes_in_comes_out_also_through_json():
    r = random.Random(2)
    for _ in range(300):
        one = made.entry(r)

        assert entry.from_map(entry.to_map(one)) == one
        assert entry.from_map(json.loads(json.dumps(entry.to_map(one)))) == one


def test_what_says_nothing_is_not_written():
    assert set(entry.to_map(FILM)) == {
        "id", "version", "state", "kind", "format", "title", "place", "parts", "weeks",
    }  # fmt: skip
    assert set(entry.to_map(FILM)["parts"][0]) == {
        "role", "object_id", "size_bytes", "name", "format", "media_type",
    }  # fmt: skip


def test_a_field_of_tomorrow_is_kept_and_a_known_one_never_becomes_unknown():
    told = entry.to_map(FILM) | {"mood": {"happy": [True]}}
    read = entry.from_map(told)

    assert read == replace(FILM, unknown={"mood": {"happy": [True]}})
    assert entry.to_map(read) == told
    assert entry.to_map(replace(FILM, unknown={"title": "another"})) == entry.to_map(
        FILM
    )


def test_a_column_of_tomorrow_never_reaches_a_place():
    told = entry.to_map(FILM)
    told["place"] = told["place"] | {"semester": "2"}
    assert entry.from_map(told).place == FILM.place


def test_a_withdrawn_entry_needs_no_parts():
    gone = replace(FILM, state="withdrawn", parts=())
    assert entry.from_map(entry.to_map(gone)) == gone


def with_part(**fields: Any) -> dict[str, Any]:
    return {"parts": [entry.to_map(FILM)["parts"][0] | fields]}


DAMAGED: dict[str, tuple[str, dict[str, Any]]] = {
    "no id": ("id", {"id": None}),
    "an empty id": ("id", {"id": ""}),
    "an id that is a number": ("id", {"id": 5}),
    "an id that never ends": ("id", {"id": "x" * 10_001}),
    "version 0": ("version", {"version": 0}),
    "a version beyond JSON": ("version", {"version": 2**53}),
    "a version that is a truth": ("version", {"version": True}),
    "a version with a point": ("version", {"version": 3.0}),
    "a state nobody knows": ("state", {"state": "burnt"}),
    "a title in bytes": ("title", {"title": b"x"}),
    "a place that is a list": ("place", {"place": []}),
    "a grade that is a number": ("grade", {"place": {"grade": 3}}),
    "a lesson number that is text": ("lesson_no", {"place": {"lesson_no": "5"}}),
    "a lesson number below zero": ("lesson_no", {"place": {"lesson_no": -1}}),
    "extra that is no text": ("x", {"extra": {"x": 1}}),
    "no part": ("parts", {"parts": []}),
    "two main parts": ("parts", {"parts": with_part()["parts"] * 2}),
    "parts that are a map": ("parts", {"parts": {}}),
    "a part that is text": ("", {"parts": ["main"]}),
    "a part without an object": ("object_id", with_part(object_id=None)),
    "an object that is a path": ("object_id", with_part(object_id="../" * 21 + "x")),
    "an object in capitals": ("object_id", with_part(object_id="AB" * 32)),
    "a size below zero": ("size_bytes", with_part(size_bytes=-1)),
    "a size beyond all disks": ("size_bytes", with_part(size_bytes=2**63)),
    "chunks that are no object": ("chunks", with_part(chunks="x")),
    "week 0": ("weeks", {"weeks": [0]}),
    "week 61": ("weeks", {"weeks": [61]}),
    "a week that is text": ("weeks", {"weeks": ["3"]}),
    "a rendition without profile": ("profile", {"renditions": [
        {"source_object_id": "ab" * 32}]}),
    "a film that lasts for ever": ("duration_s", {"renditions": [
        {"source_object_id": "ab" * 32, "profile": "x/1", "object_id": "ab" * 32,
         "size_bytes": 1, "duration_s": float("inf")}]}),
    "a film that lasts nothing that counts": ("duration_s", {"renditions": [
        {"source_object_id": "ab" * 32, "profile": "x/1", "object_id": "ab" * 32,
         "size_bytes": 1, "duration_s": float("nan")}]}),
    "something unknown and very deep": ("", {"y": [[[[[[[[[[[1]]]]]]]]]]]}),
    "something unknown that is no number": ("", {"y": float("nan")}),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGED)
def test_a_field_that_is_not_as_it_should_be_is_named(what: str):
    field, change = DAMAGED[what]
    with pytest.raises(EntryDamaged) as caught:
        entry.from_map(entry.to_map(FILM) | change)
    assert caught.value.reason == "entry_damaged"
    assert caught.value.values["field"] == field


@pytest.mark.parametrize("values", [None, 5, "entry", [], {5: 6}, {b"id": "x"}])
def test_what_is_no_map_of_names_is_no_entry(values: object):
    with pytest.raises(DocumentDamaged):
        entry.from_map(values)
