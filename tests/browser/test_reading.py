"""Slides, books and pages of HTML, by a finger and a keyboard."""

from tests.browser.conftest import PHONE
from tests.browser.looking import becomes, shown, wait_for


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
