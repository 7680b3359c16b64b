"""Tables as files that Excel and WPS open: CSV and XLSX, without a formula from data.

CSV has a byte order mark, or Excel reads Chinese in the machine's old code page. A name
that begins as a formula does (``=``, ``+``, ``-``, ``@``, or a tab or line end before it)
gets an apostrophe in CSV, which spreadsheets take for "this is text"; in XLSX the cell
says itself that it is text.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as Written
from openpyxl.cell.cell import WriteOnlyCell
from openpyxl.styles import Font

Cell = str | int | float | date
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NO_CHARACTER = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold."""
_LONGEST = 32_767
"""Characters of a cell."""
_WIDTHS = (28, 14)
"""In characters: of the first column and of the others."""


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as CSV."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in (heads, *rows):
        writer.writerow([_plain(cell) for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(name: str, heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a table as an XLSX with one sheet whose head stays in sight.

    Args:
        name: Of the sheet.
        heads: Of the columns.
        rows: Numbers and dates stay what they are, so that Excel can reckon with them.
    """
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31])
    sheet.freeze_panes = "A2"
    for n in range(len(heads)):
        letter = chr(ord("A") + n)
        sheet.column_dimensions[letter].width = _WIDTHS[min(n, 1)]

    def cell(value: Cell, font: Font | None = None) -> Written:
        if isinstance(value, date):
            made = WriteOnlyCell(sheet, datetime.combine(value, time()))
            made.number_format = "yyyy-mm-dd"
        elif isinstance(value, str):
            made = WriteOnlyCell(sheet, _clean(value))
            made.data_type = "s"  # a formula otherwise, if it begins as one
            made.quotePrefix = value.startswith(_FORMULA)
        else:
            made = WriteOnlyCell(sheet, value)
        if font is not None:
            made.font = font
        return made

    sheet.append([cell(head, Font(bold=True)) for head in heads])
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(cell: Cell) -> str:
    if not isinstance(cell, str):
        return str(cell)
    text = _clean(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _clean(text: str) -> str:
    return _NO_CHARACTER.sub("", text)[:_LONGEST]
