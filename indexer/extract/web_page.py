"""The words of an HTML page, without script, style and what is only for the browser."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from edge_server.guard.encodings import decode
from indexer.extract.lines import tidy
from indexer.passages import Passage

_MOST_BYTES = 8 << 20
_NAME = re.compile(r"/?([A-Za-z][A-Za-z0-9]*)")
_PASSED = frozenset({"script", "style", "noscript", "template", "svg", "math", "rt"})
# fmt: off
_INLINE = frozenset({
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "q", "rb", "rp", "ruby", "s", "samp", "small",
    "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
})
# fmt: on
"""Elements that do not end a line: 床<b>前</b> is one word."""


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield the whole page as one passage; of a very long one its first 8 MiB."""
    with path.open("rb") as file:
        yield Passage(words(decode(file.read(_MOST_BYTES))))


def words(page: str) -> str:
    """Return the text of HTML or XHTML, a line for each block.

    Walks from one ``<`` to the next and never back, so that no page can make it slow.
    """
    out: list[str] = []
    at = 0
    while (start := page.find("<", at)) >= 0:
        out.append(_plain(page[at:start]))
        if page.startswith("<!--", start):
            at = _after(page, "-->", start)
            continue
        if page.startswith("<![CDATA[", start):
            at = _after(page, "]]>", start)
            out.append(page[start + 9 : max(start + 9, at - 3)])
            continue
        found = _NAME.match(page, start + 1)
        if found is None and page[start + 1 : start + 2] not in ("!", "?"):
            out.append("<")  # 3 < 5
            at = start + 1
            continue
        at = _after(page, ">", start)
        if found is None:
            continue
        name = found[1].lower()
        if name in _PASSED and page[start + 1] != "/" and page[at - 2] != "/":
            end = re.compile(rf"</{name}\b", re.IGNORECASE).search(page, at)
            at = len(page) if end is None else _after(page, ">", end.start())
        elif name not in _INLINE:
            out.append("\n")
    out.append(_plain(page[at:]))
    return tidy("".join(out))


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", unescape(text))


def _after(page: str, end: str, start: int) -> int:
    """Return the offset behind the next ``end``, or that of the end of the page."""
    found = page.find(end, start)
    return len(page) if found < 0 else found + len(end)
