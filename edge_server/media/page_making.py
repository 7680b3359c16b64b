"""Page pictures of documents and decks, chapters of e-books."""

from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.ground import disk, pack, store
from edge_server.ground.box import Box
from edge_server.ground.jobs import Job
from edge_server.media import book as books
from edge_server.media import office, pictures
from edge_server.media import pages as paging
from edge_server.media import slide_show as decks
from edge_server.media.film_making import render_clips
from edge_server.media.results import Results, fresh_folder
from edge_server.media.slide_show import Show
from edge_server.records import renditions


def take_apart(box: Box, job: Job, results: Results) -> None:
    """Make the chapters of an e-book, and a poster of its cover.

    A book that cannot be opened gets a row that says why.
    """
    if renditions.CHAPTERS in renditions.of(box.db, job.key):
        return
    scratch, source = store.scratch(box, job.kind, job.key), store.path_of(box, job.key)
    needed = 2 * books.room_bytes(source)
    try:
        with disk.reserve(box, f"{job.kind}/{job.key}", needed):
            book = books.take_apart(source, fresh_folder(scratch, "book"))
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
            poster = pictures.small(book.cover, format, fresh_folder(scratch, "poster"))
            if poster is not None:
                results.add(renditions.POSTER, poster, "image/jpeg")
    except PermanentError as error:
        results.failed(renditions.CHAPTERS, error)


def make_deck(
    box: Box, job: Job, source: Path, format: str, scratch: Path, results: Results
) -> None:
    """Make the pictures of a deck, one for each click, and its films and sounds.

    Raises:
        PermanentError: LibreOffice is missing or cannot open it.
    """
    show: Show | None = None
    if format == "pptx":
        show = decks.rewrite(source, fresh_folder(scratch, "show"))
        render_clips(box, job, show.clips, scratch, results)
    whole = to_pdf(box, source, format, fresh_folder(scratch, "pdf"))
    if show is None:
        folder = fresh_folder(scratch, "pptx")
        deck = office.convert(source, format, "pptx", folder)
        show = decks.rewrite(deck, fresh_folder(scratch, "show"))
        render_clips(box, job, show.clips, scratch, results)
    stepped = whole
    if show.deck is not None:
        stepped = to_pdf(box, show.deck, "pptx", fresh_folder(scratch, "stepped"))
    draw(stepped, show.pictures, scratch, results)
    results.add(renditions.PDF, whole, "application/pdf", pages=len(show.pictures))


def draw(pdf: Path, counts: list[int] | None, scratch: Path, results: Results) -> None:
    """Draw a PDF and note its pages and its poster."""
    drawn = paging.draw(pdf, fresh_folder(scratch, "pages"), counts)
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
    poster = pictures.small(first, "jpeg", fresh_folder(scratch, "poster"))
    if poster is not None:
        results.add(renditions.POSTER, poster, "image/jpeg")


def to_pdf(box: Box, source: Path, format: str, out: Path) -> Path:
    """Convert a document, where this box is set to: LibreOffice is the dearest guest.

    Raises:
        PermanentError: ``office_missing``, ``office_failed``.
    """
    if not box.config.office:
        raise PermanentError("office_missing")
    return office.to_pdf(source, format, out)
