"""县里: what comes from the county centre, how the nights went, what comes next.

Open to anybody for reading. 现在就取 and 今晚就要 need the phone of a teacher; joining a
county asks for the PIN again. The page asks for its changing part every few seconds while
somebody looks, which only reads.
"""

import hashlib

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError
from edge_server.ground.db import transaction
from edge_server.language import of_error
from sync import link
from sync.arrivals import coming, deliveries, enrolment
from sync.arrivals.enrolment import Asked
from sync.arrivals.subscription import Subscription
from sync.format import codes
from web import county_words, deeds, subscribing, visitor
from web.county_words import Pace
from web.page import draw
from web.rights import Right, open_to
from web.shown import Field
from web.signin import give_pin, remember
from web.site import Site

LONGEST_ADDRESS = 200


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("county", __name__)
    pace = Pace()

    @room.get("/county")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show what comes from the county."""
        words = visitor.here().words
        belongs = link.belongs_to(site.box.db)
        return draw(
            site,
            "county.html",
            here="status",
            bread=county_words.way(words),
            county=county_words.of(site, words, pace),
            belongs=belongs,
            taken=subscribing.said(words, Subscription.of(site.box.db)),
        )

    @room.get("/county.json")
    @open_to(Right.ANYONE)
    def state() -> Response:
        """Send the part of the page that changes."""
        shown = county_words.of(site, visitor.here().words, pace)
        html = render_template("parts/county.html", county=shown)
        return jsonify(
            tag=hashlib.sha256(html.encode()).hexdigest()[:16],
            busy=shown.fetching or shown.joining,
            html=html,
        )

    @room.post("/county/now")
    @open_to(Right.TEACHER)
    def now() -> Response:
        """Have the box fetch now."""
        with transaction(site.box.db) as tx:
            deliveries.ask(tx, site.box.clock, by=deeds.who())
            deeds.note(site, tx, "fetch_now")
        return redirect("/county")

    @room.post("/county/sooner/<id_on_disk>")
    @open_to(Right.TEACHER)
    def sooner(id_on_disk: str) -> Response:
        """Have the box fetch one resource before all others, now."""
        with transaction(site.box.db) as tx:
            resource = coming.sooner(tx, id_on_disk)
            if resource is not None:
                deliveries.ask(tx, site.box.clock, by=deeds.who())
                deeds.note(site, tx, "fetch_sooner", resource=resource.id)
        if resource is None:  # it has come meanwhile, or never existed
            return redirect(f"/resource/{id_on_disk}")
        return redirect("/county")

    @room.get("/county/enrol")
    @open_to(Right.FULL)
    def enrol_page() -> Response:
        """Ask for the address of a county centre and for a code."""
        asked = enrolment.asked(site.box.db)
        return _enrol_page(site, Asked(asked.address if asked else "", ""))

    @room.post("/county/enrol")
    @open_to(Right.FULL)
    def enrol() -> Response:
        """Have the box join, once the PIN was given."""
        wish = Asked(
            request.form.get("address", "").strip()[:LONGEST_ADDRESS],
            request.form.get("code", "").strip()[:LONGEST_ADDRESS],
        )
        token = None
        try:
            codes.parse_code(wish.code)
            if not visitor.here().full:
                token = give_pin(site, request.form)
        except EdgeError as error:
            return _enrol_page(site, wish, error)
        if not wish.address:
            abort(400)  # the browser asks for it
        with transaction(site.box.db) as tx:
            enrolment.ask(tx, site.box.clock, wish, by=deeds.who())
            deeds.note(site, tx, "enrol", address=wish.address)
        answer = redirect("/county")
        return remember(answer, token) if token else answer

    return room


def _enrol_page(site: Site, wish: Asked, error: EdgeError | None = None) -> Response:
    met = visitor.here()
    told = of_error(error, met.lang) if error else None
    said = f"{told.what} {told.do}".strip() if told else ""
    of_code = error is not None and error.reason == "code_unreadable"
    return draw(
        site,
        "enrol.html",
        here="status",
        status=400 if error else 200,
        bread=county_words.way(met.words),
        ask_pin=not met.full,
        again=link.has_centre(site.box.db),
        address=Field("address", wish.address),
        code_field=Field("code", wish.code, said if of_code else ""),
        pin_field=Field("pin", wrong="" if of_code else said),
    )
