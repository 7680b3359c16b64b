"""Pages of a PDF as pictures, 1920 wide: what a TV, a phone and an old panel all show.

poppler's ``pdftoppm`` draws them in the sandbox. All pages of a document are one object in
the pack format, named ``0001.jpg`` and, for the further pictures of a slide whose parts
appear on a click, ``0001-02.jpg``.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Limits

WIDTH = 1920
MOST_PAGES = 600
MOST_HEIGHT = 8000
"""A page of absurd height is drawn narrower rather than filling the memory."""
LIMITS = Limits(
    cpu_s=1200, wall_s=2400, memory_bytes=2_000_000_000, file_bytes=60_000_000
)
_PAGES = re.compile(rb"^Pages:\s+(\d+)", re.MULTILINE)
_SIZE = re.compile(rb"^Page\s+(\d+) size:\s+([\d.]+) x ([\d.]+)", re.MULTILINE)
_TURN = re.compile(rb"^Page\s+(\d+) rot:\s+(\d+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The pictures of a document."""

    pictures: list[list[Path]]
    """Of each page in order: ``0001.jpg``, ``0002.jpg`` and ``0002-02.jpg``, …; none of
    a page that could not be drawn."""
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
    pages, heights = _sizes(pdf)
    drawn: dict[int, Path] = {}
    said = ""
    for first, last, too_high in _runs(heights):
        across, down = ("-1", str(MOST_HEIGHT)) if too_high else (str(WIDTH), "-1")
        finished = sandbox.run(
            [
                *("pdftoppm", "-jpeg", "-jpegopt", "quality=85"),
                *("-f", str(first), "-l", str(last)),
                *("-scale-to-x", across, "-scale-to-y", down),
                *("/in/document.pdf", "p"),
            ],
            inputs={"document.pdf": pdf},
            out=out,
            limits=LIMITS,
        )
        said = finished.errors.strip()[-200:] or said
        for picture in list(out.glob("p-*.jpg")):
            # Named anew at once: the next run may write its numbers with fewer zeros.
            number = int(picture.stem[2:])
            drawn[number] = picture.rename(out / f"drawn-{number}.jpg")
    if not drawn:
        raise PermanentError("pdf_unreadable", what=said)
    if counts is None or sum(counts) != pages:
        # Not the deck that was counted: every picture for itself, none left out.
        counts = [1] * pages
    return Drawn(_named(drawn, counts), len(counts))


def _sizes(pdf: Path) -> tuple[int, list[float]]:
    """Return the number of pages, and how high each of the first is by its width."""
    told = sandbox.run(
        ["pdfinfo", "-f", "1", "-l", str(MOST_PAGES), "/in/document.pdf"],
        inputs={"document.pdf": pdf},
    )
    found = _PAGES.search(told.output)
    if told.exit_status != 0 or found is None or int(found[1]) == 0:
        locked = "assword" in told.errors
        raise PermanentError("pdf_locked" if locked else "pdf_unreadable")
    turned = {int(n): int(degrees) for n, degrees in _TURN.findall(told.output)}
    heights = []
    for n, wide, high in _SIZE.findall(told.output):
        sides = (float(wide) or 1.0, float(high) or 1.0)
        width, height = reversed(sides) if turned.get(int(n), 0) % 180 else sides
        heights.append(height / width)
    return int(found[1]), heights or [1.0]


def _runs(heights: list[float]) -> Iterator[tuple[int, int, bool]]:
    """Yield (first, last, too high) of neighbouring pages that are drawn alike."""
    numbered = list(enumerate(heights, 1))
    for too_high, run in groupby(
        numbered, key=lambda page: page[1] * WIDTH > MOST_HEIGHT
    ):
        found = [number for number, _ in run]
        yield found[0], found[-1], too_high


def _named(drawn: dict[int, Path], counts: Sequence[int]) -> list[list[Path]]:
    """Name pictures by their page, further ones of a slide by their number on it.

    A page that could not be drawn has no picture; those behind it keep their number.
    """
    pictures: list[list[Path]] = []
    number = 0
    for page, count in enumerate(counts, 1):
        of_page = []
        for n in range(1, count + 1):
            number += 1
            if number in drawn:
                name = f"{page:04d}-{n:02d}.jpg" if n > 1 else f"{page:04d}.jpg"
                of_page.append(drawn[number].rename(drawn[number].with_name(name)))
        if number <= max(drawn):
            pictures.append(of_page)
    return pictures
