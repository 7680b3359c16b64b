"""Files that Excel and WPS open, in which no name becomes a formula."""

import csv
import io
import subprocess
from datetime import date

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import exports

HEADS = ("教学点", "打开", "周")
ROWS = [
    ("向阳小学教学点", 12, date(2026, 11, 23)),
    ('=HYPERLINK("http://evil.example","点我")', 3, date(2026, 11, 16)),
    ("+86", -4, date(2026, 11, 9)),
    ("@sum(1)", 0.5, date(2026, 11, 2)),
    ("-1+2", 1, date(2026, 11, 2)),
    ("a,b\n\"c\"", 2, date(2026, 11, 2)),
]  # fmt: skip


def read_csv(data):
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def read_xlsx(data):
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    return [[cell for cell in row] for row in sheet.iter_rows()]


def test_a_csv_begins_with_the_mark_that_excel_reads_chinese_by():
    data = exports.as_csv(HEADS, ROWS)
    assert data.startswith(b"\xef\xbb\xbf")
    assert read_csv(data)[1] == ["向阳小学教学点", "12", "2026-11-23"]
    assert b"\r\n" in data


def test_numbers_and_dates_stay_what_they_are_in_an_xlsx():
    first, second = read_xlsx(exports.as_xlsx("使用", HEADS, ROWS))[1:3]
    assert first[1].value == 12 and first[1].data_type == "n"
    assert first[2].is_date and first[2].value.date() == date(2026, 11, 23)
    assert second[0].data_type == "s" and second[0].value.startswith("=HYPERLINK")


@given(st.text(max_size=30))
def test_no_text_is_a_formula_in_either(text):
    rows = [(text, 1)]
    (_, (cell, _)) = read_csv(exports.as_csv(("a", "b"), rows))
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    made = read_xlsx(exports.as_xlsx("a/b", ("a", "b"), rows))[1][0]
    assert made.data_type in ("s", "inlineStr")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_office_program_opens_it_and_reckons_nothing(tmp_path, kind):
    data = (
        exports.as_csv(HEADS, ROWS)
        if kind == "csv"
        else exports.as_xlsx("使用", HEADS, ROWS)
    )
    (tmp_path / f"use.{kind}").write_bytes(data)
    out = tmp_path / "out"
    # Without a window nobody is asked for the letters; Excel knows them by the mark.
    how = ["--infilter=CSV:44,34,76"] if kind == "csv" else []
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless", *how,
         "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true",
         "--outdir", str(out), str(tmp_path / f"use.{kind}")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    rows = read_csv((out / "use.csv").read_bytes())
    assert rows[0] == list(HEADS)
    assert rows[1][:2] == ["向阳小学教学点", "12"]
    assert [row[0].lstrip("'") for row in rows[2:6]] == [row[0] for row in ROWS[1:5]]
