"""E-books: chapters as clean documents in a frame where no script can ever run.

An EPUB is a zip of XHTML made by anybody. Two walls: what is served is written anew from
an allow-list of elements (no script, style, form or event attribute survives), and its
headers put it into a sandbox with an origin of its own, so that even a hole in the first
wall runs nothing. Pictures come one by one from the same file, in the same sandbox.

The zip is read with our own caps on entries and bytes; a book that goes beyond them is
downloadable and says why it is not opened.
"""

import posixpath
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from flask import Blueprint, Response, abort

from edge_server.errors import PermanentError
from edge_server.ground import store
from edge_server.records import catalogue
from web import safety, visitor
from web.chapter import PICTURE_TYPES, clean
from web.rights import Right, open_to
from web.site import Site

MOST_ENTRIES = 20_000
MOST_DOCUMENT_BYTES = 8_000_000
MOST_PICTURE_BYTES = 30_000_000
MOST_CHAPTERS = 2_000
BOOKS_KEPT = 8
STYLE = (
    "html{font-size:%s}body{max-width:38em;margin:0 auto;padding:24px 16px 48px;"
    "font:400 1.125rem/1.8 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',"
    "sans-serif;color:#1C2730;background:#fff;overflow-wrap:break-word}"
    "img{max-width:100%%;height:auto}h1,h2,h3{line-height:1.35}"
    "body>:first-child{margin-top:0}table{border-collapse:collapse}td,th{border:1px solid #E4DFD4;padding:4px 8px}"
)


@dataclass(frozen=True, slots=True)
class Chapter:
    """One document of a book, in reading order."""

    member: str
    """Its name in the zip."""
    title: str


def blueprint(site: Site) -> Blueprint:
    """Make the group of documents."""
    room = Blueprint("book", __name__)

    @room.get("/book/<id_on_disk>/<int:n>")
    @open_to(Right.ANYONE)
    def chapter(id_on_disk: str, n: int) -> Response:
        path = _path(site, id_on_disk)
        found = _chapters(path)
        if n >= len(found):
            abort(404)
        member = found[n].member
        document = _read(path, member, MOST_DOCUMENT_BYTES)
        met = visitor.here()
        text = _decoded(document)
        body = clean(text, member, f"/book/{id_on_disk}/in/")
        html = (
            f'<!doctype html><html lang="{met.words.html_lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(found[n].title)}</title>"
            f"<style>{STYLE % ('125%' if met.large else '100%')}</style>{body}"
        )
        return _sandboxed(html, "text/html; charset=utf-8")

    @room.get("/book/<id_on_disk>/in/<path:member>")
    @open_to(Right.ANYONE)
    def picture(id_on_disk: str, member: str) -> Response:
        media_type = PICTURE_TYPES.get(posixpath.splitext(member)[1].lower())
        if media_type is None:
            abort(404)
        data = _read(_path(site, id_on_disk), member, MOST_PICTURE_BYTES)
        answer = _sandboxed(data, media_type)
        # The chapter's frame has an origin of its own, so ours is another to it.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer

    return room


def chapters(site: Site, object_id: str) -> tuple[Chapter, ...]:
    """Return the chapters of a book in the store, in reading order.

    Raises:
        PermanentError: ``book_unreadable``.
    """
    return _chapters(store.place_of(site.box, object_id))


@lru_cache(maxsize=BOOKS_KEPT)
def _chapters(path: Path) -> tuple[Chapter, ...]:
    container = _xml(_read(path, "META-INF/container.xml", MOST_DOCUMENT_BYTES))
    root = _first(container, "rootfile")
    package_name = "" if root is None else root.get("full-path", "")
    package = _xml(_read(path, package_name, MOST_DOCUMENT_BYTES))
    folder = posixpath.dirname(package_name)
    members = {
        item.get("id"): posixpath.normpath(
            posixpath.join(folder, unquote(item.get("href", "")))
        )
        for item in _all(package, "item")
    }
    spine = [
        members[ref.get("idref")]
        for ref in _all(package, "itemref")
        if ref.get("idref") in members
    ][:MOST_CHAPTERS]
    titles = _titles(path, package, folder)
    if not spine:
        raise PermanentError("book_unreadable")
    return tuple(
        Chapter(member, titles.get(member) or f"{n}")
        for n, member in enumerate(spine, 1)
    )


def _titles(path: Path, package: Element, folder: str) -> dict[str, str]:
    """Return the titles of chapters from the book's own contents, of EPUB 3 or 2."""
    found: dict[str, str] = {}
    for item in _all(package, "item"):
        properties = (item.get("properties") or "").split()
        is_ncx = item.get("media-type") == "application/x-dtbncx+xml"
        if "nav" not in properties and not is_ncx:
            continue
        name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        try:
            contents = _xml(_read(path, name, MOST_DOCUMENT_BYTES))
        except PermanentError:
            continue
        base = posixpath.dirname(name)
        for href, title in _entries(contents, is_ncx):
            member = posixpath.normpath(
                posixpath.join(base, unquote(href.split("#")[0]))
            )
            if title:
                found.setdefault(member, title)
    return found


def _entries(contents: Element, is_ncx: bool) -> "list[tuple[str, str]]":
    if not is_ncx:
        return [
            (link.get("href") or "", " ".join("".join(link.itertext()).split()))
            for link in _all(contents, "a")
        ]
    entries = []
    for point in _all(contents, "navPoint"):
        label, content = _first(point, "text"), _first(point, "content")
        if label is not None and content is not None:
            entries.append((content.get("src") or "", (label.text or "").strip()))
    return entries


def _all(element: Element, name: str) -> list[Element]:
    return [
        one
        for one in element.iter()
        if isinstance(one.tag, str) and one.tag.rpartition("}")[2] == name
    ]


def _first(element: Element, name: str) -> Element | None:
    return next(iter(_all(element, name)), None)


def _xml(data: bytes) -> Element:
    try:
        parsed: Any = fromstring(data)
    except (DefusedXmlException, SyntaxError, ValueError) as error:
        raise PermanentError("book_unreadable") from error
    root: Element = parsed
    return root


def _read(path: Path, member: str, most_bytes: int) -> bytes:
    """Return one member, never more than ``most_bytes`` of it.

    Raises:
        PermanentError: ``book_unreadable``: no such member, damaged, or too large.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > MOST_ENTRIES:
                raise PermanentError("book_unreadable")
            with archive.open(member) as file:
                data = file.read(most_bytes + 1)
    except (OSError, KeyError, ValueError, RuntimeError, EOFError) as error:
        raise PermanentError("book_unreadable") from error
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise PermanentError("book_unreadable") from error
    if len(data) > most_bytes:
        raise PermanentError("book_unreadable")
    return data


def _decoded(document: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return document.decode(encoding)
        except UnicodeDecodeError:
            continue
    return document.decode("utf-8", "replace")


def _path(site: Site, id_on_disk: str) -> Path:
    resource = catalogue.by_disk_id(site.box.db, id_on_disk)
    if resource is None or resource.kind != "ebook":
        abort(404)
    return store.path_of(site.box, resource.main.object_id)


def _sandboxed(data: str | bytes, content_type: str) -> Response:
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Security-Policy"] = safety.BOOK_CSP
    answer.headers["Cache-Control"] = "no-cache"
    return answer
