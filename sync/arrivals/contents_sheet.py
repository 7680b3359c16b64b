"""Reads 目录: a sheet with the units and lessons of one textbook volume or of several.

One row is one lesson. As people fill such sheets, a cell is written once and left empty
below (or merged, which reads the same), so an empty unit or axis means *as above*. What
the columns do not say of the volume is taken from the lines above the headings, then from
the sheet's name, then from where the file lies: 三上语文 as the name of a sheet is enough.
A unit may also stand in the column of lessons, as a line of its own above its lessons.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from edge_server.errors import Refused
from edge_server.records import headings, placing
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import AXES, Place, key
from sync.arrivals import sheet_columns, sheets
from sync.arrivals.sheet_columns import Header
from sync.arrivals.sheets import Problem, Table

_NAME = re.compile(r"(?:contents|目录|教材目录)\.(?:xlsx|csv)\Z")
_COLUMNS = sheet_columns.spellings(
    {
        **sheet_columns.AXIS_COLUMNS,
        "lesson": "课 课文 课题 课名 课名称 课文名称 课文题目 标题 内容 title lesson_title",
        "periods": "课时 课时数 建议课时 hours class_hours",
    }
)
_NEEDED = ("grade", "subject", "volume")
"""Axes without which nobody can say what book this is."""
_MOST_PERIODS = 99


@dataclass(frozen=True, slots=True)
class ContentsSheet:
    """All volumes of a sheet, and what its author should see."""

    volumes: list[ContentsVolume]
    problems: list[Problem]


@dataclass(slots=True)
class _Units:
    """One volume while it is read: units and lessons in the order of the book."""

    lessons: dict[tuple[int | None, str], list[Lesson]] = field(default_factory=dict)
    current: tuple[int | None, str] = (None, "")

    def begin(self, no: int | None, title: str) -> None:
        """Go to a unit; a row may name it by its number or its title alone."""
        for known_no, known_title in self.lessons:
            same_no = no is not None and no == known_no
            same_title = bool(title) and key(title) == key(known_title)
            if (same_no and (same_title or not title)) or (same_title and no is None):
                self.current = (known_no, known_title)
                return
        self.current = (no, title)
        self.lessons.setdefault(self.current, [])

    def add(self, lesson: Lesson) -> bool:
        """Add a lesson to the unit; False if it is there already."""
        lessons = self.lessons.setdefault(self.current, [])
        same = (lesson.no, key(lesson.title))
        if same in ((known.no, key(known.title)) for known in lessons):
            return False
        lessons.append(lesson)
        return True


def is_contents_name(name: str) -> bool:
    """Say whether a file of this name holds the contents of textbook volumes."""
    return bool(_NAME.fullmatch(unicodedata.normalize("NFC", name).casefold()))


def read(path: Path, format: str, around: Place | None = None) -> ContentsSheet:
    """Read the contents of textbook volumes.

    Args:
        path: The sheet.
        format: ``xlsx`` or ``csv``.
        around: What the folders say that the sheet lies in.

    Raises:
        Refused: The sheet itself cannot be read, or no row of it names a column of
            lessons (``contents_no_header``).
        TemporaryError: There is no sandbox to open an xlsx in.
    """
    problems: list[Problem] = []
    books: dict[Place, _Units] = {}
    headed = False
    for table in sheets.read_tables(path, format):
        header = sheet_columns.find_header(table, _COLUMNS, "lesson")
        if header is None:
            continue
        headed = True
        if table.cut:
            problems.append(Problem("sheet_cut", {"rows": sheets.ROWS}))
        above = _above(table, header, around or Place())
        _read_table(table, header, above, books, problems)
    if not headed:
        raise Refused("contents_no_header")
    volumes = []
    for place, units in books.items():
        missing = [axis for axis in _NEEDED if getattr(place, axis) is None]
        if missing:
            problems.append(
                Problem("contents_place_missing", {"axes": ",".join(missing)})
            )
        if any(
            no or title or lessons for (no, title), lessons in units.lessons.items()
        ):
            volumes.append(_volume(place, units))
    return ContentsSheet(volumes, problems)


def _above(table: Table, header: Header, around: Place) -> Place:
    """Return what the lines above the headings say, then the sheet's name."""
    said = [" ".join(row.cells) for row in table.rows[: header.row]]
    place = Place()
    for words in [*reversed(said), table.name]:
        place = place.over(placing.read_words(words).place)
    return placing.combine(place, around)


def _read_table(
    table: Table,
    header: Header,
    above: Place,
    books: dict[Place, _Units],
    problems: list[Problem],
) -> None:
    carried: dict[str, str] = {}
    for line, cells in sheet_columns.rows_below(table, header):
        axes: dict[str, str] = {axis: cells[axis] for axis in AXES if axis in cells}
        if any(carried.get(axis) != words for axis, words in axes.items()):
            carried |= axes
            told, _ = sheet_columns.place_in(carried, line.number, problems)
            place = placing.combine(told, above)
        elif not carried:
            place = placing.combine(Place(), above)
        book = books.setdefault(place, _Units())
        _read_row(line.number, cells, book, problems)


def _read_row(
    number: int, cells: dict[str, str], book: _Units, problems: list[Problem]
) -> None:
    if "unit" in cells or "unit_no" in cells:
        unit_no, unit = headings.read(cells.get("unit", ""), "unit")
        counted = headings.read(cells.get("unit_no", ""), "unit")[0]
        book.begin(unit_no if counted is None else counted, unit or "")
    words = cells.get("lesson", "")
    if not words:
        return
    heading = next(iter(headings.find(words)), None)
    if heading and heading.start == 0 and heading.level != "lesson":
        unit_no, unit = headings.read(words, "unit")
        book.begin(unit_no, unit or "")
        return
    lesson_no, title = headings.read(words, "lesson")
    counted = headings.read(cells.get("lesson_no", ""), "lesson")[0]
    no = lesson_no if counted is None else counted
    if no is None and title is None:
        return  # a dash, say
    lesson = Lesson(no, title or "", _periods(cells.get("periods", "")))
    if not book.add(lesson):
        problems.append(
            Problem("contents_lesson_twice", {"row": number, "words": words})
        )


def _periods(words: str) -> int | None:
    """Return class hours: ``2``, ``2课时``, ``1-2`` (the more)."""
    counts = [int(digits) for digits in re.findall(r"[0-9]{1,3}", words)]
    return max((n for n in counts if 0 < n <= _MOST_PERIODS), default=None)


def _volume(place: Place, units: _Units) -> ContentsVolume:
    return ContentsVolume(
        place.stage,
        place.grade,
        place.subject,
        place.edition,
        place.textbook_year,
        place.volume,
        tuple(
            Unit(no, title, tuple(lessons))
            for (no, title), lessons in units.lessons.items()
        ),
    )
