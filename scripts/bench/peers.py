"""The other programs that carry a folder from the centre to the box.

Each is a command that runs at the box, and at the centre what it needs there: rsync its
daemon, Syncthing its other half, the rest the same nginx as we. None of them syncs to the
disk or hashes what it wrote; whether the result is right is looked at afterwards.
"""

import filecmp
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.netlab import CENTRE_ADDRESS, Places

HEAP = f"http://{CENTRE_ADDRESS}/heap"
PACKAGES = {"rsync": "rsync", "aria2c": "aria2", "curl": "curl", "rclone": "rclone"}
PACKAGES |= {"syncthing": "syncthing", "nginx": "nginx-light"}
PATIENCE_S = 420.0


def install() -> list[str]:
    """Install what lacks; returns what cannot be had."""
    lacking = [one for one in PACKAGES if not shutil.which(one)]
    if lacking:
        packages = [PACKAGES[one] for one in lacking]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)
        for package in packages:
            subprocess.run(
                ["apt-get", "install", "-qqy", "--no-install-recommends", package],
                check=False, **quiet,
            )  # fmt: skip
    return [one for one in PACKAGES if not shutil.which(one)]


@dataclass(frozen=True, slots=True)
class Peer:
    """A program, what it runs at the box, and what it needs at the centre."""

    name: str
    command: Callable[[Path, Path, Path], list[str]]
    """Of heap, target and a folder of its own."""
    at_centre: Callable[[Path, Path], list[str]] | None = None
    """Of heap and a folder of its own."""


def _rsync(heap: Path, target: Path, own: Path) -> list[str]:
    return ["rsync", "-a", "--partial", f"rsync://{CENTRE_ADDRESS}/heap/", f"{target}/"]


def _rsync_daemon(heap: Path, own: Path) -> list[str]:
    config = own / "rsyncd.conf"
    config.write_text(
        f"uid = 0\ngid = 0\nuse chroot = no\npid file = {own}/rsyncd.pid\n"
        f"[heap]\npath = {heap}\nread only = yes\n"
    )
    return ["rsync", "--daemon", "--no-detach", f"--config={config}"]


def _files(heap: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(heap.rglob("*")):
        if path.is_file():
            inside = path.relative_to(heap)
            yield f"{HEAP}/{quote(str(inside))}", inside


def _aria2(heap: Path, target: Path, own: Path) -> list[str]:
    wanted = own / "aria2.txt"
    wanted.write_text(
        "".join(
            f"{url}\n dir={target / inside.parent}\n out={inside.name}\n"
            for url, inside in _files(heap)
        )
    )
    return [
        *("aria2c", "-q", "-c", "-j4", "-x1", "--conditional-get=true", "-i"),
        *(str(wanted), "--allow-overwrite=true", "--auto-file-renaming=false"),
    ]


def _curl(heap: Path, target: Path, own: Path) -> list[str]:
    wanted = own / "curl.txt"
    wanted.write_text(
        "".join(
            f'url = "{url}"\noutput = "{target / inside}"\n'
            for url, inside in _files(heap)
        )
    )
    return ["curl", "-sS", "-C", "-", "--create-dirs", "-K", str(wanted)]


def _rclone(heap: Path, target: Path, own: Path) -> list[str]:
    return [
        *("rclone", "copy", ":http:", str(target), "--http-url", f"{HEAP}/"),
        *("--transfers", "4", "--config", str(own / "none"), "-q"),
    ]


PEERS = (
    Peer("rsync", _rsync, _rsync_daemon),
    Peer("aria2c", _aria2),
    Peer("curl -C -", _curl),
    Peer("rclone", _rclone),
)


@contextmanager
def needed(peer: Peer, places: Places, heap: Path, own: Path) -> Iterator[None]:
    """Have running at the centre what a peer needs there."""
    own.mkdir(parents=True, exist_ok=True)
    if peer.at_centre is None:
        yield
        return
    process = subprocess.Popen(places.at_centre(*peer.at_centre(heap, own)))
    time.sleep(0.5)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def begin(
    peer: Peer, places: Places, heap: Path, target: Path, own: Path
) -> "subprocess.Popen[bytes]":
    """Begin one run of a peer."""
    target.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        places.at_box(*peer.command(heap, target, own)),
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def finish(process: "subprocess.Popen[bytes]") -> bool:
    """Wait for its end; returns whether it came within `PATIENCE_S`."""
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        kill(process)
        return False
    return True


def kill(process: "subprocess.Popen[bytes] | subprocess.Popen[str]") -> None:
    """End it as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def differs(heap: Path, target: Path) -> int:
    """Return how many files of the heap the target lacks or has otherwise."""
    wrong = 0
    for _, inside in _files(heap):
        mine = target / inside
        wrong += not mine.is_file() or not filecmp.cmp(heap / inside, mine, False)
    return wrong
