"""Imports go down, never up, never sideways: the house of DESIGN.md, proved on each run.

The sources are parsed, not imported, so an import inside a function or under
TYPE_CHECKING counts too. Made-up trees below show that each rule bites.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("edge_server", "sync", "indexer", "web")

FLOORS = (
    ("edge_server.errors",),
    ("edge_server.ground", "edge_server.guard", "edge_server.language"),
    ("edge_server.records",),
    (
        "sync",
        "indexer",
        "edge_server.media",
        "edge_server.screens",
        "edge_server.upkeep",
    ),
    ("edge_server.pipeline", "web"),
    ("edge_server.cli",),
    ("edge_server.__main__",),
)
"""The rooms, stone first. Rooms of one floor are strangers to each other."""

SYNC_FLOORS = (
    ("sync.format", "sync.link", "sync.tables"),
    ("sync.arrivals",),
    ("sync.receivers", "sync.calling"),
    ("sync.enrol",),
    (
        "sync.night",
        "sync.discovery",
        "sync.lan",
        "sync.courier",
        "sync.export",
    ),
    ("sync.steps",),
)
"""The order inside `sync`; the centre stands beside it and sees only `sync.format`."""

WALLS = {
    "flask": ("web",),
    "whoosh": ("indexer",),
    "ffmpeg": ("edge_server.media",),
    "zeroconf": ("sync.discovery",),
    "watchdog": ("sync.receivers",),
    "async_upnp_client": ("edge_server.screens",),
    "sqlalchemy": ("sync.centre.ledger",),
}
"""Where a package of somebody else may be imported, and nowhere else."""

NAMES_OF_NOTHING = {"models", "utils", "util", "helpers", "helper", "common", "misc"}
"""A module is named after what it holds; these become what everything imports."""


@dataclass(frozen=True, slots=True)
class Source:
    """One module: its dotted name and its syntax tree."""

    name: str
    tree: ast.Module
    is_package: bool


def sources(root: Path) -> Iterator[Source]:
    """Yield every module below a folder."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = list(path.relative_to(root).with_suffix("").parts)
            is_package = parts[-1] == "__init__"
            name = ".".join(parts[:-1] if is_package else parts)
            yield Source(name, ast.parse(path.read_text("utf-8")), is_package)


def imports(source: Source) -> Iterator[str]:
    """Yield the dotted names a module imports; `from a import b` gives `a.b`."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = source.name.split(".")
            if node.level:
                up = node.level - source.is_package
                above = above[: len(above) - up]
            else:
                above = []
            module = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{module}.{alias.name}" for alias in node.names)


def within(name: str, rooms: tuple[str, ...]) -> str | None:
    """Return the one of the rooms that a dotted name lies in."""
    return next((r for r in rooms if name == r or name.startswith(f"{r}.")), None)


def place(name: str, floors: tuple[tuple[str, ...], ...]) -> tuple[int, str] | None:
    """Return the floor and the room of a module, None when it has none."""
    for number, rooms in enumerate(floors):
        if room := within(name, rooms):
            return number, room
    return None


def goes_down(source: Source, floors: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Yield the imports of a module that go up or sideways."""
    here = place(source.name, floors)
    for target in imports(source):
        there = place(target, floors)
        if here and there and here[1] != there[1] and here[0] <= there[0]:
            yield f"{source.name} imports {target}: {there[1]} is not below {here[1]}"


def findings(root: Path) -> list[str]:
    """Return every breach of the layers in a tree of sources, as sentences."""
    found: list[str] = []
    for source in sources(root):
        name = source.name
        found += goes_down(source, FLOORS)
        found += goes_down(source, SYNC_FLOORS)
        found += inside_sync(source)
        found += walls(source)
        found += doors(source)
        if name == "edge_server":
            found += [f"edge_server itself imports {t}" for t in imports(source)]
        elif not place(name, FLOORS):
            found.append(f"{name} has no floor: give it one in tests/test_layers.py")
        if name.split(".")[-1] in NAMES_OF_NOTHING:
            found.append(f"{name} is not named after what it holds")
        if name in PACKAGES and not ast.get_docstring(source.tree):
            found.append(f"{name} does not say what it is")
    return found


def inside_sync(source: Source) -> Iterator[str]:
    """Yield the imports that cross the rooms of `sync`."""
    name = source.name
    if not name.startswith("sync."):
        return
    centre = within(name, ("sync.centre",))
    if not centre and not place(name, SYNC_FLOORS):
        yield f"{name} has no place in sync: give it one in tests/test_layers.py"
    for target in imports(source):
        if centre and within(target, ("sync",)):
            if not within(target, ("sync.centre", "sync.format")):
                yield f"{name} imports {target}: the centre sees only sync.format"
        elif not centre and within(target, ("sync.centre",)):
            yield f"{name} imports {target}: nobody sees the centre"


def walls(source: Source) -> Iterator[str]:
    """Yield the imports of a third-party package outside its wall."""
    for target in imports(source):
        package = target.split(".")[0]
        if package in WALLS and not within(source.name, WALLS[package]):
            yield f"{source.name} imports {package}: only {WALLS[package][0]} may"
        if package == "sqlite_utils":
            tables = source.name.split(".")[-1] == "tables"
            if not tables and not within(source.name, ("edge_server.ground",)):
                yield f"{source.name} imports sqlite_utils: only ground and tables.py may"


def doors(source: Source) -> Iterator[str]:
    """Only `ground.db` opens a SQLite database."""
    if source.name == "edge_server.ground.db":
        return
    opened = "sqlite3.connect" in imports(source) or any(
        isinstance(node, ast.Attribute)
        and node.attr == "connect"
        and isinstance(node.value, ast.Name)
        and node.value.id == "sqlite3"
        for node in ast.walk(source.tree)
    )
    if opened:
        yield f"{source.name} opens a database: only edge_server.ground.db may"


def test_imports_go_down_and_stay_within_their_walls():
    assert findings(ROOT) == []


def test_all_four_packages_are_looked_at():
    seen = {source.name for source in sources(ROOT)}
    assert seen >= set(PACKAGES) | {"edge_server.ground.db", "edge_server.errors"}


GOOD = {
    "edge_server/__init__.py": '"""One."""',
    "sync/__init__.py": '"""Two."""',
    "indexer/__init__.py": '"""Three."""',
    "web/__init__.py": '"""Four."""',
    "edge_server/ground/db.py": "import sqlite3\nsqlite3.connect(':memory:')",
    "edge_server/records/tables.py": "from sqlite_utils import Database",
    "edge_server/records/catalogue.py": "from edge_server.ground import db",
    "edge_server/cli/library.py": "from edge_server import pipeline\nimport web.server",
    "edge_server/media/probe.py": "import ffmpeg\nfrom . import choose",
    "sync/receivers/folder.py": "import watchdog\nfrom sync.arrivals import take",
    "sync/steps.py": "from sync import receivers",
    "sync/centre/publish.py": "from sync.format import shard\nfrom sync.centre import tree",
}


def build(root: Path, files: dict[str, str]) -> Path:
    """Write a made-up tree of modules."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return root


def test_a_house_in_order_has_no_findings(tmp_path):
    assert findings(build(tmp_path, GOOD)) == []


BREACHES = {
    "up": ("edge_server/ground/jobs.py", "from edge_server import records"),
    "sideways": ("indexer/steps.py", "from edge_server.media import probe"),
    "guard knows the ground": (
        "edge_server/guard/x.py",
        "import edge_server.ground.db",
    ),
    "pages know the pipeline": (
        "web/jobs.py",
        "from edge_server.pipeline import STEPS",
    ),
    "the roof is imported": ("web/x.py", "from edge_server.cli import parser"),
    "inside a function": ("sync/steps.py", "def f():\n    import web.server"),
    "relative": ("edge_server/records/usage.py", "from ..media import probe"),
    "relative in a package": (
        "edge_server/records/__init__.py",
        "from ..media import probe",
    ),
    "for types only": (
        "edge_server/language/x.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import edge_server.ground",
    ),
    "a receiver knows the steps": ("sync/receivers/usb.py", "from sync import steps"),
    "arrivals know a receiver": (
        "sync/arrivals/x.py",
        "from sync.receivers import usb",
    ),
    "the centre sees arrivals": ("sync/centre/x.py", "from sync.arrivals import take"),
    "somebody sees the centre": ("sync/steps.py", "import sync.centre.publish"),
    "flask below the pages": ("edge_server/records/x.py", "from flask import request"),
    "whoosh in pages": ("web/search.py", "import whoosh.index"),
    "ffmpeg in the index": ("indexer/x.py", "import ffmpeg"),
    "zeroconf in a receiver": ("sync/receivers/x.py", "import zeroconf"),
    "watchdog in arrivals": ("sync/arrivals/x.py", "import watchdog.events"),
    "sqlite_utils in rows": ("edge_server/records/x.py", "import sqlite_utils"),
    "a second door": ("indexer/x.py", "import sqlite3\nsqlite3.connect('words.db')"),
    "a second door, renamed": ("indexer/x.py", "from sqlite3 import connect as c"),
    "a name of nothing": ("web/utils.py", ""),
    "a folder of nothing": ("web/helpers/__init__.py", ""),
    "a room without a floor": ("edge_server/attic.py", ""),
    "sync without a place": ("sync/magic.py", ""),
    "a silent package": ("web/__init__.py", ""),
    "a package that imports": ("edge_server/__init__.py", '"""One."""\nimport json'),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_is_found(tmp_path, breach):
    path, text = BREACHES[breach]
    found = findings(build(tmp_path, {**GOOD, path: text}))
    name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    assert len(found) == 1
    assert found[0].startswith(name)
