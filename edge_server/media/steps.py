"""The steps of this room: what a film, a deck, a picture or subtitles become.

Each is keyed by object: nothing can change beneath it. A rendition's file is kept before
its row is written; what cannot be made gets a row that says why, so the page can tell.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from edge_server.errors import PermanentError
from edge_server.ground import disk, durable, jobs, pack, store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.store import Kept
from edge_server.ground.worker import WriteDown, progress
from edge_server.media import (
    book as books,
)
from edge_server.media import (
    choose,
    office,
    pictures,
    subtitles,
    transcode,
)
from edge_server.media import (
    pages as paging,
)
from edge_server.media import (
    probe as probing,
)
from edge_server.media import (
    slide_show as decks,
)
from edge_server.media.probe import Probe
from edge_server.media.segments import Watch
from edge_server.media.slide_show import Clip, Show
from edge_server.media.transcode import Made
from edge_server.records import catalogue, renditions
from edge_server.records.catalogue import Part
from edge_server.records.renditions import Rendition

PROGRESSED_EVERY_S = 10.0
FURTHER = 3.0
"""Room asked for before a conversion, as a multiple of the source."""


class _Results:
    """Renditions made by one step, kept and to be written down together."""

    def __init__(self, box: Box, job: Job) -> None:
        self.box = box
        self.source = job.key
        self.kept: list[Kept] = []
        self.rows: list[Rendition] = []

    def add(self, profile: str, path: Path, media_type: str, **told: Any) -> Path:
        """Keep a file and note its row; returns where it lies from now on."""
        kept = store.keep(self.box, path, store.hash_file(path))
        self.kept.append(kept)
        self.rows.append(
            Rendition(self.source, profile, kept.object_id, media_type, **told)
        )
        return kept.path

    def itself(self, profile: str, media_type: str, **told: Any) -> None:
        """Note that the source is its own rendition."""
        self.rows.append(
            Rendition(self.source, profile, self.source, media_type, **told)
        )

    def failed(self, profile: str, error: PermanentError) -> None:
        """Note why a rendition cannot be made."""
        self.rows.append(
            Rendition(
                self.source, profile, None, code=error.reason, values=error.values
            )
        )

    def write_down(self, keys: Iterable[str] = ()) -> WriteDown:
        """Return what writes all of it, if anybody still uses the source."""
        answer = list(keys)

        def write(tx: Tx) -> Iterable[str]:
            if not catalogue.waiting_for(tx, self.source):
                return ()
            at = self.box.clock.moment().at
            for kept in self.kept:
                store.record(tx, kept, "derived", at)
            for row in self.rows:
                renditions.record(tx, self.box.clock, row)
            return answer

        return write


def render(box: Box, job: Job) -> WriteDown:
    """Make the main rendition of an object and its small pictures; gives it for `small`."""
    part = _part(box, job.key)
    results = _Results(box, job)
    if part is None or renditions.MAIN in renditions.of(box.db, job.key):
        return results.write_down()
    source = store.path_of(box, job.key)
    kind = _kind(part)
    try:
        if kind == "film":
            return _render_film(box, job, source, results)
        if kind == "picture":
            _render_picture(
                source, part, store.scratch(box, job.kind, job.key), results
            )
        elif kind == "subtitles":
            _render_subtitles(
                source, part, store.scratch(box, job.kind, job.key), results
            )
    except PermanentError as error:
        results.failed(renditions.MAIN, error)
    return results.write_down()


def small(box: Box, job: Job) -> WriteDown:
    """Make the small rendition of a film above 1 Mbit/s, last of all."""
    results = _Results(box, job)
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
                _watch(box, job, probe),
            )
        results.add(renditions.SMALL, film.path, "video/mp4", **_told(film))
    except PermanentError as error:
        results.failed(renditions.SMALL, error)
    return results.write_down()


def pages(box: Box, job: Job) -> WriteDown:
    """Make page pictures of a document or deck; gives the object to be read from its PDF.

    Films and sounds inside a deck become playable beside their slide. An e-book becomes
    clean chapters.
    """
    part = _part(box, job.key)
    results = _Results(box, job)
    if part is not None and part.format == "epub":
        return _take_apart(box, job, results)
    if part is None or (part.format != "pdf" and part.format not in office.FORMATS):
        return results.write_down()
    known = renditions.of(box.db, job.key).get(renditions.PAGES)
    if known is not None and known.code != "office_missing":
        return results.write_down()
    scratch = store.scratch(box, job.kind, job.key)
    source = store.path_of(box, job.key)
    try:
        if part.format == "pdf":
            _draw(source, None, scratch, results)
        elif part.format in decks.FORMATS:
            _make_deck(box, job, source, part.format, scratch, results)
        else:
            made = _to_pdf(box, source, part.format, _folder(scratch, "pdf"))
            _draw(made, None, scratch, results)
            results.add(renditions.PDF, made, "application/pdf")
    except PermanentError as error:
        results.failed(renditions.PAGES, error)
        return results.write_down()
    return results.write_down([job.key])


def _take_apart(box: Box, job: Job, results: _Results) -> WriteDown:
    """Make the chapters of an e-book, and a poster of its cover."""
    if renditions.CHAPTERS in renditions.of(box.db, job.key):
        return results.write_down()
    scratch, source = store.scratch(box, job.kind, job.key), store.path_of(box, job.key)
    needed = 2 * books.room_bytes(source)
    try:
        with disk.reserve(box, f"{job.kind}/{job.key}", needed):
            book = books.take_apart(source, _folder(scratch, "book"))
            packed = scratch / "book.pack"
            packed.unlink(missing_ok=True)
            members = [*book.chapters, *book.pictures]
            pack.write(packed, [(one.name, one) for one in members])
            results.add(
                renditions.CHAPTERS,
                packed,
                "application/octet-stream",
                pages=len(book.chapters),
                about={"titles": book.titles, "cut": book.cut},
            )
        format = book.cover.suffix[1:].replace("jpg", "jpeg") if book.cover else ""
        if book.cover is not None and format in pictures.PIPES:
            poster = pictures.small(book.cover, format, _folder(scratch, "poster"))
            if poster is not None:
                results.add(renditions.POSTER, poster, "image/jpeg")
    except PermanentError as error:
        results.failed(renditions.CHAPTERS, error)
    return results.write_down()


def _make_deck(
    box: Box, job: Job, source: Path, format: str, scratch: Path, results: _Results
) -> None:
    show: Show | None = None
    if format == "pptx":
        show = decks.rewrite(source, _folder(scratch, "show"))
        _render_clips(box, job, show.clips, scratch, results)
    whole = _to_pdf(box, source, format, _folder(scratch, "pdf"))
    if show is None:
        folder = _folder(scratch, "pptx")
        deck = office.convert(source, format, "pptx", folder)
        show = decks.rewrite(deck, _folder(scratch, "show"))
        _render_clips(box, job, show.clips, scratch, results)
    stepped = whole
    if show.deck is not None:
        stepped = _to_pdf(box, show.deck, "pptx", _folder(scratch, "stepped"))
    _draw(stepped, show.pictures, scratch, results)
    results.add(renditions.PDF, whole, "application/pdf", pages=len(show.pictures))


def _to_pdf(box: Box, source: Path, format: str, out: Path) -> Path:
    if not box.config.office:
        raise PermanentError("office_missing")
    return office.to_pdf(source, format, out)


def _draw(
    pdf: Path, counts: list[int] | None, scratch: Path, results: _Results
) -> None:
    """Draw a PDF and note its pages and its poster."""
    drawn = paging.draw(pdf, _folder(scratch, "pages"), counts)
    packed = scratch / "pages.pack"
    packed.unlink(missing_ok=True)
    pictures_of = drawn.pictures
    pack.write(packed, [(one.name, one) for page in pictures_of for one in page])
    results.add(
        renditions.PAGES,
        packed,
        "application/octet-stream",
        width=paging.WIDTH,
        pages=drawn.pages,
        about={"pictures": [[one.name for one in page] for page in pictures_of]},
    )
    first = next(page[0] for page in pictures_of if page)
    poster = pictures.small(first, "jpeg", _folder(scratch, "poster"))
    if poster is not None:
        results.add(renditions.POSTER, poster, "image/jpeg")


def _render_clips(
    box: Box, job: Job, clips: list[Clip], scratch: Path, results: _Results
) -> None:
    """Make the films and sounds inside a deck playable."""
    for clip in clips:
        profile = f"clip-{clip.page}-{clip.number}/1"
        try:
            probe = probing.probe(clip.path)
            plan = choose.choose(probe)
            if plan.serve:
                film = transcode.describe(clip.path, probe)
            else:
                folder = scratch / f"clip-{clip.page}-{clip.number}"
                folder.mkdir(exist_ok=True)
                needed = int(FURTHER * clip.path.stat().st_size)
                with disk.reserve(box, f"{job.kind}/{job.key}", needed):
                    film = transcode.main(
                        clip.path,
                        probe,
                        plan,
                        folder,
                        _watch(box, job, probe),
                    )
        except PermanentError as error:
            results.failed(profile, error)
            continue
        results.add(profile, film.path, _media_type(probe), **_told(film))


def _render_film(box: Box, job: Job, source: Path, results: _Results) -> WriteDown:
    probe = probing.probe(source)
    plan = choose.choose(probe)
    scratch = store.scratch(box, job.kind, job.key)
    watch = _watch(box, job, probe)
    needed = int(FURTHER * source.stat().st_size)
    if plan.serve:
        film, shown = transcode.describe(source, probe), source
        results.itself(
            renditions.MAIN, _media_type(probe), **_told(film), about=_about(probe)
        )
    else:
        with disk.reserve(box, f"{job.kind}/{job.key}", needed):
            film = transcode.main(source, probe, plan, scratch, watch)
        shown = results.add(
            renditions.MAIN,
            film.path,
            _media_type(probe),
            **_told(film),
            about=_about(probe),
        )
    _render_pictures_of(shown, scratch, results)
    for n, track in enumerate(plan.further if probe.picture else (), start=2):
        try:
            with disk.reserve(box, f"{job.kind}/{job.key}", needed):
                other = transcode.with_sound(
                    shown, source, probe, track, scratch, watch
                )
            results.add(
                f"sound-{n}/1",
                other.path,
                "video/mp4",
                **_told(other),
                label=track.label,
            )
        except PermanentError as error:
            results.failed(f"sound-{n}/1", error)
    return results.write_down([job.key])


def _render_pictures_of(film: Path, scratch: Path, results: _Results) -> None:
    probe = probing.probe(film)
    poster = pictures.poster(film, probe, _folder(scratch, "poster"))
    if poster is not None:
        results.add(renditions.POSTER, poster, "image/jpeg")
    strip = pictures.storyboard(film, probe, _folder(scratch, "storyboard"))
    if strip is not None:
        results.add(renditions.STORYBOARD, strip[0], "image/jpeg", about=strip[1])


def _render_picture(source: Path, part: Part, scratch: Path, results: _Results) -> None:
    out = _folder(scratch, "picture")
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
    source: Path, part: Part, scratch: Path, results: _Results
) -> None:
    if source.stat().st_size > subtitles.MOST_BYTES:
        raise PermanentError("subtitles_too_long", size_bytes=source.stat().st_size)
    text = subtitles.to_webvtt(source.read_bytes(), part.format)
    made = scratch / "subtitles.vtt"
    made.unlink(missing_ok=True)
    made.write_text(text, "utf-8")
    results.add(renditions.VTT, made, "text/vtt")


def _watch(box: Box, job: Job, probe: Probe) -> Watch:
    note = progress(box, job)
    last_s = time.monotonic()

    def on_durable() -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= PROGRESSED_EVERY_S:
            last_s = time.monotonic()
            with transaction(box.db) as tx:
                jobs.progressed(tx, job)

    return Watch(
        on_seconds=lambda seconds: note(seconds, probe.playable_s, "s"),
        on_durable=on_durable,
        should_stop=job.should_stop,
    )


def _part(box: Box, object_id: str) -> Part | None:
    """Return how a resource calls this object; None: nobody uses it any more."""
    return catalogue.part_of(box.db, object_id)


def _kind(part: Part) -> str:
    if part.role == "subtitle" or part.format in ("srt", "vtt", "ass", "lrc"):
        return "subtitles"
    if part.format in pictures.PIPES:
        return "picture"
    if part.media_type.startswith(("video/", "audio/")) or part.format == "rm":
        return "film"
    return ""


def _media_type(probe: Probe) -> str:
    if probe.picture is not None:
        return "video/mp4"
    return "audio/mpeg" if probe.container == "mp3" else "audio/mp4"


def _told(made: Made) -> dict[str, Any]:
    return {
        "duration_s": made.duration_s,
        "width": made.width,
        "height": made.height,
        "bitrate_kbps": made.bitrate_kbps,
    }


def _about(probe: Probe) -> dict[str, Any]:
    """What a page is to say of a source: that only a part of it could be played."""
    return {"damaged": True} if probe.damaged else {}


def _folder(scratch: Path, name: str) -> Path:
    folder = scratch / name
    durable.remove_tree(folder)
    folder.mkdir()
    return folder
