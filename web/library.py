"""课件库: the tree, one page a level, with levels of one choice passed over.

学段 and 年级 stand on one page, edition and volume are one choice, so no lesson is more
than five taps away: 学段, 年级, 学科, 册, 课.
"""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from edge_server.records import catalogue, shelves
from edge_server.records.catalogue import Resource
from web import cards, lesson, places, rails, tree, visitor, volume
from web.page import draw
from web.places import Given
from web.rights import Right, open_to
from web.shown import Link
from web.site import Site
from web.tree import Above

PER_PAGE = 48
MOST_GRADES = 12


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("library", __name__)

    @room.get("/library")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show all grades, or the stages where there are many."""
        words, db = visitor.here().words, site.box.db
        above = tree.above(db)
        grades = above.all_grades(words)
        many = len(grades) > MOST_GRADES and len(above.stages) > 1
        total = above.resources
        return draw(
            site,
            "library.html",
            here="library",
            rail=rails.grades_rail(words, grades),
            title=words._("课件库"),
            line=words.ngettext("一共 %(num)s 件课件", "一共 %(num)s 件课件", total),
            stages=_stage_links(above) if many else (),
            grades=() if many else grades,
            last_place=True,
            gone=_withdrawn(site, request.args.get("gone", "")),
        )

    @room.get("/library/new")
    @open_to(Right.ANYONE)
    def arrived() -> Response:
        """Show what came last, page by page."""
        words, db = visitor.here().words, site.box.db
        at = _at_page()
        found = catalogue.newest(db, PER_PAGE + 1, offset=at * PER_PAGE)
        more = _more(f"/library/new?from={at + 1}", len(found) > PER_PAGE)
        return draw(
            site,
            "library.html",
            here="library",
            bread=(Link(words._("课件库"), "/library"),),
            rail=rails.grades_rail(words, tree.above(db).all_grades(words)),
            title=words._("刚到的"),
            loose=cards.of_resources(db, words, found[:PER_PAGE]),
            more=more,
        )

    @room.get("/library/<path:way>")
    @open_to(Right.ANYONE)
    def place(way: str) -> Response:
        """Show a place of the tree; a level with one choice leads on."""
        spot = places.find(site.box.db, way.strip("/").split("/"))
        if spot is None:
            abort(404)
        if spot.lesson is not None and spot.unit is not None:
            return lesson.page(site, spot)
        if spot.depth == len(places.WAY):
            return _volume(site, spot.given)
        if spot.depth >= places.WAY.index("subject") + 1:
            return _subject(site, spot.given)
        return _stage_or_grade(site, spot.given)

    return room


def _withdrawn(site: Site, id_on_disk: str) -> Resource | None:
    """Return what this teacher has just withdrawn, to offer it back."""
    if not id_on_disk or not visitor.here().full:
        return None
    found = catalogue.by_disk_id(site.box.db, id_on_disk, withdrawn=True)
    return found if found is not None and found.state == "withdrawn" else None


def _at_page() -> int:
    return max(0, min(request.args.get("from", 0, type=int), 10_000))


def _more(address: str, there_is: bool) -> tuple[Link, ...]:
    return (Link(visitor.here().words._("再看一些"), address),) if there_is else ()


def _stage_links(above: Above) -> tuple[Link, ...]:
    words = visitor.here().words
    return tuple(
        Link(
            places.name(words, "stage", one.value),
            places.address({"stage": one.value}),
            tree.count(words, one.resources),
        )
        for one in above.stages
    )


def _stage_or_grade(site: Site, given: Given) -> Response:
    words, above = visitor.here().words, tree.above(site.box.db)
    stage = _text(given["stage"])
    grades = above.grades(words, [stage])
    if "grade" not in given:
        return draw(
            site,
            "library.html",
            here="library",
            bread=(Link(words._("课件库"), "/library"),),
            rail=rails.grades_rail(words, grades),
            title=places.name(words, "stage", stage),
            grades=grades,
        )
    at = places.address(given)
    shown = next((one for one in grades if one.href == at), None)
    if shown is None:
        abort(404)
    if len(shown.subjects) == 1:
        return redirect(shown.subjects[0].href)
    return draw(
        site,
        "library.html",
        here="library",
        bread=rails.bread(words, {"stage": stage}, only_stage=above.only_stage),
        rail=rails.grades_rail(words, grades),
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
    above = tree.above(db)
    grade: Given = {axis: given[axis] for axis in places.WAY[:2]}
    return draw(
        site,
        "library.html",
        here="library",
        bread=rails.bread(words, grade, only_stage=above.only_stage),
        rail=rails.grades_rail(words, above.grades(words, [_text(given["stage"])])),
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


def _volume_title(given: Given) -> str:
    words = visitor.here().words
    if not any(given.values()):
        return words._("还没有归类的")
    return f"{_subject_title(given)} {tree.volume_name(words, given)}"


def _volume_heading(given: Given, resources: int) -> tuple[str, str]:
    """Return a volume's heading, and the line under it: its edition, how much is here."""
    words = visitor.here().words
    line = words.ngettext("%(num)s 件课件", "%(num)s 件课件", resources)
    if given["edition"] is None:
        return _volume_title(given), line
    half: Given = {**given, "edition": None, "textbook_year": None}
    title = _subject_title(given) if half["volume"] is None else _volume_title(half)
    edition = places.edition_name(
        words, _text(given["edition"]), _text(given["textbook_year"])
    )
    return title, f"{edition} · {line}"


def _volume(site: Site, given: Given) -> Response:
    words, db = visitor.here().words, site.box.db
    at = _at_page()
    above, book = tree.above(db), volume.read(db, given)
    if not book.lessons:
        abort(404)
    units = book.units(words)
    here = shelves.loose(db, given, PER_PAGE, offset=at * PER_PAGE)
    more = _more(
        f"{places.address(given)}?from={at + 1}", book.loose > (at + 1) * PER_PAGE
    )
    subject: Given = {axis: given[axis] for axis in places.WAY[:3]}
    title, line = _volume_heading(given, book.resources)
    return draw(
        site,
        "library.html",
        here="library",
        bread=rails.bread(words, subject, only_stage=above.only_stage),
        rail=rails.volume_rail(words, above, given, units, ""),
        title=title,
        line=line,
        place_name=_volume_title(given),
        units=units if at == 0 else (),
        loose=cards.of_resources(db, words, here),
        more=more,
        loose_name=words._("不在哪一课里的"),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
