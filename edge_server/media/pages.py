"""Pages of a PDF as pictures, 1920 wide: what a TV, a phone and an old panel all show.

poppler's ``pdftoppm`` draws them in the sandbox. All pages of a document are one object in
the pack format, named ``0001.jpg`` and, for the further pictures of a slide whose parts
appear on a click, ``0001-02.jpg``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Limits

WIDTH = 1920
MOST_PAGES = 600
MOST_HEIGHT = 8000
"""A page of absurd height is cut there rather than filling the memory."""
LIMITS = Limits(
    cpu_s=1200, wall_s=2400, memory_bytes=2_000_000_000, file_bytes=60_000_000
)
_PAGES = re.compile(rb"^Pages:\s+(\d+)", re.MULTILINE)
_SIZE = re.compile(rb"^Page size:\s+([\d.]+) x ([\d.]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pictures of a document."""

    pictures: list[list[Path]]
    """Of each page in order: ``0001.jpg``, ``0002.jpg`` and ``0002-02.jpg``, …"""
    pages: int
    """Of the document; more than there are pictures when it was cut."""


def draw(pdf: Path, out: Path, counts: Sequence[int] | None = None) -> Drawn:
    """Draw the pages of a PDF into ``out``, the first 600.

    Args:
        pdf: The document.
        out: An empty folder.
        counts: How many pages of the PDF each slide has become; one each when None.

    Raises:
        PermanentError: ``pdf_locked``: it needs a password; ``pdf_unreadable``.
    """
    told = sandbox.run(["pdfinfo", "/in/document.pdf"], inputs={"document.pdf": pdf})
    found = _PAGES.search(told.output)
    if told.exit_status != 0 or found is None:
        locked = "assword" in told.errors
        raise PermanentError("pdf_locked" if locked else "pdf_unreadable")
    pages = int(found[1])
    if pages == 0:
        raise PermanentError("pdf_unreadable")
    height = -1
    size = _SIZE.search(told.output)
    if size is not None and float(size[2]) > float(size[1]) * MOST_HEIGHT / WIDTH:
        height = MOST_HEIGHT
    finished = sandbox.run(
        [
            *("pdftoppm", "-jpeg", "-jpegopt", "quality=85", "-l", str(MOST_PAGES)),
            *("-scale-to-x", str(WIDTH), "-scale-to-y", str(height)),
            *("/in/document.pdf", "p"),
        ],
        inputs={"document.pdf": pdf},
        out=out,
        limits=LIMITS,
    )
    drawn = sorted(out.glob("p-*.jpg"), key=lambda p: int(p.stem[2:]))
    if not drawn:
        raise PermanentError("pdf_unreadable", what=finished.errors.strip()[-200:])
    if counts is None or sum(counts) != pages:
        # Not the deck that was counted: every picture for itself, none left out.
        counts = [1] * pages
    return Drawn(_named(drawn, counts), len(counts))


def _named(drawn: list[Path], counts: Sequence[int]) -> list[list[Path]]:
    """Name pictures by their page, further ones of a slide by their number on it."""
    pictures: list[list[Path]] = []
    left = iter(drawn)
    for page, count in enumerate(counts, 1):
        names = [f"{page:04d}.jpg"]
        names += [f"{page:04d}-{n:02d}.jpg" for n in range(2, count + 1)]
        of_page = [
            picture.rename(picture.with_name(name))
            for name, picture in zip(names, left, strict=False)
        ]
        if of_page:
            pictures.append(of_page)
    return pictures
