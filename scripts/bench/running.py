"""A box of its own that runs, for the benches: made, started, watched, stopped.

It is the product as a technician starts it, ``edge-server run``, in a folder below
``TMPDIR``; only room that is kept free and the address on the LAN are left out.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

PROJECT = Path(__file__).parents[2]
# A bench in this folder bears the name of a package, which has to be found before it.
sys.path.insert(0, str(PROJECT))
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


def command(folder: Path, *words: str) -> dict:
    """Run a subcommand that prints JSON, and return what it printed."""
    return json.loads(tell(folder, *words, "--json"))


def tell(folder: Path, *words: str) -> str:
    """Run a subcommand, and return what it printed."""
    done = subprocess.run(
        [*PROGRAM, *words, "--data", str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words}: {done.returncode}\n{done.stderr}")
    return done.stdout


def make(folder: Path) -> str:
    """Make a data folder, prepared, with an identity; returns the code for the PIN."""
    facts = command(folder, "init")
    with (folder / "edge-server.toml").open("a") as settings:
        settings.write(SETTINGS)
    return str(facts["one_time_code"])


@contextmanager
def new_folder() -> Iterator[Path]:
    """Give a prepared data folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="box-", ignore_cleanup_errors=True) as own:
        folder = Path(own) / "data"
        make(folder)
        yield folder


@contextmanager
def run(folder: Path, *, log: Path | None = None) -> Iterator[Running]:
    """Run all three processes over a prepared folder until the block ends.

    Args:
        folder: The data folder.
        log: Where their log lines go; by default warnings come to the terminal.
    """
    port = free_port()
    began = time.monotonic()
    with nullcontext() if log is None else log.open("ab") as lines:
        process = subprocess.Popen(
            [*PROGRAM, "run", "--data", str(folder), "--port", str(port)],
            cwd=PROJECT,
            stdout=subprocess.DEVNULL,
            stderr=lines,
            env={**os.environ, "EDGE_LOG_LEVEL": "info" if log else "warning"},
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


def value(folder: Path, question: str) -> int:
    """Ask the database of a box that runs for a number, reading only."""
    db = sqlite3.connect(f"file:{folder / 'edge.db'}?mode=ro", uri=True)
    try:
        return int(db.execute(question).fetchone()[0])
    finally:
        db.close()


def until(
    folder: Path, question: str, patience_s: float = PATIENCE_S, *, poll_s: float = 0.1
) -> None:
    """Wait until a question to the database is answered by something that is not 0.

    Args:
        folder: The data folder.
        question: SQL that gives one number.
        patience_s: How long, in seconds.
        poll_s: Between two looks, in seconds.

    Raises:
        TimeoutError: It was 0 all the time.
    """
    ends = time.monotonic() + patience_s
    while not value(folder, question):
        if time.monotonic() > ends:
            raise TimeoutError(question)
        time.sleep(poll_s)


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process and all below it, all threads, in seconds."""
    total_ns = 0
    for one in tree(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            total_ns += int((task / "schedstat").read_text().split()[0])
    return total_ns / 1e9
