"""The tree of the library: what lies where, from the stage down to the lesson.

Pages ask here how many resources are below each choice; the rows themselves are counted
each time, by indexes that hold all that is asked for, so no sum can be wrong. A box with
50,000 resources is counted from the stage down to the subject in 15 ms; below a textbook
volume only its own rows are read. Places of the contents (`textbooks`) without resources
are choices too: empty ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from sqlite3 import Row

from edge_server.ground.db import Db
from edge_server.records import catalogue
from edge_server.records.catalogue import Resource
from edge_server.records.curriculum import AXES

LESSON = ("unit", "unit_no", "lesson", "lesson_no")

LessonKey = tuple[str | None, int | None, str | None, int | None]
"""Title and number of a unit, title and number of a lesson, as `LESSON` names them."""


@dataclass(frozen=True, slots=True)
class Branch:
    """One choice at a level of the tree."""

    value: str | None
    """Axis id, or the label of a unit or lesson; None: not known."""
    number: int | None = None
    """Of a unit or lesson."""
    textbook_year: str | None = None
    """Beside an edition: 新教材 or 旧教材."""
    resources: int = 0
    """How many are below it; 0: an empty place of the contents."""


@dataclass(frozen=True, slots=True)
class SubjectOfGrade:
    """All courseware of one subject in one grade."""

    stage: str | None
    grade: str | None
    subject: str | None
    resources: int


def subjects(db: Db) -> list[SubjectOfGrade]:
    """Return every subject of every grade that has resources, in no particular order."""
    return [
        SubjectOfGrade(row["stage"], row["grade"], row["subject"], row["n"])
        for row in db.all(
            "select stage, grade, subject, count(*) n from versions"
            " where state = 'shown' group by stage, grade, subject"
        )
    ]


def branches(db: Db, given: Mapping[str, object], axis: str) -> list[Branch]:
    """Return the choices of one axis below a place, in no particular order.

    Args:
        db: The database.
        given: Axes that are fixed so far, with their values (None: unknown).
        axis: One of `AXES`; an edition comes with its textbook year.
    """
    where, values = _where(given)
    columns = "edition, textbook_year" if axis == "edition" else f"{axis}, null"
    if axis not in AXES:
        raise ValueError(f"no axis: {axis}")
    return [
        Branch(row[0], textbook_year=row[1], resources=row["n"])
        for row in db.all(
            f"select {columns}, count(*) n from versions where state = 'shown'{where}"
            " group by 1, 2",
            values,
        )
    ]


def lessons(db: Db, volume: Mapping[str, object]) -> dict[LessonKey, dict[str, int]]:
    """Return the lessons of a textbook volume, and how many of each kind there are.

    Args:
        db: The database.
        volume: All of `AXES`, with their values (None: unknown).

    Returns:
        {lesson: {kind: resources}}; empty places of the contents have no kinds. What lies
        in a unit but in no lesson, or in neither, has None in its key.
    """
    where, values = _where(volume)
    columns = ", ".join(LESSON)
    found: dict[LessonKey, dict[str, int]] = {}
    for row in db.all(
        f"select {columns}, kind, count(*) n from versions where state = 'shown'{where}"
        f" group by {columns}, kind",
        values,
    ):
        found.setdefault(_key(row), {})[row["kind"]] = row["n"]
    for row in db.all(
        f"select distinct {columns} from contents_lessons where contents_id in"
        f" (select id from contents where true{where})",
        values,
    ):
        found.setdefault(_key(row), {})
    return found


def at(db: Db, volume: Mapping[str, object], lesson: LessonKey) -> list[Resource]:
    """Return the resources of a lesson, in the order of the path they came on."""
    where, values = _where({**volume, **dict(zip(LESSON, lesson, strict=True))}, "v.")
    return catalogue.select(db, f"v.state = 'shown'{where} order by v.path", values)


def loose(
    db: Db, volume: Mapping[str, object], limit: int, *, offset: int = 0
) -> list[Resource]:
    """Return what lies in a volume but in no lesson, in the order of the path."""
    where, values = _where(volume, "v.")
    return catalogue.select(
        db,
        f"v.state = 'shown'{where} and v.lesson is null and v.lesson_no is null"
        " order by v.unit_no, v.unit, v.path limit ? offset ?",
        (*values, limit, offset),
    )


def _key(row: Row) -> LessonKey:
    return row["unit"], row["unit_no"], row["lesson"], row["lesson_no"]


def _where(
    given: Mapping[str, object], table: str = ""
) -> tuple[str, tuple[object, ...]]:
    for column in given:
        if column not in AXES and column not in LESSON:
            raise ValueError(f"no column of a place: {column}")
    text = "".join(f" and {table}{column} is ?" for column in given)
    return text, tuple(given.values())
