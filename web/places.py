"""Places of the curriculum as addresses and as words.

An address is the way down the tree, ``/library/xiaoxue/g3/yuwen/tongbian/shang``, then the
unit and the lesson. Axes have slugs; what is not known is ``-``; an edition carries its
textbook year (``tongbian.xin``). Units and lessons are labels, so their part of an address
is found by making every label's and comparing: it need not be read backwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from edge_server.ground.db import Db
from edge_server.language import Words
from edge_server.records import curriculum, shelves
from edge_server.records.curriculum import AXES, Axis, Place
from edge_server.records.shelves import Branch, LessonKey

UNKNOWN = "-"
WAY: tuple[Axis, ...] = ("stage", "grade", "subject", "edition", "volume")
COLOURED = frozenset(
    ("yuwen", "shuxue", "yingyu", "kexue", "daofa", "yinyue", "meishu", "tiyu", "xinxi")
)
Given = dict[str, object]
"""Columns of a place that are fixed; None: not known."""


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in the tree that an address names."""

    given: Given
    depth: int
    """How many of `WAY` are fixed."""
    unit: Branch | None = None
    lesson: Branch | None = None

    @property
    def key(self) -> LessonKey:
        """Its lesson, as the records name it."""
        unit, lesson = self.unit or Branch(None), self.lesson or Branch(None)
        return unit.value, unit.number, lesson.value, lesson.number


def slug(axis: Axis, id: str | None, textbook_year: str | None = None) -> str:
    """Return a value's part of an address."""
    part = UNKNOWN if id is None else curriculum.value(axis, id).slug
    if textbook_year is not None:
        part += "." + curriculum.value("textbook_year", textbook_year).slug
    return part


def label_part(branch: Branch) -> str:
    """Return a unit's or lesson's part of an address."""
    words = (branch.value or "").replace("/", "-").strip()
    number = "" if branch.number is None else str(branch.number)
    return f"{number}-{words}" if words or not number else number


def address(given: Mapping[str, object], *labels: Branch) -> str:
    """Return the address of a place.

    Args:
        given: Columns that are fixed, from the stage down without a gap.
        *labels: Unit and lesson.
    """
    parts = []
    for axis in WAY:
        if axis not in given:
            break
        year = given.get("textbook_year") if axis == "edition" else None
        id = given[axis]
        parts.append(
            slug(
                axis,
                None if id is None else str(id),
                None if year is None else str(year),
            )
        )
    parts += [quote(label_part(branch)) for branch in labels]
    return "/".join(["/library", *parts])


def address_of(place: Place) -> str:
    """Return the address of the lesson, or the volume, that a resource belongs to."""
    given = volume_of(place)
    if place.lesson is None and place.lesson_no is None:
        return address(given)
    return address(given, unit_branch(place), lesson_branch(place))


def volume_of(place: Place) -> Given:
    """Return the columns that fix the textbook volume of a place."""
    return {axis: getattr(place, axis) for axis in AXES}


def unit_branch(place: Place) -> Branch:
    """Return the unit of a place."""
    return Branch(place.unit, place.unit_no)


def lesson_branch(place: Place) -> Branch:
    """Return the lesson of a place."""
    return Branch(place.lesson, place.lesson_no)


def lesson_key(place: Place) -> LessonKey:
    """Return the lesson of a place, as the records name it."""
    return place.unit, place.unit_no, place.lesson, place.lesson_no


def find(db: Db, way: Sequence[str]) -> Spot | None:
    """Return the place that the parts of an address name, or None."""
    given: Given = {}
    for axis, part in zip(WAY, way, strict=False):
        name, _, year = part.partition(".") if axis == "edition" else (part, "", "")
        if name == UNKNOWN:
            given[axis] = None
        else:
            known = curriculum.by_slug(axis, name)
            if known is None:
                return None
            given[axis] = known.id
        if axis == "edition":
            known = curriculum.by_slug("textbook_year", year) if year else None
            if year and known is None:
                return None
            given["textbook_year"] = known.id if known else None
    depth = min(len(way), len(WAY))
    labels = list(way[len(WAY) :])
    if not labels:
        return Spot(given, depth)
    if len(labels) != 2:
        return None
    for key in shelves.lessons(db, given):
        unit, lesson = Branch(*key[:2]), Branch(*key[2:])
        if [label_part(unit), label_part(lesson)] == labels:
            return Spot(given, depth, unit, lesson)
    return None


def ordered(axis: Axis, branches: Sequence[Branch]) -> list[Branch]:
    """Return the choices of an axis as a teacher expects them; unknown comes last."""

    def rank(branch: Branch) -> tuple[int, str, str]:
        known = branch.value is not None
        order = curriculum.value(axis, str(branch.value)).order if known else 1_000_000
        return (order, branch.value or "", branch.textbook_year or "")

    return sorted(branches, key=rank)


def by_number(branches: Sequence[Branch]) -> list[Branch]:
    """Return units or lessons in the order of their numbers; without one comes last."""
    return sorted(
        branches,
        key=lambda branch: (
            branch.number is None,
            branch.number or 0,
            branch.value is None,
            branch.value or "",
        ),
    )


def name(words: Words, axis: Axis, id: str | None) -> str:
    """Return what a value is called in the reader's language."""
    if id is not None:
        return curriculum.value(axis, id).name(words.lang)
    return {
        "stage": words._("其他学段"),
        "grade": words._("不分年级"),
        "subject": words._("其他学科"),
        "edition": words._("没有写版本"),
        "textbook_year": "",
        "volume": words._("没有写册次"),
    }[axis]


def edition_name(words: Words, edition: str | None, year: str | None) -> str:
    """Return an edition with its textbook year: ``统编版 新教材``."""
    names = [name(words, "edition", edition)]
    if year is not None:
        names.append(name(words, "textbook_year", year))
    return (" " if words.lang == "zh" else ", ").join(names)


def subject_slug(subject: str | None) -> str:
    """Return the name of a subject's colour and drawing."""
    if subject is None:
        return "other"
    found = curriculum.value("subject", subject).slug
    return found if found in COLOURED else "other"


def shelf(words: Words, place: Place) -> str:
    """Return subject, grade and half in a few characters: ``语文 · 三上``."""
    parts = []
    if place.subject is not None:
        parts.append(name(words, "subject", place.subject))
    grade = name(words, "grade", place.grade) if place.grade is not None else ""
    volume = name(words, "volume", place.volume) if place.volume is not None else ""
    if words.lang == "zh" and len(grade) == 3 and grade.endswith("年级"):
        half = volume[:1] if volume in ("上册", "下册") else ""
        parts.append(grade[0] + half if half else grade)
    else:
        parts += [part for part in (grade, volume) if part]
    return " · ".join(parts)


def line(words: Words, place: Place) -> str:
    """Return grade, subject and edition in one line."""
    parts = [
        name(words, axis, getattr(place, axis))
        for axis in ("grade", "subject", "edition")
        if getattr(place, axis) is not None
    ]
    return " · ".join(parts)


def unit_title(words: Words, number: int | None, title: str | None) -> str:
    """Return a unit's heading: ``第一单元 …``."""
    if number is None:
        return title or words._("其他")
    said = words._("第%(n)s单元", n=chinese(number) if words.lang == "zh" else number)
    return f"{said} {title}" if title and title != said else said


def lesson_title(words: Words, number: int | None, title: str | None) -> str:
    """Return what a lesson is called; one without a title has its number."""
    if title:
        return title
    return words._("第 %(n)s 课", n=number) if number is not None else words._("其他")


def chinese(number: int) -> str:
    """Return a number up to 99 in Chinese: ``十二``."""
    digits = "零一二三四五六七八九"
    if not 0 < number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else digits[tens] + "十"
    return head + (digits[ones] if ones else "")
