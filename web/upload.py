"""上传: one plain form, files straight into ``uploads/``, each of them an offer.

A body is written where it will be taken from, as it comes: never held in memory, never
copied again. The form's token stands in its address, because it must be checked before
gigabytes of body are read.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from flask import Blueprint, Request, jsonify, redirect, request
from werkzeug.wrappers import Response

from edge_server.errors import DiskFull, EdgeError, Refused
from edge_server.ground import durable, store
from edge_server.ground.db import transaction
from edge_server.language import Words, of_error
from edge_server.records import audit, curriculum
from edge_server.records.curriculum import Axis
from sync.arrivals.offers import Said
from sync.receivers import upload
from web import visitor
from web.page import draw, wants_json
from web.rights import Proof, Right, open_to
from web.shown import Field, Notice
from web.site import Site

BUFFER_BYTES = 1 << 20
MOST_BYTES = 500_000_000_000
"""Longest body; what counts is the room on the disk, asked before it is read."""
LONGEST_TITLE = 200
MOST_FILES = 100
AXES: tuple[Axis, ...] = ("grade", "subject", "volume")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Spool:
    """Where the files of one request are written, each in the folder of its offer."""

    site: Site
    files: list[tuple[str, Path]] = field(default_factory=list)
    """Offer id and file, in the order they came."""
    _open: list[IO[bytes]] = field(default_factory=list)

    def open(self) -> IO[bytes]:
        """Open the file of the next offer."""
        if len(self.files) >= MOST_FILES:
            raise Refused("too_many_files", most=MOST_FILES)
        offer_id, folder = upload.place_for(self.site.box)
        path = folder / "file"
        self.files.append((offer_id, path))
        file = path.open("w+b", buffering=BUFFER_BYTES)
        self._open.append(file)
        return file

    def close(self) -> None:
        """Write out what is still in buffers."""
        for file in self._open:
            file.close()

    def remove_all_but(self, offered: set[str]) -> None:
        """Take back the files that were not offered."""
        for file in self._open:
            with suppress(OSError):  # a full disk takes no buffer either
                file.close()
        for offer_id, path in self.files:
            if offer_id not in offered:
                path.unlink(missing_ok=True)
                path.parent.rmdir()


class UploadRequest(Request):
    """A request whose files go where `spool` says."""

    spool: Spool | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.spool is None or not filename:
            return super()._get_file_stream(
                total_content_length, content_type, filename, content_length
            )
        return self.spool.open()


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("upload", __name__)

    @room.get("/upload")
    @open_to(Right.TEACHER)
    def page() -> Response:
        """Show the form."""
        return _page(site, done=request.args.get("done", 0, type=int))

    @room.post("/upload")
    @open_to(Right.TEACHER, most_bytes=MOST_BYTES, proof=Proof.ADDRESS)
    def take() -> Response:
        """Take what is sent and offer it."""
        try:
            taken = _take(site)
        except EdgeError as error:
            return _page(site, error=error)
        if wants_json():
            return jsonify(next=f"/upload?done={taken}")
        return redirect(f"/upload?done={taken}")

    return room


def _take(site: Site) -> int:
    """Write what comes, make it durable, offer it; returns how many files."""
    box = site.box
    coming = request.content_length or 0
    room = store.room_bytes(box)
    if coming > room:
        raise DiskFull(needed_bytes=coming, free_bytes=max(room, 0))
    spool = Spool(site)
    cast(
        UploadRequest, request
    ).spool = spool  # the proxy is typed as Flask's own class
    offered: set[str] = set()
    try:
        files = [one for one in request.files.getlist("file") if one.filename]
        if not files:
            raise Refused("no_file_chosen")
        said = _said(request.form, only=len(files) == 1)
        spool.close()
        for storage, (offer_id, path) in zip(files, spool.files, strict=True):
            durable.sync_file(path)
            durable.sync_folder(path.parent)
            upload.offer(box, offer_id, path, str(storage.filename), said)
            offered.add(offer_id)
        _note(site, [str(one.filename) for one in files])
    except OSError as error:
        log.warning("an upload could not be written: %s", error)
        raise DiskFull(needed_bytes=coming, free_bytes=max(room, 0)) from error
    finally:
        spool.remove_all_but(offered)
    return len(files)


def _note(site: Site, names: list[str]) -> None:
    met = visitor.here()
    with transaction(site.box.db) as tx:
        audit.note(
            tx,
            site.box.clock,
            who=met.session.account.name if met.session else "",
            client=met.client,
            what="upload",
            values={"files": len(names), "first": names[0][:LONGEST_TITLE]},
        )


def _said(form: Mapping[str, str], *, only: bool) -> Said:
    place: dict[str, str | int | None] = {}
    for axis in AXES:
        value = form.get(axis, "")
        if any(known.id == value for known in curriculum.values(axis)):
            place[axis] = value
    grade = place.get("grade")
    if isinstance(grade, str):
        place["stage"] = curriculum.stage_of(grade)
    lesson = form.get("lesson", "").strip()[:LONGEST_TITLE]
    if lesson:
        place["lesson"] = lesson
    title = form.get("title", "").strip()[:LONGEST_TITLE] if only else ""
    return Said(title=title, place=place)


def _page(site: Site, *, done: int = 0, error: EdgeError | None = None) -> Response:
    words = visitor.here().words
    told = of_error(error, words.lang) if error else None
    said = f"{told.what} {told.do}".strip() if told else ""
    if error is not None and wants_json():
        answer = jsonify(code=error.reason, what=said)
        answer.status_code = 400
        return answer
    taken = None
    if done > 0:
        taken = Notice(
            words.ngettext("%(num)s 个文件收好了", "%(num)s 个文件收好了", done),
            words._("正在检查，好了就出现在课件库里。在“状态”里看得到进度。"),
        )
    return draw(
        site,
        "upload.html",
        here="upload",
        status=400 if error else 200,
        taken=taken,
        file=Field("file", wrong=said),
        most=words.size(max(store.room_bytes(site.box), 0)),
        title_field=Field("title"),
        lesson_field=Field("lesson"),
        grade_field=_choice(words, "grade"),
        subject_field=_choice(words, "subject"),
        volume_field=_choice(words, "volume"),
    )


def _choice(words: Words, axis: Axis) -> Field:
    return Field(
        axis,
        choices=tuple(
            (value.id, value.name(words.lang)) for value in curriculum.values(axis)
        ),
    )
