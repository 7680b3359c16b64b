"""Sheets from outside: cells come out as their author saw them, or the sheet is refused."""

import json
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_server.errors import Refused
from edge_server.guard import sandbox
from sync.arrivals import sheets, xlsx

needs_sandbox = pytest.mark.usefixtures("sandboxed")


@pytest.fixture
def sandboxed() -> None:
    """Fail where there is no sandbox: xlsx is read in it only."""
    assert sandbox.missing() is None, "xlsx is read in the sandbox only"


def cells(path: Path, format: str) -> list[list[str]]:
    """Return all cells of a sheet's tables."""
    return [list(row.cells) for t in sheets.read_tables(path, format) for row in t.rows]


def csv_cells(tmp_path: Path, data: bytes) -> list[list[str]]:
    (tmp_path / "a.csv").write_bytes(data)
    return cells(tmp_path / "a.csv", "csv")


@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_csv_reads_the_same_however_it_was_saved(
    tmp_path: Path, separator: str, encoding: str, line_end: str
):
    rows = [
        "文件 标题 年级",
        "春.mp4 春天来了 三年级",
        '"夏 天.mp4" 夏天到了 四年级',
        '="007" 秋 五',
    ]
    quoted = [row.replace('"夏 天', '"夏\0天') for row in rows]
    text = line_end.join(row.replace(" ", separator) for row in quoted) + line_end
    data = text.replace("\0", separator).encode(encoding)

    assert csv_cells(tmp_path, data) == [
        ["文件", "标题", "年级"],
        ["春.mp4", "春天来了", "三年级"],
        [f"夏{separator}天.mp4", "夏天到了", "四年级"],
        ["007", "秋", "五"],
    ]


def test_commas_in_notes_do_not_pass_for_columns(tmp_path: Path):
    rows = csv_cells(
        tmp_path, "文件;标题;说明\na;好,很好;春,夏\nb;好,不错;秋,冬\n".encode()
    )

    assert rows[1:] == [["a", "好,很好", "春,夏"], ["b", "好,不错", "秋,冬"]]


def test_the_line_that_tells_excel_the_separator_is_no_row(tmp_path: Path):
    assert csv_cells(tmp_path, b"sep=;\r\na;b,c\r\n") == [["a", "b,c"]]


def test_a_quote_that_nobody_closed_swallows_one_cell_and_not_the_sheet(tmp_path: Path):
    lines = ["文件,说明", 'a.mp4,"没有写完', *(f"{n}.mp4,好" for n in range(200))]

    rows = csv_cells(tmp_path, "\n".join(lines).encode())

    assert len(rows) == 202
    assert rows[-1] == ["199.mp4", "好"]


def test_rows_keep_the_numbers_their_author_sees(tmp_path: Path):
    (tmp_path / "a.csv").write_text("a,b\n\n,,\nc,d\n")

    (table,) = sheets.read_tables(tmp_path / "a.csv", "csv")

    assert [row.number for row in table.rows] == [1, 4]


@pytest.mark.parametrize("wrapped", [True, False])
def test_json_gives_one_row_an_object(tmp_path: Path, wrapped: bool):
    objects = [
        {"file": "a.mp4", "lesson": 5, "tags": ["春", "诗"]},
        {"file": "b.mp4", "extra": 1.0, "nested": {"x": 1}, "none": None},
    ]
    data = {"resources": objects} if wrapped else objects
    (tmp_path / "a.json").write_text(json.dumps(data))

    assert cells(tmp_path / "a.json", "json") == [
        ["file", "lesson", "tags", "extra", "nested", "none"],
        ["a.mp4", "5", "春、诗"],
        ["b.mp4", "", "", "1"],
    ]


@pytest.mark.parametrize(
    "text", ["", "{", "3", '{"resources": 3}', "[" * 200_000, "\x00", '"\\ud800"']
)
def test_a_json_that_is_no_list_of_resources_is_refused(tmp_path: Path, text: str):
    (tmp_path / "a.json").write_text(text)

    with pytest.raises(Refused, match="sheet_unreadable"):
        sheets.read_tables(tmp_path / "a.json", "json")


def test_a_sheet_beyond_the_bounds_is_refused_or_cut_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(sheets, "ROWS", 3)
    monkeypatch.setattr(sheets, "COLUMNS", 2)
    monkeypatch.setattr(sheets, "CELL_CHARACTERS", 4)
    (tmp_path / "a.csv").write_text("a,b,c\n123456,d\n" * 4)

    (table,) = sheets.read_tables(tmp_path / "a.csv", "csv")

    assert table.cut
    assert [row.cells for row in table.rows] == [("a", "b"), ("1234", "d"), ("a", "b")]
    monkeypatch.setattr(sheets, "SHEET_BYTES", 10)
    with pytest.raises(Refused, match="sheet_too_big"):
        sheets.read_tables(tmp_path / "a.csv", "csv")


@given(st.binary(max_size=300), st.sampled_from(["csv", "json"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes_are_cells_or_refused(tmp_path: Path, data: bytes, format: str):
    path = tmp_path / "any"
    path.write_bytes(data)

    try:
        rows = cells(path, format)
    except Refused as refusal:
        assert refusal.reason == "sheet_unreadable"
    else:
        assert all(cell == sheets.clean(cell) for row in rows for cell in row)


@needs_sandbox
def test_an_xlsx_shows_what_a_person_sees(tmp_path: Path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "三上语文"
    sheet.append(["课件目录"])
    sheet.merge_cells("A1:C1")
    sheet.append([])
    sheet.append(["文件", "课", "课时", "=1+1"])
    sheet.append(["a.mp4", 5.0, 1.5, True])
    book.create_sheet("空")
    book.save(tmp_path / "a.xlsx")

    tables = sheets.read_tables(tmp_path / "a.xlsx", "xlsx")

    assert [table.name for table in tables] == ["三上语文", "空"]
    assert [(row.number, row.cells) for row in tables[0].rows] == [
        (1, ("课件目录",)),
        (3, ("文件", "课", "课时")),  # nobody has computed the formula yet
        (4, ("a.mp4", "5", "1.5", "True")),
    ]


@needs_sandbox
def test_a_file_that_is_no_workbook_is_refused(tmp_path: Path):
    (tmp_path / "a.xlsx").write_bytes(b"PK\3\4 no zip")

    with pytest.raises(Refused, match="BadZipFile"):
        sheets.read_tables(tmp_path / "a.xlsx", "xlsx")


@needs_sandbox
def test_a_workbook_whose_xml_bites_is_refused(tmp_path: Path):
    book = openpyxl.Workbook()
    book.active.append(["a"])
    book.save(tmp_path / "good.xlsx")
    bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    with (
        zipfile.ZipFile(tmp_path / "good.xlsx") as good,
        zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as bad,
    ):
        for name in good.namelist():
            text = good.read(name).decode()
            bad.writestr(name, bomb + text if "sheet1" in name else text)

    with pytest.raises(Refused, match="EntitiesForbidden"):
        sheets.read_tables(tmp_path / "bad.xlsx", "xlsx")


def test_a_workbook_that_unfolds_to_too_much_is_refused_unopened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(xlsx, "_UNFOLDED_BYTES", 1_000_000)
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 1_000_001)

    with pytest.raises(ValueError, match="unfolds to 1000001 bytes"):
        xlsx.main([str(tmp_path / "a.xlsx")])


def test_a_cell_far_below_does_not_make_the_child_walk_for_ever(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(xlsx, "ROWS", 100)
    book = openpyxl.Workbook()
    book.active["A1"] = "top"
    book.active["A1000000"] = "bottom"
    book.save(tmp_path / "a.xlsx")

    xlsx.main([str(tmp_path / "a.xlsx")])

    assert json.loads(capfd.readouterr().out)[2] == [[1, ["top"]]]
