"""The county's list of points: an .xlsx in, points and one-time codes out.

The list has a row for each teaching point, under the headings 学校标识码, 名称, 中心校,
乡镇, 负责人 and 电话 in any order, with whatever else the county keeps beside them.
Brought in again it updates: a point is found by its school code, else by name and 中心校,
and an empty cell changes nothing. New points get a code each, for cards to print.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import Refused, Value
from edge_server.guard import sandbox
from edge_server.records.curriculum import key
from sync.centre.ledger import Ledger, Point
from sync.format import codes

_READER = "sync.arrivals.xlsx"
"""The program that opens an xlsx in the sandbox; what it answers stands there."""
_LIMITS = sandbox.Limits(cpu_s=60, wall_s=120, memory_bytes=1_000_000_000, processes=16)
_ANSWER_BYTES = 32 << 20
_MOST_BYTES = 32 << 20
_LOOKED_AT = 30
"""Rows in which the headings may stand, below titles and notes."""
_CELL_CHARACTERS = 200
_HEADINGS: Mapping[str, str] = {
    "school_code": "学校标识码 标识码 学校代码 教学点标识码",
    "name": "名称 教学点 教学点名称 学校名称 学校 单位名称",
    "centre_school": "中心校 所属中心校 中心学校 中心小学",
    "township": "乡镇 所属乡镇 镇 乡 街道 乡镇街道",
    "head": "负责人 校长 联系人 教学点负责人 姓名",
    "phone": "电话 联系电话 手机 手机号 负责人电话 联系方式",
}
_COLUMNS = {
    key(words): name for name, all in _HEADINGS.items() for words in all.split()
}


@dataclass(frozen=True, slots=True)
class Problem:
    """A row of the list that was passed over."""

    code: str
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Card:
    """What a technician takes along to a point."""

    point: int
    about: Point
    code: codes.Code


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What a list has changed."""

    new: int
    changed: int
    same: int
    cards: tuple[Card, ...]
    """Of the new points, by 中心校 and name."""
    problems: tuple[Problem, ...]


def bring_in(
    ledger: Ledger, path: Path, authority_der: bytes, *, at: float
) -> BroughtIn:
    """Read a list of points and write it down.

    Args:
        ledger: The ledger.
        path: The .xlsx.
        authority_der: Certificate of the county's authority: codes name it.
        at: Now, UTC.

    Raises:
        Refused: It is no such list (``points_sheet_strange``), or unreadable.
        TemporaryError: There is no sandbox to open it in, or no ledger.
    """
    wanted, problems = read(path)
    done = ledger.put_points(wanted, at=at)
    new = {id: p for p, (id, what) in zip(wanted, done, strict=True) if what == "new"}
    happened = [what for _, what in done]
    return BroughtIn(
        new=len(new),
        changed=happened.count("changed"),
        same=happened.count("same"),
        cards=make_cards(ledger, new, authority_der, at=at),
        problems=tuple(problems),
    )


def make_cards(
    ledger: Ledger, wanted: Mapping[int, Point], authority_der: bytes, *, at: float
) -> tuple[Card, ...]:
    """Give points a new code each; codes that they had and nobody used end.

    Raises:
        PermanentError: There is no such point (``point_unknown``).
    """
    made = {id: codes.make_code(authority_der) for id in wanted}
    ledger.add_codes({id: code.secret for id, code in made.items()}, at=at)
    cards = [Card(id, about, made[id]) for id, about in wanted.items()]
    return tuple(sorted(cards, key=lambda c: (c.about.centre_school, c.about.name)))


def read(path: Path) -> tuple[list[Point], list[Problem]]:
    """Return the points of a list in its order, and what could not be taken.

    Raises:
        Refused: It is no such list (``points_sheet_strange``), or unreadable.
        TemporaryError: There is no sandbox to open it in.
    """
    points: list[Point] = []
    problems: list[Problem] = []
    first: dict[str, int] = {}
    found = False
    for rows in _sheets(path):
        header, columns = _header(rows)
        if "name" not in columns.values():
            continue
        found = True
        for number, cells in rows[header + 1 :]:
            said = {name: cells[c] for c, name in columns.items() if c < len(cells)}
            if not any(said.values()):
                continue
            school_code = said.pop("school_code", "") or None
            if not said.get("name"):
                problems.append(Problem("point_without_name", {"row": number}))
            elif school_code is not None and school_code in first:
                values = {"row": number, "first": first[school_code]}
                problems.append(Problem("school_code_twice", values))
            else:
                first |= {school_code: number} if school_code else {}
                points.append(Point(school_code=school_code, **said))
    if not found:
        raise Refused("points_sheet_strange")
    return points, problems


Rows = Sequence[tuple[int, Sequence[str]]]
"""Number of a row as Excel counts, and its cells."""


def _header(rows: Rows) -> tuple[int, Mapping[int, str]]:
    """Return where the headings stand and which column is which; empty when nowhere."""
    best: tuple[int, Mapping[int, str]] = 0, {}
    for index, (_, cells) in enumerate(rows[:_LOOKED_AT]):
        named: dict[int, str] = {}
        for column, cell in enumerate(cells):
            name = _COLUMNS.get(key(cell))
            if name is not None and name not in named.values():
                named[column] = name
        if len(named) > len(best[1]):
            best = index, named
    return best


def _sheets(path: Path) -> Iterator[Rows]:
    """Yield the rows of each sheet of an xlsx, read in the sandbox.

    Raises:
        Refused: It is too big or no xlsx.
        TemporaryError: There is no sandbox.
    """
    size_bytes = path.stat().st_size
    if size_bytes > _MOST_BYTES:
        raise Refused("sheet_too_big", size_bytes=size_bytes, limit_bytes=_MOST_BYTES)
    finished = sandbox.run_python(
        _READER, ["/in/sheet"], inputs={"sheet": path}, limits=_LIMITS,
        output_bytes=_ANSWER_BYTES,
    )  # fmt: skip
    try:
        if finished.exit_status != 0:
            raise ValueError(f"exit {finished.exit_status}")
        for line in finished.output.splitlines():
            _, _, rows = json.loads(line)
            yield [(int(number), [_clean(c) for c in cells]) for number, cells in rows]
    except (ValueError, TypeError, RecursionError) as error:
        raise Refused(
            "sheet_unreadable", format="xlsx", why=str(error)[:200]
        ) from error


def _clean(cell: object) -> str:
    """Return a cell on one line, without what no database keeps."""
    text = str(cell).encode("utf-8", "replace").decode().replace("\0", "")
    return " ".join(text.split())[:_CELL_CHARACTERS]
