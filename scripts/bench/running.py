"""A box of its own that runs, for the benches: made, started, watched, stopped.

It is the product as a technician starts it, ``edge-server run``, in a folder below
``TMPDIR``; only room that is kept free and the address on the LAN are left out.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

PROJECT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-m", "edge_server")
SETTINGS = "floor_bytes = 0\nballast_bytes = 0\n"
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Running:
    """A box that runs."""

    folder: Path
    port: int
    process: subprocess.Popen
    started_s: float
    """From the command to the first page that was answered whole."""

    def get(self, path: str) -> bytes:
        """Return a page."""
        return get(self.port, path)

    def processes(self) -> list[int]:
        """Return the ids of all its processes, the parent first."""
        return tree(self.process.pid)


def command(folder: Path, *words: str, check: bool = True) -> dict:
    """Run a subcommand that prints JSON, and return what it printed."""
    done = subprocess.run(
        [*PROGRAM, *words, "--data", str(folder), "--json"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"{words}: {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def make(folder: Path) -> None:
    """Make a data folder, prepared, with an identity."""
    command(folder, "init")
    with (folder / "edge-server.toml").open("a") as settings:
        settings.write(SETTINGS)


@contextmanager
def new_folder() -> Iterator[Path]:
    """Give a prepared data folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="box-", ignore_cleanup_errors=True) as own:
        folder = Path(own) / "data"
        make(folder)
        yield folder


@contextmanager
def run(folder: Path, *, quiet: bool = True) -> Iterator[Running]:
    """Run all three processes over a prepared folder until the block ends."""
    port = free_port()
    out = subprocess.DEVNULL if quiet else None
    began = time.monotonic()
    process = subprocess.Popen(
        [*PROGRAM, "run", "--data", str(folder), "--port", str(port)],
        cwd=PROJECT,
        stdout=out,
        stderr=out,
        env={**os.environ, "EDGE_LOG_LEVEL": "warning"},
    )
    try:
        wait_for(port)
        yield Running(folder, port, process, time.monotonic() - began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            for one in tree(process.pid)[::-1]:
                os.kill(one, signal.SIGKILL)
            process.wait()


def wait_for(port: int) -> None:
    """Wait until the home page is answered."""
    ends = time.monotonic() + PATIENCE_S
    while time.monotonic() < ends:
        try:
            get(port, "/")
            return
        except ConnectionError:
            time.sleep(0.01)
    raise TimeoutError(port)


def get(port: int, path: str) -> bytes:
    """Return the body of a page."""
    client = HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    try:
        client.request("GET", path)
        answer = client.getresponse()
        body = answer.read()
    finally:
        client.close()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return body


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def tree(pid: int) -> list[int]:
    """Return a process and all below it."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in tree(int(child)))]
