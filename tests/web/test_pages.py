"""What a teacher sees: the tree, a lesson, a resource, a search, the state of the box."""

import json
import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from werkzeug.test import Client

from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.language import all_sentences
from edge_server.records import (
    accounts,
    catalogue,
    refusals,
    renditions,
    textbooks,
    versions,
)
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import Place
from sync.arrivals import offers
from tests.web.conftest import Visit
from tests.web.school import PIN, id_of, picture, place
from web import places
from web.app import create_app
from web.search import marked

VOLUME = "/library/xiaoxue/g3/yuwen/tongbian/shang"
LESSON = f"{VOLUME}/1-学校生活/1-大青树下的小学"


def sign_up(school) -> str:
    """Make an account with a PIN and return the PIN."""
    with transaction(school.box.db) as tx:
        account = accounts.add(tx, school.box.clock, "老师")
        code = accounts.one_time_code(tx, school.box.clock, account)
    accounts.set_pin(school.box.db, school.box.clock, code, PIN, "")
    return PIN


def links(html: str) -> list[str]:
    return [re.sub("&amp;", "&", href) for href in re.findall(r'href="([^"]*)"', html)]


def test_an_empty_box_says_what_to_do_first(client):
    html = client.get("/").text
    assert "盒子里还没有课件" in html and 'href="/upload"' in html
    for address in (
        "/library",
        "/library/new",
        "/search",
        "/status",
        "/status.json",
        "/signin",
    ):
        assert client.get(address).status_code == 200, address


def test_home_shows_what_arrived_and_the_grades_of_the_school(filled, client):
    html = client.get("/").text
    assert "刚传上来的视频" in html
    assert html.index("三年级") and html.index("四年级")
    assert f'href="{VOLUME.rsplit("/", 2)[0]}"' in html


def test_a_level_with_one_choice_is_passed_over(filled, client):
    answer = client.get("/library/xiaoxue/g3/yuwen")
    assert (answer.status_code, answer.headers["Location"]) == (302, VOLUME)


def test_a_subject_with_two_books_lets_her_choose_edition_and_half_at_once(
    filled, client
):
    filled.film("古诗 下册", place("g3", "yuwen", volume="xia"))
    new = place("g3", "yuwen", "renjiao")
    filled.film("古诗 人教", new)
    html = client.get("/library/xiaoxue/g3/yuwen").text
    for name in ("统编版 上册", "统编版 下册", "人教版 上册"):
        assert name in html


def test_new_and_old_textbooks_stand_beside_the_edition(filled, client):
    where = place("g3", "yuwen", lesson="大青树下的小学", lesson_no=1)
    filled.film("新教材的", replace(where, textbook_year=id_of("textbook_year", "xin")))
    html = client.get("/library/xiaoxue/g3/yuwen").text
    assert "统编版 新教材 上册" in html
    assert client.get("/library/xiaoxue/g3/yuwen/tongbian.xin/shang").status_code == 200


def test_every_resource_is_within_five_taps_of_home(filled, client):
    """Links of main content alone, from the library; a redirect is no tap."""
    wanted = {f"/resource/{one.id_on_disk}" for one in filled.found.values()}
    seen, edge, taps = {"/library"}, {"/library"}, 1
    while not wanted <= seen and taps < 5:
        taps += 1
        found = set()
        for address in edge:
            answer = client.get(address, follow_redirects=True)
            main = answer.text.split("<main", 1)[1]
            found |= {
                h for h in links(main) if h.startswith(("/library/", "/resource/"))
            }
        edge = found - seen - {"/library/new"}
        seen |= edge
    assert wanted - seen == set()
    assert taps <= 5


def test_a_lesson_shows_its_things_side_by_side_in_teaching_order(filled, client):
    html = client.get(LESSON).text.split("<main", 1)[1]
    order = [
        html.index(f"<h2>{title}</h2>")
        for title in ("朗读与生字", "课堂课件", "课后练习")
    ]
    assert order == sorted(order)
    assert "第 1 课" in html


def test_a_lesson_without_resources_is_an_empty_place(filled, client):
    where = place("g3", "yuwen")
    with transaction(filled.box.db) as tx:
        lessons = (
            Lesson(1, "大青树下的小学", 2),
            Lesson(3, "不懂就要问", 1),
            Lesson(None, "语文园地"),
        )
        axes = (
            where.stage,
            where.grade,
            where.subject,
            where.edition,
            None,
            where.volume,
        )
        book = ContentsVolume(*axes, units=(Unit(1, "学校生活", lessons),))
        textbooks.put(tx, filled.box.clock, book)
    html = client.get(VOLUME).text
    assert "不懂就要问" in html and "还没有课件" in html
    assert html.count("大青树下的小学</span>") == 1
    assert (
        html.index("花的学校</span>")
        < html.index("不懂就要问</span>")
        < html.index("语文园地</span>")
    )
    assert "2 课时" in client.get(LESSON).text


def test_lessons_before_and_after_are_one_tap_away(filled, client):
    html = client.get(LESSON).text
    assert 'rel="next"' in html and "2 花的学校" in html
    assert 'rel="prev"' not in html


def test_labels_with_strange_characters_have_a_place_of_their_own(filled, client):
    where = place(
        "g3",
        "yuwen",
        unit="诗/词 100%? #1 ..",
        unit_no=9,
        lesson='"静夜思" & <b>',
        lesson_no=1,
    )
    filled.film("静夜思", where)
    html = client.get(VOLUME).text
    assert "&#34;静夜思&#34; &amp; &lt;b&gt;" in html
    address = next(h for h in links(html.split("<main")[1]) if quote("静夜思") in h)
    answer = client.get(address)
    assert (answer.status_code, "<h2>静夜思</h2>" in answer.text) == (200, True)


@pytest.mark.parametrize(
    "way", ["nowhere", "xiaoxue/g99", "xiaoxue/g3/yuwen/tongbian/shang/7-x/1-y", "xiaoxue/g3/yuwen/tongbian.alt/shang", "xiaoxue/g1", "-/-/-/-/-"]
)  # fmt: skip
def test_a_place_that_is_not_there_is_said_kindly(filled, client, way):
    answer = client.get(f"/library/{way}")
    assert (answer.status_code, "这里没有东西" in answer.text) == (404, True)


def test_a_heap_without_places_is_read_page_by_page(school, client):
    for n in range(60):
        school.add(f"散件 {n:02d}", "original", "enbx", b"x", Place())
    seen, address = set(), "/library/-/-/-/-/-"
    while address:
        html = client.get(address).text
        seen |= set(re.findall("散件 ([0-9]{2})</h2>", html))
        following = re.search(r'href="([^"]*from=[^"]*)"', html)
        address = following[1] if following else None
    assert len(seen) == 60


# ---- resources ------------------------------------------------------------------------


def page_of(client, resource, more=""):
    answer = client.get(f"/resource/{resource.id_on_disk}{more}")
    assert answer.status_code == 200
    return answer.text


def test_a_film_plays_in_two_qualities_with_its_poster(filled, client):
    html = page_of(client, filled.found["film"])
    assert 'data-name="高清"' in html and 'data-name="流畅"' in html
    source = re.search(
        r'<source src="(/media/[0-9a-f]{64}\.mp4)" type="video/mp4"', html
    )
    assert client.get(source[1], headers={"Range": "bytes=0-3"}).status_code == 206
    poster = re.search(r'poster="(/media/[^"]+\.jpg)"', html)
    answer = client.get(poster[1])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_film_without_script_has_the_elements_own_controls(filled, client):
    assert re.search(r"<video controls", page_of(client, filled.found["film"]))


def test_the_lesson_stands_beside_the_player(filled, client):
    html = page_of(client, filled.found["film"])
    assert "这一课" in html and "课堂课件" in html
    assert html.count('aria-current="page"') >= 2


def test_slides_are_pages_and_the_second_click_is_not_shown_first(filled, client):
    html = page_of(client, filled.found["deck"], "?page=2")
    shown = re.search(r'data-picture src="([^"]+)"', html)[1]
    assert shown.endswith("0002.jpg")
    assert client.get(shown).headers["Content-Type"] == "image/jpeg"
    following = re.search(r'href="([^"]+)"[^>]*data-do="on"', html)[1]
    assert following == "?page=2&amp;step=1"
    second = page_of(client, filled.found["deck"], "?page=2&step=1")
    assert re.search(r'data-picture src="[^"]+0002-02.jpg"', second)
    strip = html.split('class="strip"')[1]
    assert (
        strip.count("data-pictures=") == 8 and "src=" not in strip
    )  # asked for when seen


@pytest.mark.parametrize("number", ["0", "-3", "99999999999999999999", "x", ""])
def test_a_page_that_is_not_there_is_the_nearest(filled, client, number):
    page_of(client, filled.found["deck"], f"?page={number}&step={number}")


def test_an_original_names_the_program_that_opens_it(filled, client):
    html = page_of(client, filled.found["original"])
    assert "用希沃白板打开" in html
    assert "含互动游戏" in html


def test_what_is_not_ready_says_so_and_can_be_downloaded(filled, client):
    html = page_of(client, filled.found["waiting"])
    assert "正在准备" in html
    answer = client.get(f"/download/{filled.found['waiting'].id_on_disk}")
    assert answer.data == b"mov"
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


def test_what_could_not_be_made_says_why(filled, client):
    resource = filled.found["waiting"]
    with transaction(filled.box.db) as tx:
        renditions.failed(
            tx, filled.box.clock, resource.main.object_id, renditions.MAIN, "not_media"
        )
    html = page_of(client, resource)
    assert 'role="alert"' in html and "not_media" not in html


def test_a_picture_and_a_page_of_html_are_shown(filled, client):
    assert '<div class="whole"><img src="/media/' in page_of(
        client, filled.found["picture"]
    )
    html = page_of(client, filled.found["page"])
    frame = re.search(r'<iframe src="([^"]+)"[^>]* sandbox=""', html)[1]
    answer = client.get(frame)
    policy = answer.headers["Content-Security-Policy"]
    assert (
        "sandbox" in policy
        and "allow-scripts" not in policy
        and "default-src 'none'" in policy
    )


def test_a_withdrawn_resource_and_its_bytes_are_gone_at_once(filled, client):
    resource = filled.found["film"]
    media = re.findall(r'"(/media/[^"]+)"', page_of(client, resource))
    with transaction(filled.box.db) as tx:
        versions.withdraw(tx, filled.box.clock, resource.id)
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 404
    assert client.get(f"/download/{resource.id_on_disk}").status_code == 404
    own = [address for address in media if address.endswith(".mp4")]
    assert own and {client.get(address).status_code for address in own} == {404}


@pytest.mark.parametrize(
    "name",
    ["", "x", "../edge.db", "a" * 64 + ".mp4", "A" * 64 + ".mp4", "0" * 63, "%00" * 22],
)
def test_media_that_nobody_shows_is_not_found(filled, client, name):
    assert client.get(f"/media/{name}").status_code == 404


def test_an_object_of_the_store_that_no_resource_uses_is_not_served(filled, client):
    object_id = filled.keep(b"nobody's")
    assert client.get(f"/media/{object_id}.bin").status_code == 404


# ---- search, preferences, state ---------------------------------------------------------


def test_language_and_letters_are_remembered_on_the_phone(filled, client):
    client.speak("en")
    html = client.get("/library").text
    assert (
        '<html lang="en"' in html
        and "Grade 3" in html
        and "15 resources in all" in html
    )
    client.get("/lang?large=1&back=/")
    assert '<html lang="en" class="large">' in client.get("/").text
    client.get("/lang?lang=zh&large=0&back=/")
    assert '<html lang="zh-CN">' in client.get("/").text


def test_no_english_page_shows_chinese_of_ours(filled, client):
    client.speak("en")
    for address in ("/library", "/status", "/signin", "/search", "/nothing"):
        main = client.get(address).text.split("<main", 1)[1].split("</main>")[0]
        assert not re.search("[一-鿿]", main), (address, re.findall("[一-鿿]+", main))


def test_a_search_finds_nothing_and_says_where_to_look(filled, client):
    html = client.get("/search?q=没有这个").text
    assert "换个说法试试" in html and 'href="/library"' in html
    assert json.loads(client.get("/suggest?q=shui").text) == {"words": []}


def test_markup_in_a_snippet_stays_text():
    shown = marked([("<b>早", False), ("<i>晨", True), ("&", False)])
    assert shown == "&lt;b&gt;早<mark>&lt;i&gt;晨</mark>&amp;"


def test_markup_in_a_query_stays_text(filled, client):
    html = client.get("/search?q=<script>alert(1)</script>").text
    assert "<script>alert" not in html


def test_status_says_first_what_is_wrong_and_what_to_do(filled, client):
    with transaction(filled.box.db) as tx:
        refusals.add(
            tx, filled.box.clock, name="三年级/坏片.mp4", file=None, channel="folder",
            code="media_without_index", values={}, size_bytes=5,
        )  # fmt: skip
    html = client.get("/status").text
    assert "有 1 样东西没收下或没做成" in html and "坏片.mp4" in html
    state = json.loads(client.get("/status.json").text)
    assert "坏片.mp4" in state["html"] and state["busy"] is False
    assert json.loads(client.get("/status.json").text)["tag"] == state["tag"]


def test_asking_for_the_state_writes_nothing(filled, client):
    client.get("/status.json")
    connection = filled.box.db.connection()  # of this thread, which answers too
    before = connection.total_changes
    for address in ("/status.json", "/status", "/", "/library", "/search?q=水"):
        client.get(address)
    assert connection.total_changes == before


def test_a_teacher_withdraws_what_is_the_schools_own(filled, client):
    sign_up(filled)
    resource = filled.found["deck"]
    assert "下架" not in page_of(client, resource)
    client.sign_in(PIN)
    assert f"/withdraw/{resource.id_on_disk}" in page_of(client, resource)
    answer = client.post(f"/withdraw/{resource.id_on_disk}", {})
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 404
    html = client.get(answer.headers["Location"]).text
    assert "已下架“课堂课件”" in html
    back = re.search(r'action="(/withdraw/[^"]+/back)"', html)[1]
    assert client.post(back, {}).status_code == 302
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 200
    deeds = filled.box.db.all("select what from audit order by seq")
    assert [row["what"] for row in deeds][-2:] == ["withdraw", "restore"]


def test_withdrawing_asks_for_the_pin_again_later(filled, client, monkeypatch):
    sign_up(filled)
    client.sign_in(PIN)
    with transaction(filled.box.db) as tx:
        tx.execute(
            "update sessions set seen_s = seen_s - 3600, began_s = began_s - 3600"
        )
    resource = filled.found["deck"]
    address = f"/withdraw/{resource.id_on_disk}"
    assert 'name="pin"' in client.get(address).text
    assert client.post(address, {"pin": "11119999"}).status_code == 400
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 200
    assert client.post(address, {"pin": PIN}).status_code == 302


def test_what_the_county_published_is_not_the_teachers_to_withdraw(filled, client):
    county = next(one for one in catalogue.newest(filled.box.db, 50) if not one.own)
    sign_up(filled)
    client.sign_in(PIN)
    assert client.get(f"/withdraw/{county.id_on_disk}").status_code == 404


def test_pages_ask_dual_engine_browsers_for_their_modern_one(client):
    assert '<meta name="renderer" content="webkit">' in client.get("/").text


def test_static_files_are_kept_for_ever_under_the_name_of_their_content(client, site):
    address = f"/static/{site.look}/css/base.css"
    assert address in client.get("/").text
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/static/old/css/base.css").status_code == 200
    assert client.get(f"/static/{site.look}/../app.py").status_code == 404


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (100, "100"), (0, "0")]
)  # fmt: skip
def test_units_are_counted_as_the_books_do(number, said):
    assert places.chinese(number) == said


def test_the_picture_of_a_test_is_a_picture():
    assert picture("x")[:2] == b"\xff\xd8"


def test_status_shows_the_address_by_which_this_visitor_came(
    filled, client, monkeypatch
):
    monkeypatch.setattr(
        "web.status.lan.addresses", lambda: ["192.168.1.5", "127.0.0.1"]
    )
    html = client.get("/status").text
    assert "<b>http://192.168.1.5:8080</b>" in html
    assert (
        "<b>http://192.168.1.5</b>"
        in client.get("/status", headers={"Host": "10.0.0.1"}).text
    )
    monkeypatch.setattr("web.status.lan.addresses", lambda: ["127.0.0.1"])
    assert "192.168" not in client.get("/status").text


def test_behind_the_front_server_guessers_are_told_apart_by_their_own_address(filled):
    box = replace(filled.box, config=replace(filled.box.config, front="nginx"))
    client = Visit(Client(create_app(box)))
    client.PHONE = "127.0.0.1"
    front = {"X-Edge-Front": "nginx", "X-Real-IP": "192.168.1.77"}
    resource = filled.found["film"]
    answer = client.get(f"/download/{resource.id_on_disk}", headers=front)
    assert answer.headers["X-Accel-Redirect"].endswith(resource.main.object_id)
    client.post("/signin", {"pin": "11119999"}, headers=front)
    rows = box.db.all("select who from throttle")
    assert "|192.168.1.77" in {row["who"] for row in rows}


def test_what_was_set_aside_is_not_still_arriving_and_can_be_tried_again(
    filled, client
):
    box = filled.box
    with transaction(box.db) as tx:
        offer_id = offers.add(
            tx,
            box.clock,
            channel="cli",
            file="uploads/x/file",
            path="坏包.zip",
            size_bytes=9,
        )
        tx.execute(
            "update jobs set state = 'aside', code = 'unexpected', detail = '{}'"
        )
    assert "正在收" not in client.get("/").text
    html = client.get("/status").text
    assert "检查：坏包.zip" in html
    retry = re.search(r'action="(/status/retry/\d+)"', html)[1]
    came_from = {"Referer": f"http://{client.HOST}/status"}
    refused = client.post(retry, {}, headers=came_from)
    assert refused.status_code == 403
    assert 'class="btn" href="/signin?back=/status"' in refused.text
    code = sign_up(filled)
    client.sign_in(code)
    client.post(retry, {})
    assert box.db.value("select state from jobs where key = ?", (offer_id,)) == "queued"
    assert "坏包.zip" in client.get("/status").text


def test_a_teacher_reads_plain_words_where_the_program_broke(filled, client):
    with transaction(filled.box.db) as tx:
        jobs.enqueue(tx, "take", "坏包.zip", now=0.0)
        tx.execute(
            "update jobs set state = 'aside', code = 'unexpected', detail = ?",
            (json.dumps({"what": "KeyError: 'sections/7'"}),),
        )
    for lang, words in (("zh", "这一步没做成"), ("en", "This step did not succeed")):
        client.speak(lang)
        html = client.get("/status").text
        assert words in html and "KeyError" not in html, lang


def test_no_sentence_for_teachers_repeats_what_a_program_said():
    said = {code: one for code, one in all_sentences().items() if "{what}" in str(one)}
    assert said == {}
