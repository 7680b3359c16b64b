"""Real boxes in a folder of the test: prepared, with an identity, without ballast."""

from dataclasses import replace
from pathlib import Path

from edge_server.cli.opening import make_ready
from edge_server.errors import Stopped
from edge_server.ground import config
from edge_server.ground.box import Box
from edge_server.ground.config import Config
from edge_server.ground.db import transaction
from edge_server.ground.worker import Worker
from edge_server.records import accounts

NAME = "向阳教学点"
PIN = "20481357"


def make_box(folder: Path, **settings) -> Box:
    """Make and open a box."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"name": NAME, "floor_bytes": 0, "ballast_bytes": 0, "mdns": False}
    chosen = Config(**(wanted | settings))
    (folder / config.FILE_NAME).write_text(config.text(chosen), "utf-8")
    return make_ready(folder)


def make_teacher(box: Box) -> int:
    """Add a teacher who has set `PIN` as her PIN; returns the number of the account."""
    with transaction(box.db) as tx:
        account = accounts.add(tx, box.clock, "老师")
        code = accounts.one_time_code(tx, box.clock, account)
    accounts.set_pin(box.db, box.clock, code, PIN, "")
    return account


def run_until_idle(box: Box) -> None:
    """Do every job that may start, as `work` would."""
    from edge_server.pipeline import STEPS

    Worker(box, STEPS).run(until_idle=True)


def run_arrivals(box: Box, *, until_idle: bool = True) -> None:
    """Do the jobs of arriving only: nothing is converted, read or indexed."""
    from edge_server.ground import jobs
    from edge_server.pipeline import STEPS

    arriving = ("describe", "take", "attach", "redescribe", "catalogue")
    steps = [replace(s, then=tuple(k for k in s.then if k in arriving))
             for s in STEPS if s.kind in arriving]  # fmt: skip
    if until_idle:
        Worker(box, steps).run(until_idle=True)
        return
    with transaction(box.db) as tx:  # once only: what fails is not tried again here
        claimed = [
            job
            for kind in arriving
            for job in jobs.claim(tx, kind, now=box.clock(), boot=box.clock.boot)
        ]
    by_kind = {step.kind: step for step in steps}
    for job in claimed:
        try:
            by_kind[job.kind].run(box, job)
        except Stopped as error:
            with transaction(box.db) as tx:
                jobs.fail(tx, job, error, now=box.clock())
