"""The curriculum: the six axes courseware is found by, and a place on them.

The axes are stage, grade, subject, edition, textbook year and volume. Their values are
those of the national platform's public tag files (dimensions ``zxxxd`` to ``zxxcc``),
kept in ``curriculum.json`` by the national ids, so that what a county takes from there
keeps its place; what the platform lacks has an id of our own that begins with ``jxd:``.

Two choices. The textbook year (new or old textbooks) is an axis of its own, never part
of the edition, since a class changes its year and keeps its edition. And an axis is never
closed: a word nobody knows becomes a value of its own, ``text:<words>``, which sorts last
and shows itself as written. So a lookup by id always gives something a page can show, and
a resource of 围棋 is not lost because no ministry lists it.

A word is read without regard to width, case, spaces and punctuation; the dictionary is
built once, at import (about 10 ms).
"""

import base64
import binascii
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Literal, cast, get_args

from edge_server.records import numerals

Axis = Literal["stage", "grade", "subject", "edition", "textbook_year", "volume"]
AXES: tuple[Axis, ...] = get_args(Axis)
"""In the order a teacher walks them down."""

TEXT = "text:"
"""What the id of a value begins with that is known by its words only."""
_TEXT_SLUG = "t-"
_LAST = 10_000

_JOINED_BY = "至到~-–—―、"
"""Between two numerals these make a span: 3-4年级, 三、四年级."""
_NUMERALS = frozenset("0123456789一二三四五六七八九十")


@dataclass(frozen=True, slots=True)
class Value:
    """One value of an axis, for example 三年级 of grade."""

    axis: Axis
    id: str
    """The national tag id, ``jxd:…`` of our own, or ``text:…``."""
    slug: str
    """Short ASCII for addresses, unique on its axis: ``g3``, ``yuwen``."""
    zh: str
    en: str
    order: int
    """Ascending as a teacher expects; words nobody knows come last."""
    aliases: tuple[str, ...] = ()
    """How else people write it, beside both names."""
    also: tuple[str, ...] = ()
    """Further national ids that mean the same (信息技术 and 信息科技 have one each)."""

    def name(self, language: str) -> str:
        """Return the name in ``zh`` or ``en``."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource belongs; what is not known is None."""

    stage: str | None = None
    """学段: the id of an axis value, like all fields down to ``volume``."""
    grade: str | None = None
    subject: str | None = None
    edition: str | None = None
    textbook_year: str | None = None
    volume: str | None = None
    unit: str | None = None
    """The unit's title without its number: a label, not an id."""
    unit_no: int | None = None
    lesson: str | None = None
    """The lesson's title without its number: a label, not an id."""
    lesson_no: int | None = None

    def over(self, other: "Place") -> "Place":
        """Return this place, with what it does not know taken from ``other``.

        Number and title of a unit go together, and so do those of a lesson: this
        place's lesson 5 never gets the title of the other's lesson 6.
        """
        of_unit = other if self.unit is None and self.unit_no is None else self
        of_lesson = other if self.lesson is None and self.lesson_no is None else self
        return Place(
            stage=other.stage if self.stage is None else self.stage,
            grade=other.grade if self.grade is None else self.grade,
            subject=other.subject if self.subject is None else self.subject,
            edition=other.edition if self.edition is None else self.edition,
            textbook_year=other.textbook_year
            if self.textbook_year is None
            else self.textbook_year,
            volume=other.volume if self.volume is None else self.volume,
            unit=of_unit.unit,
            unit_no=of_unit.unit_no,
            lesson=of_lesson.lesson,
            lesson_no=of_lesson.lesson_no,
        )

    def at(self, value: Value) -> "Place":
        """Return this place moved to ``value`` on its axis."""
        moved: dict[str, str] = {value.axis: value.id}
        return replace(self, **moved)  # type: ignore[arg-type]  # axes are strings


def fold(words: str) -> str:
    """Return ``words`` in half width and lower case, each character at its old index.

    What joins two numerals becomes 至, so that 3-4年级 and 三、四年级 read alike.
    """
    folded = []
    for character in words:
        plain = unicodedata.normalize("NFKC", character).casefold()
        folded.append(plain if len(plain) == 1 else character)
    for index in range(1, len(folded) - 1):
        if (
            folded[index] in _JOINED_BY
            and folded[index - 1] in _NUMERALS
            and folded[index + 1] in _NUMERALS
        ):
            folded[index] = "至"
    return "".join(folded)


def key(words: str) -> str:
    """Return what two spellings of one word share: folded, letters and digits only."""
    return "".join(
        character
        for character in fold(unicodedata.normalize("NFC", words))
        if character.isalnum()
    )


def values(axis: Axis) -> tuple[Value, ...]:
    """Return all known values of ``axis``, in order."""
    return _VALUES[axis]


def value(axis: Axis, id: str) -> Value:
    """Return the value with this id; an unknown id gives one that shows itself."""
    known = _BY_ID[axis].get(id)
    if known is not None:
        return known
    words = id.removeprefix(TEXT)
    encoded = base64.urlsafe_b64encode(id.encode("utf-8", "surrogatepass"))
    slug = _TEXT_SLUG + encoded.decode("ascii").rstrip("=")
    return Value(axis, id, slug, words, words, _LAST)


def by_slug(axis: Axis, slug: str) -> Value | None:
    """Return the value that ``slug`` of an address names, None if it names none."""
    known = _BY_SLUG[axis].get(slug)
    if known is not None or not slug.startswith(_TEXT_SLUG):
        return known
    encoded = slug.removeprefix(_TEXT_SLUG)
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        found = value(axis, raw.decode("utf-8"))
    except (binascii.Error, ValueError):
        return None
    return found if found.slug == slug else None


def free(axis: Axis, words: str) -> Value:
    """Return the value that ``words`` name, made of the words where none is known."""
    return read(axis, words) or value(axis, TEXT + " ".join(words.split()))


def read(axis: Axis, words: str) -> Value | None:
    """Return the value of ``axis`` that ``words`` name as a whole, None if none.

    A national id and a bare number for a grade are understood too: this is what people
    write into the cell of a sheet.
    """
    known = _BY_ID[axis].get(words.strip())
    if known is not None:
        return known
    wanted = key(words)
    known = _BY_KEY[axis].get(wanted)
    if known is not None:
        return known
    if axis == "grade" and (grade := numerals.number(words)) is not None:
        return _BY_SLUG[axis].get(f"g{grade}")
    for before, after in _TRIMMED.get(axis, ()):
        if wanted.startswith(before) and wanted.endswith(after):
            core = wanted[len(before) : len(wanted) - len(after)]
            known = _BY_KEY[axis].get(core) or _BY_KEY[axis].get(core + "版")
            if known is not None:
                return known
    return None


def spellings(axis: Axis) -> Iterator[tuple[str, Value]]:
    """Yield every key that is read as a value of ``axis``, with that value."""
    yield from _BY_KEY[axis].items()


def stage_of(grade: str, *, five_four: bool = False) -> str | None:
    """Return the id of the stage that a grade belongs to, None for an unknown grade.

    Args:
        grade: Id of the grade.
        five_four: The school counts five years of primary and four of junior middle
            school (五·四学制), so grade 6 is the first of the latter.
    """
    slug = value("grade", grade).slug
    first = slug[1:].split("-")[0]
    if slug.startswith(_TEXT_SLUG) or not first.isdigit():
        return None
    year = int(first)
    if year > 9:
        stage = "gaozhong"
    elif year <= (5 if five_four else 6):
        stage = "xiaoxue54" if five_four else "xiaoxue"
    else:
        stage = "chuzhong54" if five_four else "chuzhong"
    return _BY_SLUG["stage"][stage].id


_TRIMMED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "edition": (("", ""), ("", "版"), ("", "教材"), ("", "版本"), ("", "版教材")),
    "subject": tuple(
        (before, after)
        for before in ("", "小学", "初中", "高中")
        for after in ("", "课", "学科", "课程")
    ),
}
"""What may stand before and after a name without changing it: 小学语文, 北师大教材."""


def _load() -> dict[Axis, tuple[Value, ...]]:
    text = resources.files(__package__).joinpath("curriculum.json").read_text("utf-8")
    rows = cast(Mapping[Axis, list[dict[str, object]]], json.loads(text))
    return {
        axis: tuple(
            Value(
                axis,
                id=str(row["id"]),
                slug=str(row["slug"]),
                zh=str(row["zh"]),
                en=str(row["en"]),
                order=order,
                aliases=tuple(cast(list[str], row.get("aliases", ()))),
                also=tuple(cast(list[str], row.get("also", ()))),
            )
            for order, row in enumerate(rows[axis])
        )
        for axis in AXES
    }


_VALUES = _load()
_BY_ID = {
    axis: {id: value for value in _VALUES[axis] for id in (value.id, *value.also)}
    for axis in AXES
}
_BY_SLUG = {axis: {value.slug: value for value in _VALUES[axis]} for axis in AXES}
_BY_KEY = {
    axis: {
        key(words): value
        for value in _VALUES[axis]
        for words in (value.zh, value.en, value.slug, *value.aliases)
    }
    for axis in AXES
}
