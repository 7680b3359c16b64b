"""县里: what a teacher reads of the county and what she may ask for, with a real county."""

import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from edge_server.errors import Refused, TemporaryError
from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.language import Words
from edge_server.language.say import BEIJING
from edge_server.records import curriculum, settings
from sync.arrivals import deliveries, enrolment, head, wants
from sync.arrivals.partial import Arrival
from sync.arrivals.subscription import Subscription
from sync.format.chunks import CHUNK_BYTES
from tests.boxes import PIN, make_teacher, run_until_idle
from tests.sync.county import (
    announce,
    code_for,
    fetch,
    join,
    listening,
    make_centre,
    served,
)  # fmt: skip
from web import status
from web.county_words import Pace
from web.site import Site, open_site

FILM_BYTES = 3 * CHUNK_BYTES
THIRD, FOURTH = (curriculum.read("grade", name).id for name in ("三年级", "四年级"))


@pytest.fixture(scope="module")
def centre(tmp_path_factory):
    """A county that has published three resources of two grades."""
    folder = tmp_path_factory.mktemp("county")
    lessons = folder / "lessons"
    texts = lessons / "小学" / "三年级" / "语文" / "上册"
    texts.mkdir(parents=True)
    (texts / "古诗.txt").write_text("床前明月光" * 20, "utf-8")
    (texts / "生字.txt").write_text("天地人你我他" * 20, "utf-8")
    sums = lessons / "小学" / "四年级" / "数学" / "上册"
    sums.mkdir(parents=True)
    (sums / "口算.gsp").write_bytes(random.Random(3).randbytes(FILM_BYTES))
    centre = make_centre(folder / "centre")
    centre.add(lessons)
    centre.publish()
    return centre


@pytest.fixture(scope="module")
def tree(centre):
    """The address of what the county has published."""
    with served(centre) as address:
        yield address


@pytest.fixture
def knowing(school, centre, tree):
    """A school that knows what the county has and holds nothing of it."""
    join(school.box, centre, tree)
    announce(school.box, tree)
    return school


@pytest.fixture
def teacher(school, client):
    """The phone of a teacher who has just given her PIN."""
    make_teacher(school.box)
    client.sign_in(PIN)
    return client


def lately(school) -> None:
    """Let it be long ago that the PIN was given."""
    with transaction(school.box.db) as tx:
        tx.execute("update sessions set rights = 'upload'")


def utc(text: str) -> float:
    """Return the seconds of a moment in China."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()


def deliver(school, error: Exception | None = None, *, ends: bool = True) -> None:
    """Write a delivery of just now, as `receive` does."""
    box = school.box
    with transaction(box.db) as tx:
        number = deliveries.begin(tx, box.clock, "broadband")
        if ends:
            deliveries.end(tx, box.clock, number, size_bytes=0, objects=0, error=error)


# ---- joining --------------------------------------------------------------------------


def test_a_school_joins_its_county_from_the_page(school, teacher, centre):
    assert "还没有加入县中心" in teacher.get("/county").text
    assert "还没有加入县中心" in teacher.get("/status").text
    with listening(centre) as (address, book):
        code = code_for(centre, book, "向阳小学教学点")
        form = {"address": address, "code": code.lower()}
        assert teacher.post("/county/enrol", form).headers["Location"] == "/county"
        assert "正在加入县中心" in teacher.get("/county").text
        assert json.loads(teacher.get("/county.json").text)["busy"] is True
        run_until_idle(school.box)
    html = teacher.get("/county").text
    assert f"这里是向阳小学教学点，课从向阳县教育资源中心（{address}）来。" in html
    assert "还没有取过" in html
    (row,) = school.box.db.all("select * from audit where what = 'enrol'")
    assert json.loads(row["detail"]) == {"address": address}  # and not the code


def test_why_joining_failed_is_said_with_what_to_do(school, teacher, centre):
    with listening(centre) as (address, book):
        code = code_for(centre, book, "红旗教学点")
        book_is_full = {"address": address, "code": code}
        teacher.post("/county/enrol", {**book_is_full, "code": "0000-0000-0000-0000"})
        run_until_idle(school.box)
    html = teacher.get("/county").text
    assert "不是发这个登记码的县中心" in html and "核对地址和登记码" in html
    assert f'value="{address}"' in teacher.get("/county/enrol").text
    assert head.centre(school.box.db) is None

    teacher.post("/county/enrol", {"address": "127.0.0.1:9", "code": code})
    run_until_idle(school.box)
    html = teacher.get("/county").text
    assert "连不上县中心 https://127.0.0.1:9" in html and "会自动再试" in html


def test_what_is_no_code_is_said_under_the_field(school, teacher):
    answer = teacher.post("/county/enrol", {"address": "10.0.0.1", "code": "12"})
    assert answer.status_code == 400
    assert "登记码应是 16 位" in answer.text
    assert 'aria-describedby="code-wrong"' in answer.text
    assert jobs.rows(school.box.db) == []


def test_joining_asks_for_the_pin_again(school, teacher):
    form = {"address": "10.0.0.1", "code": "0000-0000-0000-0000"}
    lately(school)
    assert 'name="pin"' in teacher.get("/county/enrol").text
    assert teacher.post("/county/enrol", {**form, "pin": "1"}).status_code == 400
    assert enrolment.asked(school.box.db) is None
    assert teacher.post("/county/enrol", {**form, "pin": PIN}).status_code == 302
    assert enrolment.asked(school.box.db).address == "10.0.0.1"


@pytest.mark.parametrize("address", ["/county/enrol", "/county/subscription"])
def test_who_gave_no_pin_changes_nothing(school, client, address):
    make_teacher(school.box)
    assert client.get(address).headers["Location"].startswith("/signin")
    assert client.post(address, {"do": "save"}).status_code == 403
    for post in ("/county/now", f"/county/sooner/{'0' * 32}"):
        assert client.post(post, {}).status_code == 403
    assert deliveries.asked(school.box.db) == 0


# ---- what comes -----------------------------------------------------------------------


def test_the_page_says_what_comes_next_and_when(knowing, client):
    html = client.get("/county").text
    for title in ("古诗", "生字", "口算"):
        assert f"<b>{title}</b>" in html
    assert html.index("<b>生字</b>") < html.index("<b>口算</b>")  # small before large
    assert "还没有取过" in html and "还有 3 个文件没有取到" in html
    status = client.get("/status").text
    assert "还有 3 个文件没有取到" in status and 'href="/county"' in status


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([{"from": "22:00", "to": "06:00"}], "今晚 22:00 自动接着取"),
        ([{"days": [3], "from": "12:30", "to": "13:30"}], "明天 12:30 自动接着取"),
        ([{"from": "09:00", "to": "11:00"}], "现在就是取课的时间"),
        ([], "没有定自动取课的时间"),
    ],
)
def test_the_page_says_when_it_goes_on(knowing, client, monkeypatch, windows, said):
    monkeypatch.setattr(Site, "now", property(lambda site: utc("2026-11-25 10:24")))
    with transaction(knowing.box.db) as tx:
        settings.put(tx, knowing.box.clock, "link_windows", windows, by="老师")
    assert said in client.get("/county").text
    assert said in client.get("/status").text


@pytest.mark.parametrize(
    ("fetched", "now", "called"),
    [
        ("2026-11-25 02:14", "2026-11-25 07:30", "昨晚"),
        ("2026-11-24 22:10", "2026-11-25 15:00", "昨晚"),
        ("2026-11-25 22:10", "2026-11-25 23:00", "今天"),
        ("2026-11-23 22:10", "2026-11-25 07:30", "星期一"),
    ],
)
def test_a_night_is_called_as_people_do(
    knowing, client, monkeypatch, fetched, now, called
):
    monkeypatch.setattr(Site, "now", property(lambda site: utc(now)))
    deliver(knowing)
    with transaction(knowing.box.db) as tx:
        tx.execute("update deliveries set began_at = ?", (utc(fetched),))
    assert f"{called}：没有收到新课" in client.get("/county").text


def test_a_teacher_may_have_it_fetched_now(knowing, teacher):
    assert teacher.post("/county/now", {}).headers["Location"] == "/county"
    assert deliveries.asked(knowing.box.db) == 1
    html = teacher.get("/county").text
    assert "马上就取" in html and "现在就取" not in html
    assert json.loads(teacher.get("/county.json").text)["busy"] is True


def test_what_is_needed_tonight_comes_first(knowing, teacher):
    html = teacher.get("/county").text
    button = html.split("<b>口算</b>")[1].split('action="')[1].split('"')[0]
    teacher.post(button, {})
    assert wants.next_parcels(knowing.box.db, 1)[0].urgency == jobs.URGENT
    assert deliveries.asked(knowing.box.db) == 1
    html = teacher.get("/county").text
    assert html.index("<b>口算</b>") < html.index("<b>古诗</b>")
    assert "先取这件" in html


def test_after_the_night_it_says_what_came(knowing, client):
    fetch(knowing.box)
    html = client.get("/county").text
    assert "收到 3 课" in html and "县里的课都收齐了" in html
    assert "接下来收" not in html
    assert "县里的课都收齐了" in client.get("/status").text
    home = client.get("/").text
    assert home.count('<span class="own">县里</span>') == 3
    resource = home.split('href="/resource/')[1].split('"')[0]
    assert '<span class="own">县里</span>' in client.get(f"/resource/{resource}").text


def test_a_night_that_was_cut_short_says_why_and_goes_on(knowing, client):
    with transaction(knowing.box.db) as tx:
        tx.execute(
            "update versions set state = 'shown', changed_s = ? where title <> '口算'",
            (knowing.box.clock(),),
        )
    deliver(knowing, TemporaryError("link_down", why="timeout"))
    html = client.get("/county").text
    assert "收到 2 / 3 课，其余今晚继续" in html
    assert "连不上县中心" in html and "看看网线和路由器" in html
    client.speak("en")
    html = client.get("/county").text
    assert "2 of 3 lessons came, the others go on tonight" in html
    assert "Look at the cable and the router." in html


def test_while_it_fetches_the_page_says_how_much_is_left(knowing, client, monkeypatch):
    deliver(knowing, ends=False)
    now_s = 100.0
    monkeypatch.setattr("web.county_words.time.monotonic", lambda: now_s)
    html = client.get("/county").text
    assert "正在取，收到 0 / 3 课" in html and "每秒" not in html
    film = next(
        one for one in wants.next_parcels(knowing.box.db, 9) if one.size_bytes > 1 << 20
    )
    arrival = Arrival(knowing.box, film.id, film.size_bytes)
    arrival.put(0, random.Random(3).randbytes(CHUNK_BYTES))
    arrival.close()
    now_s = 102.0
    state = json.loads(client.get("/county.json").text)
    assert "每秒 2.1 MB" in state["html"] and state["busy"] is True


def test_a_pace_is_what_came_between_two_looks():
    pace = Pace()
    assert pace.look(1000, 10.0) is None
    assert pace.look(900, 11.0) is None  # too near to tell
    assert pace.look(600, 12.0) == 200.0
    assert pace.look(550, 12.5) == 200.0
    assert pace.look(900, 14.0) == 0.0  # more was announced
    assert pace.look(100, 200.0) is None  # nobody looked in between


def test_a_refused_head_is_a_problem_with_what_to_do(knowing, client):
    deliver(knowing, Refused("head_forged", file="snapshot.json"))
    for address in ("/county", "/status"):
        html = client.get(address).text
        assert "签名或校验不对（snapshot.json）" in html, address
        assert "换一条路" in html, address
    assert "有 1 样东西没收下或没做成" in client.get("/status").text
    deliver(knowing)
    assert "签名或校验不对" not in client.get("/status").text


# ---- what is taken --------------------------------------------------------------------


def test_a_choice_says_how_much_room_it_needs_before_it_is_kept(knowing, teacher):
    before = Subscription.of(knowing.box.db)
    html = teacher.get("/county/subscription").text
    assert "还要 13 MB" in html and "三年级" in html and "12 GB" not in html
    answer = teacher.post("/county/subscription", {"grade": [THIRD], "do": "count"})
    assert "还要 " in answer.text and " B，硬盘还能放" in answer.text
    assert f'value="{THIRD}" checked' in answer.text
    assert Subscription.of(knowing.box.db) == before

    chosen = {"grade": [THIRD, "no such grade"], "kinds": ["video", "no such kind"]}
    answer = teacher.post("/county/subscription", {**chosen, "do": "save"})
    assert answer.headers["Location"] == "/county"
    assert Subscription.of(knowing.box.db) == replace(
        before, grade=(THIRD,), kinds=("video",)
    )
    assert "最多还要" in teacher.get("/county/subscription").text
    run_until_idle(knowing.box)
    assert wants.left(knowing.box.db) == (0, 0)


def test_what_does_not_fit_is_said(knowing, teacher, monkeypatch):
    monkeypatch.setattr("web.subscribing.store.room_bytes", lambda box: 5_000_000)
    html = teacher.post("/county/subscription", {"do": "count"}).text
    assert "note problem" in html and "放不下的会留到有地方的时候再取" in html
    html = teacher.post("/county/subscription", {"grade": THIRD, "do": "count"}).text
    assert "放不下" not in html


def test_keeping_a_choice_asks_for_the_pin_again(knowing, teacher):
    lately(knowing)
    form = {"grade": [FOURTH], "do": "save"}
    assert teacher.post("/county/subscription", {**form, "pin": "1"}).status_code == 400
    assert Subscription.of(knowing.box.db) == Subscription()
    assert teacher.post("/county/subscription", {**form, "pin": PIN}).status_code == 302
    assert Subscription.of(knowing.box.db).grade == (FOURTH,)


def test_before_the_first_look_the_national_lists_may_be_chosen_from(school, teacher):
    html = teacher.get("/county/subscription").text
    assert f'value="{THIRD}"' in html and "还不知道要多少地方" in html
    teacher.post("/county/subscription", {"grade": THIRD, "do": "save"})
    assert Subscription.of(school.box.db).grade == (THIRD,)


# ---- in peace -------------------------------------------------------------------------


def test_looking_at_the_county_writes_nothing(knowing, client):
    deliver(knowing)
    client.get("/county")  # the cookie of its forms
    connection = knowing.box.db.connection()  # of this thread, which answers too
    before = connection.total_changes
    for address in ("/county", "/county.json", "/status", "/status.json"):
        assert client.get(address).status_code == 200
    assert connection.total_changes == before


def test_the_web_process_loads_nothing_that_signs_or_calls(school):
    """python-tuf, cryptography and urllib3 are 12 MB, and it needs none of them."""
    code = (
        "import sys; from pathlib import Path; import web.app;"
        "from edge_server.ground.box import open_box;"
        "from werkzeug.test import Client;"
        f"box = open_box(Path({str(school.box.folder)!r}));"
        "phone = Client(web.app.create_app(box));"
        "[phone.get(one, headers={'Host': '127.0.0.1'}) for one in ('/county', '/status')];"
        "print([one for one in ('tuf', 'cryptography', 'urllib3') if one in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_county_centre_has_no_county_above_it(centre):
    site = open_site(centre.box)
    assert status.state_of(site, Words("zh")).county == ""
    site.words.close()
