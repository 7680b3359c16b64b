"""A ledger in SQLite and one in PostgreSQL: its tests run on both."""

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from sync.centre import ledger
from sync.centre.ledger import Ledger
from tests import postgres


class Databases(Protocol):
    """Where ledgers are made."""

    def new(self) -> str:
        """Return the address of an empty one."""

    def copy(self, url: str) -> str:
        """Return the address of a copy; nobody has the first open."""


class SqliteFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new(self) -> str:
        return ledger.url_of(self.folder / f"{uuid.uuid4().hex}.db")

    def copy(self, url: str) -> str:
        made = self.new()
        shutil.copy(url.removeprefix("sqlite:///"), made.removeprefix("sqlite:///"))
        return made


class PostgresqlDatabases:
    def __init__(self, server: postgres.Server) -> None:
        self.server = server
        self.made: list[str] = []

    def new(self) -> str:
        return self._made("template1")

    def copy(self, url: str) -> str:
        return self._made(next(n for n in self.made if url == self.server.url(n)))

    def drop(self) -> None:
        for name in self.made:
            self.server.execute(f"drop database {name} with (force)")

    def _made(self, template: str) -> str:
        self.made.append(f"ledger_{uuid.uuid4().hex}")
        self.server.execute(f"create database {self.made[-1]} template {template}")
        return self.server.url(self.made[-1])


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Server]:
    # Whether what was answered survives a power cut is PostgreSQL's to prove, not ours.
    with postgres.running("-c", "fsync=off") as server:
        yield server


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.lab("postgresql"))]
)
def databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Databases]:
    if request.param == "sqlite":
        yield SqliteFiles(tmp_path)
    else:
        made = PostgresqlDatabases(request.getfixturevalue("postgresql"))
        yield made
        made.drop()


@pytest.fixture
def book(databases: Databases) -> Iterator[Ledger]:
    """A ledger with its tables."""
    opened = ledger.open(databases.new())
    opened.prepare()
    yield opened
    opened.close()
