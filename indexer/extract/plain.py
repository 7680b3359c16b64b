"""Text as it stands in the file, in whatever encoding; Markdown without its signs."""

import re
from collections.abc import Iterator
from pathlib import Path

from edge_server.guard.encodings import decode
from indexer.extract import TEXT_BYTES
from indexer.extract.lines import tidy
from indexer.passages import Passage

_SIGNS = re.compile(r"^ {0,3}(?:#{1,6}|[-*+>]|\|)[ \t]+|\*\*|__|`+", re.MULTILINE)


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield the whole file as one passage."""
    with path.open("rb") as file:
        text = decode(file.read(TEXT_BYTES))
    yield Passage(tidy(_SIGNS.sub("", text) if format == "md" else text))
