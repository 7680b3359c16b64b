"""Slides with their notes, in the order they are shown; a page is a slide."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.extract.office import words
from indexer.extract.zipped import Zip, relations, tags
from indexer.passages import Passage

_MAIN = "ppt/presentation.xml"
_SLIDE = re.compile(r"ppt/slides/slide(\d{1,6})\.xml")
_BESIDE = ("diagramData", "notesSlide")


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield a passage for each slide that holds words, hidden slides too."""
    with Zip(path) as package:
        for number, slide in enumerate(_slides(package), start=1):
            parts = [words(package.text(slide))]
            beside = sorted(relations(package, slide).values())
            for kind in _BESIDE:
                parts += [words(package.text(name)) for k, name in beside if k == kind]
            text = "\n".join(part for part in parts if part)
            yield Passage(text, page=number)


def _slides(package: Zip) -> list[str]:
    """Return the names of the slides in order; by their numbers where it is not told."""
    related = relations(package, _MAIN)
    order = []
    for tag in tags(package.text(_MAIN), "sldId"):
        target = next((v for k, v in tag.items() if k.endswith(":id")), "")
        if target in related:
            order.append(related[target][1])
    if order:
        return order
    numbered = [found for name in package.names if (found := _SLIDE.fullmatch(name))]
    return [found[0] for found in sorted(numbered, key=lambda found: int(found[1]))]
