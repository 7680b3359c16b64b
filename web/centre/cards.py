"""Cards with one-time codes: for one point, or for all that no box has joined yet.

A code is shown once, on the page that answers: the ledger keeps only what it hashes to.
Asked for again, the earlier one ends. A card is what a technician takes along: the
point's name, the address, the code.
"""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from flask import Blueprint, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError
from edge_server.language import of_error
from sync.centre import certificates, points
from sync.centre.ledger import OnePoint, Point
from web import qr, visitor
from web.centre.desk import Desk, Question, unkept
from web.centre.point import bread, one_point
from web.centre.shown import Card, Pile
from web.page import draw
from web.rights import Right, open_to
from web.shown import Link

LONGEST_ASKED = 200


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("cards", __name__)

    @room.get("/points/<int:id>/code")
    @open_to(Right.FULL)
    def ask(id: int) -> Response:
        """Ask whether a point is to get a new code."""
        return desk.ask(_of_one(one_point(desk, id)))

    @room.post("/points/<int:id>/code")
    @open_to(Right.FULL)
    def make(id: int) -> Response:
        """Make a code for a point and show its card, once."""
        point = one_point(desk, id)
        wanted = {id: point.seen.about}
        return desk.confirmed(_of_one(point), lambda: show(desk, wanted, bread(point)))

    @room.get("/cards")
    @open_to(Right.FULL)
    def ask_all() -> Response:
        """Ask whether all points without a box are to get new codes."""
        return desk.ask(_of_all(desk))

    @room.post("/cards")
    @open_to(Right.FULL)
    def make_all() -> Response:
        """Make codes for all points without a box and show their cards, once."""
        way = (Link(visitor.here().words._("教学点"), "/"),)
        return desk.confirmed(
            _of_all(desk), lambda: show(desk, _without_box(desk), way)
        )

    return room


def show(desk: Desk, wanted: Mapping[int, Point], way: tuple[Link, ...]) -> Response:
    """Make codes for points and show their cards."""
    site = desk.site
    authority = certificates.authority(site.box.folder)
    made = points.make_cards(desk.ledger, wanted, authority, at=site.now)
    desk.note("make_codes", points=len(made), first=next(iter(wanted), 0))
    return unkept(
        draw(
            site,
            "centre/cards.html",
            here="home",
            bread=way,
            **shown(desk, made),
        )
    )


def shown(desk: Desk, made: Iterable[points.Card]) -> dict[str, Any]:
    """Return what the template of cards shows."""
    address = desk.address()
    return {
        "piles": _piles(made),
        "address": address,
        "qr": qr.drawn(f"https://{address}/"),
        "centre": desk.site.school,
    }


def said_of(error: EdgeError) -> str:
    """Return what an error says, in one line."""
    told = of_error(error, visitor.here().lang)
    return f"{told.what} {told.do}".strip()


def _piles(made: Iterable[points.Card]) -> tuple[Pile, ...]:
    return tuple(
        Pile(
            school,
            tuple(
                Card(
                    card.about.name,
                    school,
                    " ".join(filter(None, (card.about.head, card.about.phone))),
                    str(card.code),
                )
                for card in cards
            ),
        )
        for school, cards in groupby(made, key=lambda card: card.about.centre_school)
    )


def _of_one(point: OnePoint) -> Question:
    words = visitor.here().words
    lead = words._(
        "登记码只显示一次，只能用一次，60 天内有效。以前没用过的码就不能用了。"
    )
    if point.seen.box_id is not None:
        lead += words._("绑定新盒子以后，现在的盒子就停用；名称和数据都留着。")
    return Question(
        title=words._("给“%(name)s”出登记码", name=point.seen.about.name),
        lead=lead,
        word=words._("出登记码"),
        back=f"/points/{point.seen.id}",
        bread=bread(point),
    )


def _of_all(desk: Desk) -> Question:
    words = visitor.here().words
    many = words.ngettext(
        "给 %(num)s 个还没有盒子的教学点出卡片",
        "给 %(num)s 个还没有盒子的教学点出卡片",
        len(_without_box(desk)),
    )
    return Question(
        title=many,
        lead=words._(
            "登记码只显示一次，只能用一次，60 天内有效。以前没用过的码就不能用了。"
        ),
        word=words._("出卡片"),
        back="/points/bring",
        bread=(Link(words._("教学点"), "/"),),
    )


def _without_box(desk: Desk) -> dict[int, Point]:
    school = request.values.get("school", "")[:LONGEST_ASKED]
    return {
        one.id: one.about
        for one in desk.ledger.points()
        if one.box_id is None
        and not one.closed
        and school in ("", one.about.centre_school)
    }
