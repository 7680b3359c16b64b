"""Drawing a page: what stands around it, and the page that tells of a problem."""

from typing import Any

from flask import jsonify, make_response, render_template, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError
from edge_server.language import of_error
from web import visitor
from web.shown import Frame, Group, Link
from web.site import Site


def draw(
    site: Site,
    template: str,
    *,
    here: str = "",
    bread: tuple[Link, ...] = (),
    rail: tuple[Group, ...] = (),
    query: str = "",
    status: int = 200,
    **shown: Any,
) -> Response:
    """Return a page.

    Args:
        site: The site.
        template: Its template.
        here: Which of the four main places it belongs to.
        bread: The way to it, from the library down.
        rail: What stands beside it on a laptop.
        query: What is in the search box.
        status: HTTP status.
        **shown: What the template shows.
    """
    met = visitor.here()
    frame = Frame(
        school=site.school,
        here=here,
        bread=bread,
        rail=rail,
        query=query,
        signed_in=met.session is not None,
        desk=site.is_centre,
    )
    return make_response(
        render_template(template, frame=frame, me=met, query=query, **shown), status
    )


def problem(site: Site, error: EdgeError, status: int) -> Response:
    """Return a page, or JSON for a script, that tells what went wrong and what to do."""
    told = of_error(error, visitor.here().lang)
    if wants_json():
        between = "" if visitor.here().lang == "zh" else " "
        what = f"{told.what}{between}{told.do}".strip()
        answer = jsonify(code=error.reason, what=what)
        answer.status_code = status
        return answer
    return draw(site, "problem.html", status=status, told=told, code=error.reason)


def wants_json() -> bool:
    """Return whether a script asks rather than a person."""
    return request.is_json or request.accept_mimetypes.best == "application/json"
