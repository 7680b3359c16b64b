"""What a file is, by looking into it; its name only decides among formats that look alike.

A teacher's stick is full of wrong suffixes, and a program called ``lesson.jpg`` is one of
the oldest tricks. So signatures and structure decide: the first bytes, the members of a
zip, the streams of an OLE file. At most a few hundred kB are read, nothing is unpacked
and nothing raises on content: what nobody knows is an ``original``, kept and never opened.
"""

import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from edge_server.guard import names
from edge_server.guard.formats import (
    WHOLE_BY_NAME,
    FileType,
    opened_by,
    type_of,
)
from edge_server.guard.packages import by_ole, by_tar, by_zip
from edge_server.guard.signatures import (
    by_container,
    by_late_signature,
    by_signature,
    by_stream,
)
from edge_server.guard.texts import HEAD_BYTES, by_text

__all__ = ["FileType", "is_called_media", "of", "opened_by"]

_PROGRAM_NAMES = re.compile(
    r".*\.(exe|dll|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|ps1|psm1|msi|msp|lnk|jar"
    r"|apk|app|deb|rpm|sh|bash|py|pl|reg|cpl|hta|inf|sys|so|dylib|appimage|url)",
    re.IGNORECASE,
)
_MEDIA_NAMES = re.compile(
    r".*\.(mp4|m4v|mov|3gp|mkv|webm|avi|wmv|asf|flv|f4v|rm|rmvb|mpg|mpeg|vob|m2ts|mts"
    r"|ogv|mp3|m4a|wma|aac|wav|aiff?|flac|ogg|oga|amr)",
    re.IGNORECASE,
)


def is_called_media(name: str) -> bool:
    """Return whether a file's name says that it is a film or a recording."""
    return _MEDIA_NAMES.fullmatch(names.clean(name)) is not None


def of(path: Path, name: str) -> FileType:
    """Return what a file is.

    Args:
        path: The file; only read.
        name: What its sender called it, with its suffix.
    """
    name = names.clean(name)  # as it will be kept: 'a.exe. ' is a.exe
    suffix = PurePosixPath(name.lower()).suffix.lstrip(".")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return type_of("unknown")
    format = _look(path, head, suffix)
    kind = type_of(format)
    if kind.kind != "program" and _PROGRAM_NAMES.fullmatch(name):
        return type_of("script")
    return kind


def _look(path: Path, head: bytes, suffix: str) -> str:
    for look in _LOOKS:
        found = look(path, head, suffix)
        if found is not None:
            return found
    return "unknown"


_LOOKS: tuple[Callable[[Path, bytes, str], str | None], ...] = (
    by_tar,  # first, for a tar begins with a name of any letters
    by_signature,
    by_container,
    by_zip,
    by_ole,
    by_stream,
    by_late_signature,
    by_text,
    lambda path, head, suffix: suffix if suffix in WHOLE_BY_NAME else None,
)
