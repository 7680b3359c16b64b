"""One point: what it told, and what the desk may do with it."""

import re

import pytest

from edge_server.errors import Refused
from edge_server.records import curriculum
from sync.format import batch as wire
from sync.format import codes


def address(county, name):
    return f"/points/{county.points[name]}"


def main(answer):
    return answer.text.split("<main", 1)[1].split("</main>")[0]


def test_a_point_says_first_what_is_wrong_and_what_to_do(county, desk):
    html = main(desk.get(address(county, "沉默的教学点")))
    assert html.index("三天以上没有联系") < html.index("上次联系")
    assert "打电话问一问" in html and "13800000000" in html


def test_a_healthy_point_says_so(county, desk):
    html = main(desk.get(address(county, "向阳小学教学点")))
    assert "一切正常" in html and '<svg class="chart columns"' in html


def test_there_is_no_page_of_a_point_that_does_not_exist(desk):
    assert desk.get("/points/99999").status_code == 404
    assert desk.post("/points/99999/stop", {}).status_code == 404


def test_holdings_are_shown_by_name_with_how_new_they_are(county, desk):
    from edge_server.ground.db import transaction
    from tests.web.school import place

    where = place("g3", "yuwen")
    axes = {a: getattr(where, a) for a in curriculum.AXES}
    import json

    with transaction(county.box.db) as tx:
        for id, version in (("whole", 5), ("old", 8)):
            tx.execute(
                "insert into published_collections (collection_id, axes, changed,"
                " shard_id, version) values (?, ?, 0, 'x', ?)",
                (id, json.dumps(axes), version),
            )
    for id in ("whole", "old", "unknown"):
        body = json.dumps({"collection_id": id, "version": 5})
        county.call("红旗小学教学点", rows=(("receipt", body),))
    html = main(desk.get(address(county, "红旗小学教学点")))
    rows = re.findall(r'<th scope="row">([^<]*)</th><td>([^<]*)</td>', html)
    assert ("小学 · 三年级 · 语文 · 统编版 · 上册", "齐了") in rows
    assert ("小学 · 三年级 · 语文 · 统编版 · 上册", "有第 5 号，已出第 8 号") in rows
    assert ("unknown", "齐了") in rows


def test_rows_that_never_came_are_declared(county, desk):
    box_id = county.boxes["红旗小学教学点"]
    county.ledger.take_batch(
        wire.Batch(
            box_id, "epoch", 41, bytes(32),
            (wire.Row(41, "other", "{}", "boot", 1.0, county.now),),
            (), None, nothing_before=True,
        ),
        at=county.now,
    )  # fmt: skip
    html = main(desk.get(address(county, "红旗小学教学点")))
    assert "没有送到的记录" in html and '<td class="n">40</td>' in html


def test_a_heartbeat_of_a_strange_box_does_not_break_the_page(county, desk):
    county.call(
        "红旗小学教学点",
        failing="<b>many</b>", refused=-3, wanted_bytes=[1], disk_bytes="x",
        head_version="new",
    )  # fmt: skip
    assert desk.get(address(county, "红旗小学教学点")).status_code == 200
    assert "<b>many" not in desk.get("/").text


def test_a_new_code_is_shown_once_and_ends_the_one_before(county, desk):
    where = address(county, "没盒子的教学点")
    assert "登记码只显示一次" in desk.get(f"{where}/code").text
    cards = []
    for _ in range(2):
        answer = desk.post(f"{where}/code", {})
        assert answer.headers["Cache-Control"] == "no-store"
        assert "192.168.1.5:8443" in answer.text and 'id="qr"' in answer.text
        cards += re.findall(r'"said">((?:\w{4}-){3}\w{4})<', answer.text)
    assert len(set(cards)) == 2
    assert not any(card in desk.get(where).text for card in cards)
    old, new = (codes.parse_code(card).secret for card in cards)
    said = {"box_id": "f" * 32, "public_key": bytes(32), "at": county.now}
    with pytest.raises(Refused):
        county.ledger.enrol(secret=old, **said)
    joined = county.ledger.enrol(secret=new, **said)
    assert joined.about.name == "没盒子的教学点"


def test_names_that_were_set_stand_on_the_card(county):
    from dataclasses import replace

    from tests.web.centre.county import visit

    county.centre = replace(
        county.centre,
        box=replace(
            county.box, config=replace(county.box.config, names="jx.xiangyang.cn x")
        ),
    )
    point = county.points["没盒子的教学点"]
    assert (
        "jx.xiangyang.cn:8443" in visit(county).post(f"/points/{point}/code", {}).text
    )


def test_a_box_is_stopped_and_the_point_stays(county, desk):
    where = address(county, "红旗小学教学点")
    assert desk.post(f"{where}/stop", {}).headers["Location"] == where
    seen = county.ledger.point(county.points["红旗小学教学点"]).seen
    assert (seen.box_id, seen.closed) == (None, False)
    assert county.ledger.box(county.boxes["红旗小学教学点"]).revoked_at is not None
    assert desk.get(f"{where}/stop").status_code == 302  # there is nothing to stop
    html = main(desk.get(where))
    assert "停用盒子" not in html and "还没有绑定盒子" in html


def test_a_point_is_closed_and_comes_back(county, desk):
    where = address(county, "红旗小学教学点")
    desk.post(f"{where}/close", {})
    assert "红旗小学教学点" not in desk.get("/").text
    assert "已经撤掉了" in desk.get(where).text
    desk.post(f"{where}/close", {})
    assert "红旗小学教学点" in desk.get("/").text


def test_use_of_a_point_stands_in_its_weeks(county, desk):
    county.call("红旗小学教学点", days_ago=21, opened=3)
    titles = re.findall(
        r"<title>([^<]*)</title>", desk.get(address(county, "红旗小学教学点")).text
    )[1:]
    assert len(titles) == 12
    assert titles[-1].endswith(": 5 次") and titles[-4].endswith(": 3 次")
