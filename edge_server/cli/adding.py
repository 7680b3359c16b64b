"""Adding files from the terminal, and waiting for the jobs that follow."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from edge_server.cli.opening import as_worker, idle
from edge_server.cli.terminal import Terminal
from edge_server.errors import PermanentError
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.records import catalogue, refusals
from sync.arrivals import offers
from sync.receivers import upload
from sync.receivers.shapes import MOST_DEPTH, PassedOver

POLL_S = 0.3


def add(
    box: Box, terminal: Terminal, paths: Sequence[Path], *, wait: bool
) -> dict[str, Any]:
    """Copy and offer files and folders; returns what became of them.

    Args:
        box: The box.
        terminal: Where the bar is drawn.
        paths: Files, folders, archives.
        wait: Until each is taken or refused, and all that follows is done.

    Raises:
        PermanentError: ``path_missing``; nothing was added.
    """
    for path in paths:
        if not path.exists():
            raise PermanentError("path_missing", path=str(path))
    began_at = box.clock.moment().at
    ids: list[str] = []
    passed: list[PassedOver] = []
    for path in paths:
        path = path.resolve()
        found = list(upload.find(path, passed.append))
        bar = terminal.bar(sum(item.size_bytes for item in found), "bytes")
        ids += upload.add_tree(box, path, found, on_bytes=bar.add)
        bar.end()
    if wait:
        until_idle(box, terminal)
    refused = [r for r in refusals.newest(box.db, 1000) if r.at >= began_at]
    return {
        "offered": len(ids),
        "waiting": offers.count(box.db),
        "resources": catalogue.count(box.db),
        "refused": [
            {"name": r.name, "code": r.code, "values": dict(r.values)} for r in refused
        ],
        "passed_over": [_passed(one) for one in passed],
        "jobs_aside": jobs.counts(box.db).get("aside", 0),
    }


def tell(terminal: Terminal, facts: dict[str, Any]) -> None:
    """Say what became of what was added."""
    terminal.say(
        "交进去 %(offered)s 个文件，课件库里现在有 %(resources)s 件。", **facts
    )
    for refusal in [*facts["refused"], *facts["passed_over"]]:
        told = terminal.words.told(refusal["code"], refusal["values"])
        print(f"- {refusal['name']}: {told.what} {told.do}")


def _passed(one: PassedOver) -> dict[str, Any]:
    values: dict[str, Any] = {"name": one.path.name}
    if one.code == "path_too_deep":
        values["most"] = MOST_DEPTH
    return {"name": str(one.path), "code": one.code, "values": values}


def is_trouble(facts: dict[str, Any]) -> bool:
    """Return whether something was refused or set aside."""
    return bool(facts["refused"] or facts["jobs_aside"])


def until_idle(box: Box, terminal: Terminal) -> None:
    """Wait until every job is done: by the worker, or, where none runs, as the worker."""
    with as_worker(box) as mine:
        if mine:
            from edge_server.ground.worker import Worker
            from edge_server.pipeline import steps_of

            Worker(box, steps_of(box.config)).run(until_idle=True)
            return
    bar = terminal.bar(max(offers.count(box.db), 1), "")
    while not idle(box):
        bar.show(bar.total - offers.count(box.db))
        time.sleep(POLL_S)
    bar.end()
