"""Formats that are text: what reads as text at all, and what its first lines say."""

import re
import unicodedata
from pathlib import Path

from edge_server.guard.encodings import decode, utf32
from edge_server.guard.formats import WHOLE_BY_NAME

HEAD_BYTES = 65_536
LOOKED_AT_BYTES = 16_384
"""Of a text; more of it may end within a character."""
_ODD = ("Cn", "Co", "Cs")
"""Categories of characters that nobody writes: noise behind a mark of UTF-16 has many."""
_CONTROLS = bytes(byte for byte in range(27) if byte < 9 or byte > 13)
_BEFORE = r"(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).)*-->\s*)*"
"""What may stand before the first tag. A comment ends at its first ``-->``: if it could end
at a later one, 300 of them would be tried in 2 to the power of 300 ways. (Not possessive:
Python 3.11.2 then finds nothing.)"""
_SVG = re.compile(_BEFORE + r"(?:<!doctype svg|<svg[\s>])", re.DOTALL)
_HTML = re.compile(_BEFORE + r"(?:<!doctype html|<html[\s>])", re.DOTALL)
_TIME = r"\d{1,2}:\d{2}(:\d{2})?[.,]\d{1,3}"


def by_text(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell text from noise, then subtitles, pages and tables by their first lines."""
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    controls = len(head[:4096]) - len(head[:4096].translate(None, _CONTROLS))
    noise = b"\0" in head[:1024] or controls > len(head[:4096]) // 50
    if noise and not marked and utf32(head[:4096]) is None:
        return None
    head = head[:LOOKED_AT_BYTES]
    cut = (
        head
        if len(head) < LOOKED_AT_BYTES
        else head[: head.rfind(b"\n") + 1] or head[:-4]
    )
    text = decode(cut)
    begin = text[:4096]
    odd = sum(begin.count(char) for char in filter(_is_odd, set(begin)))
    if text.count("\ufffd") > len(text) // 20 or odd > len(begin) // 20:
        return None
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    low = start.lower()
    if start.startswith("#EXTM3U"):
        return "m3u8"
    if start.startswith("WEBVTT"):
        return "vtt"
    if low.startswith("mime-version:") and "multipart/related" in low:
        return "mht"
    if re.search(r"\[script info\]|^dialogue:\s*\d", low, re.MULTILINE):
        return "ass"
    if re.search(rf"^{_TIME}\s*-->\s*{_TIME}", start, re.MULTILINE):
        return "srt"
    if suffix == "lrc" or len(re.findall(r"^\[\d{1,2}:\d{2}", start, re.MULTILINE)) > 2:
        return "lrc"
    if _SVG.match(low):
        return "svg"
    if _HTML.match(low):
        return "html"
    if suffix in ("html", "htm", "xhtml") and re.search(
        r"<(head|body|p|div|h1)\b", low
    ):
        return "html"
    if suffix in ("md", "markdown"):
        return "md"
    if suffix in ("csv", "tsv"):
        return "csv"
    if suffix == "json" and low[:1] in ("{", "["):
        return "json"
    return (
        "txt" if suffix in ("txt", "text", "log", "srt", "vtt", "") else _plain(suffix)
    )


def _is_odd(char: str) -> bool:
    return unicodedata.category(char) in _ODD or (char < " " and not char.isspace())


def _plain(suffix: str) -> str:
    """Return what text of an unknown suffix is: an original where a program owns it."""
    return suffix if suffix in WHOLE_BY_NAME else "txt"
