"""``jobs``: what is being done, what was set aside, try again, forget, wait."""

import argparse
import time
from dataclasses import asdict

from edge_server.cli.opening import idle, opened
from edge_server.cli.terminal import Terminal
from edge_server.ground import jobs
from edge_server.ground.db import transaction

POLL_S = 0.5


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("jobs", help="work that is waiting, running or set aside")
    inner = top.add_subparsers(dest="jobs", required=True, metavar="WHAT")
    show = inner.add_parser("list", parents=[common], help="list jobs")
    show.add_argument("--state", choices=("queued", "running", "aside"))
    show.add_argument("--json", action="store_true", help="print facts as JSON")
    show.set_defaults(run=run_list)
    retry = inner.add_parser("retry", parents=[common], help="try set-aside jobs again")
    retry.add_argument(
        "job", nargs="*", type=int, help="job numbers; none: all set aside"
    )
    retry.set_defaults(run=run_retry)
    drop = inner.add_parser("drop", parents=[common], help="forget set-aside jobs")
    drop.add_argument("job", nargs="+", type=int)
    drop.set_defaults(run=run_drop)
    wait = inner.add_parser("wait", parents=[common], help="wait until nothing is left")
    wait.add_argument("--timeout", type=float, default=None, metavar="SECONDS")
    wait.set_defaults(run=run_wait)


def run_list(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print jobs; exit status 1 when one was set aside."""
    with opened(said) as box:
        rows = jobs.rows(box.db, state=said.state)
    if terminal.json:
        terminal.facts({"jobs": [asdict(row) for row in rows]})
    elif not rows:
        terminal.say("没有要做的事。")
    else:
        terminal.table(
            ("编号", "做什么", "对象", "状态", "进度", "原因"),
            [
                (
                    row.id,
                    row.kind,
                    row.key[:12],
                    row.state,
                    f"{row.done:.0f}/{row.total:.0f} {row.unit}" if row.total else "",
                    _reason(row, terminal),
                )
                for row in rows
            ],
        )
    return 1 if any(row.state == "aside" for row in rows) else 0


def _reason(row: jobs.JobRow, terminal: Terminal) -> str:
    """Return why a job failed; what a program said is for the technician alone."""
    if not row.code:
        return ""
    said = terminal.words.told(row.code, row.values).what
    detail = row.values.get("what")
    return f"{said} ({detail})" if detail else said


def run_retry(said: argparse.Namespace, terminal: Terminal) -> int:
    """Queue set-aside jobs again."""
    with opened(said) as box:
        wanted = said.job or [row.id for row in jobs.rows(box.db, state="aside")]
        with transaction(box.db) as tx:
            done = [jobs.retry(tx, job, now=box.clock()) for job in wanted]
    terminal.say("%(n)s 件重新排队了。", n=sum(done))
    return 0 if all(done) else 1


def run_drop(said: argparse.Namespace, terminal: Terminal) -> int:
    """Forget set-aside jobs."""
    with opened(said) as box, transaction(box.db) as tx:
        done = [jobs.drop(tx, job) for job in said.job]
    terminal.say("%(n)s 件不再做了。", n=sum(done))
    return 0 if all(done) else 1


def run_wait(said: argparse.Namespace, terminal: Terminal) -> int:
    """Wait until no job is queued or running; 75 when the time is up."""
    ends_s = None if said.timeout is None else time.monotonic() + said.timeout
    with opened(said) as box:
        while not idle(box):
            if ends_s is not None and time.monotonic() > ends_s:
                return 75
            time.sleep(POLL_S)
    return 0
