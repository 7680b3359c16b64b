"""The technician's settings: defaults, then the file, then ``EDGE_…``, then flags.

`edge-server.toml` is written once, by ``init``; the program never writes it again. What
people set while the box runs are rows (`edge_server.records.settings`), so that each
setting has one home.
"""

import difflib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from edge_server.errors import WrongUsage

FILE_NAME = "edge-server.toml"
TEACHING_POINT, COUNTY_CENTRE = ROLES = ("teaching-point", "county-centre")


@dataclass(frozen=True, slots=True)
class Config:
    """What the technician may set in ``edge-server.toml``."""

    role: str = TEACHING_POINT
    """``teaching-point`` or ``county-centre``."""
    name: str = "教学点"
    """What pages and discovery call this place."""
    host: str = "0.0.0.0"
    """Address the web server listens on."""
    port: int = 8080
    """TCP port of the web server; an installed box uses 80."""
    threads: int = 16
    """Requests answered at once; file bodies need none."""
    floor_bytes: int = 2_000_000_000
    """Room that is never used up: intake stops before it."""
    ballast_bytes: int = 64_000_000
    """A file dropped when the disk is full, so that the database can be opened."""
    office: bool = True
    """Convert slides and documents with LibreOffice where it is installed."""
    convert: bool = True
    """Make here what screens show. A centre that does publishes it, and no box makes it
    again; one that does not leaves it to the boxes."""
    sandbox_memory_bytes: int = 1_500_000_000
    """Address space of one converter."""
    keep_trash_days: int = 30
    """Days of running that withdrawn files stay restorable."""
    mdns: bool = True
    """Advertise this box on the LAN by multicast DNS."""
    machine_port: int = 8443
    """TCP port on which a county centre hears boxes, over TLS with its own authority."""
    names: str = ""
    """Further host names and addresses of a county centre, separated by spaces: what
    boxes may call it by, beside what this machine knows of itself."""
    ledger: str = ""
    """Where a county centre keeps its book of points: ``postgresql://…``; empty: in
    ``ledger.db`` in its data folder."""
    published_at: str = ""
    """Address of the published tree as boxes call it, when a front server or a mirror
    carries it: ``http://…/published``. Empty: this machine's, by the name it was called."""
    front: str = ""
    """``nginx`` when the shipped nginx configuration stands in front."""
    log_level: str = "info"
    """``debug``, ``info``, ``warning`` or ``error``."""


def load(
    folder: Path,
    *,
    environment: Mapping[str, str] | None = None,
    flags: Mapping[str, Any] | None = None,
) -> Config:
    """Read the settings of a data folder.

    Args:
        folder: The data folder; a missing file means the defaults.
        environment: ``EDGE_PORT=80`` sets ``port``; the process's own by default.
        flags: What the command line said; None values are passed over.

    Raises:
        WrongUsage: An unknown key (with the nearest known one) or a value that does not
            fit its type.
    """
    config = Config()
    path = folder / FILE_NAME
    if path.is_file():
        try:
            config = _apply(config, tomllib.loads(path.read_text("utf-8")))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise WrongUsage("settings_unreadable", why=str(error)) from error
    known = {f"EDGE_{field.name.upper()}": field.name for field in fields(Config)}
    said = os.environ if environment is None else environment
    config = _apply(
        config, {known[name]: value for name, value in said.items() if name in known}
    )
    return _apply(config, {k: v for k, v in (flags or {}).items() if v is not None})


def text(config: Config) -> str:
    """Return the file that ``init`` writes: role and name, the rest as it is unless said."""
    lines = [
        "# Settings of this box; see docs/settings.md. The program never writes here."
    ]
    defaults = Config()
    for field in fields(Config):
        value = getattr(config, field.name)
        if field.name in ("role", "name") or value != getattr(defaults, field.name):
            lines.append(f"{field.name} = {_toml(value)}")
    return "\n".join(lines) + "\n"


def _apply(config: Config, values: Mapping[str, Any]) -> Config:
    types = {field.name: type(getattr(config, field.name)) for field in fields(Config)}
    changed: dict[str, Any] = {}
    for key, value in values.items():
        if key not in types:
            near = difflib.get_close_matches(key, types, n=1)
            raise WrongUsage("setting_unknown", key=key, near=near[0] if near else "")
        changed[key] = _fit(key, value, types[key])
    if changed.get("role", config.role) not in ROLES:
        raise WrongUsage("setting_wrong", key="role", value=str(changed["role"]))
    return replace(config, **changed)


def _fit(key: str, value: Any, wanted: type) -> Any:
    try:
        if wanted is bool:
            words = {"true": True, "1": True, "yes": True, "false": False, "0": False}
            return value if isinstance(value, bool) else words[str(value).lower()]
        if wanted is int and isinstance(value, str):
            return int(value)
        if isinstance(value, wanted) and not isinstance(value, bool):
            return value
    except (KeyError, ValueError):
        pass
    raise WrongUsage("setting_wrong", key=key, value=str(value))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
