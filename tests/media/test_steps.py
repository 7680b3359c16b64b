"""The steps of this room on a real box: what is written down, and what is not."""

from pathlib import Path

import pytest

from edge_server.errors import Refused
from edge_server.ground import jobs, pack, store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import Step, Worker
from edge_server.guard import file_types
from edge_server.media import office, runner, steps
from edge_server.media.choose import choose
from edge_server.media.probe import probe
from edge_server.records import catalogue, renditions, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place
from edge_server.records.renditions import Rendition
from tests.media import films
from tests.media.decks import Slide, click, deck, effect, timing
from tests.media.epubs import epub

STEPS = (
    Step("render", steps.render, on="object", lane="heavy", then=("small",)),
    Step("pages", steps.pages, on="object", lane="heavy"),
    Step("small", steps.small, on="object", lane="heavy"),
)


def show(box: Box, path: Path) -> str:
    """Keep a file, show a resource that consists of it, ask for its renditions."""
    kind = file_types.of(path, path.name)
    object_id = store.hash_file(path)
    copied = box.folder / "work" / object_id
    copied.write_bytes(path.read_bytes())
    kept = store.keep(box, copied, object_id)
    resource_id = f"box/{path.name}"
    part = Part(
        role="main",
        object_id=object_id,
        name=path.name,
        format=kind.format,
        media_type=kind.media_type,
    )
    resource = Resource(
        id=resource_id,
        id_on_disk=catalogue.disk_id(resource_id),
        version=1,
        state="waiting",
        own=True,
        kind=kind.kind,
        format=kind.format,
        about=Description(path.stem, Place()),
        path=path.name,
        channel="folder",
        size_bytes=kept.size_bytes,
        arrived_at=0.0,
        parts=(part,),
    )
    with transaction(box.db) as tx:
        store.record(tx, kept, "own", 0.0)
        versions.add_version(tx, box.clock, resource)
        assert versions.make_visible(tx, box.clock, resource_id)
        for step in ("render", "pages"):
            jobs.enqueue(tx, step, object_id, now=box.clock())
    return object_id


def made_of(box: Box, path: Path) -> dict[str, Rendition]:
    """Keep a file, do its jobs, and return what was made by profile."""
    object_id = show(box, path)
    Worker(box, STEPS).run(until_idle=True)
    assert jobs.rows(box.db) == []
    return renditions.of(box.db, object_id)


def kept(box: Box, rendition: Rendition) -> Path:
    """Return the file of a rendition, whose row must be there."""
    assert rendition.object_id is not None
    assert box.db.value("select 1 from objects where id = ?", (rendition.object_id,))
    return store.path_of(box, rendition.object_id)


def test_a_film_that_plays_is_its_own_main_rendition_and_nothing_is_encoded(
    box, film, monkeypatch
):
    commands = []
    run = runner.run
    monkeypatch.setattr(
        runner, "run", lambda argv, **more: commands.append(argv) or run(argv, **more)
    )
    made = made_of(box, film("plays.mp4"))
    main = made["main/1"]
    assert main.object_id == main.source_object_id
    assert (main.width, main.height, main.media_type) == (320, 180, "video/mp4")
    assert not any("libx264" in argv or "aac" in argv for argv in commands)
    assert kept(box, made["poster/1"]).read_bytes()[:2] == b"\xff\xd8"


def test_an_original_is_never_opened_even_when_it_is_music(box, tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "run", lambda *_, **__: pytest.fail("it was opened"))
    path = tmp_path / "song.mid"
    path.write_bytes(b"MThd\0\0\0\6\0\0\0\1\0\x60MTrk\0\0\0\4\0\xff\x2f\0")
    assert file_types.of(path, path.name).kind == "original"
    assert made_of(box, path) == {}


def test_another_film_becomes_one_that_plays_with_a_poster(box, film):
    made = made_of(box, film("divx.avi"))
    assert choose(probe(kept(box, made["main/1"]))).serve
    assert abs(made["main/1"].duration_s - 2) < 0.2
    assert made["main/1"].bitrate_kbps > 10
    assert "poster/1" in made
    assert not list((box.folder / "work" / "render").iterdir())


def test_each_further_sound_is_named(box, film):
    made = made_of(box, film("two-sounds.mkv"))
    assert made["sound-2/1"].label == "English"
    assert choose(probe(kept(box, made["sound-2/1"]))).serve


def test_a_heavy_film_gets_a_small_one_last(box, tmp_path):
    path = tmp_path / "heavy.mp4"
    noise = "testsrc2=size=640x480:rate=25:duration=3,noise=alls=60:allf=t"
    films.film(f"{films.PLAYS} -b:v 3M", picture=noise)(path)
    made = made_of(box, path)
    assert made["main/1"].bitrate_kbps > 1000
    small = made["mp4-360/1"]
    assert small.height == 360
    assert small.bitrate_kbps < made["main/1"].bitrate_kbps / 2


def test_a_light_film_gets_no_small_one(box, film):
    assert "mp4-360/1" not in made_of(box, film("index-last.mp4"))


def test_what_is_left_of_a_film_plays_and_says_so(box, film):
    main = made_of(box, film("cut.mp4"))["main/1"]
    assert main.about == {"damaged": True}
    assert 0.5 < main.duration_s < 1.5


def test_a_film_without_its_index_is_refused(box, film):
    object_id = show(box, film("cut-no-index.mp4"))
    with pytest.raises(Refused, match="media_without_index"):
        steps.render(box, Job(1, "render", object_id))
    assert renditions.of(box.db, object_id) == {}


def test_a_recording_keeps_its_cover(box, film):
    made = made_of(box, film("covered.mp3"))
    assert made["main/1"].media_type == "audio/mpeg"
    assert "poster/1" in made


def test_a_long_film_has_a_strip_of_pictures(box, tmp_path):
    path = tmp_path / "long.mp4"
    films.film(films.PLAYS, picture="testsrc2=size=320x180:rate=5:duration=60")(path)
    strip = made_of(box, path)["storyboard/1"]
    about = strip.about
    assert about["count"] == 12
    assert about["columns"] * about["rows"] >= 12
    facts = films.facts(kept(box, strip))["streams"][0]
    assert facts["width"] == about["columns"] * about["width"]
    assert facts["height"] == about["rows"] * about["height"]


@pytest.mark.parametrize("kind", ["bmp", "tiff", "webp", "png", "jpg", "gif"])
def test_pictures_of_every_kind_are_shown_at_screen_size(box, tmp_path, kind):
    path = tmp_path / f"map.{kind}"
    films.ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=2400x1600:rate=1:duration=1"),
        *("-frames:v", "1", str(path)),
    )
    main = made_of(box, path)["main/1"]
    seen = films.facts(kept(box, main))["streams"][0]
    assert (seen["codec_name"], seen["width"], seen["height"]) == ("mjpeg", 1620, 1080)


def test_subtitles_become_webvtt(box, tmp_path):
    path = tmp_path / "film.srt"
    path.write_bytes(
        "1\n00:00:01,000 --> 00:00:02,500\n大青树下的小学\n".encode("gb18030")
    )
    vtt = made_of(box, path)["vtt/1"]
    assert "大青树下的小学" in kept(box, vtt).read_text("utf-8")


def test_a_deck_has_pages_that_count_slides_and_films_beside_them(box, film, tmp_path):
    boxes = [("FF0000", "问"), ("00FF00", "答")]
    path = deck(
        tmp_path / "课件.pptx",
        [
            Slide(boxes, timing(click(effect(3)))),
            Slide(boxes, media=[("a.wmv", film("media.wmv").read_bytes())]),
        ],
    )
    made = made_of(box, path)
    pages = made["pages-1920/1"]
    assert pages.pages == 2
    assert pages.about == {"pictures": [["0001.jpg", "0001-02.jpg"], ["0002.jpg"]]}
    members = [member.name for member in pack.read_index(kept(box, pages))]
    assert members == ["0001.jpg", "0001-02.jpg", "0002.jpg"]
    assert made["pdf/1"].pages == 2
    assert choose(probe(kept(box, made["clip-2-1/1"]))).serve
    assert "poster/1" in made


def test_without_libreoffice_a_deck_says_what_is_missing_and_its_films_play(
    box, film, tmp_path, monkeypatch
):
    monkeypatch.setattr(office, "installed", lambda: False)
    slide = Slide([("FF0000", "问")], media=[("a.mp4", film("plays.mp4").read_bytes())])
    path = deck(tmp_path / "课件.pptx", [slide])
    made = made_of(box, path)
    assert made["pages-1920/1"].code == "office_missing"
    assert made["clip-1-1/1"].object_id is not None

    monkeypatch.undo()
    with transaction(box.db) as tx:
        jobs.enqueue(tx, "pages", store.hash_file(path), now=box.clock())
    Worker(box, STEPS).run(until_idle=True)
    made = renditions.of(box.db, store.hash_file(path))
    assert made["pages-1920/1"].object_id is not None


def test_a_second_run_changes_nothing(box, film):
    object_id = show(box, film("media.wmv"))
    Worker(box, STEPS).run(until_idle=True)
    first = renditions.of(box.db, object_id)
    for step in (steps.render, steps.pages, steps.small):
        write_down = step(box, Job(1, "again", object_id))
        with transaction(box.db) as tx:
            list(write_down(tx))
    assert renditions.of(box.db, object_id) == first


def test_nothing_is_written_of_what_nobody_uses_any_more(box, film):
    object_id = show(box, film("flash-h264.flv"))
    write_down = steps.render(box, Job(1, "render", object_id))
    with transaction(box.db) as tx:
        tx.execute("delete from parts where object_id = ?", (object_id,))
        assert list(write_down(tx)) == []
    assert renditions.of(box.db, object_id) == {}


def test_a_book_becomes_clean_chapters_with_its_cover_as_poster(box, tmp_path):
    path = tmp_path / "小故事.epub"
    path.write_bytes(epub(cover=True))
    made = made_of(box, path)
    book = made[renditions.CHAPTERS]
    assert (book.pages, book.about["titles"]) == (2, ["小蝌蚪找妈妈", "井底的青蛙"])
    members = pack.read_index(kept(box, book))
    assert [one.name for one in members] == ["0001.html", "0002.html", "p0001.png"]
    text = pack.read_member(kept(box, book), members[0]).decode()
    assert "快活地游来游去" in text and "<script" not in text
    assert kept(box, made[renditions.POSTER]).read_bytes().startswith(b"\xff\xd8")


def test_a_book_that_is_none_says_so_and_is_not_tried_again(box, tmp_path):
    path = tmp_path / "坏书.epub"
    path.write_bytes(epub().replace(b"OPS/book.opf", b"OPS/none.opf"))
    made = made_of(box, path)
    assert made[renditions.CHAPTERS].code == "book_unreadable"
    assert jobs.rows(box.db) == []
