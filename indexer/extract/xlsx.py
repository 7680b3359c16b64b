"""The words of a workbook: names of its sheets, then its texts. Numbers are left out."""

import re
from collections.abc import Iterator
from pathlib import Path

from indexer.extract import Unreadable
from indexer.extract.office import words
from indexer.extract.zipped import Zip, tags
from indexer.passages import Passage

_MAIN = "xl/workbook.xml"
_INLINE = re.compile(r"xl/(?:worksheets/sheet|drawings/drawing)\d{1,6}\.xml")


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield the names, the shared strings (each once), and texts written in place."""
    with Zip(path) as package:
        if _MAIN not in package.names:
            raise Unreadable("other_kind")
        sheets = [t.get("name", "") for t in tags(package.text(_MAIN), "sheet")]
        yield Passage("\n".join(sheets))
        yield Passage(words(package.text("xl/sharedStrings.xml")))
        for name in filter(_INLINE.fullmatch, sorted(package.names)):
            yield Passage(words(package.text(name)))
