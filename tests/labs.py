"""Laboratories: tests that need more than a plain machine may give.

A test marked ``@pytest.mark.lab("loop", "fuse")`` runs where this machine has both. Where
it lacks one, the test is not run, and the last lines of the whole run name it and say why;
``--all`` makes that a failure. Nothing else may be skipped: a test that is quietly left
out proves nothing, so any other skip fails the run (`tests/conftest.py`).

Each need is tried, not guessed from version numbers: containers often show a device that
they do not let anyone open.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

from tests import postgres


def root() -> str | None:
    """The rights of root."""
    return None if os.geteuid() == 0 else "it is not started by root"


def loop() -> str | None:
    """Loop devices, and a file system made and mounted on one."""
    if reason := root() or programs("mkfs.ext4", "losetup", "mount"):
        return reason
    with tempfile.TemporaryDirectory() as folder:
        disk = Path(folder) / "disk"
        with disk.open("wb") as file:
            file.truncate(8_000_000)
        return tried("mkfs.ext4", "-q", str(disk)) or tried(
            *("unshare", "--mount", "mount", "-o", "loop", str(disk), "/mnt")
        )


def fuse() -> str | None:
    """A file system served by a program: /dev/fuse can be opened and libfuse2 is there."""
    try:
        os.close(os.open("/dev/fuse", os.O_RDWR))
    except OSError as error:
        return f"/dev/fuse cannot be opened ({error.strerror})"
    return programs("fusermount") or tried("fusermount", "-V")


def namespaces() -> str | None:
    """Mounts, processes and a network of one's own."""
    return programs("unshare") or tried(
        *("unshare", "--mount", "--pid", "--net", "--fork", "true")
    )


def sandbox() -> str | None:
    """The sandbox of `edge_server.guard`: user namespaces in bubblewrap."""
    return programs("bwrap") or tried(
        *("bwrap", "--ro-bind", "/", "/", "--unshare-all", "--proc", "/proc", "true")
    )


def strace() -> str | None:
    """One process may trace another and make its system calls fail."""
    return programs("strace") or tried("strace", "-o", "/dev/null", "true")


def postgresql() -> str | None:
    """A PostgreSQL server of one's own, started from Debian's package."""
    return None if postgres.programs() else "postgresql is not installed"


NEEDS: dict[str, Callable[[], str | None]] = {
    need.__name__: need
    for need in (root, loop, fuse, namespaces, sandbox, strace, postgresql)
}
"""What a laboratory may need. A need answers why it cannot be had here, or None."""


@cache
def lacking(need: str) -> str | None:
    """Return why this machine does not have a need, or None when it does."""
    return NEEDS[need]()


def why_not(needs: Iterable[str]) -> str | None:
    """Return why a laboratory with these needs cannot run here, or None when it can."""
    reasons = [f"{need}: {reason}" for need in needs if (reason := lacking(need))]
    return "; ".join(reasons) or None


def programs(*names: str) -> str | None:
    """Return which programs are missing, None when none is."""
    missing = [name for name in names if not shutil.which(name)]
    return f"{', '.join(missing)} is not installed" if missing else None


def tried(*command: str) -> str | None:
    """Return what a command complained of when it failed."""
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL
    )
    if done.returncode == 0:
        return None
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"{command[0]} says: {said[-1] if said else done.returncode}"
