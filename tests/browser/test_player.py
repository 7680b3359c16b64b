"""Films and readings, by a finger and a keyboard."""

import subprocess

import pytest

from edge_server.ground.db import transaction
from edge_server.records import outbox, renditions
from edge_server.records.catalogue import Part
from edge_server.records.renditions import Rendition
from tests.browser.conftest import ARTIFACTS, LAPTOP, PHONE
from tests.browser.looking import PLAY, becomes, wait_for
from tests.web.school import place


def test_a_film_plays_and_what_was_played_is_in_the_outbox(served, open_page):
    page = open_page(served.resource("film"))
    before = outbox.waiting(served.school.box.db)
    page.click(".start")
    assert page.evaluate(PLAY) > 1
    assert page.locator(".start").is_hidden()
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('video').paused")
    played = wait_for(page, lambda: served.events("played"), "the usage event")
    assert played[-1]["resource_id"] == served.found["film"].id
    assert 0 < played[-1]["played_s"] < 10
    assert served.events("opened")
    assert outbox.waiting(served.school.box.db) > before


def test_a_film_goes_on_where_it_stopped_and_home_offers_it(served, open_page):
    page = open_page(served.resource("film"))
    page.evaluate("document.querySelector('video').currentTime = 14")
    page.click(".start")
    page.evaluate(PLAY)
    page.keyboard.press(" ")
    page.goto(served.origin + "/")
    again = page.locator("[data-recent] .card").first
    assert "朗读与生字" in again.inner_text() and "放到 0:1" in again.inner_text()
    assert float(again.locator("rect").get_attribute("width").rstrip("%")) > 50
    again.click()
    page.wait_for_url("**/resource/*")
    becomes(page, "document.querySelector('video').currentTime > 13")
    assert "接着放" in page.locator("[data-resume]").inner_text()
    page.click("[data-resume] button")
    becomes(page, "document.querySelector('video').currentTime < 5")


def test_changing_the_quality_keeps_the_place(served, open_page):
    page = open_page(served.resource("film"))
    page.click(".start")
    page.evaluate(PLAY)
    # The light version of the test's film is not a film; both names lead to the sharp one.
    page.evaluate(
        "document.querySelectorAll('source')[1].src = document.querySelectorAll('source')[0].src"
    )
    page.evaluate("document.querySelector('video').currentTime = 9")
    page.select_option("[data-sources]", "1")
    becomes(page, "document.querySelector('video').currentTime > 9.2")
    assert not page.evaluate("document.querySelector('video').paused")


def test_the_keyboard_moves_a_film(served, open_page):
    page = open_page(served.resource("film"))
    becomes(page, "document.querySelector('video').readyState >= 1")
    at = "Math.round(document.querySelector('video').currentTime)"
    page.keyboard.press("ArrowRight")
    becomes(page, at + " === 10")
    page.keyboard.press("ArrowLeft")
    becomes(page, at + " === 0")
    page.keyboard.press("5")
    becomes(page, at + " === 12")
    page.keyboard.press("m")
    assert page.evaluate("document.querySelector('video').muted")
    page.keyboard.press("f")
    becomes(page, "document.querySelector('.stage').classList.contains('full')")
    page.keyboard.press("f")
    becomes(page, "!document.querySelector('.stage').classList.contains('full')")


def test_typing_in_the_search_box_moves_no_film(served, open_page):
    page = open_page(served.resource("film"))
    becomes(page, "document.querySelector('video').readyState >= 1")
    page.focus("#q-bar")
    page.keyboard.type("5k f")
    assert page.evaluate("document.querySelector('video').currentTime") == 0
    assert page.input_value("#q-bar") == "5k f"


def test_the_speed_is_chosen(served, open_page):
    page = open_page(served.resource("film"))
    page.select_option("[data-speed]", "1.5")
    assert page.evaluate("document.querySelector('video').playbackRate") == 1.5


def tile(page) -> tuple[bool, str, str]:
    """Return whether the peek is seen, its time, and how far its picture is moved."""
    return tuple(
        page.evaluate(
            "(() => { const peek = document.querySelector('[data-peek]');"
            "return [!peek.hidden, peek.querySelector('b').textContent,"
            "peek.querySelector('span').style.backgroundPosition]; })()"
        )
    )


def test_the_bar_of_a_film_shows_what_is_under_the_mouse(served, open_page):
    page = open_page(served.resource("film"))
    becomes(page, "document.querySelector('video').readyState >= 1")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    assert tile(page)[0] is False
    bar = page.locator("[data-seek]").bounding_box()
    middle = bar["y"] + bar["height"] / 2
    page.mouse.move(bar["x"] + bar["width"] / 2, middle)
    page.mouse.move(bar["x"] + bar["width"] / 2 + 1, middle)
    wait_for(page, lambda: tile(page)[0], "the peek")
    page.mouse.move(bar["x"] + bar["width"] * 0.3, middle)
    assert tile(page) == (True, "0:07", "0px 0px")
    page.mouse.move(bar["x"] + bar["width"] - 1, middle)
    wait_for(page, lambda: any(one.endswith(".jpg") for one in asked), "the picture")
    assert tile(page)[1] == "0:24"
    box = page.locator("[data-peek]").bounding_box()
    stage = page.locator(".stage").bounding_box()
    assert stage["x"] <= box["x"] and stage["y"] <= box["y"]
    assert box["x"] + box["width"] <= stage["x"] + stage["width"]
    page.screenshot(path=ARTIFACTS / "peek-1366-zh.png")
    page.mouse.move(bar["x"], bar["y"] - 200)
    assert tile(page)[0] is False


def test_a_finger_on_the_bar_of_a_film_shows_it_too(served, open_page):
    page = open_page(served.resource("film"), PHONE)
    becomes(page, "document.querySelector('video').readyState >= 1")
    page.dispatch_event("[data-seek]", "touchstart")
    page.wait_for_timeout(300)
    drag = "(value) => { const seek = document.querySelector('[data-seek]'); seek.value = value; seek.dispatchEvent(new Event('input')); }"
    page.evaluate(drag, 500)
    seen, said, _ = tile(page)
    assert (seen, said) == (True, "0:12")
    box = page.locator("[data-peek]").bounding_box()
    assert box["y"] >= page.locator(".stage").bounding_box()["y"]
    page.screenshot(path=ARTIFACTS / "peek-360-zh.png")
    page.evaluate(
        "document.querySelector('[data-seek]').dispatchEvent(new Event('change'))"
    )
    assert tile(page)[0] is False
    becomes(page, "Math.round(document.querySelector('video').currentTime) === 12")


def test_keys_on_the_bar_move_the_film_and_show_no_peek(served, open_page):
    page = open_page(served.resource("film"))
    becomes(page, "document.querySelector('video').readyState >= 1")
    page.hover("[data-seek]")
    wait_for(page, lambda: tile(page)[1], "the module")
    page.mouse.move(5, 5)
    page.focus("[data-seek]")
    page.keyboard.press("ArrowRight")
    becomes(page, "Math.round(document.querySelector('video').currentTime) === 10")
    page.keyboard.press("End")
    assert tile(page)[0] is False


@pytest.fixture(scope="module")
def poem(served, tmp_path_factory):
    """A reading of a poem, with its lines."""
    path = tmp_path_factory.mktemp("poem") / "poem.m4a"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "sine=f=330:d=20",
         "-c:a", "aac", "-movflags", "+faststart", str(path)],
        check=True,
    )  # fmt: skip
    school, data = served.school, path.read_bytes()
    lines = "WEBVTT\n\n00:00.000 --> 00:10.000\n鹅，鹅，鹅，\n\n00:10.000 --> 00:20.000\n曲项向天歌。\n"
    lrc = school.keep(lines.encode() + b" ")
    resource = school.add(
        "咏鹅 诵读", "audio", "m4a", data, place("g3", "yuwen"), media_type="audio/mp4",
        more=(Part("subtitle", lrc, "咏鹅.lrc", "lrc", "text/plain", language="zh"),),
    )  # fmt: skip
    main = {"media_type": "audio/mp4", "duration_s": 20.0}
    school.made(resource, renditions.MAIN, data, **main)
    vtt = school.keep(lines.encode(), "derived")
    with transaction(school.box.db) as tx:
        made = Rendition(lrc, renditions.VTT, vtt, media_type="text/vtt")
        renditions.record(tx, school.box.clock, made)
    return f"{served.origin}/resource/{resource.id_on_disk}"


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_reading_plays_with_our_bar_and_shows_its_lines(poem, open_page, size):
    page = open_page(poem, size)
    line = "document.querySelector('[data-lyric]').textContent"
    becomes(page, "document.querySelector('audio').readyState >= 1")
    page.click(".sounding [data-do=toggle]")
    becomes(page, "document.querySelector('audio').currentTime > 0.5")
    becomes(page, line + " === '鹅，鹅，鹅，'")
    page.keyboard.press("6")
    becomes(page, line + " === '曲项向天歌。'")
    assert page.locator("[data-time]").inner_text().endswith(" / 0:20")
    page.screenshot(path=ARTIFACTS / f"poem-{size[0]}-zh.png")
    page.keyboard.press("k")
    assert page.evaluate("document.querySelector('audio').paused")
    page.keyboard.press("c")
    assert page.locator("[data-lyric]").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]


def test_a_reading_goes_on_where_it_stopped(poem, open_page):
    page = open_page(poem)
    becomes(page, "document.querySelector('audio').readyState >= 1")
    page.evaluate("document.querySelector('audio').currentTime = 13")
    page.click(".sounding [data-do=toggle]")
    becomes(page, "document.querySelector('audio').currentTime > 14")
    page.keyboard.press("k")
    page.reload()
    becomes(page, "document.querySelector('audio').currentTime > 13")
    assert "接着放" in page.locator("[data-resume]").inner_text()
