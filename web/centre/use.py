"""使用: what was used, by point, subject, grade, week or resource; as page, CSV and XLSX."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import get_args
from urllib.parse import urlencode

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from edge_server.language import Words
from edge_server.language.say import BEIJING
from edge_server.records import catalogue, curriculum
from edge_server.records.usage import week_began_at
from sync.centre.ledger import Asked, PointSeen, Use
from sync.centre.ledger.use import By
from web import charts, exports, visitor
from web.centre.desk import Desk
from web.centre.shown import Table
from web.charts import Bar
from web.exports import Cell
from web.page import draw
from web.rights import Right, open_to
from web.shown import Field, Link

WEEK_S = 7 * 86_400.0
SPANS = (4, 12, 26, 52)
"""Weeks that can be looked at."""
MOST_ROWS = 200
"""On the page; a file has all."""
MOST_RANKED = 10
WAYS: tuple[By, ...] = ("point", "subject", "grade", "week", "resource")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked for."""

    by: By
    weeks: int
    asked: Asked

    def address(self, path: str, **other: object) -> str:
        """Return the address of the same with something else."""
        said: dict[str, object] = {
            "by": self.by, "weeks": self.weeks, "school": self.asked.centre_school,
            "grade": self.asked.grade, "subject": self.asked.subject,
            "point": self.asked.point, **other,
        }  # fmt: skip
        return f"{path}?" + urlencode({k: v for k, v in said.items() if v is not None})


def blueprint(desk: Desk) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("use", __name__)

    @room.get("/use")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show what was used."""
        return _page(desk, _wanted(desk))

    @room.get("/use.csv", endpoint="csv")
    @open_to(Right.ANYONE)
    def as_csv() -> Response:
        """Send it as CSV."""
        heads, rows = _cells(desk, _wanted(desk), None)
        return _file(desk, exports.as_csv(heads, rows), exports.CSV_TYPE, "csv")

    @room.get("/use.xlsx", endpoint="xlsx")
    @open_to(Right.ANYONE)
    def as_xlsx() -> Response:
        """Send it as XLSX."""
        wanted = _wanted(desk)
        heads, rows = _cells(desk, wanted, None)
        name = visitor.here().words._("使用")
        data = exports.as_xlsx(name, heads, rows)
        return _file(desk, data, exports.XLSX_TYPE, "xlsx")

    return room


def week_bars(words: Words, found: Sequence[Use], now: float, weeks: int) -> list[Bar]:
    """Return a bar for each of the last weeks, also for those without use."""
    opened = {float(one.key): one.opened for one in found}
    this = week_began_at(now)
    began = [this - n * WEEK_S for n in reversed(range(weeks))]
    return [
        Bar(
            f"{_date(at):%m-%d}",
            opened.get(at, 0),
            words.ngettext("%(num)s 次", "%(num)s 次", opened.get(at, 0)),
        )
        for at in began
    ]


def _wanted(desk: Desk) -> Wanted:
    said, now = request.args, desk.site.now
    by = said.get("by", WAYS[0])
    if by not in get_args(By):
        abort(404)
    weeks = said.get("weeks", SPANS[1], type=int)
    weeks = weeks if weeks in SPANS else SPANS[1]
    return Wanted(
        by,  # type: ignore[arg-type]  # it is one of By, as was looked at
        weeks,
        Asked(
            from_at=now - (weeks - 1) * WEEK_S,
            until_at=now,
            point=said.get("point", type=int),
            centre_school=said.get("school") or None,
            grade=said.get("grade") or None,
            subject=said.get("subject") or None,
        ),
    )


def _page(desk: Desk, wanted: Wanted) -> Response:
    words, asked = visitor.here().words, wanted.asked
    points = desk.ledger.points()
    found = desk.ledger.used(wanted.by, asked, limit=MOST_ROWS)
    names = _names(desk, words, wanted.by, found, points)
    weeks = week_bars(
        words, desk.ledger.used("week", asked), desk.site.now, wanted.weeks
    )
    best = [
        Bar(
            names[one.key],
            one.opened,
            words.ngettext("%(num)s 次", "%(num)s 次", one.opened),
        )
        for one in found[:MOST_RANKED]
    ]
    only = next((one.about.name for one in points if one.id == asked.point), None)
    opened = words._("每周打开的课件")
    return draw(
        desk.site,
        "centre/use.html",
        here="use",
        ways=tuple(
            Link(name, wanted.address("/use", by=by), on=by == wanted.by)
            for by, name in _ways(words).items()
        ),
        only=only,
        without=wanted.address("/use", point=None),
        fields=_fields(words, wanted, points),
        point=asked.point,
        by=wanted.by,
        name=_ways(words)[wanted.by],
        weekly=charts.columns(weeks, opened),
        ranked=charts.ranking(best, _ways(words)[wanted.by])
        if wanted.by != "week"
        else "",
        table=Table(
            _ways(words)[wanted.by],
            _heads(words, wanted.by),
            tuple(
                tuple(_said(words, cell) for cell in row)
                for row in _rows(wanted.by, found, names)
            ),
            tuple(range(1, len(_heads(words, wanted.by)))),
        ),
        more=len(found) == MOST_ROWS,
        csv=wanted.address("/use.csv"),
        xlsx=wanted.address("/use.xlsx"),
    )


def _ways(words: Words) -> dict[By, str]:
    return {
        "point": words._("教学点"), "subject": words._("学科"),
        "grade": words._("年级"), "week": words._("周"), "resource": words._("课件"),
    }  # fmt: skip


def _fields(
    words: Words, wanted: Wanted, points: Sequence[PointSeen]
) -> tuple[tuple[str, Field], ...]:
    """Return what may be chosen, each with its label."""
    schools = sorted({one.about.centre_school for one in points} - {""})
    spans = tuple(
        (str(n), words.ngettext("%(num)s 周", "%(num)s 周", n)) for n in SPANS
    )
    asked = wanted.asked

    def axis(name: curriculum.Axis, value: str | None) -> Field:
        known = tuple((v.id, v.name(words.lang)) for v in curriculum.values(name))
        return Field(name, value or "", choices=known)

    return (
        (words._("最近"), Field("weeks", str(wanted.weeks), choices=spans)),
        (
            words._("中心校"),
            Field(
                "school",
                asked.centre_school or "",
                choices=tuple((name, name) for name in schools),
            ),
        ),
        (words._("年级"), axis("grade", asked.grade)),
        (words._("学科"), axis("subject", asked.subject)),
    )


def _cells(
    desk: Desk, wanted: Wanted, limit: int | None
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    words = visitor.here().words
    found = desk.ledger.used(wanted.by, wanted.asked, limit=limit)
    points = desk.ledger.points() if wanted.by == "point" else ()
    names = _names(desk, words, wanted.by, found, points)
    return _heads(words, wanted.by), _rows(wanted.by, found, names)


def _names(
    desk: Desk,
    words: Words,
    by: By,
    found: Sequence[Use],
    points: Sequence[PointSeen],
) -> dict[str | int, str]:
    """Return what the key of each row is called."""
    keys = [one.key for one in found]
    if by == "point":
        known = {one.id: one.about.name for one in points}
        return {key: known.get(int(key), f"#{key}") for key in keys}
    if by == "week":
        return {key: f"{_date(float(key)):%Y-%m-%d}" for key in keys}
    if by == "resource":
        titles = catalogue.many(desk.site.box.db, [str(key) for key in keys])
        own = words._("学校自己的课件")
        return {
            key: titles[str(key)].title if str(key) in titles else own for key in keys
        }
    unsaid = words._("没有说明")
    return {
        key: curriculum.value(by, str(key)).name(words.lang) if key else unsaid
        for key in keys
    }


def _heads(words: Words, by: By) -> tuple[str, ...]:
    heads = (
        _ways(words)[by], words._("打开"), words._("播放分钟"), words._("翻页"),
        words._("看完"), words._("下载"), words._("上大屏"), words._("搜索"),
    )  # fmt: skip
    return heads if by == "point" else (*heads, words._("教学点数"))


def _rows(
    by: By, found: Sequence[Use], names: dict[str | int, str]
) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for one in found:
        name: Cell = names[one.key]
        if by == "week":
            name = _date(float(one.key))
        row = (
            name, one.opened, round(one.played_s / 60), one.pages, one.finished,
            one.downloaded, one.cast, one.searched,
        )  # fmt: skip
        rows.append(row if by == "point" else (*row, one.points))
    return rows


def _said(words: Words, cell: Cell) -> str:
    return words.number(cell) if isinstance(cell, int) else str(cell)


def _date(at: float) -> date:
    return datetime.fromtimestamp(at, BEIJING).date()


def _file(desk: Desk, data: bytes, media_type: str, suffix: str) -> Response:
    name = f"use-{_date(desk.site.now):%Y-%m-%d}.{suffix}"
    answer = Response(data, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
