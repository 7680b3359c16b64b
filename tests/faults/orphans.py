"""Converters that have lost who started them, seen without the box's own eyes.

The kernel gives a process whose parent dies to the nearest ancestor that asked for it. A
campaign asks, so every sandbox that a killed process of the box has left becomes its own
child, and nobody else's.
"""

import ctypes
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

GONE_S = 20.0
"""A worker is started again and ends what it finds in far less."""
_PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def adopted() -> Iterator[None]:
    """Be given the orphans of everything below this process while the block runs."""
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def stay() -> Iterator[str]:
    """Wait a little for orphaned sandboxes to end; yield what each does that stays."""
    ends = time.monotonic() + GONE_S
    while (found := list(_sandboxes())) and time.monotonic() < ends:
        time.sleep(0.05)
    for pid in found:
        with suppress(FileNotFoundError, ProcessLookupError):
            waits = Path(f"/proc/{pid}/wchan").read_text()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            yield f"waits in {waits}: … {b' '.join(words[-8:]).decode(errors='replace')}"


def _sandboxes() -> Iterator[int]:
    """Yield our children that are sandboxes or on the way to be one; bury the dead."""
    for task in Path("/proc/self/task").iterdir():
        for pid in map(int, (task / "children").read_text().split()):
            with suppress(FileNotFoundError, ProcessLookupError, ChildProcessError):
                if b"bwrap" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
                    yield pid
                elif Path(f"/proc/{pid}/comm").read_text().strip() == "bwrap":
                    os.waitpid(pid, os.WNOHANG)
