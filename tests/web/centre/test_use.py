"""使用: sums by every axis, with the same figures on the page and in the files."""

import csv
import io
import re

import openpyxl
import pytest

from tests.web.centre.county import fill, visit


def table(html: str) -> list[list[str]]:
    """Return the rows of the table of a page."""
    body = html.split("<tbody>")[1].split("</tbody>")[0]
    return [
        re.findall(r"<t[hd][^>]*>([^<]*)</t[hd]>", row)
        for row in body.split("<tr>")[1:]
    ]


def test_points_stand_in_the_order_of_their_use(desk):
    rows = table(desk.get("/use").text)
    assert [row[:2] for row in rows[:2]] == [
        ["向阳小学教学点", "5"], ["红旗小学教学点", "5"],
    ]  # fmt: skip
    assert [row[1] for row in rows] == ["5", "5", "2", "2", "1", "1"]


@pytest.mark.parametrize("by", ["subject", "grade", "week", "resource"])
def test_use_is_shown_by_every_axis(desk, by):
    rows = table(desk.get(f"/use?by={by}&weeks=4").text)
    assert sum(int(row[1]) for row in rows) == 16


def test_only_what_was_asked_for_is_counted(county, desk):
    point = county.points["红旗小学教学点"]
    html = desk.get(f"/use?by=resource&point={point}").text
    assert [row[1] for row in table(html)] == ["5"] and "红旗小学教学点" in html
    assert "这段时间没有用过" in desk.get("/use?school=河西中心校").text
    assert "这段时间没有用过" in desk.get("/use?grade=nothing").text


def test_the_files_have_the_figures_of_the_page(desk):
    shown = table(desk.get("/use").text)
    answer = desk.get("/use.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0][:2] == ["教学点", "打开"] and rows[1:] == shown
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/use.xlsx").data))
    cells = [list(row) for row in book.active.iter_rows(values_only=True)]
    assert [[str(cell) for cell in row] for row in cells[1:]] == shown
    assert isinstance(cells[1][1], int)


def test_weeks_are_dates_in_excel(desk):
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/use.xlsx?by=week").data))
    first = book.active["A2"]
    assert first.is_date and first.value.weekday() == 0


def test_the_name_of_a_point_is_no_formula(empty_county):
    fill(empty_county)
    empty_county.add("=1+1")
    empty_county.enrol("=1+1")
    empty_county.call("=1+1", opened=9)
    desk = visit(empty_county)
    assert desk.get("/use.csv").data.decode().split("\r\n")[1].startswith("'=1+1,9")
    book = openpyxl.load_workbook(io.BytesIO(desk.get("/use.xlsx").data))
    assert (book.active["A2"].value, book.active["A2"].data_type) == ("=1+1", "s")


def test_the_page_is_english_for_who_reads_english(desk):
    desk.speak("en")
    html = desk.get("/use?by=grade").text
    main = html.split("<main", 1)[1].split("</main>")[0]
    ours = re.sub(r"<option[^>]*>[^<]*</option>", "", main)
    assert not re.search("[一-鿿]", ours)
