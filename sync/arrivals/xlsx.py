"""The child that opens an xlsx: ``python -m sync.arrivals.xlsx FILE``, in the sandbox.

Writes one line of JSON for each sheet, ``[name, cut, [[number, [cell, …]], …]]``, cells as
the strings a person sees: 5 and not 5.0, dates as 2026-09-01. Formulas give the value
that was last computed. openpyxl reads in its streaming mode and through defusedxml; what
remains, a zip that unfolds to far more than it holds, is refused by its own table first.
Nothing is caught: whatever openpyxl stumbles over makes the exit status 1, and the last
line of stderr says why.
"""

import json
import sys
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from io import TextIOWrapper
from typing import BinaryIO, cast

import openpyxl

from sync.arrivals.sheets import CELL_CHARACTERS, COLUMNS, ROWS

_UNFOLDED_BYTES = 256 * 2**20
_ENTRIES = 2_000
_ANSWER_CHARACTERS = 8_000_000
"""Below what the parent reads, whose bound is in bytes."""
_SHEETS = 60


def main(arguments: Sequence[str]) -> None:
    """Write the sheets of a file to stdout."""
    # A cell may hold half a surrogate pair, written as _xD800_.
    cast(TextIOWrapper, sys.stdout).reconfigure(encoding="utf-8", errors="replace")
    with open(arguments[0], "rb") as file:
        _check(file)
        _write(file)


def _check(file: BinaryIO) -> None:
    """Refuse a zip whose table promises too much; reading never goes beyond the table."""
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
    if len(entries) > _ENTRIES:
        raise ValueError(f"{len(entries)} entries")
    unfolded_bytes = sum(entry.file_size for entry in entries)
    if unfolded_bytes > _UNFOLDED_BYTES:
        raise ValueError(f"unfolds to {unfolded_bytes} bytes")


def _write(file: BinaryIO) -> None:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    rows_left, characters_left = ROWS, _ANSWER_CHARACTERS
    for sheet in book.worksheets[:_SHEETS]:
        # What the sheet says about its own size may be a lie or missing.
        sheet.reset_dimensions()
        rows: list[tuple[int, list[str]]] = []
        cut = False
        for number, values in enumerate(
            sheet.iter_rows(max_col=COLUMNS, values_only=True), 1
        ):
            cells = [_cell(value) for value in values]
            while cells and not cells[-1]:
                cells.pop()
            if not cells:
                if number > 20 * ROWS:
                    break  # a single cell a million rows down
                continue
            characters_left -= sum(map(len, cells))
            if rows_left == 0 or characters_left < 0:
                cut = True
                break
            rows_left -= 1
            rows.append((number, cells))
        sys.stdout.write(
            json.dumps([sheet.title, cut, rows], ensure_ascii=False) + "\n"
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return str(value.date()) if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)[:CELL_CHARACTERS]


if __name__ == "__main__":
    main(sys.argv[1:])
