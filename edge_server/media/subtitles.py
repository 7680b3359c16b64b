"""Subtitles of every kind as WebVTT, the one kind that browsers show.

Our own small readers of SRT, WebVTT, ASS/SSA and LRC: what they yield is text and times,
and everything else (styles, positions, karaoke, HTML) is left out, so nothing in a
stranger's file can become markup. Source of the output: WebVTT, W3C, section 4.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edge_server.errors import PermanentError
from edge_server.guard.encodings import decode

MOST_CUES = 20_000
MOST_BYTES = 8_000_000
LAST_LINE_S = 5.0
"""How long the last line of a lyric stands, which LRC does not say."""
_ARROW = re.compile(r"(\S+)\s*-->\s*(\S+)")
_LRC_TIME = re.compile(r"\[(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?\]")
_LRC_WORD_TIME = re.compile(r"<\d{1,3}:\d{1,2}(?:[.:]\d{1,3})?>")
_ASS_OVERRIDE = re.compile(r"\{[^}]*\}")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing that is said."""

    begin_s: float
    end_s: float
    text: str


def to_webvtt(data: bytes, format: str) -> str:
    """Return subtitles of any encoding as WebVTT.

    Args:
        data: The file.
        format: ``srt``, ``vtt``, ``ass`` or ``lrc``.

    Raises:
        PermanentError: ``subtitles_empty``: no line with a time in it.
    """
    text = decode(data[:MOST_BYTES]).replace("\r\n", "\n").replace("\r", "\n")
    readers = {"srt": _blocks, "vtt": _blocks, "ass": _ass, "lrc": _lrc}
    cues = [
        cue
        for cue in sorted(readers[format](text), key=lambda cue: cue.begin_s)
        if cue.text and cue.end_s > cue.begin_s >= 0
    ][:MOST_CUES]
    if not cues:
        raise PermanentError("subtitles_empty")
    blocks = (
        f"{_time(cue.begin_s)} --> {_time(cue.end_s)}\n{_escaped(cue.text)}"
        for cue in cues
    )
    return "WEBVTT\n\n" + "\n\n".join(blocks) + "\n"


def _blocks(text: str) -> Iterator[Cue]:
    """SRT and WebVTT: a line with an arrow, then the text up to an empty line."""
    lines = iter(text.split("\n"))
    for line in lines:
        found = _ARROW.search(line)
        if found is None:
            continue
        begin_s, end_s = _seconds(found[1]), _seconds(found[2])
        said = []
        for more in lines:
            if not more.strip():
                break
            said.append(more)
        if begin_s is not None and end_s is not None:
            yield Cue(begin_s, end_s, _plain("\n".join(said)))


def _ass(text: str) -> Iterator[Cue]:
    columns = [
        "layer",
        "start",
        "end",
        "style",
        "name",
        "l",
        "r",
        "v",
        "effect",
        "text",
    ]
    in_events = False
    for line in text.split("\n"):
        key, _, value = line.partition(":")
        key = key.strip().lower()
        if line.lstrip().startswith("["):
            in_events = line.strip().lower() == "[events]"
        elif in_events and key == "format":
            columns = [name.strip().lower() for name in value.split(",")]
        elif key == "dialogue":
            cells = value.split(",", len(columns) - 1)
            row = dict(zip(columns, (cell.strip() for cell in cells), strict=False))
            begin_s, end_s = (
                _seconds(row.get("start", "")),
                _seconds(row.get("end", "")),
            )
            if begin_s is not None and end_s is not None:
                said = _ASS_OVERRIDE.sub("", row.get("text", ""))
                said = re.sub(r"\\[Nn]", "\n", said).replace("\\h", " ")
                yield Cue(begin_s, end_s, _plain(said))


def _lrc(text: str) -> Iterator[Cue]:
    lines: list[tuple[float, str]] = []
    for line in text.split("\n"):
        times = _LRC_TIME.findall(line)
        said = _LRC_WORD_TIME.sub("", _LRC_TIME.sub("", line)).strip()
        for minutes, seconds, part in times:
            fraction = float(f"0.{part}") if part else 0.0
            lines.append((int(minutes) * 60 + int(seconds) + fraction, said))
    lines.sort()
    for n, (begin_s, said) in enumerate(lines):
        after = lines[n + 1][0] if n + 1 < len(lines) else begin_s + LAST_LINE_S
        yield Cue(begin_s, after, _plain(said))


def _seconds(text: str) -> float | None:
    parts = text.replace(",", ".").split(":")
    if not 2 <= len(parts) <= 3:
        return None
    try:
        total = 0.0
        for part in parts:
            total = total * 60 + float(part)
    except ValueError:
        return None
    return total if 0 <= total < 360_000 else None


def _time(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


def _plain(text: str) -> str:
    """Return lines without markup and without the empty ones that would end a cue."""
    lines = (" ".join(_TAG.sub("", line).split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\0", "\ufffd")
