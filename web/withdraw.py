"""下架: taking a resource of the school's own out of the library; asks for the PIN."""

from flask import Blueprint, abort, redirect, request
from werkzeug.wrappers import Response

from edge_server.errors import EdgeError, Refused
from edge_server.ground import jobs
from edge_server.ground.db import Tx, transaction
from edge_server.language import of_error
from edge_server.records import catalogue, versions
from edge_server.records.catalogue import Resource
from web import deeds, visitor
from web.page import draw, problem
from web.rights import Right, open_to
from web.shown import Field
from web.signin import give_pin, remember
from web.site import Site


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("withdraw", __name__)

    @room.get("/withdraw/<id_on_disk>")
    @open_to(Right.FULL)
    def page(id_on_disk: str) -> Response:
        """Ask whether a resource is to be withdrawn."""
        return _page(site, _own(site, id_on_disk))

    @room.post("/withdraw/<id_on_disk>")
    @open_to(Right.FULL)
    def take_out(id_on_disk: str) -> Response:
        """Withdraw it, once the PIN was given."""
        resource, met = _own(site, id_on_disk), visitor.here()
        token = None
        if not met.full:
            try:
                token = give_pin(site, request.form)
            except EdgeError as error:
                return _page(site, resource, error)
        with transaction(site.box.db) as tx:
            if not versions.withdraw(tx, site.box.clock, resource.id):
                return problem(site, Refused("already_withdrawn"), 404)
            jobs.enqueue(tx, "index", resource.id, now=site.box.clock())
            _note(site, tx, "withdraw", resource)
        answer = redirect(f"/library?gone={resource.id_on_disk}")
        return remember(answer, token) if token else answer

    @room.post("/withdraw/<id_on_disk>/back")
    @open_to(Right.FULL)
    def put_back(id_on_disk: str) -> Response:
        """Show a withdrawn resource again."""
        resource = catalogue.by_disk_id(site.box.db, id_on_disk, withdrawn=True)
        if resource is None or not resource.own:
            abort(404)
        if not visitor.here().full:
            return problem(site, Refused("pin_needed"), 403)
        with transaction(site.box.db) as tx:
            if versions.restore(tx, site.box.clock, resource.id):
                versions.make_visible(tx, site.box.clock, resource.id)
                jobs.enqueue(
                    tx,
                    "catalogue",
                    resource.id,
                    now=site.box.clock(),
                    urgency=jobs.URGENT,
                )
                _note(site, tx, "restore", resource)
        return redirect(f"/resource/{resource.id_on_disk}")

    return room


def _own(site: Site, id_on_disk: str) -> Resource:
    resource = catalogue.by_disk_id(site.box.db, id_on_disk)
    if resource is None or not resource.own:
        abort(404)
    return resource


def _note(site: Site, tx: Tx, what: str, resource: Resource) -> None:
    deeds.note(site, tx, what, resource=resource.id, title=resource.title)


def _page(site: Site, resource: Resource, error: EdgeError | None = None) -> Response:
    met = visitor.here()
    told = of_error(error, met.lang) if error else None
    return draw(
        site,
        "withdraw.html",
        here="library",
        status=400 if error else 200,
        title=resource.title,
        days=site.box.config.keep_trash_days,
        ask_pin=not met.full,
        pin_field=Field("pin", wrong=f"{told.what} {told.do}".strip() if told else ""),
        back=f"/resource/{resource.id_on_disk}",
    )
