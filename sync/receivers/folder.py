"""The watched folder ``incoming/``: whatever drops files there, they become offers.

A satellite receiver's own software, a network share or a person writes here and tells
nobody when it is done. A file is offered once its size and date have stood still for a
while and nobody has it open for writing. watchdog says at once that something happened;
the rescan does not depend on it.
"""

import fcntl
import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from watchdog.events import (
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.guard import names
from sync.arrivals import offers
from sync.receivers import shapes
from sync.receivers.shapes import Found

log = logging.getLogger(__name__)

STILL_S = 3.0
"""How long a file must not have changed."""
# The rescan is not an optimisation: inotify forgets events when its queue overflows,
# and says nothing on network shares. Without it a file can wait for ever.
RESCAN_S = 300.0
PER_TRANSACTION = 200
# Not reading, for our own scan reads; nor what the worker does, which takes files away:
# told of each of 2,000, this process cost half as much as taking them.
WAKING: list[type[FileSystemEvent]] = [
    DirCreatedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileModifiedEvent,
    FileMovedEvent,
]


@dataclass(frozen=True, slots=True)
class _Look:
    size_bytes: int
    changed_at: float
    since_s: float
    """Running time since which it has looked like this."""


class FolderReceiver:
    """Offers what has come to rest in ``incoming/``.

    Args:
        box: The box.
        still_s: How long a file must have stood still, in seconds.
    """

    def __init__(self, box: Box, *, still_s: float = STILL_S) -> None:
        self.box = box
        self.root = box.folder / "incoming"
        self.still_s = still_s
        self._looks: dict[Path, _Look] = {}

    def scan(self) -> tuple[int, bool]:
        """Look once; returns (how many were offered, whether something is not at rest)."""
        now = self.box.clock()
        found = list(shapes.walk(self.root))
        looks: dict[Path, _Look] = {}
        ready: list[Found] = []
        for item in found:
            if _rename_readable(item.path):
                continue  # the next look sees it under its new name
            if offers.of_file(self.box.db, self._file(item.path)):
                continue
            before = self._looks.get(item.path)
            same = before is not None and (before.size_bytes, before.changed_at) == (
                item.size_bytes,
                item.changed_at,
            )
            since_s = before.since_s if same and before is not None else now
            looks[item.path] = _Look(item.size_bytes, item.changed_at, since_s)
            if now - since_s >= self.still_s and not _being_written(item.path):
                ready.append(item)
        self._looks = looks
        for start in range(0, len(ready), PER_TRANSACTION):
            self._offer(ready[start : start + PER_TRANSACTION])
        for item in ready:
            del self._looks[item.path]
        return len(ready), bool(self._looks)

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop`` is set."""
        woken = threading.Event()
        # An event that comes while the observer stops is an error to watchdog 7.1, which
        # has just dropped its watch; nobody waits for that event any more.
        said = logging.getLogger("watchdog.observers.inotify")

        def matters(_: logging.LogRecord) -> bool:
            return not stop.is_set()

        said.addFilter(matters)
        observer = Observer()
        observer.schedule(
            _Wake(woken.set), str(self.root), recursive=True, event_filter=WAKING
        )
        observer.start()
        try:
            restless = True
            while not stop.is_set():
                wait_s = self.still_s / 2 if restless else RESCAN_S
                if restless:
                    stop.wait(wait_s)
                else:
                    _wait_either(woken, stop, wait_s)
                woken.clear()
                try:
                    _, restless = self.scan()
                except FileNotFoundError:
                    restless = True  # it went away while we looked: look again
        finally:
            observer.stop()
            observer.join()
            said.removeFilter(matters)

    def _offer(self, ready: list[Found]) -> None:
        below = [item.path.relative_to(self.root).parts for item in ready]
        paths = ["/".join(map(names.clean, parts)) for parts in below]
        with transaction(self.box.db) as tx:
            for item, path in zip(ready, paths, strict=True):
                offers.add(
                    tx,
                    self.box.clock,
                    channel="folder",
                    file=self._file(item.path),
                    path=path,
                    size_bytes=item.size_bytes,
                    shape=item.shape,
                )
        log.info("offered %d of the watched folder", len(ready))

    def _file(self, path: Path) -> str:
        return path.relative_to(self.box.folder).as_posix()


def _rename_readable(path: Path) -> bool:
    """Give a file whose name is no UTF-8 (an old archive's GB18030) one that is."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        clean = path.with_name(names.clean(path.name))
        if not clean.exists():
            path.rename(clean)
        return True
    return False


class _Wake(FileSystemEventHandler):
    """Tells that something happened; what, the scan finds out."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake

    def on_any_event(self, event: FileSystemEvent) -> None:
        self._wake()


def _being_written(path: Path) -> bool:
    """Return whether some process has the file open for writing.

    A read lease is granted only while nobody writes (fcntl(2), F_SETLEASE). It needs the
    file's owner or CAP_LEASE; where it is not to be had, standing still must do.
    """
    if path.is_dir():
        return any(_being_written(file) for file in path.rglob("*") if file.is_file())
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _wait_either(woken: threading.Event, stop: threading.Event, wait_s: float) -> None:
    waited_s = 0.0
    while waited_s < wait_s and not stop.is_set():
        if woken.wait(1.0):
            return
        waited_s += 1.0
