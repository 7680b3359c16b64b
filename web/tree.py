"""The tree of the library as pages show it: grades with subjects, volumes, units, lessons."""

from collections.abc import Sequence
from dataclasses import replace

from edge_server.ground.db import Db
from edge_server.language import Words
from edge_server.records import catalogue, textbooks
from edge_server.records.catalogue import Branch, Resource
from edge_server.records.curriculum import Place
from web import cards, places
from web.places import Given
from web.shown import Grade, Lesson, Subject, Unit


def count(words: Words, resources: int) -> str:
    """Say how many resources there are."""
    return words.ngettext("%(num)s 件", "%(num)s 件", resources)


def stages(db: Db) -> list[Branch]:
    """Return the stages that have resources, in order."""
    return places.ordered("stage", catalogue.branches(db, {}, "stage"))


def only_stage(db: Db) -> bool:
    """Return whether the school has one stage, which is then passed over."""
    return len(catalogue.branches(db, {}, "stage")) == 1


def grades(db: Db, words: Words, stage: str | None = None) -> list[Grade]:
    """Return grades with their subjects, of one stage or of all."""
    found = []
    for branch in stages(db):
        if stage is None or branch.value == stage:
            given: Given = {"stage": branch.value}
            below = places.ordered("grade", catalogue.branches(db, given, "grade"))
            found += [grade(db, words, given, one) for one in below]
    return found


def grade(db: Db, words: Words, given: Given, branch: Branch) -> Grade:
    """Return one grade with its subjects."""
    inside = {**given, "grade": branch.value}
    return Grade(
        name=places.name(words, "grade", branch.value),
        href=places.address(inside),
        count=count(words, branch.resources),
        subjects=tuple(
            subject(words, inside, one)
            for one in places.ordered(
                "subject", catalogue.branches(db, inside, "subject")
            )
        ),
    )


def subject(words: Words, given: Given, branch: Branch) -> Subject:
    """Return one subject as a tile."""
    return Subject(
        slug=places.subject_slug(branch.value),
        name=places.name(words, "subject", branch.value),
        href=places.address({**given, "subject": branch.value}),
        count=count(words, branch.resources),
    )


def volumes(db: Db, given: Given) -> list[tuple[Given, int]]:
    """Return the volumes of a subject, each edition's one after another."""
    found: list[tuple[Given, int]] = []
    editions = places.ordered("edition", catalogue.branches(db, given, "edition"))
    for edition in editions:
        inside: Given = {
            **given,
            "edition": edition.value,
            "textbook_year": edition.textbook_year,
        }
        found += [
            ({**inside, "volume": volume.value}, volume.resources)
            for volume in places.ordered(
                "volume", catalogue.branches(db, inside, "volume")
            )
        ]
    return found


def volume_name(words: Words, given: Given) -> str:
    """Return what a volume is called: ``统编版 上册``."""
    edition, year, volume = (
        None if given[key] is None else str(given[key])
        for key in ("edition", "textbook_year", "volume")
    )
    if edition is None and volume is None:
        return words._("没有写版本和册次")
    parts = []
    if edition is not None:
        parts.append(places.edition_name(words, edition, year))
    if volume is not None:
        parts.append(places.name(words, "volume", volume))
    return (" " if words.lang == "zh" else ", ").join(parts)


def units(db: Db, words: Words, given: Given, found: Sequence[Resource]) -> list[Unit]:
    """Return units with their lessons; lessons without resources are empty places.

    Args:
        db: The database.
        words: The reader's language.
        given: The volume.
        found: The volume's resources.
    """
    book = textbooks.of(db, Place(**given))  # type: ignore[arg-type]
    kinds: dict[tuple[object, ...], set[str]] = {}
    for resource in found:
        place = resource.place
        key = (place.unit, place.unit_no, place.lesson, place.lesson_no)
        kinds.setdefault(key, set()).add(cards.icon(resource.kind))
    shown = []
    found_units = catalogue.branches(db, given, "unit")
    for unit in _in_order(
        found_units, [(u.no, u.title) for u in book.units] if book else []
    ):
        inside = {**given, "unit": unit.value, "unit_no": unit.number}
        in_book = [
            (lesson.no, lesson.title)
            for one in (book.units if book else ())
            if (one.no, one.title or None) == (unit.number, unit.value)
            for lesson in one.lessons
        ]
        lessons = [
            _lesson(words, given, unit, lesson, kinds)
            for lesson in _in_order(catalogue.branches(db, inside, "lesson"), in_book)
            if lesson.value is not None or lesson.number is not None
        ]
        if lessons:
            shown.append(
                Unit(
                    title=unit_name(words, unit),
                    count=words.ngettext("%(num)s 课", "%(num)s 课", len(lessons)),
                    lessons=tuple(lessons),
                )
            )
    if len(shown) == 1 and not _is_named(found_units):
        shown = [replace(shown[0], title="")]
    return shown


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


def periods(db: Db, given: Given, unit: Branch, lesson: Branch) -> int | None:
    """Return the class hours of a lesson, None where the contents do not say."""
    book = textbooks.of(db, Place(**given))  # type: ignore[arg-type]
    return next(
        (
            one.periods
            for part in (book.units if book else ())
            if (part.no, part.title or None) == (unit.number, unit.value)
            for one in part.lessons
            if (one.no, one.title or None) == (lesson.number, lesson.value)
        ),
        None,
    )


def unit_name(words: Words, unit: Branch) -> str:
    """Return a unit's heading."""
    return places.unit_title(words, unit.number, unit.value)


def _is_named(branches: Sequence[Branch]) -> bool:
    return any(b.value is not None or b.number is not None for b in branches)


def _lesson(
    words: Words,
    given: Given,
    unit: Branch,
    lesson: Branch,
    kinds: dict[tuple[object, ...], set[str]],
) -> Lesson:
    here = kinds.get((unit.value, unit.number, lesson.value, lesson.number), set())
    return Lesson(
        no="" if lesson.number is None else str(lesson.number),
        title=places.lesson_title(words, lesson.number, lesson.value),
        href=places.address(given, unit, lesson) if here else "",
        kinds=tuple(
            (kind, cards.kind_name(words, kind))
            for kind in sorted(here, key=cards.rank)
        ),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
