"""目录: a textbook volume's units and lessons in order, as data of its own.

A volume's contents say what there is to teach, whether or not there is courseware for it:
a lesson without resources is an empty place in the tree. Here is only their shape;
`contents_match` finds a resource's lesson in it.
"""

from dataclasses import dataclass

from edge_server.records.curriculum import Place


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson of a unit: 5 大青树下的小学, or 语文园地 without a number."""

    no: int | None
    title: str
    periods: int | None = None
    """课时: class hours it is taught in."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit; a book without units has one without number and title."""

    no: int | None
    title: str
    lessons: tuple[Lesson, ...] = ()


@dataclass(frozen=True, slots=True)
class ContentsVolume:
    """The contents of one textbook volume; the axes are ids, None where not said."""

    stage: str | None
    grade: str | None
    subject: str | None
    edition: str | None
    textbook_year: str | None
    volume: str | None
    units: tuple[Unit, ...]
    """In the order of the book."""

    @property
    def place(self) -> Place:
        """The volume's axes as a place without unit and lesson."""
        return Place(
            self.stage,
            self.grade,
            self.subject,
            self.edition,
            self.textbook_year,
            self.volume,
        )
