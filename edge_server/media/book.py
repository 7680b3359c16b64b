"""E-books: the parent, which has one taken apart in the sandbox and believes little of it.

All of a book becomes one object in the pack format, as the pages of a document do:
``0001.html`` … are its chapters in reading order, bodies of markup without anything that
acts; ``p0001.jpg`` … the pictures in them, which they name ``in/p0001.jpg``. The web
server only sends members of it.

What the child leaves is looked at as a stranger's: only plain files of expected names are
taken, a link is not.
"""

import json
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Limits

MOST_CHAPTERS = 2_000
MOST_TITLE = 200
"""Characters."""
LEAST_ROOM_BYTES = 16_000_000
GROWS, MOST_GROWN_BYTES = 5, 100_000_000
"""Text unpacks to about five times its length; pictures do not grow."""
CPU_S = 120
_PICTURE = re.compile(r"p\d{4,5}\.(?:jpg|png|gif|webp|svg)")


@dataclass(frozen=True, slots=True)
class Book:
    """A book in pieces."""

    chapters: list[Path]
    """``0001.html`` …, in reading order."""
    titles: list[str]
    """One for each chapter; its number where the book gives none."""
    pictures: list[Path]
    cover: Path | None
    """One of the pictures, for the poster."""
    cut: bool
    """There were more chapters than can be shown."""


def room_bytes(source: Path) -> int:
    """Return the most that a book may unpack to; its clean chapters may be as much again."""
    size = source.stat().st_size
    return size + min(GROWS * size, MOST_GROWN_BYTES) + LEAST_ROOM_BYTES


def take_apart(source: Path, out: Path) -> Book:
    """Have a book's chapters and pictures written into ``out``.

    Args:
        source: The .epub.
        out: An empty folder.

    Raises:
        PermanentError: ``book_unreadable``: damaged, a bomb, locked, or no book at all.
    """
    room = room_bytes(source)
    finished = sandbox.run_python(
        "edge_server.media.book_reader",
        [str(room)],
        inputs={"input": source},
        out=out,
        limits=Limits(cpu_s=CPU_S, wall_s=600, memory_bytes=1 << 30, file_bytes=room),
    )
    if finished.exit_status != 0:
        said = finished.errors.strip().rpartition("\n")[2]
        raise PermanentError("book_unreadable", what=said[:200])
    try:
        return _believed(json.loads(_file(out, "book.json").read_text("utf-8")), out)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise PermanentError("book_unreadable", what=str(error)[:200]) from error


def _believed(told: dict[str, Any], out: Path) -> Book:
    titles = [str(title)[:MOST_TITLE] for title in told["titles"][:MOST_CHAPTERS]]
    pictures = {str(name): _picture(out, str(name)) for name in told["pictures"]}
    if not titles:
        raise ValueError("no chapters")
    return Book(
        chapters=[_file(out, f"{n:04d}.html") for n in range(1, len(titles) + 1)],
        titles=titles,
        pictures=list(pictures.values()),
        cover=pictures.get(told["cover"]),
        cut=bool(told["cut"]),
    )


def _picture(out: Path, name: str) -> Path:
    if _PICTURE.fullmatch(name) is None:
        raise ValueError(f"not a picture's name: {name!r}")
    return _file(out, name)


def _file(out: Path, name: str) -> Path:
    path = out / name
    if not stat.S_ISREG(path.lstat().st_mode):
        raise ValueError(f"{name} is no plain file")
    return path
