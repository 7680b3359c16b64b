"""目录 as people fill them: merged cells, several books in a sheet, units between lessons."""

from pathlib import Path

import openpyxl
import pytest

from edge_server.errors import Refused
from edge_server.records.contents import Lesson, Unit
from edge_server.records.curriculum import Place, free
from sync.arrivals import contents_sheet
from sync.arrivals.contents_sheet import ContentsSheet
from tests.sync.told import axes


def read(tmp_path: Path, text: str, around: Place | None = None) -> ContentsSheet:
    """Read a 目录 in CSV."""
    (tmp_path / "contents.csv").write_text(text)
    return contents_sheet.read(tmp_path / "contents.csv", "csv", around)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("contents.xlsx", True),
        ("Contents.csv", True),
        ("目录.xlsx", True),
        ("课件目录.xlsx", False),
        ("目录.json", False),
        ("目录.docx", False),
    ],
)
def test_contents_are_known_by_their_name(name: str, expected: bool):
    assert contents_sheet.is_contents_name(name) is expected


def test_a_book_is_read_in_its_order_and_empty_means_as_above(tmp_path: Path):
    told = read(
        tmp_path,
        "学段,年级,学科,版本,册次,单元,课,课时\n"
        "小学,三年级,语文,统编版,上册,第一单元 学校生活,1 大青树下的小学,2\n"
        ",,,,,,2 花的学校,2课时\n"
        ",,,,,,语文园地,2-3\n"
        ",,,,,,——,\n"
        ",,,,,第二单元,4* 古诗三首,\n",
    )

    (volume,) = told.volumes
    assert told.problems == []
    assert axes(volume.place) == "小学 三年级 语文 统编版 上册"
    assert volume.units == (
        Unit(
            1,
            "学校生活",
            (
                Lesson(1, "大青树下的小学", 2),
                Lesson(2, "花的学校", 2),
                Lesson(None, "语文园地", 3),
            ),
        ),
        Unit(2, "", (Lesson(4, "古诗三首"),)),
    )


def test_several_books_may_stand_in_one_sheet(tmp_path: Path):
    told = read(
        tmp_path,
        "年级,学科,册次,单元,课\n"
        "三年级,数学,上册,一 时分秒,秒的认识\n"
        ",,下册,一 位置,认识东南西北\n"
        "四年级,,上册,一 大数,亿以内的数\n",
    )

    assert [axes(volume.place) for volume in told.volumes] == [
        "小学 三年级 数学 上册",
        "小学 三年级 数学 下册",
        "小学 四年级 数学 上册",
    ]
    assert [volume.units[0].title for volume in told.volumes] == [
        "时分秒",
        "位置",
        "大数",
    ]


@pytest.mark.parametrize(
    ("text", "around"),
    [
        ("统编版三年级语文上册 目录\n单元,课\n1,秋\n", Place()),
        ("单元,课\n1,秋\n", Place(
            grade=free("grade", "三年级").id, subject=free("subject", "语文").id,
            edition=free("edition", "统编版").id, volume=free("volume", "上册").id,
        )),
    ],
    ids=["above the headings", "folders"],
)  # fmt: skip
def test_what_no_column_says_is_taken_from_around(
    tmp_path: Path, text: str, around: Place
):
    told = read(tmp_path, text, around)

    assert axes(told.volumes[0].place) == "小学 三年级 语文 统编版 上册"
    assert told.problems == []


def test_units_may_stand_as_lines_of_their_own(tmp_path: Path):
    told = read(
        tmp_path,
        "三上语文,\n课文,课时\n第一单元 学校,\n1 大青树下的小学,2\n第二单元,\n4 古诗三首,2\n",
    )

    assert told.volumes[0].units == (
        Unit(1, "学校", (Lesson(1, "大青树下的小学", 2),)),
        Unit(2, "", (Lesson(4, "古诗三首", 2),)),
    )


def test_a_unit_named_again_goes_on_where_it_was(tmp_path: Path):
    told = read(
        tmp_path,
        "三上语文\n单元,课\n第一单元 学校,1 甲\n第二单元,3 丙\n第一单元,2 乙\n",
    )

    assert [len(unit.lessons) for unit in told.volumes[0].units] == [2, 1]


def test_a_unit_without_lessons_is_kept(tmp_path: Path):
    told = read(tmp_path, "三上数学\n单元,课\n一 时分秒,\n二 测量,\n")

    assert told.volumes[0].units == (Unit(1, "时分秒"), Unit(2, "测量"))


def test_a_book_nobody_can_name_and_a_lesson_twice_are_reported(tmp_path: Path):
    told = read(tmp_path, "单元,课\n1,秋天\n1,秋天\n")

    assert [problem.code for problem in told.problems] == [
        "contents_lesson_twice",
        "contents_place_missing",
    ]
    assert told.volumes[0].units == (Unit(1, "", (Lesson(None, "秋天"),)),)


def test_a_sheet_without_a_column_of_lessons_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="contents_no_header"):
        read(tmp_path, "单元,课时\n1,2\n")


def test_each_sheet_of_a_workbook_is_a_book_by_its_name_with_merged_cells(
    tmp_path: Path,
):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "三上语文"
    for row in [["单元", "课"], ["第一单元", "1 甲"], [None, "2 乙"]]:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    other = book.create_sheet("三下语文")
    for row in [["单元", "课"], ["第一单元", "1 丙"]]:
        other.append(row)
    book.save(tmp_path / "目录.xlsx")

    told = contents_sheet.read(tmp_path / "目录.xlsx", "xlsx")

    assert [axes(volume.place) for volume in told.volumes] == [
        "小学 三年级 语文 上册",
        "小学 三年级 语文 下册",
    ]
    assert [lesson.title for lesson in told.volumes[0].units[0].lessons] == ["甲", "乙"]
