"""A resource, opened: the thing itself fills the width, below it where it belongs."""

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from edge_server.records import catalogue, shelves
from web import cards, opened, places, rails, tree, visitor, volume
from web.lesson import in_order, neighbours
from web.page import draw
from web.rights import Right, open_to
from web.shown import Item, Link
from web.site import Site

MODULES = {"video": "player", "audio": "player", "pages": "pages"}


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("resource", __name__)

    @room.get("/resource/<id_on_disk>")
    @open_to(Right.ANYONE)
    def page(id_on_disk: str) -> Response:
        """Show a resource, opened."""
        words, db = visitor.here().words, site.box.db
        resource = catalogue.by_disk_id(db, id_on_disk)
        if resource is None:
            abort(404)
        place = resource.place
        given = places.volume_of(place)
        above = tree.above(db)
        units = volume.read(db, given).units(words)
        has_lesson = place.lesson is not None or place.lesson_no is not None
        at = places.address_of(place)
        beside = [resource]
        if has_lesson:
            beside = in_order(shelves.at(db, given, places.lesson_key(place)))
        before, after = neighbours(units, at) if has_lesson else (None, None)
        shown = opened.of_resource(
            site,
            words,
            resource,
            items=_items(site, beside, resource),
            before=before,
            after=after,
            chapter=request.args.get("chapter", 0, type=int),
            may_withdraw=resource.own and visitor.here().session is not None,
        )
        way = rails.bread(words, given, only_stage=above.only_stage)
        if has_lesson:
            title = places.lesson_title(words, place.lesson_no, place.lesson)
            way = (*way, Link(title, at))
        number = _number(len(shown.pages))
        return draw(
            site,
            "resource.html",
            here="library",
            bread=way,
            rail=rails.volume_rail(words, above, given, units, at),
            shown=shown,
            at=number,
            step=_step(shown.pages[number - 1].pictures if shown.pages else ()),
            module=MODULES.get("pages" if shown.pages else shown.kind)
            if shown.sources or shown.pages
            else None,
        )

    return room


def _number(pages: int) -> int:
    return max(1, min(request.args.get("page", 1, type=int), max(pages, 1)))


def _step(pictures: tuple[str, ...]) -> int:
    return max(0, min(request.args.get("step", 0, type=int), max(len(pictures) - 1, 0)))


def _items(
    site: Site, beside: list[catalogue.Resource], here: catalogue.Resource
) -> tuple[Item, ...]:
    if len(beside) < 2:
        return ()
    words = visitor.here().words
    return tuple(
        Item(
            href=card.href,
            title=card.title,
            kind=card.kind,
            line=" · ".join(
                part
                for part in (
                    card.kind_name,
                    card.mark,
                    words._("校本") if card.own else words._("县里"),
                )
                if part
            ),
            on=card.id_on_disk == here.id_on_disk,
        )
        for card in cards.of_resources(site.box.db, words, beside)
    )
