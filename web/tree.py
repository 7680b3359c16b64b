"""The upper tree of the library as pages show it: stages, grades, subjects, volumes.

A page reads it once (`above`), whatever it shows of it. A volume itself is `web.volume`.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edge_server.ground.db import Db
from edge_server.language import Words
from edge_server.records import shelves
from edge_server.records.curriculum import Axis
from edge_server.records.shelves import Branch, SubjectOfGrade
from web import places
from web.places import Given
from web.shown import Grade, Subject


def count(words: Words, resources: int) -> str:
    """Say how many resources there are."""
    return words.ngettext("%(num)s 件", "%(num)s 件", resources)


@dataclass(frozen=True, slots=True)
class Above:
    """Stages, grades and subjects, with how much there is."""

    subjects: Sequence[SubjectOfGrade]

    @property
    def resources(self) -> int:
        """How many resources there are in all."""
        return sum(one.resources for one in self.subjects)

    @property
    def stages(self) -> list[Branch]:
        """The stages that have resources, in order."""
        return _summed("stage", ((one.stage, one.resources) for one in self.subjects))

    @property
    def only_stage(self) -> bool:
        """Whether the school has one stage, which is then passed over."""
        return len({one.stage for one in self.subjects}) == 1

    def grades(self, words: Words, stages: Iterable[str | None]) -> list[Grade]:
        """Return the grades of some stages with their subjects, in order."""
        found = []
        for stage in stages:
            of_stage = [one for one in self.subjects if one.stage == stage]
            for branch in _summed(
                "grade", ((one.grade, one.resources) for one in of_stage)
            ):
                inside: Given = {"stage": stage, "grade": branch.value}
                found.append(
                    Grade(
                        name=places.name(words, "grade", branch.value),
                        href=places.address(inside),
                        count=count(words, branch.resources),
                        subjects=tuple(
                            subject(words, inside, one)
                            for one in self.subjects_of(stage, branch.value)
                        ),
                    )
                )
        return found

    def all_grades(self, words: Words) -> list[Grade]:
        """Return every grade with its subjects, in order."""
        return self.grades(words, [one.value for one in self.stages])

    def subjects_of(self, stage: object, grade: object) -> list[Branch]:
        """Return the subjects of a grade, in order."""
        here = [
            one for one in self.subjects if (one.stage, one.grade) == (stage, grade)
        ]
        return _summed("subject", ((one.subject, one.resources) for one in here))


_kept = threading.local()
"""Of each thread: what it read last, and the state of the database it read it in."""


def above(db: Db) -> Above:
    """Read what stands above the textbook volumes; again only after a change.

    With 50,000 resources it costs 8 ms, and nearly every page shows some of it.
    """
    state = db.state()
    known: tuple[object, Above] | None = getattr(_kept, "above", None)
    if known is None or known[0] != state:
        known = _kept.above = (state, Above(shelves.subjects(db)))
    return known[1]


def _summed(axis: Axis, found: Iterable[tuple[str | None, int]]) -> list[Branch]:
    """Return the choices of an axis in order, each with all that is below it."""
    sums: dict[str | None, int] = {}
    for value, resources in found:
        sums[value] = sums.get(value, 0) + resources
    return places.ordered(axis, [Branch(v, resources=n) for v, n in sums.items()])


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
    editions = places.ordered("edition", shelves.branches(db, given, "edition"))
    for edition in editions:
        inside: Given = {
            **given,
            "edition": edition.value,
            "textbook_year": edition.textbook_year,
        }
        found += [
            ({**inside, "volume": volume.value}, volume.resources)
            for volume in places.ordered(
                "volume", shelves.branches(db, inside, "volume")
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
