"""Finds the lesson of a textbook volume that a resource belongs to.

Numbers and titles come from people, so neither is trusted alone without need. In order:

``given``    number and title agree with one lesson
``title``    the title is one lesson's, whatever number stands before it
``number``   a number without a title, or beside only a kind (第5课 课件)
``guessed``  a lesson's title stands inside the file's title, or the other way round

A title beats a number, since people renumber and the sort order of files looks like a
lesson number; a number whose title is a different one is believed by nobody. What fits
two lessons equally fits none. A resource that names only its unit attaches to the unit.
"""

from dataclasses import dataclass
from typing import Literal

from edge_server.records import headings
from edge_server.records.contents import ContentsVolume
from edge_server.records.curriculum import Place, key

How = Literal["given", "number", "title", "guessed"]

_SHORTEST_PART = 3
"""Characters a title needs to be recognised inside another: 秋天 is in too many."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """Where in a volume's contents a resource belongs, and how that is known."""

    unit: int
    """Index into the volume's units."""
    lesson: int | None
    """Index into that unit's lessons; None: to the unit as a whole."""
    how: How


@dataclass(frozen=True, slots=True)
class _Slot:
    """One lesson of the volume: where it stands, and its title as it is compared."""

    unit: int
    lesson: int
    no: int | None
    title: str


def match(volume: ContentsVolume, place: Place, title: str) -> Attachment | None:
    """Return where a resource belongs in ``volume``, None if nothing fits or two do.

    Args:
        volume: The contents of the resource's textbook volume.
        place: What is known of the resource; only unit and lesson are looked at.
        title: The resource's own title.
    """
    units = _units(volume, place)
    slots = [
        _Slot(unit, index, lesson.no, _bare(lesson.title))
        for unit in units or range(len(volume.units))
        for index, lesson in enumerate(volume.units[unit].lessons)
    ]
    # The lesson's label first: it is nearer to the book than the file's title.
    said = [_bare(words) for words in (place.lesson, title) if words]
    return (
        _by_title(slots, said, place.lesson_no)
        or _by_number(slots, place)
        or _by_part(slots, said)
        or _of_unit(place, units)
    )


def _by_title(
    slots: list[_Slot], said: list[str], number: int | None
) -> Attachment | None:
    for words in said:
        fitting = [slot for slot in slots if slot.title and slot.title == words]
        both = [slot for slot in fitting if number is not None and slot.no == number]
        if found := _only(both, "given") or _only(fitting, "title"):
            return found
    return None


def _by_number(slots: list[_Slot], place: Place) -> Attachment | None:
    if place.lesson_no is None or place.lesson is not None:
        return None
    return _only([slot for slot in slots if slot.no == place.lesson_no], "number")


def _by_part(slots: list[_Slot], said: list[str]) -> Attachment | None:
    """Match where one title stands inside the other; the longest shared part wins."""
    for words in said:
        shared = {slot: _shared(slot.title, words) for slot in slots}
        longest = max(shared.values(), default=0)
        if longest >= _SHORTEST_PART:
            best = [slot for slot in slots if shared[slot] == longest]
            return _only(best, "guessed")
    return None


def _of_unit(place: Place, units: list[int]) -> Attachment | None:
    if len(units) != 1 or place.lesson_no is not None or place.lesson is not None:
        return None
    return Attachment(units[0], None, "number" if place.unit_no else "title")


def _only(fitting: list[_Slot], how: How) -> Attachment | None:
    if len(fitting) != 1:
        return None
    return Attachment(fitting[0].unit, fitting[0].lesson, how)


def _units(volume: ContentsVolume, place: Place) -> list[int]:
    """Return the indices of the units that ``place`` names; none if it names none."""
    numbered = [
        index
        for index, unit in enumerate(volume.units)
        if place.unit_no is not None and unit.no == place.unit_no
    ]
    if len(numbered) == 1:
        return numbered
    bare = _bare(place.unit or "")
    return [
        index
        for index, unit in enumerate(volume.units)
        if bare and _bare(unit.title) == bare
    ]


def _bare(title: str) -> str:
    if headings.only_kind(title):
        return ""
    return key(headings.title_of(title) or title)


def _shared(lesson: str, words: str) -> int:
    """Return how many characters are shared where one contains the other, else 0."""
    shorter, longer = sorted((lesson, words), key=len)
    return len(shorter) if shorter in longer else 0
