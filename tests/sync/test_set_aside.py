"""What only the look into the whole file can tell is refused after all."""

import subprocess

import pytest

from edge_server.cli import examination
from edge_server.ground import store
from edge_server.ground.db import transaction
from edge_server.records import catalogue, refusals, versions
from edge_server.upkeep import verify
from tests.boxes import run_until_idle
from tests.sync.test_take import offer, shown

NOISE = bytes(range(256)) * 400
NOTHING_IN_IT = {
    "noise.flv": b"FLV\1" + NOISE,
    "noise.mp3": b"ID3\3\0\0\0\0\0\0" + NOISE,
    "noise.ogg": b"OggS\0" + NOISE,
    "list.m3u8": b"#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1/a.ts\n",
}


@pytest.mark.parametrize("name", NOTHING_IN_IT)
def test_what_begins_like_a_film_and_is_none_is_refused(box, name):
    offer(box, name, NOTHING_IN_IT[name], path=f"三年级/{name}")
    run_until_idle(box)

    assert shown(box) == {}
    (refusal,) = refusals.newest(box.db)
    assert (refusal.name, refusal.code) == (f"三年级/{name}", "not_media")
    assert refusal.size_bytes == len(NOTHING_IN_IT[name])
    kept = box.folder / "refused" / str(refusal.file)
    assert kept.read_bytes() == NOTHING_IN_IT[name]
    assert list(verify.problems(box, lambda count: None)) == []
    assert "things_refused" in [found.code for found in examination.examine(box)]


def test_the_film_that_it_took_the_place_of_is_shown_again(box, film):
    offer(box, "a.mp4", film.read_bytes(), path="三年级/课文.mp4")
    run_until_idle(box)
    offer(box, "b.mp4", NOTHING_IN_IT["noise.flv"], path="三年级/课文.mp4")
    run_until_idle(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.main.object_id == store.hash_file(film)
    assert [r.code for r in refusals.newest(box.db)] == ["not_media"]


def test_a_whole_film_that_comes_afterwards_is_shown(box, film):
    srt = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
    offer(box, "a.flv", NOTHING_IN_IT["noise.flv"], path="课文.mp4")
    offer(box, "a.srt", srt, path="课文.srt")
    run_until_idle(box)
    assert "课文.mp4" not in shown(box)
    offer(box, "b.mp4", film.read_bytes(), path="课文.mp4")
    run_until_idle(box)

    assert shown(box) == {"课文.mp4": ["课文.mp4", "课文.srt"]}


def test_what_is_refused_twice_is_listed_once_and_refused_again_when_restored(box):
    for file in ("a", "b"):
        offer(box, file, NOTHING_IN_IT["noise.mp3"], path="歌.mp3")
        run_until_idle(box)
    assert shown(box) == {}
    assert len(refusals.newest(box.db)) == 1
    resource_id = str(box.db.value("select id from resources"))
    resource = catalogue.newest_version(box.db, resource_id)
    assert resource is not None and resource.state == "withdrawn"
    with transaction(box.db) as tx:
        assert versions.restore(tx, box.clock, resource.id)
        assert versions.take_back(tx, box.clock, resource.main.object_id)
    assert shown(box) == {}


def test_a_real_film_of_a_kind_that_is_not_opened_here_stays_and_says_so(box):
    path = box.folder / "work" / "old.avi"
    subprocess.run(
        ["ffmpeg", "-v", "error", "-f", "lavfi", "-i",
         "testsrc2=size=320x180:rate=5:duration=1", "-c:v", "cinepak", str(path)],
        check=True,
    )  # fmt: skip
    offer(box, "old.avi", path.read_bytes())
    run_until_idle(box)

    assert shown(box) == {"old.avi": ["old.avi"]}
    assert refusals.newest(box.db) == []
    row = box.db.one("select code, detail from renditions where profile = 'main/1'")
    assert (row["code"], row["detail"]) == ("media_unsupported", '{"codec": "cinepak"}')
