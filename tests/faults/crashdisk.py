"""A disk that remembers every write and flush, so that power cuts can be replayed.

A FUSE file system with two files. ``disk`` is meant to lie under a loop device with a real
file system on it; ``acks`` takes the promises that the program under test has given, so
that they have a place in the same order as the writes::

    python -m tests.faults.crashdisk MOUNT --bytes 64000000 --log LOG --base BASE &
    losetup -f --show MOUNT/disk ; mkfs.ext4 LOOP ; mount LOOP FOLDER
    ... the program works in FOLDER, somebody writes lines into MOUNT/acks ...

LOG holds records in the order in which the kernel asked: ``WRITE`` (offset, bytes),
``FLUSH`` (the loop driver turns the block layer's FLUSH and FUA into fsync of the file)
and ``MARK`` (bytes written to ``acks``). The disk after a power cut is BASE as it began,
all writes up to the last flush before the cut, and any subset of the later ones, in any
order, whole or torn; `tests.faults.crashlab` makes it.

The idea is that of dm-log-writes, without a device mapper, which containers do not have.
It cannot show a disk that damages what it was not asked to write.
"""

import argparse
import errno
import os
import stat
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORD = struct.Struct("<BQI")
"""Kind, offset, length of what follows."""
WRITE, FLUSH, MARK = 1, 2, 3


def records(log: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield (kind, offset, data) of each whole record of a log."""
    at = 0
    while at + RECORD.size <= len(log):
        kind, offset, length = RECORD.unpack_from(log, at)
        at += RECORD.size
        yield kind, offset, log[at : at + length]
        at += length


def operations(size_bytes: int, log_path: Path, base_path: Path) -> Any:
    """Return the FUSE operations; only this needs mfusepy, reading a log does not."""
    import mfusepy

    class Disk(mfusepy.Operations):  # type: ignore[misc]  # it comes without types
        use_ns = True

        def __init__(self) -> None:
            self.base = os.open(base_path, os.O_RDWR | os.O_CREAT, 0o600)
            os.ftruncate(self.base, size_bytes)
            self.log = log_path.open("ab", buffering=1 << 20)
            # Not called "lock": mfusepy would take that for the file operation lock().
            self.turn = threading.Lock()
            self.began_ns = time.time_ns()

        def getattr(self, path: str, fh: int | None = None) -> dict[str, int]:
            kinds = {
                "/": (stat.S_IFDIR | 0o700, 0),
                "/disk": (stat.S_IFREG | 0o600, size_bytes),
                "/acks": (stat.S_IFREG | 0o600, 0),
            }
            if path not in kinds:
                raise mfusepy.FuseOSError(errno.ENOENT)
            mode, size = kinds[path]
            times = dict.fromkeys(("st_mtime", "st_ctime", "st_atime"), self.began_ns)
            return {"st_mode": mode, "st_nlink": 1, "st_size": size, **times}

        def readdir(self, path: str, fh: int) -> list[str]:
            return [".", "..", "disk", "acks"]

        def open(self, path: str, flags: int) -> int:
            return 0

        def truncate(self, path: str, length: int, fh: int | None = None) -> int:
            return 0

        def read(self, path: str, size: int, offset: int, fh: int) -> bytes:
            return os.pread(self.base, size, offset) if path == "/disk" else b""

        def write(self, path: str, data: bytes, offset: int, fh: int) -> int:
            with self.turn:
                if path == "/acks":
                    self.log.write(RECORD.pack(MARK, 0, len(data)))
                else:
                    os.pwrite(self.base, data, offset)
                    self.log.write(RECORD.pack(WRITE, offset, len(data)))
                self.log.write(data)
            return len(data)

        def fsync(self, path: str, datasync: int, fh: int) -> int:
            if path == "/disk":
                with self.turn:
                    self.log.write(RECORD.pack(FLUSH, 0, 0))
            return 0

        def flush(self, path: str, fh: int) -> int:
            return 0

        def release(self, path: str, fh: int) -> int:
            self.log.flush()
            return 0

        def fallocate(
            self, path: str, mode: int, offset: int, length: int, fh: int
        ) -> int:
            raise mfusepy.FuseOSError(errno.EOPNOTSUPP)

        def destroy(self, path: str) -> None:
            self.log.flush()

    return Disk()


def main() -> None:
    """Mount the disk and serve it until it is unmounted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("mount")
    parser.add_argument("--bytes", type=int, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    said = parser.parse_args()
    import mfusepy

    # One thread, so that the order in the log is the order of the kernel's requests.
    mfusepy.FUSE(
        operations(said.bytes, said.log, said.base),
        said.mount,
        foreground=True,
        nothreads=True,
    )


if __name__ == "__main__":
    main()
