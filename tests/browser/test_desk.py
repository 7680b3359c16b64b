"""The desk of a county centre at phone and laptop size: seen, and free of faults."""

import io
import re
import threading

import openpyxl
import pypdfium2
import pytest

from tests.boxes import PIN
from tests.browser.conftest import ARTIFACTS, LAPTOP, PHONE, SEEN, SEEN_IDS, Watch
from tests.browser.test_look import faults, settle
from tests.web.centre.county import close, fill, make_county
from web.app import create_app
from web.limits import Limits
from web.offload import OffloadWorker
from web.server import listen

PAGES = {
    "desk-points": "/",
    "desk-silent": "/?trouble=silent",
    "desk-nobody": "/?school=没有",
    "desk-point": "point",
    "desk-code": "code",
    "desk-use": "/use",
    "desk-weeks": "/use?by=week",
    "desk-publish": "/publish",
    "desk-bring": "/points/bring",
    "desk-library": "/library",
    "desk-status": "/status",
}
SCHOOLS = ("城关中心校", "河西中心校", "红星镇中心小学", "青山乡中心小学")


@pytest.fixture(scope="module")
def desk_served(tmp_path_factory):
    """A county of a hundred points behind a real port."""
    county = make_county(tmp_path_factory.mktemp("desk") / "centre")
    fill(county)
    for n in range(90):
        name = f"{'东西南北中上下'[n % 7]}{'山河湾坪岭沟'[n % 6]}村第{n + 1}教学点"
        county.add(name, SCHOOLS[n % 4])
        if n % 3:
            county.enrol(name)
            county.call(name, head_version=8, opened=n % 5 + 1)
    listener = listen("127.0.0.1", 0)
    worker = OffloadWorker(create_app(county.box), listener, Limits())
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield county, f"http://127.0.0.1:{listener.getsockname()[1]}"
    worker.stop()
    thread.join()
    close(county)


@pytest.fixture(scope="module")
def signed_in(browser, desk_served):
    """The cookies of somebody who gave the PIN."""
    _, origin = desk_served
    context = browser.new_context()
    page = context.new_page()
    page.goto(origin + "/signin?back=/")
    page.fill("#pin", PIN)
    page.click("main .btn")
    page.wait_for_selector(".points")
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def at_desk(browser, desk_served, signed_in):
    """Open a page of the desk, signed in; nothing it asks may leave the machine."""
    _, origin = desk_served
    opened = []

    def go(address, size=LAPTOP, lang="zh"):
        phone = size == PHONE
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, is_mobile=phone,
            has_touch=phone, locale="zh-CN", timezone_id="Asia/Shanghai",
        )  # fmt: skip
        opened.append(context)
        context.add_cookies(signed_in)
        context.add_cookies([{"name": "lang", "value": lang, "url": origin}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.watch = Watch(page, origin)
        page.goto(origin + address)
        settle(page)
        return page

    yield go
    outside = [
        url for one in opened for page in one.pages for url in page.watch.outside
    ]
    for one in opened:
        one.close()
    assert outside == []


def address_of(name, county):
    point = county.points["沉默的教学点"]
    known = {"point": f"/points/{point}", "code": f"/points/{point}/code"}
    return known.get(PAGES[name], PAGES[name])


@pytest.mark.parametrize(("size", "lang"), SEEN, ids=SEEN_IDS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_of_the_desk_has_no_fault(desk_served, at_desk, name, size, lang):
    county, _ = desk_served
    page = at_desk(address_of(name, county), size, lang)
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(path=ARTIFACTS / f"{name}-{size[0]}-{lang}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert faults(page) == []
    assert page.watch.complaints == []
    assert page.locator("link[rel=stylesheet]").count() <= 3
    assert page.locator("script").count() <= 2


@pytest.mark.parametrize("size", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_a_list_is_brought_in_and_its_cards_print(desk_served, at_desk, size):
    page = at_desk("/points/bring", size)
    book = openpyxl.Workbook()
    book.active.append(["名称", "中心校", "负责人", "电话"])
    for n in range(16):
        book.active.append(
            [f"新村第{size[0]}-{n}教学点", SCHOOLS[n % 2], "李老师", "139"]
        )
    sheet = io.BytesIO()
    book.save(sheet)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.set_input_files(
        "#file",
        {"name": "名单.xlsx", "mimeType": kind, "buffer": sheet.getvalue()},
    )
    page.set_default_timeout(30_000)
    page.click("main form:first-of-type .btn")
    page.wait_for_selector(".cards li")
    settle(page)
    assert page.locator(".cards li").count() == 16
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    page.screenshot(path=ARTIFACTS / f"desk-brought-{size[0]}-zh.png", full_page=True)
    page.emulate_media(media="print")
    page.screenshot(path=ARTIFACTS / f"desk-printed-{size[0]}-zh.png", full_page=True)
    assert not page.locator("h1").is_visible()
    assert page.locator(".cards .qr").first.is_visible()
    printed = page.pdf(format="A4", prefer_css_page_size=True)
    assert len(pypdfium2.PdfDocument(printed)) == len(SCHOOLS[:2])  # 8 fit a sheet
    code = page.locator(".cards .said").nth(1).inner_text()
    assert re.fullmatch(r"(\w{4}-){3}\w{4}", code)


def test_what_a_finger_meets_is_large_enough_at_the_desk(desk_served, at_desk):
    for address in ("/", "/use", "/publish"):
        page = at_desk(address, PHONE)
        small = page.evaluate(
            """() => Array.from(document.querySelectorAll('a, button, select, input'))
            .filter((one) => one.offsetParent && !one.closest('.skip') && one.type !== 'hidden')
            .map((one) => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
            .filter(([, box]) => box.height && (box.height < 43.5 || box.width < 43.5))
            .map(([html, box]) => html + ' ' + Math.round(box.width) + 'x' + Math.round(box.height))"""
        )
        assert small == [], address
