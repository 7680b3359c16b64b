"""What the terminal prints: sentences for people, JSON for scripts, progress for patience."""

import json as json_text
import os
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from edge_server.errors import EdgeError
from edge_server.language import Words, sentence

REDRAW_S = 0.2


class Terminal:
    """Printing in one language.

    Args:
        lang: ``en`` or ``zh``.
        json: Facts as JSON on standard output; sentences then go to standard error.
    """

    def __init__(self, lang: str, *, json: bool = False) -> None:
        self.lang = lang
        self.json = json
        self.words = Words(lang)

    def say(self, chinese: str, **values: object) -> None:
        """Print a sentence; its Chinese is its key in the catalogue."""
        print(
            self.words._(chinese, **values),
            file=sys.stderr if self.json else sys.stdout,
            flush=True,
        )

    def facts(self, facts: Mapping[str, Any] | Sequence[Any]) -> None:
        """Print facts for scripts: one JSON document."""
        print(json_text.dumps(facts, ensure_ascii=False, indent=2))

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a plain table; Chinese characters count two columns."""
        texts = [[self.words._(head) for head in heads]] + [
            ["" if cell is None else str(cell) for cell in row] for row in rows
        ]
        widths = [max(map(_columns, column)) for column in zip(*texts, strict=True)]
        for row in texts:
            cells = [
                text + " " * (width - _columns(text))
                for text, width in zip(row, widths, strict=True)
            ]
            print("  ".join(cells).rstrip())

    def error(self, error: EdgeError) -> None:
        """Print what happened and what to do next, on standard error."""
        told = sentence(error.reason, error.values, self.lang)
        print(told.what, file=sys.stderr)
        if told.do:
            print(told.do, file=sys.stderr)

    def bar(self, total: float, unit: str) -> "Bar":
        """Return a progress bar on standard error."""
        return Bar(total, unit)


class Bar:
    """A bar that survives a narrow window, and is a few lines where nobody looks."""

    def __init__(self, total: float, unit: str) -> None:
        self.total = total
        self.unit = unit
        self.done = 0.0
        self._tty = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn_s = 0.0
        self._tenth = -1

    def add(self, step: float) -> None:
        """Count a step."""
        self.show(self.done + step)

    def show(self, done: float, text: str = "") -> None:
        """Show how much is done, with a word of what is going on."""
        self.done = done
        part = min(done / self.total, 1.0) if self.total else 1.0
        now_s = time.monotonic()
        if self._tty and (now_s - self._drawn_s >= REDRAW_S or part >= 1.0):
            self._drawn_s = now_s
            width = shutil.get_terminal_size().columns
            room = max(min(width - 24, 40), 4)
            bar = "#" * int(room * part) + "." * (room - int(room * part))
            line = f"[{bar}] {part:4.0%} {_amount(done, self.unit)} {text}"
            sys.stderr.write("\r\x1b[2K" + line[: width - 1])
            sys.stderr.flush()
        elif not self._tty and int(part * 4) > self._tenth:
            self._tenth = int(part * 4)
            sys.stderr.write(
                f"{part:4.0%} {_amount(done, self.unit)} {text}\n".lstrip()
            )
            sys.stderr.flush()

    def end(self) -> None:
        """Leave the line."""
        if self._tty:
            sys.stderr.write("\n")


def _amount(done: float, unit: str) -> str:
    if unit != "bytes":
        return f"{done:.0f} {unit}"
    for name, size in (("GB", 1e9), ("MB", 1e6)):
        if done >= size:
            return f"{done / size:.1f} {name}"
    return f"{done / 1e3:.0f} kB"


def _columns(text: str) -> int:
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)
