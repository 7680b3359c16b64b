"""Several files made durable at once: one order for all of them, fewer flushes for each.

On ext4 a flush after each small write commits the journal each time. Here every byte is
written first, then every file is synced, then all get their names, then each folder is
synced once: the same order as in `durable` for each single file, so a cut at any moment
leaves a file whole under its name or not there. Nothing has its name before `finish`,
and nothing may be acknowledged before it has returned.

More than a few files are synced by syncfs(2), the whole file system at once: two flushes
of the device for a batch, where fsync(2) costs one for each file and folder, also when
there is nothing left to write. On a card that takes 10 ms to flush, 50 files with their
descriptions are 2 s of fsync. A few files are synced one by one, because syncfs waits for
whatever others have written.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from edge_server.errors import Busy
from edge_server.ground import durable
from edge_server.ground.durable import OnBytes

COPIED_BYTES = 8 << 20
SMALL_BYTES = 1 << 18
FEW = 8
"""So many files and folders are synced one by one: those of one arrival."""


@dataclass(frozen=True, slots=True)
class _Naming:
    """A file that is to get a name."""

    source: str
    temporary: bool
    """True: made here, renamed at the end. False: somebody's, linked and left."""


class Together:
    """Collects files until `finish`; as a context it removes what was not finished."""

    def __init__(self) -> None:
        # As text: a Path costs more than the system call it is for.
        self._named: dict[str, _Naming] = {}
        self._folders: set[str] = set()
        self._made: set[str] = set()
        self._disk: int | None = None
        """A descriptor on the file system, from before anything was written to it."""

    def __enter__(self) -> "Together":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for naming in self._named.values():
            if naming.temporary:
                with suppress(FileNotFoundError):
                    os.unlink(naming.source)
        self._forget()

    def make_folders(self, folder: Path) -> None:
        """Make a folder and its parents; they are durable after `finish`."""
        self._make(os.fspath(folder))

    def write(self, path: Path, data: bytes) -> None:
        """Write a small file whole; its folder must exist.

        Raises:
            Busy: Another file is to have this very name.
            DiskFull: There is no room for it.
        """
        with _room(path, len(data)), open(self._new(path), "xb", buffering=0) as file:
            file.write(data)
            _begin_writing(file.fileno())

    def copy(self, source: Path, path: Path, on_bytes: OnBytes) -> None:
        """Copy a file, inside the kernel; its folder must exist.

        Raises:
            Busy: Another file is to have this very name.
            DiskFull: There is no room for it.
        """
        with (
            open(source, "rb", buffering=0) as read,
            _room(path, os.fstat(read.fileno()).st_size),
            open(self._new(path), "xb", buffering=0) as file,
        ):
            copied = 0
            while count := os.sendfile(
                file.fileno(), read.fileno(), copied, COPIED_BYTES
            ):
                copied += count
                on_bytes(count)
            if copied <= SMALL_BYTES:
                _begin_writing(file.fileno())

    def link(self, source: Path, path: Path) -> None:
        """Give a file another name, unless one of that name is there; its folder must be."""
        naming = _Naming(os.fspath(source), temporary=False)
        self._open_disk(os.path.dirname(naming.source))
        self._named.setdefault(os.fspath(path), naming)

    def finish(self) -> None:
        """Make all of it durable.

        Raises:
            DiskFull: There was no room after all; nothing of it may be acknowledged.
        """
        if not self._named and not self._folders:
            return
        whole = len(self._named) + len(self._folders) > FEW
        if whole:
            self._sync_whole()
        else:
            for path, naming in self._named.items():
                with _room(path, os.stat(naming.source).st_size):
                    durable.sync_file(naming.source)
        for path, naming in self._named.items():
            if naming.temporary:
                os.rename(naming.source, path)
            else:
                _link(naming.source, path)
            self._folders.add(os.path.dirname(path))
        if whole:
            self._sync_whole()
        else:
            durable.sync_all(self._folders)
        self._forget()

    def _sync_whole(self) -> None:
        """Make everything durable that was written to the file system of these files."""
        assert self._disk is not None
        with _room(next(iter(self._named), next(iter(self._folders), "")), 0):
            durable.sync_file_system(self._disk)

    def _open_disk(self, folder: str) -> None:
        if self._disk is None:
            self._disk = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)

    def _make(self, folder: str) -> None:
        if folder in self._made:
            return
        try:
            os.mkdir(folder)
        except FileNotFoundError:
            self._make(os.path.dirname(folder))
            os.mkdir(folder)
        except FileExistsError:
            pass  # perhaps made a moment ago by who was killed before its sync
        self._open_disk(folder)
        self._made.add(folder)
        self._folders.add(os.path.dirname(folder))

    def _new(self, path: Path) -> str:
        text = os.fspath(path)
        if text in self._named:
            raise Busy(lock=path.name)
        self._open_disk(os.path.dirname(text))
        temporary = durable.temporary(text)
        self._named[text] = _Naming(temporary, temporary=True)
        return temporary

    def _forget(self) -> None:
        self._named.clear()
        self._folders.clear()
        self._made.clear()
        if self._disk is not None:
            os.close(self._disk)
            self._disk = None


def _link(source: str, path: str) -> None:
    try:
        os.link(source, path)
    except FileExistsError:
        durable.sync_file(path)  # it may be somebody's who was killed before its sync


def _begin_writing(descriptor: int) -> None:
    """Have the kernel write a small file now, so that one journal commit serves many.

    Blocks are given to a file when it is written out; left to its own sync, each file
    would need a commit of its own. The advice also drops the file from memory, which is
    why large ones do without.
    """
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


@contextmanager
def _room(path: Path | str, needed_bytes: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise durable.full_disk(error, path, needed_bytes) from error
