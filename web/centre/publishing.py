"""发布: what would be published, what waits for the passphrase, what was published."""

import hashlib

from flask import Blueprint, jsonify, redirect, render_template
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError
from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.ground.jobs import JobRow
from edge_server.language import Words
from sync.centre import keys, publishes
from sync.centre.publishes import Publish
from web import visitor
from web.centre.desk import Desk, pin_field
from web.centre.shown import Publishing, Table
from web.page import draw
from web.rights import Right, open_to
from web.shown import Job, Notice

KINDS = ("publish", "sign")
MOST_SHOWN = 12
MOST_COUNTED = 200


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("publishing", __name__)

    @room.get("/publish")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show how far publishing is."""
        return _page(desk)

    @room.get("/publish.json")
    @open_to(Right.ANYONE)
    def state() -> Response:
        """Send the part of the page that changes."""
        shown = _state(desk, visitor.here().words)
        html = render_template("centre/publishing.html", state=shown)
        tag = hashlib.sha256(html.encode()).hexdigest()[:16]
        return jsonify(tag=tag, busy=shown.busy, html=html)

    @room.post("/publish")
    @open_to(Right.FULL)
    def publish() -> Response:
        """Ask for a publish."""
        try:
            token = desk.prove()
        except EdgeError as error:
            return _page(desk, error)
        box = desk.site.box
        with transaction(box.db) as tx:
            jobs.enqueue(tx, "publish", "all", now=box.clock(), urgency=jobs.URGENT)
        desk.note("publish")
        return desk.with_session(redirect("/publish"), token)

    return room


def _page(desk: Desk, error: EdgeError | None = None) -> Response:
    words = visitor.here().words
    waiting = publishes.waiting(desk.site.box.db, MOST_COUNTED)
    many = words.ngettext("%(num)s 件", "%(num)s 件", waiting)
    return draw(
        desk.site,
        "centre/publish.html",
        here="publishing",
        status=400 if error else 200,
        state=_state(desk, words),
        waiting=words._("%(many)s以上", many=many) if waiting == MOST_COUNTED else many,
        any=bool(waiting),
        ask_pin=not visitor.here().full,
        pin_field=pin_field(error),
    )


def _state(desk: Desk, words: Words) -> Publishing:
    db = desk.site.box.db
    recent = publishes.newest(db, MOST_SHOWN)
    under_way = [row for row in jobs.rows(db) if row.kind in KINDS]
    running = [row for row in under_way if row.state in ("running", "queued")]
    return Publishing(
        notice=_notice(desk, words, recent, under_way),
        jobs=tuple(_job(words, row) for row in running),
        recent=Table(
            words._("最近的发布"),
            (
                words._("第几号"), words._("时间"), words._("情况"), words._("变了"),
                words._("新增"),
            ),
            tuple(
                (
                    str(one.number),
                    words.when(one.begun_at, desk.site.now),
                    _states(words)[one.state],
                    words.number(one.resources),
                    words.size(one.new_bytes),
                )
                for one in recent
            ),
            (3, 4),
        ),
        busy=bool(running),
    )  # fmt: skip


def _states(words: Words) -> dict[str, str]:
    return {
        "building": words._("正在做"),
        "built": words._("等签名"),
        "live": words._("已发布"),
    }


def _notice(
    desk: Desk, words: Words, recent: list[Publish], under_way: list[JobRow]
) -> Notice:
    for row in under_way:
        if row.state == "aside" or (row.state == "queued" and row.code):
            told = words.told(row.code or "unexpected", row.values)
            tone = "problem" if row.state == "aside" else "wait"
            return Notice(told.what, told.do, tone=tone)
    built = next((one for one in recent if one.state == "built"), None)
    if built is not None and keys.is_locked(desk.site.box.folder):
        return Notice(
            words._("第 %(number)s 号做好了，等签名", number=built.number),
            words._(
                "发布密钥加了口令：在县中心的终端里运行 edge-server centre publish，写口令，教学点就看得到了。"
            ),
            tone="wait",
        )
    newest = next((one for one in recent if one.state == "live"), None)
    if newest is None:
        return Notice(
            words._("还没有发布过"),
            words._("课件收好以后按“发布”，教学点夜里就来取。"),
        )
    return Notice(
        words._("教学点看到的是第 %(number)s 号", number=newest.number),
        words._("%(when)s发布的。", when=words.when(newest.begun_at, desk.site.now)),
    )


def _job(words: Words, row: JobRow) -> Job:
    name = words._("签名") if row.kind == "sign" else words._("做目录和包")
    if row.state == "queued":
        return Job(name, words._("在排队"))
    if row.done is None or not row.total:
        return Job(name, "")
    return Job(
        name, f"{row.done:.0f} / {row.total:.0f}", min(1.0, row.done / row.total)
    )
