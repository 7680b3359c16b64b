"""The county's list of points: an .xlsx comes in, and what it changed is shown."""

import tempfile
from pathlib import Path

from flask import Blueprint, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError, Refused
from sync.centre import certificates, points
from sync.centre.ledger import Point
from web import visitor
from web.centre import cards
from web.centre.cards import said_of
from web.centre.desk import Desk, pin_field, unkept
from web.page import draw
from web.rights import Proof, Right, open_to
from web.shown import Field, Link

MOST_BYTES = 33 << 20
"""Of a request; the list itself is bounded where it is read."""
LONGEST = 200


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("bringing", __name__)

    @room.get("/points/bring")
    @open_to(Right.FULL)
    def page() -> Response:
        """Show the forms for a list and for a single point."""
        return _page(desk)

    @room.post("/points/bring")
    @open_to(Right.FULL, most_bytes=MOST_BYTES, proof=Proof.ADDRESS)
    def bring() -> Response:
        """Take a list, show what it changed and the cards of new points."""
        try:
            token = desk.prove()
        except EdgeError as error:
            return _page(desk, pin=error)
        try:
            brought = _bring(desk)
        except EdgeError as error:
            return desk.with_session(_page(desk, file=error), token)
        desk.note(
            "bring_points", new=brought.new, changed=brought.changed, same=brought.same
        )
        return desk.with_session(_done(desk, brought), token)

    @room.post("/points/new")
    @open_to(Right.FULL)
    def add() -> Response:
        """Write a single point down and show its card."""
        try:
            token = desk.prove()
        except EdgeError as error:
            return _page(desk, pin=error)
        about = _said()
        if not about.name:
            missing = Refused("point_name_empty")
            return desk.with_session(_page(desk, name=missing), token)
        ((id, _),) = desk.ledger.put_points([about], at=desk.site.now)
        desk.note("add_point", point=id, name=about.name)
        answer = cards.show(desk, {id: about}, _way())
        return desk.with_session(answer, token)

    return room


def _bring(desk: Desk) -> points.BroughtIn:
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Refused("no_file_chosen")
    site = desk.site
    authority = certificates.authority(site.box.folder)
    with tempfile.TemporaryDirectory(prefix="points-") as folder:
        path = Path(folder) / "sheet.xlsx"
        sent.save(path)
        return points.bring_in(desk.ledger, path, authority, at=site.now)


def _said() -> Point:
    said = {
        name: " ".join(request.form.get(name, "").split())[:LONGEST]
        for name in ("name", "centre_school", "head", "phone")
    }
    return Point(**said)


def _way() -> tuple[Link, ...]:
    return (Link(visitor.here().words._("教学点"), "/"),)


def _done(desk: Desk, brought: points.BroughtIn) -> Response:
    words = visitor.here().words
    return unkept(
        draw(
            desk.site,
            "centre/brought.html",
            here="home",
            bread=_way(),
            counts=(
                (words.number(brought.new), words._("新的")),
                (words.number(brought.changed), words._("改了的")),
                (words.number(brought.same), words._("没变的")),
                (words.number(len(brought.problems)), words._("没收下的")),
            ),
            wrongs=tuple(words.told(p.code, p.values) for p in brought.problems),
            **cards.shown(desk, brought.cards),
        )
    )


def _page(
    desk: Desk,
    *,
    pin: EdgeError | None = None,
    file: EdgeError | None = None,
    name: EdgeError | None = None,
) -> Response:
    waiting = [
        one for one in desk.ledger.points() if one.box_id is None and not one.closed
    ]
    return draw(
        desk.site,
        "centre/bring.html",
        here="home",
        status=400 if pin or file or name else 200,
        bread=_way(),
        ask_pin=not visitor.here().full,
        pin_field=pin_field(pin),
        file=Field("file", wrong=said_of(file) if file else ""),
        name=Field(
            "name", request.form.get("name", ""), wrong=said_of(name) if name else ""
        ),
        more=tuple(
            Field(one, request.form.get(one, ""))
            for one in ("centre_school", "head", "phone")
        ),
        waiting=len(waiting),
    )
