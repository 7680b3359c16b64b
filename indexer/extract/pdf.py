"""The text of a PDF page by page, by pdfium.

Of five libraries tried on Chinese PDF files pdfium and two others read all of them; it is
the one with a free licence and a 9 MB wheel for each kind of box. Scanned pages hold no
text and give none.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pypdfium2 as pdfium

from indexer.extract import Unreadable
from indexer.extract.lines import unbreak
from indexer.passages import Passage

_MOST_PAGES = 3000
_LIGATURES = {
    0xFB00: "ff", 0xFB01: "fi", 0xFB02: "fl", 0xFB03: "ffi", 0xFB04: "ffl",
    0x00AD: "",
}  # fmt: skip
_HYPHEN = "\x02"
"""What pdfium puts for the hyphen of a word broken at the end of a line."""


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield a passage for each page that holds text."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise Unreadable("locked" if locked else "damaged") from error
    with closing(document):
        for number in range(min(len(document), _MOST_PAGES)):
            yield Passage(unbreak(_page(document, number)), page=number + 1)


def _page(document: pdfium.PdfDocument, number: int) -> str:
    """Return what pdfium reads on a page; a page it cannot load is empty."""
    try:
        with closing(document[number]) as page, closing(page.get_textpage()) as text:
            found: str = text.get_text_range()
    except pdfium.PdfiumError:
        return ""
    for broken in (f"{_HYPHEN}\r\n", f"{_HYPHEN}\n", _HYPHEN):
        found = found.replace(broken, "")
    return found.translate(_LIGATURES)
