"""A chapter of a stranger's book, written anew with nothing in it that could act.

An allow-list of elements and of four attributes: no script, style, form or event survives.
Links lead only within the chapter, pictures only to what was taken out of the book. Markup
that is not well formed is read as browsers read it and closed at the end. Runs in the
sandbox (`edge_server.media.book_reader`); what it writes is shown in a second wall, a
frame where no script runs.
"""

import posixpath
from collections.abc import Callable
from html import escape
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

KEPT = frozenset(
    (
        "p", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl",
        "dt", "dd", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "caption",
        "blockquote", "pre", "code", "em", "strong", "b", "i", "u", "s", "sub", "sup",
        "small", "br", "hr", "ruby", "rt", "rp", "rb", "section", "article", "aside",
        "header", "footer", "figure", "figcaption", "img", "a", "cite", "q",
    )
)  # fmt: skip
VOID = frozenset(("br", "hr", "img"))
SILENT = frozenset(
    ("script", "style", "head", "template", "noscript", "iframe", "object", "math")
)
"""Elements that go with all they hold."""
MOST_DEPTH = 200
"""Elements inside each other; what is deeper keeps its words. No phone draws more."""


def clean(document: str, member: str, picture_at: Callable[[str], str]) -> str:
    """Write the body of a chapter anew, with nothing in it that could act.

    Args:
        document: Its markup, well-formed or not.
        member: Its name in the book: pictures are named from there.
        picture_at: Given the name of a picture in the book, returns where it is shown
            from, or nothing where there is none.
    """
    cleaner = _Cleaner(posixpath.dirname(member), picture_at)
    cleaner.feed(document)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self, folder: str, picture_at: Callable[[str], str]) -> None:
        super().__init__(convert_charrefs=True)
        self._folder = folder
        self._picture_at = picture_at
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        said = dict(attrs)
        if tag == "image":  # a cover is often a picture inside an svg
            tag, said = "img", {"src": said.get("xlink:href") or said.get("href")}
        if self._silent or tag not in KEPT:
            return
        if tag == "img" and not self._picture(said.get("src") or ""):
            self._out.append(escape(said.get("alt") or "", quote=False))
            return
        if tag not in VOID:
            if len(self._open) >= MOST_DEPTH:
                return
            self._open.append(tag)
        self._out.append(f"<{tag}{self._attributes(tag, said)}>")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            return
        self.handle_starttag(tag, attrs)
        if tag in KEPT and tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            if tag == self._silent[-1]:
                self._silent.pop()
            return
        if tag in self._open:
            while (last := self._open.pop()) != tag:
                self._out.append(f"</{last}>")
            self._out.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(escape(data, quote=False))

    def result(self) -> str:
        closing = "".join(f"</{tag}>" for tag in reversed(self._open))
        return "".join(self._out) + closing

    def _attributes(self, tag: str, said: dict[str, str | None]) -> str:
        kept: list[tuple[str, str]] = []
        href = said.get("href") or ""
        if tag == "img":
            source = self._picture(said.get("src") or "")
            kept = [("src", source), ("alt", said.get("alt") or "")]
        elif tag == "a" and href.startswith("#"):
            kept = [("href", href)]
        elif tag in ("td", "th"):
            kept = [
                (name, value)
                for name in ("colspan", "rowspan")
                if (value := said.get(name) or "").isdigit()
            ]
        if name := said.get("id"):
            kept.append(("id", name))
        return "".join(f' {name}="{escape(value)}"' for name, value in kept)

    def _picture(self, source: str) -> str:
        try:
            elsewhere = bool(urlsplit(source).scheme)
        except ValueError:  # no address at all
            elsewhere = True
        if elsewhere or source.startswith("/"):
            return ""
        inside = posixpath.normpath(posixpath.join(self._folder, unquote(source)))
        return self._picture_at(inside)
