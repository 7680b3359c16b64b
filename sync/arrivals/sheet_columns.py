"""Finds the columns of a sheet by their headings, in Chinese or English, in any order.

People put titles and notes above the headings, brackets with hints behind them
(年级（必填）) and columns of their own between them. So the heading row is the one among
the first 30 rows that names the most known columns; what no heading names is kept under
its own name.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edge_server.records import curriculum, placing
from edge_server.records.curriculum import AXES, TEXT, Axis, Place, Value, key
from sync.arrivals.sheets import Problem, Row, Table

_LOOKED_AT = 30
_HINT = re.compile(r"[(（\[【<].*?[)）\]】>]")
_CLOSED: frozenset[Axis] = frozenset(("stage", "grade"))
"""Axes whose values are few and known: an unknown word there is a slip of the pen."""

AXIS_COLUMNS: Mapping[str, str] = {
    "stage": "学段 学校类型 school stage",
    "grade": "年级 年段 年级段",
    "subject": "学科 科目 课程",
    "edition": "版本 教材版本 教材 出版社 教材出版社 publisher",
    "textbook_year": "教材年份 新旧教材 新/旧教材 教材年代 教材新旧 textbook_year",
    "volume": "册次 册别 册 上下册 学期 term semester",
    "unit": "单元 单元名称 单元标题 单元名 所属单元 章 章节 unit_title",
    "unit_no": "单元序号 单元号 单元编号 unit_number",
    "lesson_no": "课序号 课号 课次 课序 lesson_number",
}
"""Spellings by column, parted by blanks; the column's own name is one of them."""


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns of a table are."""

    row: int
    """Index of the heading row in the table's rows."""
    columns: Mapping[int, str]
    """Column index to the name of the known column."""
    others: Mapping[int, str]
    """Column index to the heading of a column nobody knows."""


def spellings(columns: Mapping[str, str]) -> dict[str, str]:
    """Return the known columns by how a heading may spell them, as `key` gives it."""
    return {
        key(words): name
        for name, spelled in columns.items()
        for words in (name, *spelled.split())
    }


def find_header(table: Table, known: Mapping[str, str], needed: str) -> Header | None:
    """Return where the columns of ``table`` are; None if no row names ``needed``.

    Args:
        table: The sheet.
        known: What `spellings` gave.
        needed: The column without which a row means nothing.
    """
    best: Header | None = None
    for index, row in enumerate(table.rows[:_LOOKED_AT]):
        columns: dict[int, str] = {}
        others: dict[int, str] = {}
        for column, cell in enumerate(row.cells):
            name = known.get(key(_HINT.sub("", cell))) or known.get(key(cell))
            if name is not None:
                columns[column] = name
            elif cell:
                others[column] = " ".join(cell.split())
        named = set(columns.values())
        if needed in named and (
            best is None or len(named) > len(set(best.columns.values()))
        ):
            best = Header(index, columns, others)
    return best


def rows_below(table: Table, header: Header) -> Iterator[tuple[Row, dict[str, str]]]:
    """Yield each row below the headings with its known cells that are not empty."""
    for row in table.rows[header.row + 1 :]:
        cells: dict[str, str] = {}
        for column, name in header.columns.items():
            if column < len(row.cells) and row.cells[column]:
                cells.setdefault(name, row.cells[column])
        yield row, cells


def others_of(row: Row, header: Header) -> dict[str, str]:
    """Return the cells of columns nobody knows, by their headings."""
    others: dict[str, str] = {}
    for column, heading in header.others.items():
        if column < len(row.cells) and row.cells[column]:
            others.setdefault(heading, row.cells[column])
    return others


def place_in(
    cells: Mapping[str, str], row: int, problems: list[Problem]
) -> tuple[Place, dict[str, str]]:
    """Read the axes of one row.

    Args:
        cells: Known cells by the name of their column.
        row: Number of the row, for problems.
        problems: Takes what could not be read.

    Returns:
        The place from stage to volume, and the words of columns that were set aside
        because no such stage or grade exists, by the name of the column.
    """
    given, derived = Place(), Place()
    aside: dict[str, str] = {}
    for axis in AXES:
        words = cells.get(axis, "")
        if not words:
            continue
        value = curriculum.read(axis, words)
        if value is None:
            # 三年级上册 in the column of grades, 人教版（2024版） in that of editions.
            told = placing.read_words(words)
            if told.place != Place() and not _left(told.rest):
                # Not the stage that follows from a grade: the folders may know better.
                derived = derived.over(replace(told.place, stage=None))
                id = getattr(told.place, axis)
                if id is not None:
                    given = given.at(curriculum.value(axis, id))
                    continue
        if value is None:
            problems.append(
                Problem("axis_word_unknown", {"row": row, "axis": axis, "words": words})
            )
            if axis in _CLOSED:
                aside[axis] = words
                continue
            value = _text(axis, words)
        given = given.at(value)
    return given.over(derived), aside


def _text(axis: Axis, words: str) -> Value:
    return curriculum.value(axis, TEXT + " ".join(words.split()))


def _left(rest: str) -> bool:
    return any(map(str.isalnum, rest))
