"""What a teacher does with the pages, with a finger, a keyboard, and without script."""

import pytest

from edge_server.ground.db import transaction
from edge_server.records import refusals
from sync.arrivals import offers
from tests.browser.conftest import ARTIFACTS, PHONE, sign_in
from tests.browser.looking import PLAY, shown, wait_for


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
