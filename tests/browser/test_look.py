"""Every page, on a phone in both languages and on a laptop: seen, and free of faults.

The pictures lie in ``tests/artifacts/`` afterwards: look at them.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import ARTIFACTS, LAPTOP, PHONE, SEEN, SEEN_IDS, sign_in

VOLUME = "/library/xiaoxue/g3/yuwen/tongbian/shang"
PAGES = {
    "home": "/",
    "library": "/library",
    "grade": "/library/xiaoxue/g3",
    "volume": VOLUME,
    "lesson": f"{VOLUME}/1-学校生活/1-大青树下的小学",
    "new": "/library/new",
    "film": "film",
    "deck": "deck",
    "sheet": "sheet",
    "book": "book",
    "song": "song",
    "picture": "picture",
    "page": "page",
    "original": "original",
    "waiting": "waiting",
    "search": "/search?q=水",
    "search-nothing": "/search?q=恐龙",
    "search-empty": "/search",
    "status": "/status",
    "signin": "/signin",
    "nothing": "/nothing",
    "parts": "/_parts",
}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
EXPECTED = (
    "status of 404",
    "because the document's frame is sandboxed",
    "NotSameOrigin",
)
"""The page of an error is one; a script of a lesson's page is kept from running."""


def settle(page) -> None:
    """Wait until a page has asked for everything and its fonts are there."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")


def faults(page) -> list[str]:
    """Return what axe finds wrong with a page, each with its place."""
    found = Axe().run(page, options=RULES)
    return [
        f"{one['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for one in found.response["violations"]
        for node in one["nodes"]
    ]


@pytest.mark.parametrize(("size", "lang"), SEEN, ids=SEEN_IDS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_fault_that_can_be_measured(served, open_page, name, size, lang):
    address = PAGES[name]
    if not address.startswith("/"):
        address = served.resource(address)
    page = open_page(address, size, lang)
    settle(page)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}-{size[0]}-{lang}.png", full_page=True)

    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert faults(page) == []
    if name != "parts":  # its films are not there
        said = [
            text
            for text in page.watch.complaints
            if not any(e in text for e in EXPECTED)
        ]
        assert said == []
    assert page.evaluate("document.documentElement.lang") == (
        "zh-CN" if lang == "zh" else "en"
    )
    assert page.locator("link[rel=stylesheet]").count() == 2
    assert page.locator("script").count() <= 2


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
@pytest.mark.parametrize("name", ["upload", "withdraw", "signed-in"])
def test_a_teachers_page_has_no_fault_either(served, open_page, name, size):
    page = open_page("/signin", size)
    sign_in(page, served)
    own = served.found["deck"].id_on_disk
    page.goto(
        served.origin
        + {
            "upload": "/upload?done=2",
            "withdraw": f"/withdraw/{own}",
            "signed-in": "/signin",
        }[name]
    )
    settle(page)
    page.screenshot(path=ARTIFACTS / f"{name}-{size[0]}-zh.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert faults(page) == []


@pytest.mark.parametrize("name", ["home", "volume", "film", "deck", "status"])
def test_large_letters_fit_on_a_phone(served, open_page, name):
    address = (
        PAGES[name] if PAGES[name].startswith("/") else served.resource(PAGES[name])
    )
    page = open_page(address, PHONE)
    page.context.add_cookies([{"name": "large", "value": "1", "url": served.origin}])
    page.reload()
    settle(page)
    page.screenshot(path=ARTIFACTS / f"{name}-360-large.png", full_page=True)
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "20px"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize("name", ["home", "lesson", "film", "deck"])
def test_nothing_moves_once_it_is_painted(served, open_page, name):
    address = (
        PAGES[name] if PAGES[name].startswith("/") else served.resource(PAGES[name])
    )
    page = open_page(address, PHONE)
    page.evaluate("window.moved = 0")
    page.add_init_script(
        "window.moved = 0; new PerformanceObserver((list) => list.getEntries().forEach("
        "(one) => { if (!one.hadRecentInput) window.moved += one.value; }))"
        ".observe({type: 'layout-shift', buffered: true});"
    )
    page.reload()
    settle(page)
    assert page.evaluate("window.moved") < 0.02


@pytest.mark.parametrize("name", ["home", "lesson", "film", "deck", "signin"])
def test_what_a_finger_meets_is_large_enough(served, open_page, name):
    address = (
        PAGES[name] if PAGES[name].startswith("/") else served.resource(PAGES[name])
    )
    page = open_page(address, PHONE)
    settle(page)
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll('a, button, select, input, summary'))
        .filter((one) => one.offsetParent && !one.closest('.skip, h2') && one.type !== 'hidden')
        .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
        .filter(([, box]) => box.height && (box.height < 43.5 || box.width < 43.5))
        .map(([html, box]) => html + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))"""
    )
    assert [one for one in small if 'type="range"' not in one] == []
