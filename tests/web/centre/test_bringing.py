"""The county's list comes in: what is new, changed and wrong, and cards to print."""

import io
import re

import openpyxl

from tests.web.centre.county import visit

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADS = ("学校标识码", "名称", "中心校", "乡镇", "负责人", "电话")


def sheet(*rows) -> bytes:
    book = openpyxl.Workbook()
    for row in (HEADS, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bring(desk, data, name="名单.xlsx", **said):
    token = desk.token("/points/bring")
    return desk.post(
        f"/points/bring?csrf={token}",
        {"file": (io.BytesIO(data), name, KIND), **said},
        token=False,
        content_type="multipart/form-data",
    )


def counts(html):
    return [int(n) for n in re.findall(r"<b>(\d+) <small>个</small>", html)]


def codes_in(html):
    return re.findall(r'"said">((?:\w{4}-){3}\w{4})<', html)


def test_a_list_brings_points_in_with_cards_by_their_school(empty_county):
    desk = visit(empty_county)
    answer = bring(
        desk,
        sheet(
            ("3601", "东山教学点", "城关中心校", "城关镇", "李老师", "139"),
            ("3602", "西山教学点", "河西中心校", "河西乡", "", ""),
            ("3603", "南山教学点", "城关中心校", "城关镇", "", ""),
            ("3604", "", "城关中心校", "", "", ""),
            ("3601", "又一个", "城关中心校", "", "", ""),
        ),
    )
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert counts(answer.text) == [3, 0, 0, 2]
    assert len(set(codes_in(answer.text))) == 3
    assert re.findall(r"<h2>(.{5})</h2>", answer.text) == ["城关中心校", "河西中心校"]
    assert "李老师 139" in answer.text
    assert len(empty_county.ledger.points()) == 3


def test_brought_in_again_it_updates_and_makes_no_new_codes(empty_county):
    desk = visit(empty_county)
    rows = [("3601", "东山教学点", "城关中心校", "", "李老师", "139"),
            ("3602", "西山教学点", "河西中心校", "", "", "")]  # fmt: skip
    bring(desk, sheet(*rows))
    rows[0] = ("3601", "东山教学点", "城关中心校", "", "张老师", "")
    answer = bring(desk, sheet(*rows))
    assert counts(answer.text) == [0, 1, 1, 0]
    assert codes_in(answer.text) == []
    about = [
        p.about for p in empty_county.ledger.points() if p.about.school_code == "3601"
    ]
    assert (about[0].head, about[0].phone) == ("张老师", "139")


def test_what_is_no_list_is_refused_at_its_field(empty_county):
    desk = visit(empty_county)
    for data in (b"no xlsx at all", sheet()[:200]):
        answer = bring(desk, data)
        assert answer.status_code == 400 and 'id="file-wrong"' in answer.text
    token = desk.token("/points/bring")
    answer = desk.post(f"/points/bring?csrf={token}", {}, token=False)
    assert answer.status_code == 400 and 'id="file-wrong"' in answer.text
    assert empty_county.ledger.points() == []


def test_a_single_point_is_added_with_its_card(county, desk):
    said = {
        "name": " 新村 教学点 ",
        "centre_school": "城关中心校",
        "head": "",
        "phone": "",
    }
    answer = desk.post("/points/new", said)
    assert len(codes_in(answer.text)) == 1 and "新村 教学点" in answer.text
    assert "新村 教学点" in desk.get("/").text
    answer = desk.post("/points/new", {"name": "  "})
    assert answer.status_code == 400 and 'id="name-wrong"' in answer.text


def test_lost_cards_are_made_anew_for_all_without_a_box(county, desk):
    county.add("又一个没盒子的", "城关中心校")
    answer = desk.post("/cards", {})
    assert len(codes_in(answer.text)) == 2
    assert "撤掉的教学点" not in answer.text and "向阳小学教学点" not in answer.text
