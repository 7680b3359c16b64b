"""口令: giving it, setting it the first time, forgetting it on this phone."""

from collections.abc import Mapping

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError, Refused
from edge_server.ground.db import transaction
from edge_server.language import of_error
from edge_server.records import accounts, audit
from web import visitor
from web.page import draw
from web.rights import Right, open_to
from web.shown import Field
from web.site import Site


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("signin", __name__)

    @room.get("/signin")
    @open_to(Right.DOOR)
    def page() -> Response:
        """Ask for the PIN, or for a first one."""
        return _page(site)

    @room.post("/signin")
    @open_to(Right.DOOR)
    def give() -> Response:
        """Check the PIN, or set the first one, and remember the phone."""
        code = request.form.get("code")
        try:
            token = (
                _set_first(site, code)
                if code is not None
                else give_pin(site, request.form)
            )
        except EdgeError as error:
            return _page(site, error)
        return remember(redirect(visitor.inside(request.form.get("back"))), token)

    @room.post("/signin/leave")
    @open_to(Right.TEACHER)
    def leave() -> Response:
        """Forget the phone."""
        token = visitor.here().token
        if token:
            with transaction(site.box.db) as tx:
                accounts.sign_out(tx, token)
        answer = redirect("/")
        answer.delete_cookie(visitor.SESSION)
        return answer

    return room


def give_pin(site: Site, form: Mapping[str, str]) -> str:
    """Check the PIN of a form and begin a session; returns its token.

    Raises:
        Refused: ``pin_wrong``.
        TooManyTries: Wait first.
    """
    met = visitor.here()
    if met.session is not None:  # who is asked again is asked as herself
        named = [met.session.account.name]
    else:
        known = accounts.all_accounts(site.box.db)
        named = [one.name for one in known if one.has_pin]
    name = form.get("name") or (named[0] if named else "")
    token = accounts.sign_in(
        site.box.db, site.box.clock, name[:100], form.get("pin", "")[:64], met.client
    )
    with transaction(site.box.db) as tx:
        audit.note(tx, site.box.clock, who=name, client=met.client, what="sign_in")
    return token


def remember(answer: Response, token: str) -> Response:
    """Give the phone its session's cookie."""
    answer.set_cookie(
        visitor.SESSION,
        token,
        max_age=visitor.KEEP_S,
        secure=request.is_secure,
        httponly=True,
        samesite="Strict",
    )
    return answer


def _set_first(site: Site, code: str) -> str:
    pin = request.form.get("new_pin", "")
    if pin != request.form.get("again", ""):
        raise Refused("pins_differ")
    client = visitor.here().client
    token = accounts.set_pin(site.box.db, site.box.clock, code[:64], pin, client)
    with transaction(site.box.db) as tx:
        audit.note(tx, site.box.clock, who="", client=client, what="pin_set")
    return token


def _page(site: Site, error: EdgeError | None = None) -> Response:
    words = visitor.here().words
    known = accounts.all_accounts(site.box.db)
    named = [one.name for one in known if one.has_pin]
    first = not named or "code" in request.values
    wrong = of_error(error, words.lang) if error else None
    said = f"{wrong.what} {wrong.do}".strip() if wrong else ""
    field = "pin"
    if first:
        field = {"code_wrong": "code", "pins_differ": "again"}.get(
            error.reason if error else "", "new_pin"
        )
        if error is not None and error.reason == "too_many_tries":
            field = "code"

    def of(name: str, value: str = "") -> Field:
        return Field(name, value, said if name == field else "")

    return draw(
        site,
        "signin.html",
        status=400 if error else 200,
        back=visitor.inside(request.values.get("back")),
        first=first,
        named=bool(named),
        signed_in=visitor.here().session is not None and error is None,
        why=words._("县中心的页面要口令。改动什么的时候会再问一次。")
        if site.is_centre
        else words._("上传课件要口令。这部手机输一次，以后就不用再输。"),
        code=of("code", request.form.get("code", "")),
        new_pin=of("new_pin"),
        again=of("again"),
        pin_field=of("pin"),
        name_field=Field(
            "name",
            request.form.get("name", named[0] if named else ""),
            choices=tuple((name, name) for name in named),
        ),
    )
