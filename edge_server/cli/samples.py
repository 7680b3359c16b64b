"""The demo's box and its county centre: made once, PINs set; the samples are brought in."""

import hashlib
import secrets
import time
from pathlib import Path

from edge_server.cli.opening import idle
from edge_server.cli.terminal import Terminal
from edge_server.errors import PermanentError, Refused
from edge_server.ground import config, durable, jobs
from edge_server.ground.box import Box, open_box
from edge_server.ground.db import transaction
from edge_server.records import accounts, catalogue, settings
from sync.receivers import upload

FOLDER = Path(__file__).parents[2] / "media_samples" / "library"
TEACHING_POINT = config.Config(name="向阳教学点")
COUNTY = config.Config(
    role=config.COUNTY_CENTRE, name="向阳县教育资源中心", convert=False, mdns=False
)
"""The box converts what it fetches, so that a newcomer sees it."""
ACCOUNT = "老师"
POLL_S = 0.3


def make_folder(folder: Path, chosen: config.Config = TEACHING_POINT) -> None:
    """Make a data folder of the demo with its settings, if it is missing."""
    durable.make_folders(folder.resolve())
    path = folder / config.FILE_NAME
    if not path.exists():
        durable.write(path, config.text(chosen).encode())


def centre_of(folder: Path) -> Path:
    """Return where the demo keeps its county centre: beside the box."""
    whole = folder.resolve()
    return whole.with_name(f"{whole.name}-centre")


def make_county(folder: Path) -> None:
    """Make the keys and the book of the demo's county centre; its folder is prepared."""
    from edge_server.cli import county

    box = open_box(folder)
    county.make(box, None)
    box.db.close()


def known_pin(folder: Path) -> str:
    """Return the demo's PIN, set at the first time."""
    box = open_box(folder)
    pin: str | None = settings.get(box.db, "demo_pin")
    if pin is None:
        pin = _pin()
        with transaction(box.db) as tx:
            account = accounts.add(tx, box.clock, ACCOUNT)
            code = accounts.one_time_code(tx, box.clock, account)
            settings.put(tx, box.clock, "demo_pin", pin, by="demo")
        accounts.set_pin(box.db, box.clock, code, pin, "terminal")
    box.db.close()
    return pin


def fill(box: Box, samples: Path, terminal: Terminal) -> None:
    """Add the samples unless this very set was added, and show how they are taken in."""
    if not samples.is_dir():
        raise PermanentError("samples_missing", folder=str(samples))
    found = list(upload.find(samples))
    mark = hashlib.sha256(
        "".join(f"{f.path}|{f.size_bytes}|{f.changed_at}" for f in found).encode()
    ).hexdigest()
    if settings.get(box.db, "demo_samples") != mark:
        bar = terminal.bar(sum(item.size_bytes for item in found), "bytes")
        upload.add_tree(
            box, samples / samples.name, found, on_bytes=bar.add, channel="cli"
        )
        bar.end()
        with transaction(box.db) as tx:
            settings.put(tx, box.clock, "demo_samples", mark, by="demo")
    show_until_idle(box, terminal)


def show_until_idle(box: Box, terminal: Terminal) -> None:
    """Show what is being done until no job is left."""
    counted = jobs.counts(box.db)
    most = max(counted.get("queued", 0) + counted.get("running", 0), 1)
    bar = terminal.bar(most, "")
    while not idle(box):
        counted = jobs.counts(box.db)
        left = counted.get("queued", 0) + counted.get("running", 0)
        most = max(most, left)
        bar.total = most
        running = jobs.rows(box.db, state="running")
        what = ", ".join(sorted({row.kind for row in running}))
        bar.show(most - left, f"({catalogue.count(box.db)}) {what}")
        time.sleep(POLL_S)
    bar.show(most)
    bar.end()


def _pin() -> str:
    while True:
        pin = "".join(secrets.choice("0123456789") for _ in range(accounts.PIN_DIGITS))
        try:
            accounts.check_pin(pin)
        except Refused:
            continue
        return pin
