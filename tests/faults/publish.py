"""The box in the power-cut laboratory: what it does there, and what it must have kept.

`run` starts the program as a technician does, ``edge-server run``: ``serve``, ``work`` and
``receive`` write at the same time, while files are dropped, sent and withdrawn and lessons
are used (`tests.faults.school_day`). `check` opens what a power cut has left as the program
does at its start, and holds it against every promise.

A laboratory that never fails proves nothing, so a *variant* replaces one function of
`edge_server.ground.durable` by nothing, in all three processes, and damage must be seen.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from edge_server import pipeline
from edge_server.cli import main
from edge_server.cli.opening import make_ready
from edge_server.ground import clock, durable, jobs
from edge_server.ground.db import transaction
from edge_server.ground.worker import Worker
from edge_server.records import identity
from scripts.bench.running import free_port
from tests.boxes import make_box, make_teacher
from tests.faults.material import Material
from tests.faults.phone import NoAnswer, Phone
from tests.faults.promises import Finding, Promises, broken, unsettled
from tests.faults.school_day import Ack, SchoolDay

PROJECT = Path(__file__).parents[2]
GOOD = "good"
VARIANTS = {
    GOOD: (),
    "no-folder-sync": ("sync_folder",),
    "no-file-sync": ("sync_file",),
    "no-sync-of-many": ("sync_file_system",),
}
"""Functions of `ground.durable` that do nothing."""
START_S = 30.0
STOP_S = 20.0
SETTLE_S = 120.0


def prepare(root: Path, variant: str) -> None:
    """Make a box with a teacher's PIN."""
    _weaken(variant)
    box = make_box(root / "data")
    make_teacher(box)
    box.db.close()


def run(root: Path, ack: Ack, *, seconds: float, seed: int, variant: str) -> None:
    """Run the whole box for some seconds of a school day."""
    data = root / "data"
    box = make_ready(data)
    box_id = identity.box_id(box.db)
    box.db.close()
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.publish", variant),
            *("run", "--data", str(data), "--port", str(port)),
        ],
        cwd=PROJECT,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "EDGE_LOG_LEVEL": "error"},
    )
    try:
        wait_for_page(port)
        with tempfile.TemporaryDirectory() as films:
            day = SchoolDay(
                data,
                port,
                box_id,
                ack,
                Material(Path(films), seed, slow=False),
                seed=seed,
                drop_s=0.4,
                upload_s=0.3,
                event_s=0.05,
                withdraw_s=2.0,
            )
            day.begin()
            time.sleep(seconds)
            day.end()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_S)


def check(root: Path, acks: list[str], *, settle: bool) -> Iterator[Finding]:
    """Open the box as after a power cut and yield what it has not kept.

    Args:
        root: Where `prepare` has made it.
        acks: The promises given before the cut.
        settle: Let it go on working until nothing is left, and ask for the end as well.
    """
    told = Promises.read(acks)
    # Another boot: what ran when the power went is not to blame for it.
    with tempfile.NamedTemporaryFile("w") as boot:
        boot.write(str(uuid.uuid4()))
        boot.flush()
        clock.BOOT_ID = Path(boot.name)
        began = time.monotonic()
        box = make_ready(root / "data")
        yield from broken(box, told)
        pipeline.reconcile(box)
        with transaction(box.db) as tx:
            jobs.recover(tx, boot=box.clock.boot, now=box.clock())
        blamed = "select count(*) from jobs where blamed or alone or state = 'aside'"
        if box.db.value(blamed):
            yield "blamed_for_a_power_cut", str(jobs.rows(box.db))
        yield "recovery_ms", int((time.monotonic() - began) * 1000)
        if settle:
            _settle(box)
            yield from broken(box, told)
            yield from unsettled(box, told)
            yield "settled", 1
        box.db.close()


def wait_for_page(port: int) -> float:
    """Wait until the home page is answered; return how long it took, in seconds."""
    began = time.monotonic()
    while True:
        try:
            if Phone(port).ask("GET", "/")[0] == 200:
                return time.monotonic() - began
        except NoAnswer:
            if time.monotonic() - began > START_S:
                raise
            time.sleep(0.05)


def _settle(box) -> None:
    """Do what `receive` and `work` would do in peace."""
    from sync.receivers.folder import FolderReceiver

    receiver = FolderReceiver(box, still_s=0.0)
    receiver.scan()
    ends = time.monotonic() + SETTLE_S
    while time.monotonic() < ends:
        receiver.scan()
        Worker(box, pipeline.STEPS).run(until_idle=True)
        waiting = jobs.counts(box.db)
        if not waiting.get("queued") and not waiting.get("running"):
            return
        time.sleep(0.5)


def _weaken(variant: str) -> None:
    for name in VARIANTS[variant]:
        setattr(durable, name, lambda path: None)


if __name__ == "__main__":
    _weaken(sys.argv[1])
    sys.exit(main(sys.argv[2:]))
