"""Subtitles and lyrics: each line with the second at which it is spoken or sung."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

from edge_server.guard.encodings import decode
from indexer.extract import TEXT_BYTES
from indexer.extract.lines import tidy
from indexer.passages import Passage

_CLOCK = r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,3}))?"
_CUE = re.compile(rf"^\s*{_CLOCK}\s*-->", re.ASCII)
_LYRIC = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.,:](\d{1,3}))?\]", re.ASCII)
_TIME = re.compile(_CLOCK, re.ASCII)
_STYLE = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,500}\}")
_ASS_COLUMNS = 9
"""Commas before the text of a line of dialogue; its text may hold more of them."""


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield a passage for each line that is shown, in the order of the file."""
    with path.open("rb") as file:
        text = decode(file.read(TEXT_BYTES))
    lines = text.splitlines()
    readers = {"ass": _dialogue, "lrc": _lyrics}
    for at_s, words in readers.get(format, _cues)(lines):
        yield Passage(tidy(unescape(_STYLE.sub("", words))), at_s=at_s)


def _cues(lines: list[str]) -> Iterator[tuple[float, str]]:
    """Read SRT and WebVTT: a line with ``-->``, then text up to an empty line."""
    at_s: float | None = None
    shown: list[str] = []
    for line in [*lines, ""]:
        if found := _CUE.match(line):
            at_s = _seconds(*found.groups())
        elif line.strip():
            if at_s is not None:
                shown.append(line)
        elif at_s is not None:
            yield at_s, " ".join(shown)
            at_s, shown = None, []


def _dialogue(lines: list[str]) -> Iterator[tuple[float, str]]:
    """Read ASS and SSA: ``Dialogue: layer,start,end,style,…,text``."""
    for line in lines:
        kind, _, rest = line.partition(":")
        columns = rest.split(",", _ASS_COLUMNS)
        if kind.strip().lower() != "dialogue" or len(columns) <= _ASS_COLUMNS:
            continue
        if found := _TIME.search(columns[1]):
            text = columns[_ASS_COLUMNS]
            yield _seconds(*found.groups()), re.sub(r"\\[Nnh]", " ", text)


def _lyrics(lines: list[str]) -> Iterator[tuple[float, str]]:
    """Read LRC: ``[00:12.50]text``; a refrain has several times, its first one counts."""
    for line in lines:
        if found := _LYRIC.search(line):
            yield _seconds(None, *found.groups()), _LYRIC.sub("", line)


def _seconds(
    hours: str | None, minutes: str, seconds: str, fraction: str | None
) -> float:
    whole = int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return whole + (float(f"0.{fraction}") if fraction else 0.0)
