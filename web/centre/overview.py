"""教学点, the home of a centre: every point on one page, troubles on top.

2,000 rows are drawn at once: a person looks for a name with the browser's own search, and
nothing has to be fetched again. So a row is light: no markup that style could do.
"""

import html
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from edge_server.language import Words
from sync.centre import publishes
from sync.centre.ledger import PointSeen
from web import visitor
from web.centre import health
from web.centre.desk import Desk
from web.centre.health import Trouble
from web.centre.shown import Band, Head, Row
from web.page import draw
from web.rights import Right, open_to
from web.shown import Field, Link, Notice

CLOSED = "closed"
"""In place of a trouble: points that are no more."""
LONGEST_ASKED = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """A point and what troubles it."""

    seen: PointSeen
    troubles: tuple[Trouble, ...]

    @property
    def group(self) -> str:
        """The trouble it stands under; ``closed``; empty: all is well."""
        if self.seen.closed:
            return CLOSED
        return self.troubles[0].value if self.troubles else ""


Key = Callable[[Judged], tuple[object, ...]]


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("home", __name__)
    room.add_app_template_filter(_cells, "cells")

    @room.get("/")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show every point."""
        return _page(desk)

    return room


def judge(desk: Desk, found: Iterable[PointSeen]) -> list[Judged]:
    """Return points with what troubles them, in the order they came."""
    now, db = desk.site.now, desk.site.box.db
    due = publishes.live(db, before_at=now - health.BEHIND_S)
    return [Judged(one, health.troubles(one, now, due)) for one in found]


def trouble_name(words: Words, trouble: Trouble) -> str:
    """Say a trouble in a few words."""
    return {
        Trouble.FORKED: words._("两个盒子用同一个编号"),
        Trouble.REPLACED: words._("换下的盒子还在联系"),
        Trouble.SILENT: words._("三天以上没有联系"),
        Trouble.FULL: words._("硬盘快满了"),
        Trouble.FAILING: words._("有东西没做成"),
        Trouble.BEHIND: words._("一直没有收到新的发布"),
        Trouble.SKEWED: words._("盒子的钟不准"),
        Trouble.REFUSED: words._("有文件没收下"),
        Trouble.UNUSED: words._("有联系，两周没有人用"),
        Trouble.WAITING: words._("还没有绑定盒子"),
    }[trouble]


def tone_of(group: str) -> str:
    """Return how loud a group of points is: ``problem``, ``wait`` or empty."""
    if group in ("", CLOSED, Trouble.WAITING.value):
        return ""
    return "wait" if group in _QUIET else "problem"


_QUIET = {t.value for t in (Trouble.SKEWED, Trouble.REFUSED, Trouble.UNUSED)}


def _cells(said: Iterable[str]) -> Markup:
    """Return the cells of a row: at 2,000 rows a third of the time that Jinja takes."""
    return Markup("<td>" + "</td><td>".join(map(html.escape, said)) + "</td>")


def _page(desk: Desk) -> Response:
    words = visitor.here().words
    every = judge(desk, desk.ledger.points())
    asked = {
        name: request.args.get(name, "").strip()[:LONGEST_ASKED]
        for name in ("school", "name", "trouble", "sort")
    }
    chosen = [one for one in every if _fits(one, asked)]
    bands = _bands(desk, words, chosen, asked)
    return draw(
        desk.site,
        "centre/points.html",
        here="home",
        known=len(every),
        notice=_notice(words, every),
        chips_of=_chips(words, every, asked),
        schools=_schools(every, asked["school"]),
        name=Field("name", asked["name"]),
        sort=asked["sort"],
        trouble=asked["trouble"],
        heads=_heads(words, asked),
        bands=bands,
        shown=sum(len(band.rows) for band in bands),
        newest=publishes.live(desk.site.box.db),
    )


def _fits(one: Judged, asked: dict[str, str]) -> bool:
    about = one.seen.about
    if asked["school"] and about.centre_school != asked["school"]:
        return False
    if asked["name"] and asked["name"] not in about.name:
        return False
    if asked["trouble"] == CLOSED:
        return one.seen.closed
    if asked["trouble"]:
        return asked["trouble"] in [trouble.value for trouble in one.troubles]
    return not one.seen.closed


def _notice(words: Words, every: Sequence[Judged]) -> Notice | None:
    joined = [one for one in every if not one.seen.closed and one.seen.box_id]
    if not joined:
        return None
    bad = [one for one in joined if tone_of(one.group) == "problem"]
    with_box = words.ngettext(
        "%(num)s 个教学点在用盒子", "%(num)s 个教学点在用盒子", len(joined)
    )
    if not bad:
        return Notice(with_box, words._("都有联系，也都没有要修的。"))
    what = words.ngettext(
        "%(num)s 个教学点要有人看一看", "%(num)s 个教学点要有人看一看", len(bad)
    )
    more = words._("%(with_box)s，要看的排在最前面。", with_box=with_box)
    return Notice(what, more, tone="problem")


def _chips(
    words: Words, every: Sequence[Judged], asked: dict[str, str]
) -> tuple[Link, ...]:
    """Return a chip for each trouble that there is, and one for closed points."""
    counted: dict[str, int] = {}
    for one in every:
        for name in [t.value for t in one.troubles] or [one.group]:
            counted[name] = counted.get(name, 0) + 1
    links = []
    for name, said in (
        *((trouble.value, trouble_name(words, trouble)) for trouble in Trouble),
        (CLOSED, words._("已撤点")),
    ):
        on = asked["trouble"] == name
        if counted.get(name) or on:
            to = _address(asked, trouble="" if on else name)
            links.append(Link(said, to, words.number(counted.get(name, 0)), on))
    return tuple(links)


def _schools(every: Sequence[Judged], chosen: str) -> Field:
    names = sorted({one.seen.about.centre_school for one in every} - {""})
    return Field("school", chosen, choices=tuple((name, name) for name in names))


def _heads(words: Words, asked: dict[str, str]) -> tuple[Head, ...]:
    return tuple(
        Head(name, _address(asked, sort=sort), asked["sort"] == sort, sort == "clock")
        for sort, name in (
            ("name", words._("教学点")), ("school", words._("中心校")),
            ("heard", words._("上次联系")), ("used", words._("最近使用")),
            ("disk", words._("硬盘还能放")), ("head", words._("到第几号")),
            ("clock", words._("钟差")), ("", words._("情况")),
        )
    )  # fmt: skip


def _address(asked: dict[str, str], **other: str) -> str:
    said = {name: value for name, value in {**asked, **other}.items() if value}
    return "/?" + urlencode(said) if said else "/"


_SORTS: dict[str, Key] = {
    "name": lambda one: (one.seen.about.name,),
    "school": lambda one: (one.seen.about.centre_school, one.seen.about.name),
    "heard": lambda one: (one.seen.heard_at or 0.0,),
    "used": lambda one: (one.seen.used_at or 0.0,),
    "disk": lambda one: (_of_beat(one, "disk_free_bytes", float("inf")),),
    "head": lambda one: (_of_beat(one, "head_version", float("inf")),),
    "clock": lambda one: (-abs(_of_beat(one, "skew_s", 0.0)),),
}
"""Worst first, wherever there is a worst."""


def _of_beat(one: Judged, name: str, otherwise: float) -> float:
    found = getattr(one.seen.heartbeat, name, None)
    return otherwise if found is None else float(found)


def _bands(
    desk: Desk, words: Words, chosen: Sequence[Judged], asked: dict[str, str]
) -> tuple[Band, ...]:
    """Return the rows: of one order, or by what troubles them."""
    if asked["sort"] in _SORTS:
        rows = sorted(chosen, key=_SORTS[asked["sort"]])
        return (_band(desk, words, "", "", rows),) if rows else ()
    names = {trouble.value: trouble_name(words, trouble) for trouble in Trouble}
    names |= {"": words._("都好"), CLOSED: words._("已撤点")}
    groups: dict[str, list[Judged]] = {name: [] for name in names}
    asked_for = asked["trouble"] if asked["trouble"] in names else ""
    for one in chosen:
        # One trouble was asked for: what else there is does not matter now.
        groups[asked_for or one.group].append(one)
    groups[Trouble.SILENT.value].sort(key=_SORTS["heard"])
    return tuple(
        _band(desk, words, names[name], tone_of(name), rows)
        for name, rows in groups.items()
        if rows
    )


def _band(
    desk: Desk, words: Words, title: str, tone: str, rows: Sequence[Judged]
) -> Band:
    if title:
        colon = "：" if words.lang == "zh" else ": "
        points = words.ngettext("%(num)s 个", "%(num)s 个", len(rows))
        title = f"{title}{colon}{points}"
    when = _moments(words, desk.site.now)
    made = []
    for one in rows:
        seen, beat = one.seen, one.seen.heartbeat
        told = one.troubles[1:] if title else one.troubles
        made.append(
            Row(
                seen.id,
                seen.about.name,
                (
                    seen.about.centre_school,
                    when(seen.heard_at),
                    when(seen.used_at),
                    words.size(beat.disk_free_bytes)
                    if beat and beat.disk_free_bytes is not None
                    else "",
                    str(beat.head_version or "") if beat else "",
                    skew(words, beat.skew_s if beat else None),
                    _SEMICOLON[words.lang].join(
                        trouble_name(words, trouble) for trouble in told
                    ),
                ),
            )
        )
    return Band(title, tone, tuple(made))


def _moments(words: Words, now: float) -> Callable[[float | None], str]:
    """Return what says moments, each minute or hour once: most boxes call in one night."""
    known: dict[float, str] = {}

    def when(at: float | None) -> str:
        if at is None:
            return ""
        # What lies further back is said by its day, and evenings begin on the hour.
        key = at // 60 if now - at < 2 * health.DAY_S else at // 3600 * 60
        if key not in known:
            known[key] = words.when(at, now)
        return known[key]

    return when


_SEMICOLON = {"zh": "；", "en": "; "}


def skew(words: Words, skew_s: float | None) -> str:
    """Say how far a clock is off; empty within a minute."""
    if skew_s is None or abs(skew_s) < 60:
        return ""
    much = words.duration(abs(skew_s))
    return (
        words._("快 %(much)s", much=much)
        if skew_s > 0
        else words._("慢 %(much)s", much=much)
    )
