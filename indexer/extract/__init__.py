"""One reader for each format that holds words, behind one Protocol.

A reader is a module with a function `read` (`Reader`). It runs in the sandbox as a child
of its own (`child`), because every one of these formats is made by strangers: it may be
slow, wrong or killed there, and the box goes on. So readers may be plain: they take what
is well-formed, raise on what is not, and refuse by size before they unpack.

A child imports only the module its format needs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from indexer.passages import Passage

READERS = {
    "pdf": "pdf",
    "pptx": "pptx",
    "ppt": "ppt",
    "docx": "docx",
    "doc": "doc",
    "xlsx": "xlsx",
    "epub": "epub",
    "html": "web_page",
    "txt": "plain",
    "md": "plain",
    "csv": "plain",
    "srt": "subtitles",
    "vtt": "subtitles",
    "ass": "subtitles",
    "lrc": "subtitles",
}
"""Format (as `guard.file_types` names it) to the module that reads it."""

FROM_PDF = frozenset({"wps", "dps", "et", "xls", "odt", "odp", "ods", "rtf"})
"""Formats without a reader: the PDF that LibreOffice makes of them is read."""

MEMBER_BYTES = 64 << 20
"""The most that one member of a zip may unpack to."""
TEXT_BYTES = 4_000_000
"""The most that is kept of one file, as UTF-8: three times the longest classic novel."""


class Unreadable(Exception):
    """A reader gives up for a reason worth telling.

    Args:
        why: ``locked`` (a password), ``damaged``, ``too_big`` or ``other_kind``.
    """

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Reader(Protocol):
    """What each module named in `READERS` offers."""

    def read(self, path: Path, format: str) -> Iterator[Passage]:
        """Yield the passages of a file in reading order, as they are found.

        Args:
            path: The file; nothing about it is certain.
            format: The format the file was found to have.

        Raises:
            Unreadable: It holds no words that can be had, and why.
            Exception: Anything; it counts as damaged.
        """
        ...
