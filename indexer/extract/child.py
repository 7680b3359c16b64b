"""The parent: has a file read in the sandbox and takes in what the child wrote.

What a child writes is believed no more than the file it read: it is parsed as data, line
by line, and anything else counts as damage.
"""

import json
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Limits
from indexer.extract import READERS, TEXT_BYTES
from indexer.passages import Passage

LIMITS = Limits(
    cpu_s=30,
    wall_s=300,  # at the lowest priority beside a class, CPU time comes slowly
    memory_bytes=512 << 20,
    file_bytes=0,
    processes=16,
    open_files=32,
)
_OUTPUT_BYTES = 4 * TEXT_BYTES
"""Room for what JSON adds to many short subtitles."""
_SIGNALLED = 128
_UNREADABLE = 3


def extract(path: Path, format: str, *, limits: Limits = LIMITS) -> list[Passage]:
    """Return the passages of a file, none for a format without words.

    Args:
        path: The file.
        format: As `guard.file_types` found it.
        limits: Of the child.

    Raises:
        PermanentError: ``text_locked`` (a password) or ``text_unreadable``, whose ``why``
            is ``damaged``, ``too_big``, ``too_long`` or ``other_kind``.
        TemporaryError: ``no_sandbox``: there is none here, nothing is read.
    """
    if format not in READERS:
        return []
    try:
        finished = sandbox.run_python(
            "indexer.extract",
            [format],
            inputs={"input": path},
            limits=limits,
            output_bytes=_OUTPUT_BYTES,
        )
    except PermanentError as error:
        why = "too_long" if error.reason == "converter_too_long" else "too_big"
        raise PermanentError("text_unreadable", format=format, why=why) from error
    if finished.exit_status == _UNREADABLE:
        why = finished.errors.strip().rpartition("\n")[2]
        if why == "locked":
            raise PermanentError("text_locked", format=format)
        raise PermanentError("text_unreadable", format=format, why=why)
    if finished.exit_status:
        killed = finished.exit_status > _SIGNALLED
        why = "too_long" if killed else "damaged"
        raise PermanentError("text_unreadable", format=format, why=why)
    try:
        return [_passage(line) for line in finished.output.splitlines()]
    except (ValueError, TypeError) as error:
        raise PermanentError("text_unreadable", format=format, why="damaged") from error


def _passage(line: bytes) -> Passage:
    text, page, at_s = json.loads(line)
    if not isinstance(text, str) or not isinstance(page, int | None):
        raise TypeError("not a passage")
    return Passage(text, page, None if at_s is None else float(at_s))
