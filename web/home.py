"""首页: the day, what is new, what to go on with, the grades of this school."""

from flask import Blueprint
from werkzeug.wrappers import Response

from edge_server.language import Words
from edge_server.records import catalogue, usage
from web import cards, rails, tree, visitor
from web.page import draw
from web.rights import Right, open_to
from web.shown import Notice
from web.site import Site
from web.status import coming_in

ARRIVED = 8


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("home", __name__)

    @room.get("/")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show the day, what is new and what to go on with."""
        words, db = visitor.here().words, site.box.db
        grades = tree.above(db).all_grades(words)
        return draw(
            site,
            "home.html",
            here="home",
            rail=rails.grades_rail(words, grades),
            weekday=words.weekday(site.now),
            day=words.day(site.now),
            news=news(site, words),
            arrived=cards.of_resources(db, words, catalogue.newest(db, ARRIVED)),
            grades=grades,
            week=week(site, words),
        )

    return room


def news(site: Site, words: Words) -> Notice | None:
    """Return what is arriving now, in a sentence."""
    waiting = len(coming_in(site.box.db))
    if not waiting:
        return None
    return Notice(
        words.ngettext("正在收 %(num)s 件课件", "正在收 %(num)s 件课件", waiting),
        words._("检查好一件，就能看到一件。"),
    )


def week(site: Site, words: Words) -> str:
    """Return what was used this week, in a sentence; empty when nothing was."""
    this = usage.weeks(site.box.db, now_at=site.now, most=1)[0]
    if not this.opened:
        return ""
    said = words.ngettext(
        "这一周打开了 %(num)s 次课件", "这一周打开了 %(num)s 次课件", this.opened
    )
    minutes = round(this.played_s / 60)
    if minutes:
        said += words.ngettext("，放了 %(num)s 分钟", "，放了 %(num)s 分钟", minutes)
    return said + words._("。")
