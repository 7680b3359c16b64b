"""A textbook volume as its pages show it: units with their lessons in the book's order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge_server.ground.db import Db
from edge_server.language import Words
from edge_server.records import shelves, textbooks
from edge_server.records.contents import ContentsVolume
from edge_server.records.curriculum import Place
from edge_server.records.shelves import Branch, LessonKey
from web import cards, places
from web.places import Given
from web.shown import Lesson, Unit


@dataclass(frozen=True, slots=True)
class Volume:
    """A textbook volume: its lessons, with what there is for each, and its contents."""

    given: Given
    lessons: Mapping[LessonKey, Mapping[str, int]]
    """As `shelves.lessons` gives them."""
    book: ContentsVolume | None

    @property
    def resources(self) -> int:
        """How many resources it has."""
        return sum(sum(kinds.values()) for kinds in self.lessons.values())

    @property
    def loose(self) -> int:
        """How many of them lie in no lesson."""
        return sum(
            sum(kinds.values())
            for (_, _, lesson, lesson_no), kinds in self.lessons.items()
            if lesson is None and lesson_no is None
        )

    def units(self, words: Words) -> list[Unit]:
        """Return units with their lessons; lessons without resources are empty places."""
        inside: dict[tuple[str | None, int | None], list[Branch]] = {}
        for (unit_title, unit_no, title, no), kinds in self.lessons.items():
            lessons = inside.setdefault((unit_title, unit_no), [])
            if title is not None or no is not None:
                lessons.append(Branch(title, no, resources=sum(kinds.values())))
        book = self.book.units if self.book else ()
        in_order = _in_order(
            [Branch(*unit) for unit in inside], [(one.no, one.title) for one in book]
        )
        shown = []
        for unit in in_order:
            in_book = [
                (lesson.no, lesson.title)
                for one in book
                if (one.no, one.title or None) == (unit.number, unit.value)
                for lesson in one.lessons
            ]
            drawn = tuple(
                self._lesson(words, unit, lesson)
                for lesson in _in_order(inside[unit.value, unit.number], in_book)
            )
            if drawn:
                shown.append(
                    Unit(
                        title=places.unit_title(words, unit.number, unit.value),
                        count=words.ngettext("%(num)s 课", "%(num)s 课", len(drawn)),
                        lessons=drawn,
                    )
                )
        if len(shown) == 1 and not _is_named(in_order):
            shown = [replace(shown[0], title="")]
        return shown

    def periods(self, unit: Branch, lesson: Branch) -> int | None:
        """Return the class hours of a lesson, None where the contents do not say."""
        return next(
            (
                one.periods
                for part in (self.book.units if self.book else ())
                if (part.no, part.title or None) == (unit.number, unit.value)
                for one in part.lessons
                if (one.no, one.title or None) == (lesson.number, lesson.value)
            ),
            None,
        )

    def _lesson(self, words: Words, unit: Branch, lesson: Branch) -> Lesson:
        here = self.lessons[unit.value, unit.number, lesson.value, lesson.number]
        kinds = {cards.icon(kind) for kind in here}
        return Lesson(
            no="" if lesson.number is None else str(lesson.number),
            title=places.lesson_title(words, lesson.number, lesson.value),
            href=places.address(self.given, unit, lesson) if here else "",
            kinds=tuple(
                (kind, cards.kind_name(words, kind))
                for kind in sorted(kinds, key=cards.rank)
            ),
        )


def read(db: Db, given: Given) -> Volume:
    """Read a textbook volume."""
    book = textbooks.of(db, Place(**given))  # type: ignore[arg-type]  # axes are strings
    return Volume(given, shelves.lessons(db, given), book)


def _in_order(
    branches: Sequence[Branch], book: Sequence[tuple[int | None, str]]
) -> list[Branch]:
    """Return units or lessons as the book has them, what it does not have by number."""
    at = {(no, title or None): n for n, (no, title) in enumerate(book)}
    if not at:
        return places.by_number(branches)
    last = {no: n for (no, _), n in at.items() if no is not None}

    def rank(branch: Branch) -> float:
        exact = at.get((branch.number, branch.value))
        if exact is not None:
            return exact
        before = [n for no, n in last.items() if no <= (branch.number or 0)]
        return max(before, default=-1) + 0.5 if branch.number is not None else len(at)

    return sorted(places.by_number(branches), key=rank)


def _is_named(branches: Sequence[Branch]) -> bool:
    return any(b.value is not None or b.number is not None for b in branches)
