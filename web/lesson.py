"""A lesson: what there is for it, side by side in teaching order."""

from dataclasses import replace

from werkzeug.wrappers import Response

from edge_server.records import shelves
from edge_server.records.catalogue import Resource
from web import cards, places, rails, tree, visitor, volume
from web.page import draw
from web.places import Spot
from web.shown import Card, Link, Unit
from web.site import Site


def page(site: Site, spot: Spot) -> Response:
    """Return the page of the lesson that a spot names."""
    words, db = visitor.here().words, site.box.db
    assert spot.unit is not None and spot.lesson is not None
    above, book = tree.above(db), volume.read(db, spot.given)
    units = book.units(words)
    here = places.address(spot.given, spot.unit, spot.lesson)
    found = in_order(shelves.at(db, spot.given, spot.key))
    line = words.ngettext("%(num)s 件课件", "%(num)s 件课件", len(found))
    hours = book.periods(spot.unit, spot.lesson)
    if hours:
        line = words.ngettext("%(num)s 课时", "%(num)s 课时", hours) + " · " + line
    if spot.lesson.number is not None and spot.lesson.value:
        line = words._("第 %(n)s 课", n=spot.lesson.number) + " · " + line
    before, after = neighbours(units, here)
    return draw(
        site,
        "lesson.html",
        here="library",
        bread=rails.bread(words, spot.given, only_stage=above.only_stage),
        rail=rails.volume_rail(words, above, spot.given, units, here),
        title=places.lesson_title(words, spot.lesson.number, spot.lesson.value),
        line=line,
        cards=_beside(site, found),
        before=before,
        after=after,
    )


def _beside(site: Site, found: list[Resource]) -> list[Card]:
    """Return the cards of one lesson: where they belong is known, so they say what."""
    words = visitor.here().words
    return [
        replace(
            card, line=" · ".join(part for part in (card.kind_name, card.mark) if part)
        )
        for card in cards.of_resources(site.box.db, words, found)
    ]


def in_order(found: list[Resource]) -> list[Resource]:
    """Return the resources of a lesson in teaching order."""
    return sorted(found, key=lambda one: (cards.rank(one.kind), one.path))


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
