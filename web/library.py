"""课件库: the tree, one page a level, with levels of one choice passed over.

学段 and 年级 stand on one page, edition and volume are one choice, so no lesson is more
than five taps away: 学段, 年级, 学科, 册, 课.
"""

from dataclasses import replace

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from edge_server.records import catalogue
from web import cards, places, tree, visitor
from web.page import draw
from web.places import Given, Spot
from web.rights import Right, open_to
from web.shown import Card, Link, Unit
from web.site import Site

PER_PAGE = 48
MOST_OF_A_VOLUME = 2000
MOST_GRADES = 12


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("library", __name__)

    @room.get("/library")
    @open_to(Right.ANYONE)
    def page() -> Response:
        words, db = visitor.here().words, site.box.db
        grades = tree.grades(db, words)
        stages = tree.stages(db)
        many = len(grades) > MOST_GRADES and len(stages) > 1
        total = catalogue.count(db)
        return draw(
            site,
            "library.html",
            here="library",
            rail=tree.grades_rail(words, grades),
            title=words._("课件库"),
            line=words.ngettext("一共 %(num)s 件课件", "一共 %(num)s 件课件", total),
            stages=_stage_links(site, stages) if many else (),
            grades=() if many else grades,
        )

    @room.get("/library/new")
    @open_to(Right.ANYONE)
    def arrived() -> Response:
        words, db = visitor.here().words, site.box.db
        at = _at_page()
        found = catalogue.newest(db, PER_PAGE + 1, offset=at * PER_PAGE)
        more = (
            (Link(words._("再看一些"), f"/library/new?from={at + 1}"),)
            if len(found) > PER_PAGE
            else ()
        )
        return draw(
            site,
            "library.html",
            here="library",
            bread=(Link(words._("课件库"), "/library"),),
            rail=tree.grades_rail(words, tree.grades(db, words)),
            title=words._("刚到的"),
            loose=cards.of_resources(db, words, found[:PER_PAGE]),
            more=more,
        )

    @room.get("/library/<path:way>")
    @open_to(Right.ANYONE)
    def place(way: str) -> Response:
        spot = places.find(site.box.db, way.strip("/").split("/"))
        if spot is None:
            abort(404)
        if spot.lesson is not None and spot.unit is not None:
            return _lesson(site, spot)
        if spot.depth == len(places.WAY):
            return _volume(site, spot.given)
        if spot.depth >= places.WAY.index("subject") + 1:
            return _subject(site, spot.given)
        return _stage_or_grade(site, spot.given)

    return room


def _at_page() -> int:
    return max(0, min(request.args.get("from", 0, type=int), 10_000))


def _stage_links(site: Site, stages: list[catalogue.Branch]) -> tuple[Link, ...]:
    words = visitor.here().words
    return tuple(
        Link(
            places.name(words, "stage", one.value),
            places.address({"stage": one.value}),
            tree.count(words, one.resources),
        )
        for one in stages
    )


def _only_stage(site: Site) -> bool:
    return len(tree.stages(site.box.db)) == 1


def _stage_or_grade(site: Site, given: Given) -> Response:
    words, db = visitor.here().words, site.box.db
    below = places.ordered(
        "grade", catalogue.branches(db, {"stage": given["stage"]}, "grade")
    )
    if "grade" not in given:
        grades = [tree.grade(db, words, given, one) for one in below]
        return draw(
            site,
            "library.html",
            here="library",
            bread=(Link(words._("课件库"), "/library"),),
            rail=tree.grades_rail(words, grades),
            title=places.name(words, "stage", _text(given["stage"])),
            grades=grades,
        )
    grade = next((one for one in below if one.value == given["grade"]), None)
    if grade is None:
        abort(404)
    shown = tree.grade(db, words, {"stage": given["stage"]}, grade)
    if len(shown.subjects) == 1:
        return redirect(shown.subjects[0].href)
    return draw(
        site,
        "library.html",
        here="library",
        bread=tree.bread(
            words, {"stage": given["stage"]}, only_stage=_only_stage(site)
        ),
        rail=tree.grades_rail(words, tree.grades(db, words, _text(given["stage"]))),
        title=shown.name,
        line=shown.count,
        subjects=shown.subjects,
    )


def _subject(site: Site, given: Given) -> Response:
    words, db = visitor.here().words, site.box.db
    given = {axis: given[axis] for axis in places.WAY[:3]}
    found = tree.volumes(db, given)
    if not found:
        abort(404)
    if len(found) == 1:
        return redirect(places.address(found[0][0]))
    above: Given = {axis: given[axis] for axis in places.WAY[:2]}
    return draw(
        site,
        "library.html",
        here="library",
        bread=tree.bread(words, above, only_stage=_only_stage(site)),
        rail=tree.grades_rail(words, tree.grades(db, words, _text(given["stage"]))),
        title=_subject_title(given),
        volumes=[
            Link(
                tree.volume_name(words, volume),
                places.address(volume),
                tree.count(words, resources),
            )
            for volume, resources in found
        ],
    )


def _subject_title(given: Given) -> str:
    words = visitor.here().words
    return " ".join(
        places.name(words, axis, _text(given[axis]))
        for axis in places.WAY[1:3]
        if given[axis] is not None
    ) or places.name(words, "subject", None)


def _volume(site: Site, given: Given) -> Response:
    words, db = visitor.here().words, site.box.db
    found = catalogue.at(db, given, MOST_OF_A_VOLUME)
    units = tree.units(db, words, given, found)
    if not found and not units:
        abort(404)
    loose = [
        one for one in found if one.place.lesson is None and one.place.lesson_no is None
    ]
    subject: Given = {axis: given[axis] for axis in places.WAY[:3]}
    return draw(
        site,
        "library.html",
        here="library",
        bread=tree.bread(words, subject, only_stage=_only_stage(site)),
        rail=tree.volume_rail(db, words, given, units, ""),
        title=f"{_subject_title(given)} {tree.volume_name(words, given)}",
        line=words.ngettext("%(num)s 件课件", "%(num)s 件课件", len(found)),
        units=units,
        loose=cards.of_resources(db, words, loose[:PER_PAGE]),
        loose_name=words._("不在哪一课里的"),
    )


def _lesson(site: Site, spot: Spot) -> Response:
    words, db = visitor.here().words, site.box.db
    assert spot.unit is not None and spot.lesson is not None
    whole = catalogue.at(db, spot.given, MOST_OF_A_VOLUME)
    units = tree.units(db, words, spot.given, whole)
    here = places.address(spot.given, spot.unit, spot.lesson)
    found = in_lesson(whole, spot)
    line = words.ngettext("%(num)s 件课件", "%(num)s 件课件", len(found))
    hours = tree.periods(db, spot.given, spot.unit, spot.lesson)
    if hours:
        line = words.ngettext("%(num)s 课时", "%(num)s 课时", hours) + " · " + line
    if spot.lesson.number is not None and spot.lesson.value:
        line = words._("第 %(n)s 课", n=spot.lesson.number) + " · " + line
    before, after = neighbours(units, here)
    return draw(
        site,
        "lesson.html",
        here="library",
        bread=tree.bread(words, spot.given, only_stage=_only_stage(site)),
        rail=tree.volume_rail(db, words, spot.given, units, here),
        title=places.lesson_title(words, spot.lesson.number, spot.lesson.value),
        line=line,
        cards=_beside(site, found),
        before=before,
        after=after,
    )


def _beside(site: Site, found: list[catalogue.Resource]) -> list[Card]:
    """Return the cards of one lesson: where they belong is known, so they say what."""
    words = visitor.here().words
    return [
        replace(
            card, line=" · ".join(part for part in (card.kind_name, card.mark) if part)
        )
        for card in cards.of_resources(site.box.db, words, found)
    ]


def in_lesson(found: list[catalogue.Resource], spot: Spot) -> list[catalogue.Resource]:
    """Return the resources of a lesson in teaching order."""
    assert spot.unit is not None and spot.lesson is not None
    wanted = (spot.unit.value, spot.unit.number, spot.lesson.value, spot.lesson.number)
    here = [
        one
        for one in found
        if (one.place.unit, one.place.unit_no, one.place.lesson, one.place.lesson_no)
        == wanted
    ]
    return sorted(here, key=lambda one: (cards.rank(one.kind), one.path))


def neighbours(units: list[Unit], here: str) -> tuple[Link | None, Link | None]:
    """Return the lessons before and after one, passing over empty places."""
    links = [
        Link(f"{one.no} {one.title}".strip(), one.href)
        for unit in units
        for one in unit.lessons
        if one.href
    ]
    at = next((n for n, link in enumerate(links) if link.href == here), None)
    if at is None:
        return None, None
    return (
        links[at - 1] if at > 0 else None,
        links[at + 1] if at + 1 < len(links) else None,
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
