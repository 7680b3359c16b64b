"""A real PostgreSQL for the tests: Debian's package, in a temporary folder of its own.

It listens on a Unix socket in that folder and nowhere else, and is ended with the tests.
PostgreSQL does not run as root, so root's tests start it as ``nobody``.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

INSTALLED = Path("/usr/lib/postgresql")
START_S = 60.0


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, None when none is there."""
    found = [path.parent for path in INSTALLED.glob("*/bin/initdb")]
    return max(found, key=lambda path: float(path.parent.name), default=None)


@dataclass(frozen=True, slots=True)
class Server:
    """A running server."""

    folder: Path

    def url(self, database: str) -> str:
        """Return the address of a database."""
        return f"postgresql://edge@/{database}?host={self.folder}"

    def execute(self, sql: str) -> None:
        """Run a statement outside any transaction: ``create database`` and its kin."""
        address = self.url("postgres")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(sql.encode())


@contextmanager
def running(*options: str) -> Iterator[Server]:
    """Run a server for the block.

    Args:
        options: More arguments of ``postgres``, for example ``-c fsync=off``.
    """
    bin = programs()
    assert bin is not None
    # Not below pytest's folder, which only its owner may enter.
    folder = Path(tempfile.mkdtemp(prefix="edge-pg-", dir="/tmp"))
    run: dict[str, Any] = {"cwd": folder}
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        run |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    data = folder / "data"
    try:
        subprocess.run(
            [
                *(bin / "initdb", "-D", data, "-U", "edge", "-A", "trust"),
                *("--no-sync", "-E", "UTF8", "--locale=C"),
            ],
            check=True, capture_output=True, **run,
        )  # fmt: skip
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [
                    *(bin / "postgres", "-D", data, "-k", folder),
                    *("-c", "listen_addresses=", *options),
                ],
                stdout=log, stderr=log, **run,
            )  # fmt: skip
        try:
            _wait(Server(folder), server)
            yield Server(folder)
        finally:
            server.terminate()
            server.wait(START_S)
    finally:
        shutil.rmtree(folder)


def _wait(answering: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while True:
        try:
            answering.execute("select 1")
            return
        except psycopg.OperationalError as error:
            said = (answering.folder / "log").read_text("utf-8", "replace")
            assert process.poll() is None, said
            assert time.monotonic() < until, f"{error}\n{said}"
            time.sleep(0.05)
