"""教学点: every point on one page, troubles on top, silent and unused told apart."""

import re

ORDER = [
    "沉默的教学点", "满盘的教学点", "旧头的教学点", "钟不准的教学点", "没人用的教学点",
    "没盒子的教学点",
]  # fmt: skip


def rows(html: str) -> list[str]:
    """Return the names of points in the order of the page."""
    return re.findall(r'<th scope="row"><a href="/points/\d+">([^<]+)</a>', html)


def bands(html: str) -> list[str]:
    return re.findall(r'scope="rowgroup">([^<]+)<', html)


def test_troubles_stand_on_top_and_like_ones_together(county, desk):
    html = desk.get("/").text
    assert rows(html)[:6] == ORDER
    assert sorted(rows(html)[6:]) == sorted(["向阳小学教学点", "红旗小学教学点"])
    assert bands(html) == [
        "三天以上没有联系：1 个", "硬盘快满了：1 个", "一直没有收到新的发布：1 个",
        "盒子的钟不准：1 个", "有联系，两周没有人用：1 个", "还没有绑定盒子：1 个", "都好：2 个",
    ]  # fmt: skip
    assert "撤掉的教学点" not in html


def test_silent_is_not_unused_and_unused_is_not_silent(county, desk):
    assert rows(desk.get("/?trouble=silent").text) == ["沉默的教学点"]
    assert rows(desk.get("/?trouble=unused").text) == ["没人用的教学点"]


def test_a_publish_of_yesterday_holds_nobody_back(county, desk):
    # 8 is a day old: 7 is enough. A box that has 3 is held back.
    assert rows(desk.get("/?trouble=behind").text) == ["旧头的教学点"]


def test_points_are_filtered_by_their_school_and_name(county, desk):
    assert rows(desk.get("/?school=河西中心校").text) == ["没盒子的教学点"]
    assert rows(desk.get("/?name=向阳").text) == ["向阳小学教学点"]
    html = desk.get("/?school=没有的学校").text
    assert rows(html) == [] and "没有这样的教学点" in html


def test_closed_points_are_there_when_asked_for(county, desk):
    assert rows(desk.get("/?trouble=closed").text) == ["撤掉的教学点"]


def test_rows_stand_in_the_order_of_a_column(county, desk):
    for sort, first in (("disk", "满盘的教学点"), ("clock", "钟不准的教学点"),
                        ("head", "旧头的教学点"), ("heard", "没盒子的教学点")):  # fmt: skip
        html = desk.get(f"/?sort={sort}").text
        assert rows(html)[0] == first, sort
        assert html.count("aria-sort") == 1
        assert bands(html) == []


def test_what_nobody_understands_in_an_address_is_passed_over(county, desk):
    assert desk.get("/?sort=&trouble=nonsense").status_code == 200
    assert desk.get("/?sort=nonsense").status_code == 200


def test_names_from_a_list_never_act(county, desk):
    county.add("<script>alert(1)</script>", "<script>alert(2)</script>")
    assert "<script>alert" not in desk.get("/").text


def test_an_empty_county_says_what_to_do_first(empty_county):
    from tests.web.centre.county import visit

    html = visit(empty_county).get("/").text
    assert "还没有教学点" in html and "/points/bring" in html


def test_the_box_that_was_copied_stands_first(county, desk):
    box_id = county.boxes["红旗小学教学点"]
    with county.ledger._engine.begin() as tx:  # as two lives of one box would leave it
        tx.exec_driver_sql(
            "update boxes set forked_at = ? where box_id = ?", (county.now, box_id)
        )
    assert rows(desk.get("/").text)[0] == "红旗小学教学点"


def test_a_replaced_box_that_calls_is_shown(county, desk):
    old = county.boxes["向阳小学教学点"]
    county.enrol("向阳小学教学点", days_ago=2)
    county.ledger.note_refused(old, at=county.now)
    assert rows(desk.get("/?trouble=replaced").text) == ["向阳小学教学点"]
