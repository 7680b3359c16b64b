"""要哪些课: which of the county's courseware this box takes, and how much room it needs.

What may be chosen is what the county publishes; before the box has looked for the first
time it is what the national lists have. The answer is given without script too: one button
counts, the other one keeps.
"""

from collections.abc import Mapping

from flask import Blueprint, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError
from edge_server.ground import store
from edge_server.ground.db import transaction
from edge_server.language import Words, of_error
from edge_server.records import curriculum
from edge_server.records.curriculum import AXES, Axis
from sync.arrivals import offered, subscription
from sync.arrivals.subscription import Subscription
from sync.format.root_index import RootIndex
from web import cards, county_words, deeds, visitor
from web.page import draw
from web.rights import Right, open_to
from web.shown import Choices, Field, Link, Notice, Option
from web.signin import give_pin, remember
from web.site import Site

WITHOUT_INDEX: tuple[Axis, ...] = ("stage", "grade", "subject")
CEILINGS_BYTES = (50_000_000, 200_000_000, 1_000_000_000)


def blueprint(site: Site) -> Blueprint:
    """Make the page."""
    room = Blueprint("subscribing", __name__)

    @room.get("/county/subscription")
    @open_to(Right.FULL)
    def page() -> Response:
        """Show what is taken."""
        return _page(site, Subscription.of(site.box.db))

    @room.post("/county/subscription")
    @open_to(Right.FULL)
    def answer() -> Response:
        """Say how much room a choice needs, or keep it once the PIN was given."""
        before = Subscription.of(site.box.db)
        index = offered.newest(site.box)
        chosen = _chosen(request.form, before, index)
        if request.form.get("do") != "save":
            return _page(site, chosen)
        token = None
        if not visitor.here().full:
            try:
                token = give_pin(site, request.form)
            except EdgeError as error:
                return _page(site, chosen, error)
        if chosen != before:
            with transaction(site.box.db) as tx:
                subscription.put(tx, site.box.clock, chosen, by=deeds.who())
                deeds.note(site, tx, "subscribe")
        gone = redirect("/county")
        return remember(gone, token) if token else gone

    return room


def said(words: Words, taken: Subscription) -> str:
    """Return what is taken, in one line."""
    between = "、" if words.lang == "zh" else ", "
    parts = [
        between.join(
            curriculum.value(axis, id).name(words.lang) for id in getattr(taken, axis)
        )
        for axis in AXES
    ]
    parts.append(between.join(cards.kind_name(words, one) for one in taken.kinds))
    if taken.most_bytes:
        size = words.size(taken.most_bytes)
        parts.append(words._("一件不超过 %(size)s", size=size))
    return " · ".join(part for part in parts if part) or words._("县里有的全都要")


def _page(site: Site, chosen: Subscription, error: EdgeError | None = None) -> Response:
    met = visitor.here()
    index = offered.newest(site.box)
    told = of_error(error, met.lang) if error else None
    ceilings = sorted({*CEILINGS_BYTES, chosen.most_bytes} - {0})
    return draw(
        site,
        "subscription.html",
        here="status",
        status=400 if error else 200,
        bread=(
            *county_words.way(met.words),
            Link(met.words._("要哪些课"), "/county/subscription"),
        ),
        groups=_groups(met.words, index, chosen),
        ceiling=Field(
            "most_bytes",
            str(chosen.most_bytes or ""),
            choices=tuple((str(one), met.words.size(one)) for one in ceilings),
        ),
        need=_need(site, met.words, index, chosen),
        ask_pin=not met.full,
        pin_field=Field("pin", wrong=f"{told.what} {told.do}".strip() if told else ""),
    )


def _need(
    site: Site, words: Words, index: RootIndex | None, chosen: Subscription
) -> Notice:
    room_bytes = max(0, store.room_bytes(site.box))
    room = words.size(room_bytes)
    if index is None:
        return Notice(
            words._("还不知道要多少地方"),
            words._("盒子还没有看过县里有什么。硬盘还能放 %(room)s。", room=room),
            tone="wait",
        )
    need = offered.need(site.box.db, index, chosen)
    most = bool(chosen.kinds or chosen.most_bytes)
    size = words.size(need.to_come_bytes)
    what = (
        words._("最多还要 %(size)s，硬盘还能放 %(room)s", size=size, room=room)
        if most
        else words._("还要 %(size)s，硬盘还能放 %(room)s", size=size, room=room)
    )
    more = words._("高清和流畅两种都算在里面。")
    if need.here_bytes:
        all_of_it = words._(
            "一共 %(total)s，其中 %(here)s 已经在盒子里。",
            total=words.size(need.total_bytes),
            here=words.size(need.here_bytes),
        )
        more = words.join(all_of_it, more)
    if need.to_come_bytes > room_bytes:
        more += words._(
            "放不下的会留到有地方的时候再取，已有的不受影响。少选几样更好。"
        )
        return Notice(what, more, tone="problem")
    return Notice(what, more)


def _groups(
    words: Words, index: RootIndex | None, chosen: Subscription
) -> tuple[Choices, ...]:
    legends: Mapping[Axis, str] = {
        "stage": words._("学段"),
        "grade": words._("年级"),
        "subject": words._("学科"),
        "edition": words._("版本"),
        "textbook_year": words._("教材"),
        "volume": words._("册次"),
    }
    found = [
        Choices(axis, legends[axis], _options(words, axis, offers, on))
        for axis, offers, on in (
            (axis, _offered(axis, index), getattr(chosen, axis)) for axis in AXES
        )
        if len({*offers, *on}) > 1 or on
    ]
    kinds = tuple(
        Option(kind, cards.kind_name(words, kind), on=kind in chosen.kinds)
        for kind in cards.TEACHING_ORDER
    )
    return (*found, Choices("kinds", words._("种类"), kinds))


def _options(
    words: Words, axis: Axis, offers: Mapping[str, int], on: tuple[str, ...]
) -> tuple[Option, ...]:
    known = sorted(
        (curriculum.value(axis, id) for id in {*offers, *on}),
        key=lambda value: (value.order, value.id),
    )
    return tuple(
        Option(
            value.id,
            value.name(words.lang),
            words.size(offers[value.id]) if offers.get(value.id) else "",
            value.id in on,
        )
        for value in known
    )


def _offered(axis: Axis, index: RootIndex | None) -> dict[str, int]:
    """Return the values of an axis that may be chosen, with the bytes behind each."""
    if index is None:
        known = curriculum.values(axis) if axis in WITHOUT_INDEX else ()
        return {value.id: 0 for value in known}
    found: dict[str, int] = {}
    for ref in index.shards:
        id = getattr(ref.collection, axis)
        if id is not None:
            found[id] = found.get(id, 0) + ref.content_bytes
    return found


def _chosen(
    form: MultiDict[str, str], before: Subscription, index: RootIndex | None
) -> Subscription:
    """Return what a form says; only what was offered, or was taken before, is taken."""
    told: dict[str, object] = {
        axis: [
            id
            for id in form.getlist(axis)
            if id in _offered(axis, index) or id in getattr(before, axis)
        ]
        for axis in AXES
    }
    told["kinds"] = [
        one for one in form.getlist("kinds") if one in cards.TEACHING_ORDER
    ]
    ceiling = form.get("most_bytes", "")
    told["most_bytes"] = ceiling if ceiling.isdecimal() and len(ceiling) < 16 else 0
    return subscription.from_map(told)
