"""A catalogue sheet as a county's clerk fills it, and the files that find their rows."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_server.errors import Refused
from sync.arrivals import sidecar
from sync.arrivals.sidecar import Sidecar, SidecarRow
from tests.sync.told import axes


def read(tmp_path: Path, text: str) -> Sidecar:
    """Read a sidecar in CSV as Excel writes it in China."""
    path = tmp_path / "catalogue.csv"
    path.write_bytes(text.encode("gb18030"))
    return sidecar.read(path, "csv")


def codes(told: Sidecar) -> list[tuple[str, object]]:
    """Return the problems by code and row."""
    return [(problem.code, problem.values.get("row")) for problem in told.problems]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("catalogue.xlsx", True),
        ("Catalogue.CSV", True),
        ("catalogue.json", True),
        ("课件目录.xlsx", True),
        ("课件清单.csv", True),
        ("目录.xlsx", False),
        ("catalogue.pdf", False),
        ("my catalogue.xlsx", False),
    ],
)
def test_a_sidecar_is_known_by_its_name(name: str, expected: bool):
    assert sidecar.is_sidecar_name(name) is expected


def test_a_row_says_what_a_file_is(tmp_path: Path):
    told = read(
        tmp_path,
        "三年级课件清单\n\n"
        "标题,文件名（必填）,学段,年级,学科,版本,教材年份,册次,单元,课,标签,来源,说明,编号,页数\n"
        "大青树,三年级\\5 大青树.mp4,小学,三年级,语文,统编版,新教材,上册,"
        "第一单元 学校,5.大青树下的小学,朗读、写景；秋,县教研室,第一课时,k-5,12\n",
    )

    assert told.problems == []
    (row,) = told.rows
    assert axes(row.place) == "小学 三年级 语文 统编版 新教材 上册"
    assert (row.place.unit_no, row.place.unit) == (1, "学校")
    assert (row.place.lesson_no, row.place.lesson) == (5, "大青树下的小学")
    assert row.number == 4
    assert row.file == "三年级/5 大青树.mp4"
    assert (row.title, row.id) == ("大青树", "k-5")
    assert row.tags == ("朗读", "写景", "秋")
    assert (row.source, row.note) == ("县教研室", "第一课时")
    assert row.extra == {"页数": "12"}


def test_columns_may_be_english_and_in_any_order(tmp_path: Path):
    told = read(
        tmp_path,
        "Lesson;Grade;File;Textbook Year\nLesson 3;Grade 3;a.mp4;new textbooks\n",
    )

    assert axes(told.rows[0].place) == "三年级 新教材"
    assert told.rows[0].place.lesson_no == 3


def test_one_cell_may_hold_two_axes(tmp_path: Path):
    told = read(
        tmp_path, "文件,年级,版本\na,三上,人教版（2024）\nb,小学四年级下册,RJ\n"
    )

    assert [axes(row.place) for row in told.rows] == [
        "三年级 人教版 新教材 上册",
        "四年级 人教版 下册",
    ]
    assert told.problems == []


def test_words_nobody_knows_are_kept_and_reported(tmp_path: Path):
    told = read(
        tmp_path, "文件,年级,学科,版本\na,三年纪,围棋,长春版\nb,三年级,语文,统编版\n"
    )

    assert axes(told.rows[0].place) == "围棋 长春版"
    assert told.rows[0].extra == {"grade": "三年纪"}
    assert codes(told) == [("axis_word_unknown", 2)] * 3


def test_rows_that_name_no_file_or_one_twice_are_reported(tmp_path: Path):
    told = read(tmp_path, "文件,标题\n,没有文件\na.mp4,一\na.mp4,二\n")

    assert [row.title for row in told.rows] == ["一"]
    assert codes(told) == [("sidecar_row_without_file", 2), ("sidecar_row_twice", 4)]


def test_a_sheet_without_a_column_of_files_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="sidecar_no_header"):
        read(tmp_path, "标题,年级\n春,三年级\n")


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("春.mp4", "春.mp4"),
        ("三年级\\春.MP4", "三年级/春.mp4"),
        (".\\三年级\\春.mp4", "三年级/春.mp4"),
        ("cafe\u0301.mp4", "caf\u00e9.mp4"),
        ("/a/b.mp4", "a/b.mp4"),
    ],
)
def test_a_file_finds_its_row_however_the_path_is_spelled(
    tmp_path: Path, written: str, path: str
):
    (tmp_path / "catalogue.csv").write_text(f"file,title\n{written},x\n")
    told = sidecar.read(tmp_path / "catalogue.csv", "csv")

    assert told.row_for(path) is not None
    assert told.row_for("other/" + path) is None


def test_the_exact_spelling_wins_over_another_case():
    told = Sidecar([SidecarRow(2, "A.mp4"), SidecarRow(3, "a.mp4")], [])

    assert [
        row.number for name in ("A.mp4", "a.mp4") if (row := told.row_for(name))
    ] == [2, 3]


def test_likely_files_get_the_row_that_fits_only_them_and_the_rest_is_reported():
    told = Sidecar(
        [
            SidecarRow(2, "D:/课件/三年级/春.mp4"),
            SidecarRow(3, "夏"),
            SidecarRow(4, "秋.mp4"),
            SidecarRow(5, "没有来.mp4"),
            SidecarRow(6, "四年级/冬.mp4"),
        ],
        [],
    )

    found, problems = told.match(
        ["三年级/春.mp4", "x/夏.pptx", "x/秋.mp4", "y/秋.mp4", "五年级/冬.mp4"]
    )

    assert {path: row.number for path, row in found.items()} == {
        "三年级/春.mp4": 2,
        "x/夏.pptx": 3,
    }
    assert [problem.values["row"] for problem in problems] == [4, 5, 6]


CELL = st.text(st.characters(exclude_characters=",;|，；\t"), max_size=6)


@given(st.lists(st.lists(CELL, max_size=6), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_stands_below_the_headings_is_read(
    tmp_path: Path, rows: list[list[str]]
):
    lines = ["文件\t年级\t学科\t册次\t单元\t课\t标签"]
    lines += ["\t".join("".join(cell.split()) for cell in row) for row in rows]
    path = tmp_path / "catalogue.csv"
    path.write_text("\n".join(lines), encoding="utf-8-sig", errors="replace")

    told = sidecar.read(path, "csv")

    told.match(row.file for row in told.rows)
    for row in told.rows:
        assert row.file
        assert told.row_for(row.file) is not None
