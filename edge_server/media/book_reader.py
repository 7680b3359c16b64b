"""The child that takes an e-book apart: clean chapters and the pictures in them.

    python -m edge_server.media.book_reader ROOM_BYTES

An EPUB is a stranger's zip of a stranger's XML and HTML, so this runs in the sandbox. It
reads ``/in/input`` and writes ``0001.html`` … in reading order, ``p0001.jpg`` … and, when
all is done, ``book.json``::

    {"titles": ["小蝌蚪找妈妈", …], "pictures": ["p0001.jpg", …], "cover": "p0001.jpg",
     "cut": false}

Exit status 3: the last line of stderr says why there is no book. Whether a picture is one
is seen by its first bytes, not by its name.
"""

import json
import posixpath
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from edge_server.errors import EdgeError
from edge_server.guard import archive, encodings
from edge_server.media.chapter import clean

CONTAINER, ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
MOST_XML_BYTES = 8_000_000
MOST_CHAPTER_BYTES = 4_000_000
"""Of its markup; of a longer one the beginning is read: three long novels."""
MOST_CHAPTERS = 2_000
MOST_TITLE = 120
"""Characters."""
MOST_PICTURES = 5_000
MOST_PICTURE_BYTES = 30_000_000
ENOUGH_CPU_S = 60.0
"""After so much of its own no further chapter is begun; the kernel's limit is harder and
later."""
UNREADABLE = 3
HEADS = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
)


class Book:
    """An unpacked book."""

    def __init__(self, source: Path, out: Path, room_bytes: int) -> None:
        self.out = out
        self.left_bytes = room_bytes
        """What chapters may still fill."""
        parts = out / "parts"
        parts.mkdir()
        unpacked = archive.unpack(source, "zip", parts, room_bytes=room_bytes)
        self.files = {one.name: one.path for one in unpacked}
        self.pictures: dict[str, str] = {}
        """Name in the book: name it was taken out under."""
        self.package_name = self._package_name()
        self.package = self.xml(self.package_name)
        folder = posixpath.dirname(self.package_name)
        self.items = {
            item.get("id", ""): (_joined(folder, item.get("href", "")), item)
            for item in _all(self.package, "item")
        }

    def _package_name(self) -> str:
        root = _first(self.xml(CONTAINER), "rootfile")
        return "" if root is None else root.get("full-path", "")

    def xml(self, name: str) -> Element:
        """Return a parsed part; entities and outside parts are never followed."""
        path = self.files.get(name)
        if path is None or path.stat().st_size > MOST_XML_BYTES:
            raise ValueError(f"no {name}, or too long")
        root: Element = fromstring(path.read_bytes())
        return root

    def spine(self) -> list[str]:
        """Return the chapters that are here and not locked, in reading order."""
        locked: set[str] = set()
        if ENCRYPTION in self.files:
            told = _all(self.xml(ENCRYPTION), "CipherReference")
            locked = {unquote(one.get("URI", "")) for one in told}
        listed = [ref.get("idref", "") for ref in _all(self.package, "itemref")]
        names = [self.items[id][0] for id in listed if id in self.items]
        return [name for name in names if name in self.files and name not in locked]

    def titles(self) -> dict[str, str]:
        """Return what the book's own contents call its chapters, of EPUB 3 or 2."""
        found: dict[str, str] = {}
        for name, item in self.items.values():
            is_ncx = item.get("media-type") == "application/x-dtbncx+xml"
            if not is_ncx and "nav" not in (item.get("properties") or "").split():
                continue
            try:
                contents = self.xml(name)
            except (DefusedXmlException, SyntaxError, ValueError):
                continue  # the chapters are numbered then
            folder = posixpath.dirname(name)
            for href, title in _entries(contents, is_ncx):
                if said := " ".join(title.split())[:MOST_TITLE]:
                    found.setdefault(_joined(folder, href), said)
        return found

    def cover(self) -> str:
        """Return the picture that stands for the book, as taken out; empty: none."""
        named = [
            meta.get("content", "")
            for meta in _all(self.package, "meta")
            if meta.get("name") == "cover"
        ]
        for id, (name, item) in self.items.items():
            properties = (item.get("properties") or "").split()
            if id in named or "cover-image" in properties:
                return self.take(name)
        return ""

    def take(self, name: str) -> str:
        """Take a picture out of the book; returns its new name, empty for no picture."""
        if name not in self.pictures:
            path = self.files.get(name)
            suffix = suffix_of(path) if path is not None else ""
            if path is None or not suffix or len(self.pictures) >= MOST_PICTURES:
                return ""
            taken = f"p{len(self.pictures) + 1:04d}.{suffix}"
            path.rename(self.out / taken)
            self.pictures[name] = taken
        return self.pictures[name]

    def write_chapter(self, n: int, name: str) -> bool:
        """Write one clean chapter; returns False when there is no room for it."""
        with self.files[name].open("rb") as file:
            document = encodings.decode(file.read(MOST_CHAPTER_BYTES))
        body = clean(document, name, self._shown).encode("utf-8", "replace")
        self.left_bytes -= len(body)
        if self.left_bytes < 0:
            return False
        (self.out / f"{n:04d}.html").write_bytes(body)
        return True

    def _shown(self, name: str) -> str:
        taken = self.take(name)
        return f"in/{taken}" if taken else ""


def take_apart(source: Path, out: Path, room_bytes: int) -> None:
    """Write the chapters and pictures of a book into an empty folder.

    Raises:
        EdgeError: It is no zip we unpack: damaged, a bomb, more than ``room_bytes``.
        ValueError: It is no book, or all of it is locked.
        SyntaxError: Its XML is none.
        DefusedXmlException: Its XML has entities.
    """
    ends_s = time.process_time() + ENOUGH_CPU_S
    book = Book(source, out, room_bytes)
    spine, named = book.spine(), book.titles()
    titles: list[str] = []
    for n, name in enumerate(spine[:MOST_CHAPTERS], 1):
        if n > 1 and time.process_time() > ends_s:
            break
        if not book.write_chapter(n, name):
            break
        titles.append(named.get(name, str(n)))
    if not titles:
        raise ValueError("no chapter can be read")
    told = {
        "titles": titles,
        "cover": book.cover(),
        "pictures": sorted(book.pictures.values()),
        "cut": len(titles) < len(spine),
    }
    (out / "book.json").write_text(json.dumps(told), "utf-8")
    shutil.rmtree(out / "parts")


def suffix_of(path: Path) -> str:
    """Return the suffix of a picture that screens show, empty for anything else."""
    if path.stat().st_size > MOST_PICTURE_BYTES:
        return ""
    with path.open("rb") as file:
        head = file.read(4096)
    for mark, suffix in HEADS:
        if head.startswith(mark):
            return suffix
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    return "svg" if b"<svg" in head and path.suffix.lower() == ".svg" else ""


def _entries(contents: Element, is_ncx: bool) -> Iterator[tuple[str, str]]:
    """Yield where each entry of a book's contents leads, and its title."""
    if not is_ncx:
        for link in _all(contents, "a"):
            yield link.get("href") or "", "".join(link.itertext())
        return
    for point in _all(contents, "navPoint"):
        label, content = _first(point, "text"), _first(point, "content")
        if label is not None and content is not None:
            yield content.get("src") or "", label.text or ""


def _joined(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(href.split("#")[0])))


def _all(element: Element, name: str) -> list[Element]:
    return [
        one
        for one in element.iter()
        if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name
    ]


def _first(element: Element, name: str) -> Element | None:
    return next(iter(_all(element, name)), None)


if __name__ == "__main__":
    try:
        take_apart(Path("/in/input"), Path("/out"), int(sys.argv[1]))
    except (EdgeError, DefusedXmlException, ValueError, OSError, SyntaxError) as error:
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)
        sys.exit(UNREADABLE)
