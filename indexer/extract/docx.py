"""The text of a Word document, then its notes, headers and footers, each once."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.extract import Unreadable
from indexer.extract.office import words
from indexer.extract.zipped import Zip
from indexer.passages import Passage

_MAIN = "word/document.xml"
_BESIDE = re.compile(
    r"word/(?:footnotes|endnotes|comments|header\d{0,4}|footer\d{0,4})\.xml"
)


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield the body and what stands around it; where pages break is not told."""
    with Zip(path) as package:
        if _MAIN not in package.names:
            raise Unreadable("other_kind")
        seen = set()
        for name in [_MAIN, *filter(_BESIDE.fullmatch, sorted(package.names))]:
            text = words(package.text(name))
            if text not in seen:
                seen.add(text)
                yield Passage(text)
