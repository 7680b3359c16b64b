"""Usage events of pages, in batches, as JSON.

A phone tells what was opened, played or shown, and tells it again when no answer came, so
each event carries its own id. What makes no sense is passed over: a page of last year's
program in a browser's cache must not fail. Nobody is named; the grade is the resource's.
"""

import math
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, jsonify, request
from werkzeug.wrappers import Response

from edge_server.ground.db import Db, transaction
from edge_server.records import catalogue, usage
from edge_server.records.catalogue import Resource
from edge_server.records.usage import Event
from web.rights import Proof, Right, open_to
from web.site import Site

MOST_EVENTS = 50
LONGEST_S = 86_400.0
MOST_PAGES = 10_000
LONGEST_WORDS = 200


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("beacon", __name__)

    @room.post("/usage")
    @open_to(Right.ANYONE, proof=Proof.JSON)
    def take() -> Response:
        """Keep a batch of events with their rows of the outbox."""
        body = request.get_json(silent=True)
        told = body.get("events") if isinstance(body, dict) else None
        events = read(site.box.db, told if isinstance(told, list) else [])
        if events:
            with transaction(site.box.db) as tx:
                usage.record(tx, site.box.clock, events)
        return jsonify(kept=len(events))

    return room


def read(db: Db, told: list[Any]) -> list[Event]:
    """Return the events of a batch that make sense."""
    found: dict[str, Resource | None] = {}
    events = []
    for one in told[:MOST_EVENTS]:
        if not isinstance(one, Mapping):
            continue
        id_on_disk = one.get("resource")
        if isinstance(id_on_disk, str) and id_on_disk not in found:
            found[id_on_disk] = catalogue.by_disk_id(db, id_on_disk[:32])
        event = _event(one, found.get(str(id_on_disk)))
        if event is not None:
            events.append(event)
    return events


def _event(one: Mapping[str, Any], resource: Resource | None) -> Event | None:
    kind, visit = one.get("kind"), one.get("visit")
    if kind not in usage.KINDS or kind == "cast":
        return None
    if not isinstance(visit, str) or not usage.VISIT.fullmatch(visit):
        return None
    words = one.get("words")
    if kind == "searched":
        if not isinstance(words, str) or not words.strip():
            return None
        return Event(kind, visit, words=words.strip()[:LONGEST_WORDS])
    if resource is None:
        return None
    page = _number(one.get("page"), MOST_PAGES)
    return Event(
        kind,
        visit,
        resource_id=resource.id,
        version=resource.version,
        page=None if page is None else int(page),
        position_s=_number(one.get("position_s"), LONGEST_S),
        played_s=_number(one.get("played_s"), LONGEST_S),
        grade=resource.place.grade,
    )


def _number(value: object, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(min(max(value, 0), most)) if math.isfinite(value) else None
