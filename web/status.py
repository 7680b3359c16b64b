"""状态: what arrives, what is being made ready, what was not taken in, how much room is left.

The page asks for its state every few seconds while somebody looks, slower when nothing
moves. Asking only reads: an open page must not wear out the SD card.
"""

import hashlib
from dataclasses import replace

from flask import Blueprint, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from edge_server.ground import jobs, lan, store
from edge_server.ground.db import Db, transaction
from edge_server.ground.jobs import JobRow
from edge_server.language import Words
from edge_server.records import catalogue, outbox, refusals, usage
from sync.arrivals import offers
from sync.arrivals.offers import Offer
from web import county_words, qr, visitor
from web.page import draw
from web.rights import Right, open_to
from web.shown import Job, Notice, State, Week, Wrong
from web.site import Site

MOST_SHOWN = 8
MOST_WRONGS = 30
WEEKS = 8
LESSON_BYTES = 80_000_000
"""A lesson's film and slides, as they come on average, to say how many more fit."""


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("status", __name__)

    @room.get("/status")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show the state of the box."""
        words = visitor.here().words
        address, drawn = _address()
        shown = replace(state_of(site, words), address=address, qr=drawn)
        rows = [(week.name, week.lessons, week.minutes) for week in shown.weeks[::-1]]
        return draw(
            site,
            "status.html",
            here="status",
            state=shown,
            rows=[row for row in rows if row[1] or row[2]] or rows[:1],
        )

    @room.get("/status.json")
    @open_to(Right.ANYONE)
    def state() -> Response:
        """Send the part of the page that changes."""
        shown = state_of(site, visitor.here().words)
        html = render_template("parts/state.html", state=shown)
        return jsonify(
            tag=hashlib.sha256(html.encode()).hexdigest()[:16],
            busy=bool(shown.arriving or shown.jobs),
            html=html,
        )

    @room.post("/status/retry/<int:job_id>")
    @open_to(Right.TEACHER)
    def retry(job_id: int) -> Response:
        """Have a job that was set aside tried again."""
        with transaction(site.box.db) as tx:
            jobs.retry(tx, job_id, now=site.box.clock())
        return redirect("/status")

    return room


def state_of(site: Site, words: Words) -> State:
    """Return the state of the box, read in one go."""
    box, db = site.box, site.box.db
    counted = jobs.counts(db)
    arriving = coming_in(db)[:MOST_SHOWN]
    running = jobs.rows(db, state="running", limit=MOST_SHOWN)
    wrongs, undone = _wrongs(site, words), _undone(site, words)
    room_bytes = max(0, store.room_bytes(box))
    resources = catalogue.count(db)
    return State(
        notice=_notice(words, room_bytes, len(wrongs) + len(undone)),
        arriving=tuple(
            Job(offer.name, words.size(offer.size_bytes)) for offer in arriving
        ),
        jobs=tuple(_job(site, words, row) for row in running),
        waiting=counted.get("queued", 0),
        wrongs=tuple(wrongs),
        undone=tuple(undone),
        disk=words.size(room_bytes),
        resources=resources,
        weeks=tuple(
            Week(words.day(week.began_at), week.opened, round(week.played_s / 60))
            for week in reversed(usage.weeks(db, now_at=site.now, most=WEEKS))
        ),
        not_sent=outbox.waiting(db),
        county=county_words.line(site, words) if not site.is_centre else "",
    )


def _notice(words: Words, room_bytes: int, wrongs: int) -> Notice:
    more = words.ngettext(
        "硬盘还能放约 %(num)s 课。",
        "硬盘还能放约 %(num)s 课。",
        room_bytes // LESSON_BYTES,
    )
    if room_bytes == 0:
        return Notice(
            words._("硬盘满了，新的课件收不下。已有的都还能看。"),
            words._("下架不用的校本课件，或者请技术员换一块大的硬盘。"),
            tone="problem",
        )
    if wrongs:
        what = words.ngettext(
            "有 %(num)s 样东西没收下或没做成，其余都好",
            "有 %(num)s 样东西没收下或没做成，其余都好",
            wrongs,
        )
        return Notice(what, more, tone="wait")
    return Notice(words._("一切正常"), more)


def _job(site: Site, words: Words, row: JobRow) -> Job:
    names = {
        "take": words._("检查"), "describe": words._("读目录"), "join": words._("拼接"),
        "attach": words._("配字幕"), "render": words._("转成能放的"),
        "small": words._("做流畅版"), "pages": words._("画成一页一页"),
        "extract": words._("读文字"), "index": words._("编进搜索"),
        "catalogue": words._("上架"), "redescribe": words._("重新归类"),
        "sweep": words._("打扫"), "announce": words._("看县里有什么新课"),
        "keep": words._("收县里的课"), "unpack": words._("收县里的课"),
        "patch": words._("收县里的课"),
        "enrol": words._("加入县中心"),
    }  # fmt: skip
    doing = names.get(row.kind, row.kind)
    title = _title(site, row)
    done, how_far = None, ""
    if row.done is not None and row.total:
        done = min(1.0, row.done / row.total)
        how_far = f"{done:.0%}".replace("%", " %")
    colon = "：" if words.lang == "zh" else ": "
    return Job(f"{doing}{colon}{title}" if title else doing, how_far, done)


def _title(site: Site, row: JobRow) -> str:
    db = site.box.db
    offer = offers.get(db, row.key)
    if offer is not None:
        return offer.name
    ids = [row.key, *catalogue.resources_using(db, row.key)[:1]]
    return next((one.title for one in catalogue.many(db, ids).values()), "")


def _wrongs(site: Site, words: Words) -> list[Wrong]:
    found = [one for one in [county_words.refused(site, words)] if one is not None]
    for refusal in refusals.newest(site.box.db, MOST_WRONGS):
        told = words.told(refusal.code, refusal.values)
        when = words.when(refusal.at, site.now)
        found.append(Wrong(refusal.name, told.what, told.do, when))
    return found


def _undone(site: Site, words: Words) -> list[Wrong]:
    found = []
    for row in jobs.rows(site.box.db, state="aside", limit=MOST_WRONGS):
        told = words.told(row.code or "unexpected", row.values)
        name = _job(site, words, row).what
        found.append(Wrong(name, told.what, told.do, "", retry=row.id))
    return found


def coming_in(db: Db) -> list[Offer]:
    """Return the offers that are on their way, without those set aside."""
    aside = {row.key for row in jobs.rows(db, state="aside")}
    return [one for one in offers.all_waiting(db) if one.id not in aside]


def _address() -> tuple[str, str]:
    """Return the address for other phones, by IP, as text and drawn as a QR code.

    The port is the one this visitor came by: a front server may stand before ours.
    """
    _, _, port = request.host.rpartition(":")
    found = [ip for ip in lan.addresses() if not ip.startswith("127.")]
    if not found:
        return "", ""
    address = f"http://{found[0]}" + (f":{port}" if port.isdigit() else "")
    return address, qr.drawn(address)
