"""E-books: chapters as clean documents in a frame where no script can ever run.

A book is a stranger's, so nothing of it is read here: the worker has it taken apart in the
sandbox (`edge_server.media.book`), and this sends what was stored. Two walls: what is
stored was written anew from an allow-list of elements, and its headers put it into a
sandbox with an origin of its own, so that even a hole in the first wall runs nothing.
Pictures come one by one from the same pack, in the same sandbox.
"""

import re
from functools import lru_cache
from html import escape
from pathlib import PurePosixPath

from flask import Blueprint, Response, abort, request

from edge_server.ground import pack, store
from edge_server.ground.pack import Member
from edge_server.records import catalogue, renditions
from edge_server.records.renditions import Rendition
from web import safety, visitor
from web.rights import Right, open_to
from web.site import Site

BOOKS_KEPT = 16
PICTURE = re.compile(r"p\d{4,5}\.[a-z]{3,4}")
PICTURE_TYPES = {
    ".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif",
    ".webp": "image/webp", ".svg": "image/svg+xml",
}  # fmt: skip
STYLE = (
    "html{font-size:%s}body{max-width:38em;margin:0 auto;padding:24px 16px 48px;"
    "font:400 1.125rem/1.8 system-ui,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',"
    "sans-serif;color:#1C2730;background:#fff;overflow-wrap:break-word}"
    "img{max-width:100%%;height:auto}h1,h2,h3{line-height:1.35}"
    "body>:first-child{margin-top:0}table{border-collapse:collapse}td,th{border:1px solid #E4DFD4;padding:4px 8px}"
)


def blueprint(site: Site) -> Blueprint:
    """Make the group of documents."""
    room = Blueprint("book", __name__)

    @lru_cache(maxsize=BOOKS_KEPT)
    def members(object_id: str) -> dict[str, Member]:
        found = pack.read_index(store.place_of(site.box, object_id))
        return {member.name: member for member in found}

    def member(book: Rendition | None, name: str) -> tuple[bytes, str]:
        if book is None or book.object_id is None:
            abort(404)
        found = members(book.object_id).get(name)
        if found is None:
            abort(404)
        path = store.path_of(site.box, book.object_id)
        return pack.read_member(path, found), found.sha256

    @room.get("/book/<id_on_disk>/<int:n>")
    @open_to(Right.ANYONE)
    def chapter(id_on_disk: str, n: int) -> Response:
        """Send a chapter, in its sandbox."""
        book = _made(site, id_on_disk)
        body, _ = member(book, f"{n + 1:04d}.html")
        met, named = visitor.here(), titles(book)
        title = named[n] if n < len(named) else ""
        html = (
            f'<!doctype html><html lang="{met.words.html_lang}"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            f"<title>{escape(title)}</title>"
            f"<style>{STYLE % ('125%' if met.large else '100%')}</style>"
        )
        return _sandboxed(html.encode() + body, "text/html; charset=utf-8")

    @room.get("/book/<id_on_disk>/in/<name>")
    @open_to(Right.ANYONE)
    def picture(id_on_disk: str, name: str) -> Response:
        """Send a picture of a book, in the same sandbox."""
        media_type = PICTURE_TYPES.get(PurePosixPath(name).suffix)
        if media_type is None or PICTURE.fullmatch(name) is None:
            abort(404)
        data, sha256 = member(_made(site, id_on_disk), name)
        answer = _sandboxed(data, media_type)
        # The chapter's frame has an origin of its own, so ours is another to it.
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        answer.set_etag(sha256)
        answer.make_conditional(request)
        return answer

    return room


def titles(book: Rendition | None) -> list[str]:
    """Return the titles of a book's chapters in reading order, none until it is read."""
    if book is None or book.object_id is None:
        return []
    found: list[str] = book.about.get("titles", [])
    return found


def _made(site: Site, id_on_disk: str) -> Rendition | None:
    resource = catalogue.by_disk_id(site.box.db, id_on_disk)
    if resource is None or resource.kind != "ebook":
        return None
    return renditions.of(site.box.db, resource.main.object_id).get(renditions.CHAPTERS)


def _sandboxed(data: bytes, content_type: str) -> Response:
    answer = Response(data, content_type=content_type)
    answer.headers["Content-Security-Policy"] = safety.BOOK_CSP
    answer.headers["Cache-Control"] = "no-cache"
    return answer
