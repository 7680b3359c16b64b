"""The application: every group of pages, the rules that hold for all of them.

`create_app` makes all of it from a box: the Flask application, and in front of it what is
answered without Flask: films, pictures and downloads (`web.ranges.MediaFirst`).
"""

import logging
from typing import TYPE_CHECKING

from flask import Flask, Response, g, redirect, request, send_from_directory, url_for
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response as AnyResponse

from edge_server.errors import EdgeError, Refused, TemporaryError
from edge_server.ground.box import Box
from web import (
    beacon,
    book,
    county,
    home,
    library,
    media_find,
    over_tls,
    parts,
    preferences,
    published,
    resource,
    safety,
    search,
    signin,
    status,
    subscribing,
    upload,
    visitor,
    withdraw,
)
from web.front import Accel, BehindFront
from web.page import problem
from web.ranges import MediaFirst
from web.rights import Proof, Right, most_bytes_of, open_to, proof_of, right_of
from web.site import STATIC, Site, open_site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SHORT_BODY_BYTES = 64_000
SAFE = ("GET", "HEAD", "OPTIONS")
STATIC_FOR_S = 31_536_000

log = logging.getLogger(__name__)


def create_app(box: Box, *, development: bool = False) -> "WSGIApplication":
    """Return all that the web server answers: pages, and media before them."""
    site = open_site(box, development=development)
    finder = media_find.Finder(site)
    behind = box.config.front == "nginx"
    accel = Accel(box.folder / "objects") if behind else None

    def allowed(host: str) -> bool:
        """Return whether media may be asked for under this name."""
        return safety.host_allowed(host, site.names)

    app: WSGIApplication = pages(site).wsgi_app
    for prefix, find in (("/media/", finder.media), ("/download/", finder.download)):
        app = MediaFirst(app, find, host_allowed=allowed, prefix=prefix, accel=accel)
    if site.is_centre:
        app = over_tls.OverTls(app, site)
        tree = published.Finder(box)
        app = MediaFirst(
            app, tree.file, host_allowed=lambda host: True, prefix=published.PREFIX
        )
    return BehindFront(app) if behind else app


def pages(site: Site) -> Flask:
    """Make the Flask application: every page, without media."""
    app = Flask("web", static_folder=None)
    app.request_class = upload.UploadRequest
    app.config.update(
        MAX_CONTENT_LENGTH=SHORT_BODY_BYTES,
        MAX_FORM_PARTS=1000,
        PROPAGATE_EXCEPTIONS=False,
    )
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # i18n adds it
        lambda message: visitor.here().words._(message),
        lambda one, many, num: visitor.here().words.ngettext(one, many, num),
        newstyle=True,
    )
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        static_url=lambda name: f"/static/{site.look}/{name}",
        csrf_token=lambda: visitor.here().form_token(),
        say=LocalProxy(lambda: visitor.here().words),
    )
    for room in (
        library, resource, search, upload, status, signin, withdraw, preferences, book,
    ):  # fmt: skip
        app.register_blueprint(room.blueprint(site))
    if site.is_centre:
        from web import centre

        for made in centre.blueprints(site):
            app.register_blueprint(made)
    else:
        for of_a_school in (home, beacon, county, subscribing):
            app.register_blueprint(of_a_school.blueprint(site))
    if site.development:
        app.register_blueprint(parts.blueprint(site))
    _static(app, site)
    _before_and_after(app, site)
    _problems(app, site)
    return app


def _static(app: Flask, site: Site) -> None:
    @app.get("/static/<look>/<path:name>", endpoint="static")
    @open_to(Right.DOOR)
    def static(look: str, name: str) -> AnyResponse:
        """Send a file of the look, kept for ever under the address of its state."""
        answer = send_from_directory(STATIC, name, max_age=STATIC_FOR_S)
        if look == site.look:
            answer.cache_control.immutable = True
        else:
            answer.cache_control.max_age = 60
        return answer

    @app.get("/favicon.ico", endpoint="icon")
    @open_to(Right.DOOR)
    def icon() -> AnyResponse:
        """Lead to the mark, for browsers that ask by themselves."""
        return redirect(url_for("static", look=site.look, name="mark.svg"))


def _before_and_after(app: Flask, site: Site) -> None:
    @app.before_request
    def check() -> AnyResponse | str | tuple[str, int] | None:
        """Judge a request before its view: host, right, proof."""
        if not safety.host_allowed(request.host, site.names):
            return Response("400", 400, mimetype="text/plain")
        g.visitor = visitor.Visitor(site, request)
        if request.endpoint is None:
            return None
        view = app.view_functions[request.endpoint]
        most_bytes = most_bytes_of(view)
        if most_bytes is not None:
            request.max_content_length = most_bytes
        return _may(site, right_of(view)) or _proved(site, proof_of(view))

    @app.after_request
    def finish(answer: Response) -> Response:
        """Put the headers on that hold for every page."""
        for name, value in safety.HEADERS.items():
            answer.headers.setdefault(name, value)
        answer.headers.setdefault("Content-Security-Policy", safety.CSP)
        met: visitor.Visitor | None = g.get("visitor")
        if answer.mimetype == "text/html":
            answer.headers.setdefault("Cache-Control", "no-cache")
        if met is not None and met.new_form_cookie:
            answer.set_cookie(
                visitor.FORM,
                met.form_cookie,
                secure=request.is_secure,
                httponly=True,
                samesite="Strict",
            )
        return answer


def _may(site: Site, right: Right | None) -> AnyResponse | None:
    if right is Right.DOOR or (right is Right.ANYONE and not site.is_centre):
        return None
    if right is None:
        raise NotFound
    if visitor.here().session is None:
        if request.method in SAFE:
            return redirect(url_for("signin.page", back=visitor.here().back))
        return problem(site, Refused("pin_needed"), 403)
    return None


def _proved(site: Site, proof: Proof) -> AnyResponse | None:
    if request.method in SAFE:
        return None
    if not safety.from_here(
        request.host, request.headers.get("Origin"), request.headers.get("Referer")
    ):
        return problem(site, Refused("form_from_elsewhere"), 403)
    if proof is Proof.JSON:
        return None if request.is_json else problem(site, Refused("not_json"), 415)
    sent = request.args if proof is Proof.ADDRESS else request.form
    if safety.token_fits(
        site.secret, request.cookies.get(visitor.FORM), sent.get("csrf")
    ):
        return None
    return problem(site, Refused("form_too_old"), 403)


def _problems(app: Flask, site: Site) -> None:
    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> AnyResponse:
        """Tell of what the address or the request was wrong in."""
        code = error.code or 500
        if error.response is not None or code < 400:
            return error.get_response()
        names = {404: "page_not_found", 405: "page_not_found", 413: "too_long_to_send"}
        if code in names:
            return problem(site, Refused(names[code]), code)
        if code >= 500:
            return problem(site, TemporaryError("page_failed"), code)
        return problem(site, Refused("not_understood"), code)

    @app.errorhandler(EdgeError)
    def ours(error: EdgeError) -> AnyResponse:
        """Tell of an error by its sentence."""
        return problem(site, error, 503 if isinstance(error, TemporaryError) else 400)

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> AnyResponse:
        """Log a fault of ours, and say that nothing is lost."""
        log.exception("a page failed: %s", request.path)
        return problem(site, TemporaryError("page_failed"), 500)
