"""Formats that are packages of members: tar, zip and OLE, told by what is in them.

Only names are used here and no member is opened: what may be unpacked is judged by
`guard.archive`.
"""

import lzma
import os
import re
import zlib
from pathlib import Path

import olefile

from edge_server.errors import Refused
from edge_server.guard import zip_directory
from edge_server.guard.archive_rules import ArchiveLimits
from edge_server.guard.formats import WHOLE_BY_NAME

_LIMITS = ArchiveLimits(directory_bytes=16_000_000)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


_TAR_SUM = re.compile(rb"[ 0]*([0-7]{1,7})[ \0]*")
_TAR_HEADER_BYTES = 512
_XZ_BYTES = 128_000_000
"""Memory for the dictionary of an xz; ``xz -9`` needs 65 MB."""


def by_tar(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell a tar by its first header's checksum, also inside gzip and xz (POSIX ustar).

    The letters ``ustar`` would not do: tars of old Unix have none.
    """
    try:
        if head.startswith(b"\x1f\x8b\x08"):
            head = zlib.decompressobj(31).decompress(head, _TAR_HEADER_BYTES)
        elif head.startswith(b"\xfd7zXZ\0"):
            xz = lzma.LZMADecompressor(memlimit=_XZ_BYTES)
            head = xz.decompress(head, _TAR_HEADER_BYTES)
    except (zlib.error, lzma.LZMAError):
        return None
    told = _TAR_SUM.fullmatch(head[148:156])
    if told is None or len(head) < _TAR_HEADER_BYTES or not head[0]:
        return None
    counted = sum(head[:148]) + 8 * ord(" ") + sum(head[156:_TAR_HEADER_BYTES])
    return "tar" if int(told[1], 8) == counted else None


def by_zip(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell a zip by its members: Office, a book, courseware that stays whole, or a heap."""
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return None
    names = _zip_names(path)
    if names is None:
        return suffix if suffix in WHOLE_BY_NAME else "zip"
    if "AndroidManifest.xml" in names:
        return "apk"
    if "META-INF/MANIFEST.MF" in names and any(n.endswith(".class") for n in names):
        return "jar"
    if "AppxManifest.xml" in names:
        return "appx"
    if "[Content_Types].xml" in names:
        for folder, format in (("ppt/", "pptx"), ("word/", "docx"), ("xl/", "xlsx")):
            if any(n.startswith(folder) for n in names):
                return format
        return suffix if suffix in WHOLE_BY_NAME else "unknown"  # a drawing, a print …
    if suffix in WHOLE_BY_NAME:
        return suffix
    if "geogebra.xml" in names:
        return "ggb"
    if "h5p.json" in names:
        return "h5p"
    if "imsmanifest.xml" in names:
        return "scorm"
    mime = _stored_mimetype(head)
    if mime == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mime.startswith("application/vnd.oasis.opendocument."):
        kinds = {"presentation": "odp", "text": "odt", "spreadsheet": "ods"}
        return kinds.get(mime.rpartition(".")[2], "unknown")
    if suffix == "epub":  # a damaged book is no folder of lessons
        return "epub"
    if not {"index.html", "index.htm"}.isdisjoint(name.lower() for name in names):
        return "html-zip"
    return "zip"


def _zip_names(path: Path) -> set[str] | None:
    """Return the names in a zip's directory; None when it is damaged or absurd."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            table = zip_directory.read(file.fileno(), size, _LIMITS)
    except (Refused, OSError):
        return None
    return {member.name.removeprefix("./") for member in table.members}


def _stored_mimetype(head: bytes) -> str:
    """Return the content of a first member called ``mimetype`` (OCF 3.3)."""
    length = int.from_bytes(head[26:28], "little")
    extra = int.from_bytes(head[28:30], "little")
    if head[30 : 30 + length] != b"mimetype" or head[8:10] != b"\0\0":
        return ""
    size = int.from_bytes(head[18:22], "little")
    start = 30 + length + extra
    return head[start : start + min(size, 100)].decode("ascii", "replace").strip()


_STREAMS = (
    ("powerpoint document", "ppt", "dps", ("dps", "dpt")),
    ("pp97_dualstorage/powerpoint document", "ppt", "dps", ("dps", "dpt")),
    ("worddocument", "doc", "wps", ("wps", "wpt")),
    ("workbook", "xls", "et", ("et", "ett")),
    ("book", "xls", "et", ("et", "ett")),
)
"""A stream, what has it, and what WPS calls the same, with the suffixes of its templates."""
_PACKAGE = "encryptedpackage"
_LOCKED = (
    ("docx", ("doc", "dot", "wps", "wpt")),
    ("pptx", ("ppt", "pps", "pot", "dps", "dpt")),
    ("xlsx", ("xls", "xlt", "et")),
)
"""What a document with a password is, by how its suffix begins."""
_INSTALLERS = tuple(
    f"000C10{kind}-0000-0000-C000-000000000046" for kind in ("84", "86", "82")
)
"""Classes of an installer, its patches and its transforms."""


def by_ole(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell an old Office file by its streams; WPS writes the same under its own suffix."""
    if not head.startswith(_OLE):
        return None
    try:
        with olefile.OleFileIO(path) as ole:
            streams = {"/".join(entry).lower() for entry in ole.listdir()}
            storage = ole.root.clsid if ole.root else ""
    # olefile raises what comes of damaged numbers (IndexError, ValueError, struct.error,
    # MemoryError, …) and promises no list of them; then the name may decide.
    except Exception:
        streams, storage = set(), ""
    if storage.upper() in _INSTALLERS:
        return "msi"
    if _PACKAGE in streams:  # its names are locked too: only its suffix is left
        return next((f for f, begin in _LOCKED if suffix.startswith(begin)), "unknown")
    for stream, office, wps, suffixes in _STREAMS:
        if stream in streams:
            return wps if suffix in suffixes else office
    return suffix if suffix in WHOLE_BY_NAME else "unknown"
