"""The steps of this room: what a film, a deck, a picture or subtitles become.

Each is keyed by object: nothing can change beneath it. A rendition's file is kept before
its row is written; what cannot be made gets a row that says why, so the page can tell.
"""

from pathlib import Path

from edge_server.errors import PermanentError, Refused
from edge_server.ground import disk, store
from edge_server.ground.box import Box
from edge_server.ground.db import Db
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.guard import passwords
from edge_server.guard.formats import type_of
from edge_server.media import choose, office, pictures, subtitles, transcode
from edge_server.media import probe as probing
from edge_server.media import slide_show as decks
from edge_server.media.film_making import render_film, told_of, watch_of
from edge_server.media.page_making import draw, make_deck, take_apart, to_pdf
from edge_server.media.results import Results, fresh_folder
from edge_server.records import catalogue, renditions
from edge_server.records.catalogue import Part

PAGED = ("pdf", "epub", *office.FORMATS)
"""Formats that `pages` makes something of."""


def render(box: Box, job: Job) -> WriteDown:
    """Make the main rendition of an object and its small pictures; gives it for `small`.

    Raises:
        Refused: It is called a film or recording and there is nothing in it to play.
    """
    part = _part(box, job.key)
    results = Results(box, job)
    if part is None or renditions.MAIN in renditions.of(box.db, job.key):
        return results.write_down()
    source = store.path_of(box, job.key)
    kind = _kind(part)
    try:
        if kind == "film":
            render_film(box, job, source, results)
            return results.write_down([job.key])
        if kind == "picture":
            _render_picture(
                source, part, store.scratch(box, job.kind, job.key), results
            )
        elif kind == "subtitles":
            _render_subtitles(
                source, part, store.scratch(box, job.kind, job.key), results
            )
    except Refused:
        raise
    except PermanentError as error:
        results.failed(renditions.MAIN, error)
    return results.write_down()


def small(box: Box, job: Job) -> WriteDown:
    """Make the small rendition of a film above 1 Mbit/s, last of all."""
    results = Results(box, job)
    made = renditions.of(box.db, job.key)
    main = made.get(renditions.MAIN)
    if (
        main is None
        or main.object_id is None
        or not main.height
        or (main.bitrate_kbps or 0) <= choose.SMALL_ABOVE_KBPS
        or renditions.SMALL in made
    ):
        return results.write_down()
    source = store.path_of(box, main.object_id)
    try:
        probe = probing.probe(source)
        with disk.reserve(box, f"{job.kind}/{job.key}", source.stat().st_size):
            film = transcode.small(
                source,
                probe,
                store.scratch(box, job.kind, job.key),
                watch_of(box, job, probe),
            )
        results.add(renditions.SMALL, film.path, "video/mp4", **told_of(film))
    except PermanentError as error:
        results.failed(renditions.SMALL, error)
    return results.write_down()


def pages(box: Box, job: Job) -> WriteDown:
    """Make page pictures of a document or deck; gives the object to be read from its PDF.

    Films and sounds inside a deck become playable beside their slide. An e-book becomes
    clean chapters.
    """
    part = _part(box, job.key)
    results = Results(box, job)
    if part is not None and part.format == "epub":
        take_apart(box, job, results)
        return results.write_down()
    if part is None or part.format not in PAGED:
        return results.write_down()
    known = renditions.of(box.db, job.key).get(renditions.PAGES)
    if known is not None and known.code != "office_missing":
        return results.write_down()
    scratch = store.scratch(box, job.kind, job.key)
    source = store.path_of(box, job.key)
    try:
        if part.format == "pdf":
            draw(source, None, scratch, results)
        elif part.format in decks.FORMATS:
            make_deck(box, job, source, part.format, scratch, results)
        else:
            made = to_pdf(box, source, part.format, fresh_folder(scratch, "pdf"))
            draw(made, None, scratch, results)
            results.add(renditions.PDF, made, "application/pdf")
    except PermanentError as error:
        locked = part.format in office.FORMATS and passwords.needed(source)
        told = PermanentError("office_locked") if locked else error
        results.failed(renditions.PAGES, told)
        return results.write_down()
    return results.write_down([job.key])


def _render_picture(source: Path, part: Part, scratch: Path, results: Results) -> None:
    out = fresh_folder(scratch, "picture")
    size = pictures.size_of(source, part.format)
    if size is None:
        raise PermanentError("picture_unreadable", format=part.format)
    fits = size[0] <= pictures.SCREEN_WIDTH and size[1] <= pictures.SCREEN_HEIGHT
    if part.format in ("jpeg", "png", "gif") and fits:
        results.itself(renditions.MAIN, part.media_type, width=size[0], height=size[1])
    else:
        made = pictures.for_screens(source, part.format, out)
        if made is None:
            raise PermanentError("picture_unreadable", format=part.format)
        results.add(renditions.MAIN, made, "image/jpeg")
    poster = pictures.small(source, part.format, out)
    if poster is not None:
        results.add(renditions.POSTER, poster, "image/jpeg")


def _render_subtitles(
    source: Path, part: Part, scratch: Path, results: Results
) -> None:
    if source.stat().st_size > subtitles.MOST_BYTES:
        raise PermanentError("subtitles_too_long", size_bytes=source.stat().st_size)
    text = subtitles.to_webvtt(source.read_bytes(), part.format)
    made = scratch / "subtitles.vtt"
    made.unlink(missing_ok=True)
    made.write_text(text, "utf-8")
    results.add(renditions.VTT, made, "text/vtt")


def is_rendered(db: Db, object_id: str) -> bool:
    """Return whether `render` makes anything of an object; not what the centre made."""
    part = catalogue.part_of(db, object_id)
    return (
        part is not None
        and _kind(part) != ""
        and not renditions.is_announced(db, object_id)
    )


def has_pages(db: Db, object_id: str) -> bool:
    """Return whether `pages` makes anything of an object; not what the centre made."""
    part = catalogue.part_of(db, object_id)
    return (
        part is not None
        and part.format in PAGED
        and not renditions.is_announced(db, object_id)
    )


def _part(box: Box, object_id: str) -> Part | None:
    """Return how a resource calls this object; None: nobody uses it any more."""
    return catalogue.part_of(box.db, object_id)


def _kind(part: Part) -> str:
    if part.role == "subtitle" or part.format in ("srt", "vtt", "ass", "lrc"):
        return "subtitles"
    if part.format in pictures.PIPES:
        return "picture"
    # Not by media type: a MIDI file is ``audio/midi``, and an original is never opened.
    return "film" if type_of(part.format).kind in ("video", "audio") else ""
