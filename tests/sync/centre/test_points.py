"""The county's list of points comes in from the sheet that the county already has."""

from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest

from edge_server.errors import Refused
from sync.centre import points
from sync.centre.ledger import Ledger
from sync.format import codes
from tests.sync.centre.telling import NOW

pytestmark = pytest.mark.lab("sandbox")

AUTHORITY = b"a certificate"
HEAD = ["学校标识码", "名称", "中心校", "乡镇", "负责人", "电话"]
LIST = [
    [2144000001, "向阳小学教学点", "大田中心校", "大田镇", "李老师", 13800000000],
    [2144000002, "红星教学点", "大田中心校", "大田镇", "王老师", "0974-123456"],
    [2144000003, "新村教学点", "东河中心校", "东河乡", "", ""],
]


def sheet(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(list(row))
    path = folder / "教学点.xlsx"
    book.save(path)
    return path


def test_points_come_in_with_a_code_each_by_centre_school(book: Ledger, tmp_path):
    done = points.bring_in(book, sheet(tmp_path, [HEAD, *LIST]), AUTHORITY, at=NOW)
    assert (done.new, done.changed, done.same, done.problems) == (3, 0, 0, ())
    assert [card.about.name for card in done.cards] == [
        "新村教学点", "向阳小学教学点", "红星教学点",
    ]  # fmt: skip
    first = done.cards[1]
    assert (first.about.school_code, first.about.phone) == ("2144000001", "13800000000")
    assert codes.fits(first.code, AUTHORITY)
    typed = codes.parse_code(str(first.code).lower())
    joined = book.enrol(
        secret=typed.secret, box_id="1" * 32, public_key=b"k" * 32, at=NOW
    )
    assert (joined.point, joined.about) == (first.point, first.about)


def test_the_same_list_again_updates_and_keeps_the_codes(book: Ledger, tmp_path):
    before = points.bring_in(book, sheet(tmp_path, [HEAD, *LIST]), AUTHORITY, at=NOW)
    changed = [*LIST[:1], [*LIST[1][:4], "赵老师", ""], LIST[2]]
    new = [2144000004, "山口教学点", "东河中心校", "东河乡", "", ""]
    path = sheet(tmp_path, [HEAD, *changed, new])
    done = points.bring_in(book, path, AUTHORITY, at=NOW)
    assert (done.new, done.changed, done.same) == (1, 1, 2)
    assert [card.about.name for card in done.cards] == ["山口教学点"]
    about = {seen.about.name: seen.about for seen in book.points()}
    assert about["红星教学点"].head == "赵老师"
    assert about["红星教学点"].phone == "0974-123456"
    secret = before.cards[0].code.secret
    book.enrol(secret=secret, box_id="1" * 32, public_key=b"k" * 32, at=NOW)


def test_columns_stand_in_any_order_below_titles_and_beside_others(tmp_path):
    rows = [
        ["某县教学点一览表"],
        [],
        [
            "序号",
            "联系电话",
            "教学点名称",
            "校长",
            "学生数",
            "所属中心校",
            "学校标识码",
        ],
        [1, 13800000000, "  向阳 教学点", "李老师", 23, "大田中心校", 2144000001],
        ["", "", "", "", "", "", ""],
        [2, None, "红星教学点", None, 8, "大田中心校", None],
    ]
    found, problems = points.read(sheet(tmp_path, rows))
    assert problems == []
    assert [(p.name, p.school_code, p.head, p.phone) for p in found] == [
        ("向阳 教学点", "2144000001", "李老师", "13800000000"),
        ("红星教学点", None, "", ""),
    ]


def test_rows_that_cannot_be_taken_are_named(tmp_path):
    rows = [HEAD, LIST[0], [2144000009], [*LIST[0][:1], "另一个教学点"], LIST[1]]
    found, problems = points.read(sheet(tmp_path, rows))
    assert [point.name for point in found] == ["向阳小学教学点", "红星教学点"]
    assert [(p.code, dict(p.values)) for p in problems] == [
        ("point_without_name", {"row": 3}),
        ("school_code_twice", {"row": 4, "first": 2}),
    ]


def test_a_sheet_of_something_else_is_refused(tmp_path):
    with pytest.raises(Refused, match="points_sheet_strange"):
        points.read(sheet(tmp_path, [["姓名", "年龄"], ["李老师", 40]]))
    (tmp_path / "x.xlsx").write_bytes(b"no zip at all")
    with pytest.raises(Refused, match="sheet_unreadable"):
        points.read(tmp_path / "x.xlsx")


def test_two_thousand_points_come_in_within_a_minute(book: Ledger, tmp_path):
    rows = [
        [2144000000 + n, f"第{n}教学点", f"第{n % 90}中心校", f"第{n % 30}镇", "李", n]
        for n in range(2000)
    ]
    path = sheet(tmp_path, [HEAD, *rows])
    assert len(points.bring_in(book, path, AUTHORITY, at=NOW).cards) == 2000
    again = points.bring_in(book, path, AUTHORITY, at=NOW)
    assert (again.new, again.changed, again.same) == (0, 0, 2000)
