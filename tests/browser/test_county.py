"""县里 in a real browser: at both sizes, in both languages, in each of its states."""

import random
import threading

import pytest

from edge_server.errors import Refused, TemporaryError
from edge_server.ground.db import transaction
from sync.arrivals import deliveries
from tests.boxes import PIN, make_teacher
from tests.browser.conftest import ARTIFACTS, PHONE, SEEN, SEEN_IDS, Served
from tests.browser.test_look import faults, settle
from tests.sync import county
from tests.web.filled import fill
from tests.web.school import School
from web.app import create_app
from web.limits import Limits
from web.offload import OffloadWorker
from web.server import listen

DAY_S = 86_400.0
LESSONS = (
    (
        "小学/三年级/语文/上册",
        ("古诗三首 朗读", "大青树下的小学 生字", "花的学校 课后练习"),
    ),
    (
        "小学/四年级/数学/上册",
        ("三位数乘两位数的笔算方法与练习（第二课时）", "角的度量"),
    ),
    ("小学/三年级/科学/上册", ("水沸腾了", "声音的产生 教学反思")),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A county that has published some lessons, and where."""
    folder = tmp_path_factory.mktemp("county")
    for place, titles in LESSONS:
        below = folder / "lessons" / place
        below.mkdir(parents=True)
        for title in titles:
            data = random.Random(title).randbytes(90_000)
            (below / f"{title}.gsp").write_bytes(data)
    centre = county.make_centre(folder / "centre")
    centre.add(folder / "lessons")
    centre.publish()
    with county.served(centre) as address:
        yield centre, address


@pytest.fixture(scope="module")
def served(tmp_path_factory, tree):
    """A filled school that has joined the county and holds nothing of it yet."""
    school = School(tmp_path_factory.mktemp("served") / "box")
    school.found = fill(school)
    make_teacher(school.box)
    county.join(school.box, *tree)
    county.announce(school.box, tree[1])
    listener = listen("127.0.0.1", 0)
    worker = OffloadWorker(create_app(school.box), listener, Limits(threads=4))
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield Served(school, listener.getsockname()[1])
    worker.stop()
    thread.join()
    school.box.db.close()


def night(box, days_ago: float, error=None, *, ends: bool = True) -> None:
    """Write a delivery of some days ago."""
    with transaction(box.db) as tx:
        number = deliveries.begin(tx, box.clock, "broadband")
        if ends:
            deliveries.end(tx, box.clock, number, size_bytes=9, objects=1, error=error)
        tx.execute(
            "update deliveries set began_at = began_at - :ago, ended_at = ended_at - :ago"
            " where id = :id",
            {"ago": days_ago * DAY_S, "id": number},
        )


def nothing_yet(box) -> None:
    """Nobody has fetched."""


def some_came(box) -> None:
    """Two nights went well, the last one was cut."""
    night(box, 2)
    night(box, 0, TemporaryError("link_down", why="timeout"))
    with transaction(box.db) as tx:
        tx.execute(
            "update versions set changed_s = ?, state = 'shown' where title = '角的度量'",
            (box.clock(),),
        )


def fetching(box) -> None:
    """It is under way."""
    night(box, 1)
    night(box, 0, ends=False)


def refused(box) -> None:
    """What the county signed does not hold."""
    night(box, 0, Refused("head_forged", file="snapshot.json"))


STATES = {one.__name__: one for one in (nothing_yet, some_came, fetching, refused)}


@pytest.fixture
def state(request, served):
    """One state of the box, and none of it left afterwards."""
    box = served.school.box
    STATES[request.param](box)
    yield request.param
    with transaction(box.db) as tx:
        tx.execute("delete from deliveries")
        tx.execute("update versions set state = 'waiting' where title = '角的度量'")


@pytest.mark.parametrize(("size", "lang"), SEEN, ids=SEEN_IDS)
@pytest.mark.parametrize("state", STATES, indirect=True)
def test_the_county_has_no_fault_that_can_be_measured(
    served, open_page, state, size, lang
):
    page = open_page("/county", size, lang)
    page.wait_for_load_state("load")
    page.evaluate("document.fonts.ready")
    ARTIFACTS.mkdir(exist_ok=True)
    page.screenshot(
        path=ARTIFACTS / f"county-{state}-{size[0]}-{lang}.png", full_page=True
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert faults(page) == []
    assert page.watch.complaints == []


@pytest.mark.parametrize(("size", "lang"), SEEN, ids=SEEN_IDS)
@pytest.mark.parametrize("name", ["enrol", "subscription"])
def test_its_forms_have_no_fault_either(served, open_page, name, size, lang):
    address = f"/county/{name}"
    page = open_page(f"/signin?back={address}", size, lang)
    page.fill("#pin", PIN)
    page.click("main .btn")
    page.wait_for_url(f"**{address}")
    settle(page)
    if name == "subscription":
        page.locator(".pick").first.click()
        page.locator("button[value=count]").click()
        settle(page)
        assert page.locator(".pick input").first.is_checked()
    page.screenshot(path=ARTIFACTS / f"{name}-{size[0]}-{lang}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert faults(page) == []
    assert page.watch.complaints == []


def test_the_page_changes_by_itself_while_it_is_looked_at(served, open_page):
    page = open_page("/county", PHONE)
    assert page.locator("[data-status]").inner_text().count("没有收到新课") == 0
    night(served.school.box, 0, TemporaryError("link_down", why="timeout"))
    page.wait_for_selector("text=看看网线和路由器", timeout=15_000)
    with transaction(served.school.box.db) as tx:
        tx.execute("delete from deliveries")


def test_large_letters_fit_on_a_phone(served, open_page):
    page = open_page("/county", PHONE)
    page.context.add_cookies([{"name": "large", "value": "1", "url": served.origin}])
    page.reload()
    settle(page)
    page.screenshot(path=ARTIFACTS / "county-360-large.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
