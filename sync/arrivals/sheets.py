"""Reads the cells of a sheet that came from outside: xlsx, csv or json.

An xlsx is a zip of XML, so it is opened by a child in the sandbox (`sync.arrivals.xlsx`).
CSV and JSON are read here, by the standard library: their cost grows with their length
only, and that is bounded. CSV comes as Excel and WPS in China write it: UTF-8 with or
without mark, UTF-16, GB18030; comma, semicolon or tab; a ``sep=`` line on top; a quote
that nobody closed.

Everything beyond the bounds below is cut or refused, and said; a cell is always a string
without control characters. What the cells mean is `sheet_columns`' to say.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import Refused, Value
from edge_server.guard import encodings, sandbox

SHEET_BYTES = 32 * 2**20
JSON_BYTES = 8 * 2**20
"""Less than other sheets: objects take about twenty times their text in memory."""
ROWS = 50_000
"""Of all sheets in a file together; the rest is cut and reported."""
COLUMNS = 100
CELL_CHARACTERS = 4_000
READ_BYTES = 32 * 2**20
"""What the child may answer."""

_LIMITS = sandbox.Limits(cpu_s=60, wall_s=120, memory_bytes=1_000_000_000, processes=16)
_SEPARATORS = (",", "\t", ";", "，", "；", "|")
_JUDGED_LINES = 50
_USUAL_COLUMNS = 15
_UNCLOSED_LINES = 100
"""A cell of more lines than this began with a quote that nobody closed."""
_ERROR = re.compile(r"^[A-Za-z_][\w.]*(?:: .*|)$", re.MULTILINE)
_CONTROL = dict.fromkeys(i for i in (*range(32), 127) if chr(i) not in "\t\n") | {
    0xFEFF: None
}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a sheet that its author should see; nothing stops because of it."""

    code: str
    values: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Row:
    """One row that is not empty."""

    number: int
    """As the author's program counts it, from 1."""
    cells: tuple[str, ...]
    """Stripped; '' where nothing stands; trailing empty cells are left out."""


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet of a file."""

    name: str
    """'' in csv and json."""
    rows: tuple[Row, ...]
    cut: bool = False
    """There were more rows than are read."""


def read_tables(path: Path, format: str) -> list[Table]:
    """Return the sheets of a file, in order.

    Args:
        path: The file.
        format: ``xlsx``, ``csv`` or ``json``.

    Raises:
        Refused: It is too big, or not what it says it is.
        TemporaryError: There is no sandbox to open an xlsx in.
    """
    limit_bytes = JSON_BYTES if format == "json" else SHEET_BYTES
    size_bytes = path.stat().st_size
    if size_bytes > limit_bytes:
        raise Refused("sheet_too_big", size_bytes=size_bytes, limit_bytes=limit_bytes)
    if format == "xlsx":
        return _read_xlsx(path)
    with path.open("rb") as file:
        text = encodings.decode(file.read(limit_bytes))
    if format == "csv":
        return [_table("", enumerate(_csv_rows(text), 1))]
    if format == "json":
        return [_table("", enumerate(_json_rows(text), 1))]
    raise Refused("sheet_unreadable", format=format, why="unknown format")


def clean(cell: str) -> str:
    """Return a cell without control characters and outer blanks, in bounded length."""
    return cell[:CELL_CHARACTERS].translate(_CONTROL).strip()


def _table(name: str, rows: Iterable[tuple[int, Iterable[str]]]) -> Table:
    kept: list[Row] = []
    for number, cells in rows:
        if len(kept) == ROWS:
            return Table(name, tuple(kept), cut=True)
        cleaned = [clean(cell) for cell, _ in zip(cells, range(COLUMNS), strict=False)]
        while cleaned and not cleaned[-1]:
            cleaned.pop()
        if cleaned:
            kept.append(Row(number, tuple(cleaned)))
    return Table(name, tuple(kept))


def _read_xlsx(path: Path) -> list[Table]:
    finished = sandbox.run_python(
        "sync.arrivals.xlsx",
        ["/in/sheet"],
        inputs={"sheet": path},
        limits=_LIMITS,
        output_bytes=READ_BYTES,
    )
    if finished.exit_status != 0:
        # The first error named is the cause; openpyxl wraps it into vaguer ones.
        named = _ERROR.search(finished.errors)
        why = named[0][:200] if named else f"exit {finished.exit_status}"
        raise Refused("sheet_unreadable", format="xlsx", why=why)
    return _answered(finished.output)


def _answered(output: bytes) -> list[Table]:
    """Return the tables that the child wrote: it has read what strangers wrote."""
    tables: list[Table] = []
    try:
        for line in output.splitlines():
            name, cut, rows = json.loads(line)
            pairs = [(int(number), [str(c) for c in cells]) for number, cells in rows]
            table = _table(clean(str(name)), pairs)
            tables.append(Table(table.name, table.rows, cut=table.cut or bool(cut)))
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused("sheet_unreadable", format="xlsx", why="answer") from error
    return tables


def _csv_rows(text: str) -> Iterator[list[str]]:
    text = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    first, _, after = text.partition("\n")
    if first.lower().startswith("sep=") and len(first.strip()) == 5:
        # Counted as a row, since the author's program hides it but numbers from it.
        separator, text = first.strip()[4], "\n" + after
    else:
        separator = _separator(text)
    csv.field_size_limit(SHEET_BYTES)
    lines = io.StringIO(text)
    try:
        for row in (
            csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
            if _unclosed(text, separator)
            else csv.reader(lines, delimiter=separator)
        ):
            yield [_unquoted(cell) for cell in row]
    except csv.Error as error:
        raise Refused("sheet_unreadable", format="csv", why=str(error)) from error


def _separator(text: str) -> str:
    """Return what separates the cells: what many lines hold equally often."""
    lines = [line for line in text[:65536].split("\n") if line.strip()][:_JUDGED_LINES]

    def weight(separator: str) -> int:
        counts = Counter(line.count(separator) for line in lines)
        # Bounded, so that one note full of commas does not outweigh the columns.
        return max(min(n, _USUAL_COLUMNS) * times for n, times in counts.items())

    return max(_SEPARATORS, key=weight) if lines else ","


def _unclosed(text: str, separator: str) -> bool:
    if '"' not in text:
        return False
    try:
        return any(
            cell.count("\n") > _UNCLOSED_LINES
            for row in csv.reader(io.StringIO(text), delimiter=separator)
            for cell in row
        )
    except csv.Error:
        return True


def _unquoted(cell: str) -> str:
    """Return what Excel shows for ``="007"``, with which people keep leading zeros."""
    stripped = cell.strip()
    if stripped.startswith('="') and stripped.endswith('"') and len(stripped) > 2:
        return stripped[2:-1]
    return cell


def _json_rows(text: str) -> list[list[str]]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = type(error).__name__
        raise Refused("sheet_unreadable", format="json", why=why) from error
    if isinstance(data, dict):
        data = data.get("resources")
    if not isinstance(data, list):
        raise Refused("sheet_unreadable", format="json", why="no list of resources")
    objects = [entry if isinstance(entry, dict) else {} for entry in data[: ROWS + 1]]
    columns: dict[str, None] = {}
    for entry in objects:
        columns.update(dict.fromkeys(entry))
        if len(columns) >= COLUMNS:
            break
    header = list(columns)[:COLUMNS]
    return [header, *([_json_cell(o.get(name)) for name in header] for o in objects)]


def _json_cell(cell: object) -> str:
    if isinstance(cell, list):
        return "、".join(
            _json_cell(part) for part in cell if not isinstance(part, list)
        )
    if cell is None or isinstance(cell, dict):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
