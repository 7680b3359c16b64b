"""Sidecars: a sheet beside files that says exactly what each of them is.

``catalogue.xlsx`` (or ``.csv``, ``.json``; 课件目录, 课件清单) has one row for a file, and
what it says wins over what the folders' names say. Nothing in it is fatal: a word nobody
knows stays a word, a column nobody knows stays a column, and what its author should see
is a `Problem` with the number of the row.

A row names its file as its author saw it: with either slash, in either normal form, in
another case, with a drive letter before it, without suffix. The exact path wins;
`match`, which sees all files at once, also takes the likely ones where only one fits.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

from edge_server.errors import Refused, Value
from edge_server.records import headings
from edge_server.records.curriculum import Place
from sync.arrivals import sheet_columns, sheets
from sync.arrivals.sheets import Problem

_NAME = re.compile(r"(?:catalogue|catalog|课件目录|课件清单)\.(?:xlsx|csv|json)\Z")
_COLUMNS = sheet_columns.spellings(
    {
        **sheet_columns.AXIS_COLUMNS,
        "file": "文件 文件名 文件名称 文件路径 路径 filename file_name path file_path",
        "title": "标题 名称 题目 资源名称 资源标题 课件名称 课件标题 name",
        "lesson": "课 课文 课题 课名 课名称 课时名称 所属课 lesson_title",
        "tags": "标签 关键词 关键字 tag keywords",
        "source": "来源 出处 作者 author",
        "note": "说明 备注 简介 描述 notes description remarks",
        "id": "编号 资源编号 资源id identifier",
    }
)
_BETWEEN_TAGS = re.compile(r"[,，;；、|/\n]+")
_DRIVE = re.compile(r"(?:[a-z]:|file:)/*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SidecarRow:
    """What one row says of one file; '' and None are what it does not say."""

    number: int
    """Of the row, as the author's program counts."""
    file: str
    """Path below the sidecar's folder, ``/`` between folders, as the author spelled it;
    it may name a folder that is one resource."""
    title: str = ""
    place: Place = field(default_factory=Place)
    tags: tuple[str, ...] = ()
    source: str = ""
    note: str = ""
    id: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    """Columns nobody knows, and words that no stage or grade is called by."""


@dataclass(frozen=True)
class Sidecar:
    """All rows of a sidecar, and what its author should see."""

    rows: list[SidecarRow]
    problems: list[Problem]

    def row_for(self, relative_path: str) -> SidecarRow | None:
        """Return the row of a file by its path below the sidecar's folder.

        The exact path first, then one that differs in case only; no guessing.
        """
        exact = _plain(relative_path)
        likely = self._by_key.get(exact.casefold(), [])
        return next((row for row in likely if row.file == exact), None) or next(
            iter(likely), None
        )

    def match(
        self, paths: Iterable[str]
    ) -> tuple[dict[str, SidecarRow], list[Problem]]:
        """Give each of the files its row, and report the rows that are left.

        Beside `row_for`, a row fits a file whose path ends as the row's does or the
        other way round, perhaps without its suffix, if it fits no other file.

        Args:
            paths: All files below the sidecar's folder.

        Returns:
            Row by path, and a problem ``sidecar_row_unmatched`` for each row left.
        """
        found: dict[str, SidecarRow] = {}
        free: dict[str, list[str]] = defaultdict(list)
        for path in sorted(set(paths)):
            row = self.row_for(path)
            if row is not None:
                found[path] = row
            else:
                for name in _last_names(path):
                    free[name].append(path)
        used = {row.file for row in found.values()}
        unmatched = []
        for row in self.rows:
            if row.file in used:
                continue
            alike = [
                path
                for path in free[_last_names(row.file)[0]]
                if path not in found and _ends_alike(path, row.file)
            ]
            if len(alike) == 1:
                found[alike[0]] = row
            else:
                values: dict[str, Value] = {"row": row.number, "file": row.file}
                unmatched.append(Problem("sidecar_row_unmatched", values))
        return found, unmatched

    @cached_property
    def _by_key(self) -> dict[str, list[SidecarRow]]:
        by_key: dict[str, list[SidecarRow]] = defaultdict(list)
        for row in self.rows:
            by_key[file_key(row.file)].append(row)
        return by_key


def is_sidecar_name(name: str) -> bool:
    """Say whether a file of this name is a sidecar of the files beside it."""
    return bool(_NAME.fullmatch(unicodedata.normalize("NFC", name).casefold()))


def file_key(path: str) -> str:
    """Return what two spellings of one file's path share."""
    return _plain(path).casefold()


def read(path: Path, format: str) -> Sidecar:
    """Read a sidecar.

    Args:
        path: The sheet.
        format: ``xlsx``, ``csv`` or ``json``.

    Raises:
        Refused: The sheet itself cannot be read, or no row of it names a column of
            files (``sidecar_no_header``).
        TemporaryError: There is no sandbox to open an xlsx in.
    """
    problems: list[Problem] = []
    rows: dict[str, SidecarRow] = {}
    headed = False
    for table in sheets.read_tables(path, format):
        header = sheet_columns.find_header(table, _COLUMNS, "file")
        if header is None:
            continue
        headed = True
        if table.cut:
            problems.append(Problem("sheet_cut", {"rows": sheets.ROWS}))
        for line, cells in sheet_columns.rows_below(table, header):
            others = sheet_columns.others_of(line, header)
            row = _row(line.number, cells, others, problems)
            if row is None:
                continue
            first = rows.setdefault(row.file, row)
            if first is not row:
                problems.append(
                    Problem(
                        "sidecar_row_twice",
                        {"row": row.number, "file": row.file, "first": first.number},
                    )
                )
    if not headed:
        raise Refused("sidecar_no_header")
    return Sidecar(list(rows.values()), problems)


def _row(
    number: int, cells: dict[str, str], others: dict[str, str], problems: list[Problem]
) -> SidecarRow | None:
    file = _plain(cells.get("file", ""))
    if not file:
        if cells:
            problems.append(Problem("sidecar_row_without_file", {"row": number}))
        return None
    place, aside = sheet_columns.place_in(cells, number, problems)
    unit_no, unit = headings.read(cells.get("unit", ""), "unit")
    lesson_no, lesson = headings.read(cells.get("lesson", ""), "lesson")
    counted = {
        "unit_no": headings.read(cells.get("unit_no", ""), "unit")[0],
        "lesson_no": headings.read(cells.get("lesson_no", ""), "lesson")[0],
    }
    labels = Place(
        unit=unit,
        unit_no=unit_no if counted["unit_no"] is None else counted["unit_no"],
        lesson=lesson,
        lesson_no=lesson_no if counted["lesson_no"] is None else counted["lesson_no"],
    )
    return SidecarRow(
        number=number,
        file=file,
        title=" ".join(cells.get("title", "").split()),
        place=labels.over(place),
        tags=_tags(cells.get("tags", "")),
        source=cells.get("source", ""),
        note=cells.get("note", ""),
        id=cells.get("id", ""),
        extra=others | aside,
    )


def _tags(words: str) -> tuple[str, ...]:
    tags = (" ".join(tag.split()) for tag in _BETWEEN_TAGS.split(words))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _plain(path: str) -> str:
    """Return a path as this program writes it: NFC, ``/``, no drive, no dots."""
    path = unicodedata.normalize("NFC", path.strip().strip('"')).replace("\\", "/")
    path = _DRIVE.sub("", path, count=1) if _DRIVE.match(path) else path
    names = (name.strip() for name in path.split("/"))
    return "/".join(name for name in names if name not in ("", ".", ".."))


def _last_names(path: str) -> tuple[str, ...]:
    """Return a file's name as it may be written: with its suffix, and without."""
    name = file_key(path).rpartition("/")[2]
    stem = PurePosixPath(name).stem
    return (name,) if stem == name else (name, stem)


def _ends_alike(path: str, file: str) -> bool:
    ours, theirs = (file_key(p).split("/")[:-1] for p in (path, file))
    shared = min(len(ours), len(theirs))
    return not shared or ours[-shared:] == theirs[-shared:]
