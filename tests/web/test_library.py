"""The library: from home down the tree to a lesson, and every place on the way."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest

from edge_server.ground.db import transaction
from edge_server.records import textbooks
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import Place
from tests.web.school import id_of, place
from web import places

VOLUME = "/library/xiaoxue/g3/yuwen/tongbian/shang"
LESSON = f"{VOLUME}/1-学校生活/1-大青树下的小学"


def links(html: str) -> list[str]:
    """Return where the links of a page lead."""
    return [re.sub("&amp;", "&", href) for href in re.findall(r'href="([^"]*)"', html)]


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


@pytest.mark.parametrize(
    ("number", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (35, "三十五"), (100, "100"), (0, "0")]
)  # fmt: skip
def test_units_are_counted_as_the_books_do(number, said):
    assert places.chinese(number) == said
