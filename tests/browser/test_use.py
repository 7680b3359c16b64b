"""What a teacher does with the pages, with a finger, a keyboard, and without script."""

import re
import subprocess

import pytest

from edge_server.ground.db import transaction
from edge_server.records import outbox, refusals, renditions
from edge_server.records.catalogue import Part
from edge_server.records.renditions import Rendition
from sync.arrivals import offers
from tests.browser.conftest import ARTIFACTS, LAPTOP, PHONE, sign_in
from tests.web.school import place

PLAY = """() => new Promise((done) => {
  const video = document.querySelector('video');
  const began = video.currentTime;
  const look = setInterval(() => {
    if (video.currentTime > began + 1.6) { clearInterval(look); done(video.currentTime); }
  }, 50);
})"""


def wait_for(page, ask, what, most_s=8):
    for _ in range(int(most_s / 0.1)):
        if found := ask():
            return found
        page.wait_for_timeout(100)
    raise AssertionError(f"never happened: {what}")


def becomes(page, expression):
    """Wait until an expression is true; asked from outside, where no policy forbids it."""
    wait_for(page, lambda: page.evaluate(expression), expression)


# ---- the player -------------------------------------------------------------------------


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


# ---- pages -------------------------------------------------------------------------------


def shown(page) -> str:
    return re.search(
        r"/(\d{4}[^/]*)\.jpg", page.get_attribute("[data-picture]", "src")
    )[1]


def test_slides_turn_by_arrows_one_picture_a_click(served, open_page):
    page = open_page(served.resource("deck"))
    assert shown(page) == "0001"
    for key, wanted in [
        ("ArrowRight", "0002"), ("PageDown", "0002-02"), (" ", "0002-03"), ("ArrowRight", "0003"),
        ("ArrowLeft", "0002-03"), ("PageUp", "0002-02"), ("Home", "0001"), ("End", "0008"),
        ("ArrowRight", "0008"),
    ]:  # fmt: skip
        page.keyboard.press(key)
        assert shown(page) == wanted, key
    assert page.locator("[data-time]").inner_text() == "8 / 8"
    assert page.get_attribute("[data-picture]", "alt") == "第 8 页，共 8 页"
    page.keyboard.press("b")
    assert (
        page.locator("[data-picture]").evaluate(
            "(one) => getComputedStyle(one).visibility"
        )
        == "hidden"
    )


def test_slides_turn_by_a_tap_and_a_swipe_on_a_phone(served, open_page):
    page = open_page(served.resource("deck"), PHONE)
    box = page.locator("[data-picture]").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.8, box["y"] + box["height"] / 2)
    assert shown(page) == "0002"
    page.touchscreen.tap(box["x"] + box["width"] * 0.1, box["y"] + box["height"] / 2)
    assert shown(page) == "0001"
    page.locator("[data-picture]").evaluate(
        """(one) => {
          const touch = (x) => new Touch({ identifier: 1, target: one, clientX: x, clientY: 5 });
          one.dispatchEvent(new TouchEvent('touchstart', { touches: [touch(200)], changedTouches: [touch(200)] }));
          one.dispatchEvent(new TouchEvent('touchend', { touches: [], changedTouches: [touch(100)] }));
        }"""
    )
    assert shown(page) == "0002"


def test_the_page_that_was_seen_is_told_and_remembered(served, open_page):
    page = open_page(served.resource("sheet"))
    page.click("[data-page='2']")
    found = wait_for(page, lambda: served.events("page"), "the usage event")
    assert found[-1]["page"] == 2
    page.goto(served.resource("sheet"))
    assert shown(page) == "0002"


def test_slides_fill_the_screen(served, open_page):
    page = open_page(served.resource("deck"))
    page.keyboard.press("f")
    becomes(page, "document.querySelector('.stage').classList.contains('full')")
    page.keyboard.press("ArrowDown")
    assert shown(page) == "0002"
    assert page.locator(".strip").is_hidden()


# ---- books and pages of html ----------------------------------------------------------------


def test_no_script_of_a_book_or_a_page_runs(served, open_page):
    page = open_page(served.resource("book"))
    page.wait_for_load_state("networkidle")
    frame = page.frames[1]
    assert "小蝌蚪找妈妈" in frame.content()
    assert frame.evaluate("document.querySelectorAll('script, iframe').length") == 0
    assert frame.locator("img").first.evaluate("(one) => one.naturalWidth") == 320
    page.goto(served.resource("page"))
    page.wait_for_load_state("networkidle")
    assert page.frames[1].evaluate("document.title") == "键盘"
    assert page.frames[1].evaluate("self.origin") == "null"


def test_chapters_turn_by_links(served, open_page):
    page = open_page(served.resource("book"))
    page.click("a[rel=next] >> nth=0")
    page.wait_for_url("**chapter=1")
    page.wait_for_load_state("networkidle")
    assert "井底的青蛙" in page.frames[1].content()


# ---- finding --------------------------------------------------------------------------------


def test_suggestions_come_for_pinyin_and_are_taken_by_the_keyboard(served, open_page):
    page = open_page("/")
    page.focus("#q-bar")
    page.keyboard.type("sft", delay=20)
    page.fill("#q-bar", "shui")
    page.wait_for_selector("[role=option]")
    assert "水沸腾了 实验" in page.locator("[role=listbox]").inner_text()
    assert page.get_attribute("#q-bar", "aria-expanded") == "true"
    page.keyboard.press("ArrowDown")
    assert page.locator("[aria-selected=true]").count() == 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert "水沸腾了 实验" in page.locator(".hits").inner_text()
    wait_for(page, lambda: served.events("searched"), "the usage event")


def test_escape_puts_the_suggestions_away(served, open_page):
    page = open_page("/")
    page.fill("#q-bar", "shui")
    page.wait_for_selector("[role=option]")
    page.keyboard.press("Escape")
    assert page.locator("[role=listbox] >> nth=0").is_hidden()


def test_the_keyboard_skips_to_the_content_and_sees_where_it_is(served, open_page):
    page = open_page("/library")
    page.keyboard.press("Tab")
    assert page.locator(":focus").inner_text() == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.locator("main :focus").count() == 1
    ring = page.locator(":focus").evaluate(
        "(one) => getComputedStyle(one).outlineWidth"
    )
    assert ring == "3px"


def test_home_to_a_lesson_on_the_screen_in_four_taps(served, open_page):
    page = open_page("/", PHONE)
    page.click(".subject >> text=语文 >> nth=0")
    page.click("text=大青树下的小学")
    page.click("main .card >> text=朗读与生字")
    page.click(".start")
    assert page.evaluate(PLAY) > 1


def test_reading_works_without_script(served, open_page):
    page = open_page("/library", java_script_enabled=False)
    page.click(".subject >> nth=0")
    page.click("main .lesson >> nth=0")
    page.click("main .card >> text=课堂课件")
    assert shown(page) == "0001"
    page.click("[data-do=on]")
    assert shown(page) == "0002"
    page.click("[data-do=on]")
    assert shown(page) == "0002-02"
    page.goto(served.resource("film"))
    assert page.locator("video[controls]").count() == 1
    page.fill("#q-bar", "水")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=*")
    assert page.locator(".hit").count() >= 1


# ---- uploading, state --------------------------------------------------------------------------


def test_an_upload_shows_its_progress_and_ends_in_an_offer(served, open_page, tmp_path):
    page = open_page("/", PHONE)
    sign_in(page, served)
    lesson = tmp_path / "三年级 语文 作业.pdf"
    lesson.write_bytes(b"%PDF-1.4 " + b"x" * 2_000_000)
    page.set_input_files("#file", lesson)
    assert page.locator("[data-chosen]").inner_text() == lesson.name
    page.click("main .btn")
    page.wait_for_url("**/upload?done=1")
    assert "1 个文件收好了" in page.locator(".note").inner_text()
    assert [one.path for one in offers.all_waiting(served.school.box.db)] == [
        lesson.name
    ]


def test_an_upload_that_breaks_off_says_what_to_do(served, open_page, tmp_path):
    page = open_page("/", PHONE)
    sign_in(page, served)
    (tmp_path / "a.txt").write_text("a")
    page.set_input_files("#file", tmp_path / "a.txt")
    page.route("**/upload*", lambda route: route.abort())
    page.click("main .btn")
    page.wait_for_selector("[data-problem]:not([hidden])")
    assert "文件还在手机里" in page.locator("[data-problem]").inner_text()
    assert page.locator("main .btn").is_enabled()


def test_status_keeps_itself_fresh_and_writes_nothing(served, open_page):
    page = open_page("/status")
    page.wait_for_timeout(2500)
    box = served.school.box
    before = box.db.data_version()
    page.wait_for_timeout(2500)
    assert box.db.data_version() == before
    with transaction(box.db) as tx:
        refusals.add(
            tx, box.clock, name="坏片.mp4", file=None, channel="folder",
            code="media_without_index", values={}, size_bytes=5,
        )  # fmt: skip
    page.wait_for_selector("text=坏片.mp4", timeout=14_000)


def test_what_a_phone_could_not_tell_is_told_on_a_later_page(served, open_page):
    page = open_page("/library")
    before = len(served.events("opened"))
    page.route("**/usage", lambda route: route.abort())
    page.goto(served.resource("original"))
    page.wait_for_timeout(1800)
    assert len(served.events("opened")) == before
    page.unroute("**/usage")
    page.goto(served.origin + "/library")
    wait_for(
        page, lambda: len(served.events("opened")) == before + 1, "the usage event"
    )


def test_a_hostile_memory_of_the_phone_does_no_harm(served, open_page):
    page = open_page("/")
    page.evaluate(
        """() => localStorage.setItem('recent', JSON.stringify([
          { resource: 'x', title: 'bad' },
          { resource: '0'.repeat(32), title: '<img src=x onerror=alert(1)>', poster: 'javascript:alert(1)',
            subject: '"><script>', shelf: '<b>', lesson: '<i>', said: '<u>', at: 9, of: 3 }]))"""
    )
    page.reload()
    assert page.locator("[data-recent] li").count() == 1
    assert page.locator("[data-recent] img").count() == 0
    page.evaluate(
        "() => { localStorage.setItem('recent', '{{{'); localStorage.setItem('usage', '3') }"
    )
    page.reload()
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("name", ["film", "deck", "book"])
def test_a_resource_can_be_downloaded_and_that_is_told(served, open_page, name):
    page = open_page(served.resource(name))
    before = len(served.events("downloaded"))
    with page.expect_download() as download:
        page.click("[data-download]")
    assert download.value.suggested_filename.startswith(served.found[name].title)
    wait_for(page, lambda: len(served.events("downloaded")) > before, "the usage event")


def test_the_library_offers_the_book_where_this_phone_was_last(served, open_page):
    page = open_page("/library/xiaoxue/g3/yuwen/tongbian/shang", PHONE)
    page.goto(served.origin + "/library")
    last = page.locator("[data-last-place] a")
    assert "三年级 语文 统编版 上册" in last.inner_text()
    last.click()
    page.wait_for_url("**/tongbian/shang")


def test_what_was_withdrawn_comes_back_with_one_tap(served, open_page):
    page = open_page("/", PHONE)
    sign_in(page, served)
    page.goto(served.resource("sheet"))
    page.click("main >> text=下架")
    page.click("main .btn.danger")
    page.wait_for_url("**/library?gone=*")
    page.screenshot(path=ARTIFACTS / "toast-360-zh.png")
    page.click(".toast button")
    page.wait_for_url("**/resource/*")
    assert page.locator("h1").inner_text() == "课后练习"
