"""The contents of textbook volumes as rows, and attaching resources to them.

A resource that meets a lesson takes the book's own unit and lesson as its labels, so that
the tree shows one lesson and not three spellings of it; how it met is kept beside.
"""

import json
from dataclasses import asdict, replace
from sqlite3 import Row

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import contents_match
from edge_server.records.catalogue import Description
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import AXES, Place


def put(tx: Tx, clock: Clock, volume: ContentsVolume) -> None:
    """Write the contents of a volume; they take the place of earlier ones."""
    axes = tuple(getattr(volume, axis) for axis in AXES)
    tx.execute(
        "delete from contents where " + " and ".join(f"{axis} is ?" for axis in AXES),
        axes,
    )
    contents_id = tx.insert(
        f"insert into contents ({', '.join(AXES)}, changed_at)"
        " values (?, ?, ?, ?, ?, ?, ?)",
        (*axes, clock.moment().at),
    )
    rows: list[tuple[object, ...]] = []
    for unit in volume.units:
        for lesson in unit.lessons or (None,):
            rows.append(
                (
                    contents_id,
                    len(rows) + 1,
                    unit.title or None,
                    unit.no,
                    lesson.title if lesson else None,
                    lesson.no if lesson else None,
                    lesson.periods if lesson else None,
                )
            )
    tx.executemany("insert into contents_lessons values (?, ?, ?, ?, ?, ?, ?)", rows)


def of(db: Db, place: Place) -> ContentsVolume | None:
    """Return the contents of the volume that a place lies in.

    Axes that either side does not know do not keep them apart; where several volumes fit
    equally, none is taken.
    """
    fits = db.all(
        "select * from contents where "
        + " and ".join(
            f"({axis} is null or :{axis} is null or {axis} = :{axis})" for axis in AXES
        )
        + " and grade is :grade and subject is :subject limit 2",
        {axis: getattr(place, axis) for axis in AXES},
    )
    if len(fits) != 1:
        return None
    return _of(db, fits[0])


def exactly(db: Db, place: Place) -> ContentsVolume | None:
    """Return the contents whose axes are those of a place, unknown ones included."""
    row = db.one(
        "select * from contents where " + " and ".join(f"{axis} is ?" for axis in AXES),
        tuple(getattr(place, axis) for axis in AXES),
    )
    return None if row is None else _of(db, row)


def all_volumes(db: Db) -> list[ContentsVolume]:
    """Return the contents of every volume."""
    return [_of(db, row) for row in db.all("select * from contents order by id")]


def attach(db: Db, about: Description) -> Description:
    """Return a description with the unit and lesson of its volume's contents, if they meet."""
    place = about.place
    unplaced = replace(about, placed="") if about.placed else about
    if place.grade is None or place.subject is None:
        return unplaced
    volume = of(db, place)
    if volume is None:
        return unplaced
    found = contents_match.match(volume, place, about.title)
    if found is None:
        return unplaced
    unit = volume.units[found.unit]
    lesson = unit.lessons[found.lesson] if found.lesson is not None else None
    named = replace(
        volume.place.over(place),
        unit=unit.title or None,
        unit_no=unit.no,
        lesson=lesson.title if lesson else None,
        lesson_no=lesson.no if lesson else None,
    )
    return replace(about, place=named, placed=found.how)


def resources_in(db: Db, volume: ContentsVolume) -> list[str]:
    """Return the ids of the shown resources that may lie in a volume."""
    return [
        row["resource_id"]
        for row in db.all(
            "select resource_id from versions where state = 'shown' and grade is :grade"
            " and subject is :subject and "
            + " and ".join(
                f"({axis} is null or :{axis} is null or {axis} = :{axis})"
                for axis in AXES
            ),
            {axis: getattr(volume, axis) for axis in AXES},
        )
    ]


def to_json(volume: ContentsVolume) -> str:
    """Return contents as JSON: the axes' ids, ``units`` with ``no``, ``title``, ``lessons``."""
    return json.dumps({"format": 1, **asdict(volume)}, ensure_ascii=False, indent=1)


def from_json(text: str) -> ContentsVolume:
    """Read what `to_json` wrote; what a later writer added is passed over.

    Raises:
        ValueError: It is nothing of the kind.
    """
    try:
        told = json.loads(text)
        return ContentsVolume(
            **{axis: _text(told[axis]) for axis in AXES},
            units=tuple(
                Unit(
                    _number(unit["no"]),
                    str(unit["title"]),
                    tuple(
                        Lesson(
                            _number(lesson["no"]),
                            str(lesson["title"]),
                            _number(lesson.get("periods")),
                        )
                        for lesson in unit["lessons"]
                    ),
                )
                for unit in told["units"]
            ),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError("no contents of a volume") from error


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _number(value: object) -> int | None:
    if value is not None and not isinstance(value, int):
        raise ValueError("a number is no number")
    return value


def _of(db: Db, volume: Row) -> ContentsVolume:
    units: list[Unit] = []
    for row in db.all(
        "select * from contents_lessons where contents_id = ? order by n",
        (volume["id"],),
    ):
        title = row["unit"] or ""
        if not units or (units[-1].no, units[-1].title) != (row["unit_no"], title):
            units.append(Unit(row["unit_no"], title))
        if row["lesson"] is not None or row["lesson_no"] is not None:
            lesson = Lesson(row["lesson_no"], row["lesson"] or "", row["periods"])
            units[-1] = replace(units[-1], lessons=(*units[-1].lessons, lesson))
    return ContentsVolume(**{axis: volume[axis] for axis in AXES}, units=tuple(units))
