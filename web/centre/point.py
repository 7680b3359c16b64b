"""One point in detail: how it is, what it holds, what it told, and what one may do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, abort, redirect
from werkzeug.wrappers import Response

from edge_server.errors import PermanentError
from edge_server.language import Words
from edge_server.records import curriculum
from edge_server.records.curriculum import AXES
from sync.centre import publishes
from sync.centre.ledger import Asked, Heartbeat, OnePoint
from sync.centre.publishes import Published
from sync.format.shard import Collection
from web import charts, visitor
from web.centre import health
from web.centre.desk import Desk, Question
from web.centre.overview import judge, skew, tone_of, trouble_name
from web.centre.shown import Table
from web.centre.use import WEEK_S, week_bars
from web.charts import Bar
from web.page import draw
from web.rights import Right, open_to
from web.shown import Link, Notice

WEEKS = 12
MOST_DAYS = 14
"""Of heartbeats, on the page."""
BOX_ID_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Tile:
    """A number that stands out."""

    number: str
    unit: str
    name: str


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("point", __name__)

    @room.get("/points/<int:id>")
    @open_to(Right.ANYONE)
    def page(id: int) -> Response:
        """Show all that is known of a point."""
        return _page(desk, one_point(desk, id))

    def change(name: str, question: Callable[[OnePoint], Question | None],
               act: Callable[[OnePoint], None]) -> None:  # fmt: skip
        """Add the page that asks for a change and the one that does it."""

        def asked(id: int) -> Response:
            it = question(one_point(desk, id))
            return desk.ask(it) if it else redirect(f"/points/{id}")

        def done(id: int) -> Response:
            point = one_point(desk, id)
            it = question(point)
            if it is None:  # somebody else was faster
                return redirect(f"/points/{id}")

            def do() -> Response:
                act(point)
                return redirect(f"/points/{id}")

            return desk.confirmed(it, do)

        address = f"/points/<int:id>/{name}"
        room.get(address, endpoint=f"ask_{name}")(open_to(Right.FULL)(asked))
        room.post(address, endpoint=name)(open_to(Right.FULL)(done))

    change("stop", _stop, lambda point: _do_stop(desk, point))
    change("close", _close, lambda point: _do_close(desk, point))
    return room


def one_point(desk: Desk, id: int) -> OnePoint:
    """Return a point, or answer that there is no such page."""
    try:
        return desk.ledger.point(id)
    except PermanentError as error:
        if error.reason == "point_unknown":
            abort(404)
        raise


def bread(point: OnePoint) -> tuple[Link, ...]:
    """Return the way to a page of a point."""
    words = visitor.here().words
    return (
        Link(words._("教学点"), "/"),
        Link(point.seen.about.name, f"/points/{point.seen.id}"),
    )


def _stop(point: OnePoint) -> Question | None:
    if point.seen.box_id is None:
        return None
    words = visitor.here().words
    return Question(
        title=words._("停用“%(name)s”的盒子", name=point.seen.about.name),
        lead=words._(
            "县中心以后不再收它的数据。它里面的课件照样能看。再用要一个新的登记码。"
        ),
        word=words._("停用盒子"),
        back=f"/points/{point.seen.id}",
        bread=bread(point),
        danger=True,
    )


def _do_stop(desk: Desk, point: OnePoint) -> None:
    box_id = point.seen.box_id
    if box_id is not None:
        desk.ledger.revoke(box_id, at=desk.site.now)
        desk.note("revoke_box", point=point.seen.id, box=box_id)


def _close(point: OnePoint) -> Question:
    words, name = visitor.here().words, point.seen.about.name
    if point.seen.closed:
        return Question(
            title=words._("恢复“%(name)s”", name=name),
            lead=words._("它重新出现在教学点里，以前的数据都在。"),
            word=words._("恢复教学点"),
            back=f"/points/{point.seen.id}",
            bread=bread(point),
        )
    return Question(
        title=words._("撤掉“%(name)s”", name=name),
        lead=words._(
            "它不再出现在教学点里，数据都留着，随时可以恢复。盒子要另外停用。"
        ),
        word=words._("撤点"),
        back=f"/points/{point.seen.id}",
        bread=bread(point),
        danger=True,
    )


def _do_close(desk: Desk, point: OnePoint) -> None:
    closed = not point.seen.closed
    desk.ledger.close_point(point.seen.id, closed=closed)
    what = "close_point" if closed else "reopen_point"
    desk.note(what, point=point.seen.id, name=point.seen.about.name)


def _page(desk: Desk, point: OnePoint) -> Response:
    words, seen, now = visitor.here().words, point.seen, desk.site.now
    about = seen.about
    line = (
        about.centre_school, about.township, about.head, about.phone,
        about.school_code or "",
    )  # fmt: skip
    weeks = _weeks(desk, words, seen.id)
    return draw(
        desk.site,
        "centre/point.html",
        here="home",
        bread=bread(point)[:1],
        point=seen,
        line=" · ".join(part for part in line if part),
        notices=_notices(desk, words, point),
        tiles=_tiles(words, point, now),
        plot=charts.columns(weeks, words._("每周打开的课件")),
        used=any(bar.value for bar in weeks),
        held=_held(words, publishes.collections(desk.site.box.db), point, now),
        beats=Table(
            words._("报平安"),
            (
                words._("日期"), words._("硬盘还能放"), words._("到第几号"),
                words._("钟差"), words._("没做成"), words._("没收下"),
                words._("还要收"),
            ),
            tuple(_beat(words, beat) for beat in point.heartbeats[:MOST_DAYS]),
            (1, 2, 4, 5, 6),
        ),
        boxes=Table(
            words._("盒子"),
            (
                words._("编号"), words._("绑定"), words._("停用"), words._("上次联系"),
                words._("停用后还联系过"),
            ),
            tuple(
                (
                    box.box_id[:BOX_ID_SHOWN],
                    words.when(box.enrolled_at, now),
                    _when(words, box.revoked_at, now),
                    _when(words, box.heard_at, now),
                    _when(words, box.refused_at, now),
                )
                for box in point.boxes
            ),
        ),
        holes=Table(
            words._("没有送到的记录"),
            (words._("盒子"), words._("从第几条"), words._("到第几条"), words._("发现")),
            tuple(
                (
                    hole.box_id[:BOX_ID_SHOWN], words.number(hole.first_seq),
                    words.number(hole.last_seq), words.when(hole.at, now),
                )
                for hole in point.holes
            ),
            (1, 2),
        ),
    )  # fmt: skip


def _notices(desk: Desk, words: Words, point: OnePoint) -> tuple[Notice, ...]:
    if point.seen.closed:
        return (Notice(words._("这个教学点已经撤掉了")),)
    (judged,) = judge(desk, [point.seen])
    return tuple(
        Notice(
            trouble_name(words, trouble),
            _advice(words, trouble),
            tone=tone_of(trouble.value) or "wait",
        )
        for trouble in judged.troubles
    ) or (Notice(words._("一切正常")),)


def _advice(words: Words, trouble: health.Trouble) -> str:
    return {
        health.Trouble.FORKED: words._(
            "多半是整盘复制过。留一个，把另一个重新装一遍再绑定。数据没有丢。"
        ),
        health.Trouble.REPLACED: words._(
            "它的数据没有收。还要用就给它一个新的登记码。"
        ),
        health.Trouble.SILENT: words._(
            "打电话问一问：有没有电，盒子的灯亮不亮，网线在不在。它里面的课件照样能看。"
        ),
        health.Trouble.FULL: words._(
            "新的课件快收不下了。下架不用的校本课件，或者换一块大的硬盘。"
        ),
        health.Trouble.FAILING: words._("在盒子的状态页上看得到是哪些、为什么。"),
        health.Trouble.REFUSED: words._("在盒子的状态页上看得到是哪些、为什么。"),
        health.Trouble.BEHIND: words._(
            "它有联系，可是最近的发布它没有。看看它从哪里取课件，那里是不是旧的。"
        ),
        health.Trouble.SKEWED: words._("不影响上课。盒子联系上县中心后会自己对时。"),
        health.Trouble.UNUSED: words._("盒子是好的。问一问老师，是不是还不会用。"),
        health.Trouble.WAITING: words._(
            "给技术员一张带登记码的卡片，在盒子上输入就绑定了。"
        ),
    }[trouble]


def _tiles(words: Words, point: OnePoint, now: float) -> tuple[Tile, ...]:
    seen, beat = point.seen, point.seen.heartbeat
    free = beat.disk_free_bytes if beat else None
    return (
        Tile(_when(words, seen.heard_at, now) or "—", "", words._("上次联系")),
        Tile(_when(words, seen.used_at, now) or "—", "", words._("最近使用")),
        Tile("—" if free is None else words.size(free), "", words._("硬盘还能放")),
        Tile(
            str(beat.head_version) if beat and beat.head_version else "—",
            "",
            words._("到第几号"),
        ),
    )


def _weeks(desk: Desk, words: Words, id: int) -> list[Bar]:
    now = desk.site.now
    asked = Asked(from_at=now - (WEEKS - 1) * WEEK_S, until_at=now, point=id)
    return week_bars(words, desk.ledger.used("week", asked), now, WEEKS)


def _beat(words: Words, beat: Heartbeat) -> tuple[str, ...]:
    free, left = beat.disk_free_bytes, health.count(beat.said.get("wanted_bytes"))
    return (
        beat.day,
        "" if free is None else words.size(free),
        str(beat.head_version or ""),
        skew(words, beat.skew_s),
        _count(words, beat.said.get("failing")),
        _count(words, beat.said.get("refused")),
        words.size(left) if left else "",
    )


def _held(
    words: Words, known: Mapping[str, Published], point: OnePoint, now: float
) -> Table:
    rows = []
    for held in point.receipts:
        published = known.get(held.collection_id)
        name = held.collection_id
        if published is not None:
            name = collection_name(words, published.collection)
        whole = words._("齐了")
        if published is not None and held.version < published.version:
            whole = words._(
                "有第 %(held)s 号，已出第 %(newest)s 号",
                held=held.version,
                newest=published.version,
            )
        rows.append((name, whole, words.when(held.at, now)))
    heads = words._("教材"), words._("情况"), words._("收齐")
    return Table(words._("手里的课件"), heads, tuple(rows))


def collection_name(words: Words, collection: Collection) -> str:
    """Say what a collection is of: ``小学 · 三年级 · 语文 · 统编版 · 上册``."""
    return " · ".join(
        curriculum.value(axis, id).name(words.lang)
        for axis, id in zip(AXES, collection.axes, strict=True)
        if id is not None
    ) or words._("没有归类的")


def _count(words: Words, said: object) -> str:
    number = health.count(said)
    return words.number(number) if number else ""


def _when(words: Words, at: float | None, now: float) -> str:
    return "" if at is None else words.when(at, now)
