"""A chapter of a stranger's book, written anew with nothing in it that could act.

An allow-list of elements and of four attributes: no script, style, form or event survives.
Links lead only within the chapter, pictures only into the book itself. Markup that is not
well formed is read as browsers read it and closed at the end.
"""

import posixpath
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote, unquote, urlsplit

PICTURE_TYPES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png",
    ".gif": "image/gif", ".webp": "image/webp", ".svg": "image/svg+xml",
}  # fmt: skip
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


def clean(document: str, member: str, pictures: str) -> str:
    """Write the body of a chapter anew, with nothing in it that could act.

    Args:
        document: Its markup, well-formed or not.
        member: Its name in the zip: pictures are named from there.
        pictures: Address below which the book's pictures are served.
    """
    cleaner = _Cleaner(posixpath.dirname(member), pictures)
    cleaner.feed(document)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self, folder: str, pictures: str) -> None:
        super().__init__(convert_charrefs=True)
        self._folder = folder
        self._pictures = pictures
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
        self._out.append(f"<{tag}{self._attributes(tag, said)}>")
        if tag not in VOID:
            self._open.append(tag)

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
        if urlsplit(source).scheme or source.startswith("/"):
            return ""
        if posixpath.splitext(source)[1].lower() not in PICTURE_TYPES:
            return ""
        inside = posixpath.normpath(posixpath.join(self._folder, unquote(source)))
        return "" if inside.startswith("..") else self._pictures + quote(inside)
