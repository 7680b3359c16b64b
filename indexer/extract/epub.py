"""The chapters of an e-book; a page is the place in the spine, counted from 1."""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

from indexer.extract.web_page import words
from indexer.extract.zipped import Zip, tags
from indexer.passages import Passage

_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_PAGES = (".xhtml", ".html", ".htm")


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield a passage for each chapter that can be read."""
    with Zip(path) as book:
        locked = {
            unquote(tag.get("URI", ""))
            for tag in tags(book.text(_ENCRYPTION), "CipherReference")
        }
        for number, name in enumerate(_spine(book), start=1):
            if name not in locked:
                yield Passage(words(book.text(name)), page=number)


def _spine(book: Zip) -> list[str]:
    """Return the chapters in order; all pages by name where the book does not say."""
    for package in _packages(book):
        opf = book.text(package)
        folder = posixpath.dirname(package)
        hrefs = {
            tag["id"]: posixpath.normpath(
                posixpath.join(folder, unquote(tag["href"].partition("#")[0]))
            )
            for tag in tags(opf, "item")
            if "id" in tag and "href" in tag
        }
        spine = [hrefs.get(tag.get("idref", ""), "") for tag in tags(opf, "itemref")]
        if any(name in book.names for name in spine):
            return spine
    return sorted(name for name in book.names if name.lower().endswith(_PAGES))


def _packages(book: Zip) -> list[str]:
    """Return the package files: the one named, else any (some books lack the name)."""
    named = [
        tag.get("full-path", "") for tag in tags(book.text(_CONTAINER), "rootfile")
    ]
    found = [name for name in named if name in book.names]
    return found or sorted(name for name in book.names if name.endswith(".opf"))
