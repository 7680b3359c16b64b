"""``/_parts``: every part of a page once, on example data; in development only."""

import re

from flask import Blueprint
from werkzeug.wrappers import Response

from web import example
from web.page import draw
from web.rights import Right, open_to
from web.shown import Field
from web.site import STATIC, Site


def blueprint(site: Site) -> Blueprint:
    """Make the page."""
    room = Blueprint("parts", __name__)
    sprite = (STATIC / "icons.svg").read_text("utf-8")
    icons = [name for name in re.findall(r'id="([a-z]+)"', sprite) if name != "empty"]

    @room.get("/_parts")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show every part once."""
        return draw(
            site,
            "parts.html",
            bread=example.BREAD,
            rail=example.RAIL,
            icons=icons,
            facets=example.FACETS,
            notices=example.NOTICES,
            cards=example.CARDS,
            grades=example.GRADES,
            units=example.UNITS,
            shown=example.FILM,
            deck=example.DECK,
            song=example.SONG,
            file=example.FILE,
            fields=(
                Field("title", "观潮"),
                Field("pin", wrong="口令不对。再试一次，或者到盒子旁边重设。"),
                Field("grade", choices=(("g3", "三年级"), ("g4", "四年级"))),
            ),
        )

    return room
