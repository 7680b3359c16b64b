"""Opening archives: zip by our own checks, others by libarchive in the sandbox.

Names never become paths: files come out under numbers, and the clean name is only told.
"""

from pathlib import Path

from edge_server.guard import bsdtar, zip_archive
from edge_server.guard.archive_rules import ArchiveLimits, Unpacked

__all__ = ["ArchiveLimits", "Unpacked", "unpack"]


def unpack(
    path: Path,
    format: str,
    out: Path,
    *,
    room_bytes: int,
    limits: ArchiveLimits | None = None,
) -> list[Unpacked]:
    """Unpack an archive into an empty folder.

    Args:
        path: The archive; only read.
        format: ``zip``, ``rar``, ``7z`` or ``tar``, as `file_types` found it.
        out: An empty folder of ours; files come out under numbers.
        room_bytes: How much may be written.
        limits: How much it may hold.

    Raises:
        Refused: ``archive_…`` or ``name_…``: nothing of it is to be used.
        TemporaryError: ``no_sandbox``, for all but zip.
    """
    limits = limits or ArchiveLimits()
    if format == "zip":
        return zip_archive.unpack(path, out, room_bytes, limits)
    return bsdtar.unpack(path, format, out, room_bytes, limits)
