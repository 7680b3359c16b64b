"""Language and size of letters: two cookies, set by plain links."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from edge_server.language import LANGUAGES
from web import visitor
from web.rights import Right, open_to
from web.site import Site


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("preferences", __name__)

    @room.get("/lang")
    @open_to(Right.DOOR)
    def choose() -> Response:
        """Remember language and size of letters, and lead back."""
        # A GET that only sets how this phone sees the pages; it needs no script.
        answer = redirect(visitor.inside(request.args.get("back")))
        lang, large = request.args.get("lang"), request.args.get("large")
        if lang in LANGUAGES:
            _remember(answer, visitor.LANGUAGE, lang)
        if large in ("0", "1"):
            _remember(answer, visitor.LARGE, large)
        return answer

    return room


def _remember(answer: Response, name: str, value: str) -> None:
    answer.set_cookie(
        name, value, max_age=visitor.KEEP_S, httponly=True, samesite="Lax"
    )
