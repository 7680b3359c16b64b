"""A durable job table: work that survives a power cut.

A job is one idempotent step on one thing, named by ``(kind, key)``, for example
``("render", "<object id>")``. Its life is::

    queued --claim--> running --finish--> gone, or queued when asked again meanwhile
      ^                  |
      |                  +--fail--------> queued (later), or aside with its reason
      +-----recover------+

The row stays in the table while its job runs, which is the whole difference from a queue
that deletes on dequeue: when the box loses power the row still says ``running``, and
`recover` puts it back at the next start. So a step may run twice, and every step must
give the same result when it does.

Who is to blame when the process dies? A power cut blames nobody. A job that was running
when only the process died is tried by itself; if the process dies again while it is
alone, it is blamed, and set aside at the fifth time. What has written something durable
(`progressed`) starts with a clean record.
"""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from sqlite3 import Row

from edge_server.errors import (
    EdgeError,
    Killed,
    PermanentError,
    Stopped,
    TemporaryError,
    Value,
)
from edge_server.ground.db import Db, Tx
from edge_server.ground.together import Together

MOST_BLAMED = 5
MOST_UNEXPECTED = 3
MOST_KILLED = 10
"""Tries of a job whose converter somebody else ends: they last more than an hour."""
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 3600.0

URGENT, SOON, LATER = 0, 1, 2
"""A person waits; this teaching week; the rest."""


@dataclass(frozen=True, slots=True)
class Job:
    """One claimed piece of work, as its step sees it."""

    id: int
    kind: str
    key: str
    urgency: int = LATER
    tries: int = 1
    """Claims since something durable was written, this one included."""
    should_stop: Callable[[], bool] = field(default=lambda: False, compare=False)
    """True once the step ought to end at its next good moment (raise `Stopped`)."""
    together: Together = field(default_factory=Together, compare=False)
    """Makes files durable before the step's result is written down, those of all jobs of
    a batch at once: whoever runs a step finishes it in between."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One row, for people: terminal and status page."""

    id: int
    kind: str
    key: str
    urgency: int
    state: str
    tries: int
    done: float | None
    total: float | None
    unit: str | None
    code: str | None
    values: Mapping[str, Value]
    queued_s: float


def enqueue(
    tx: Tx,
    kind: str,
    key: str,
    *,
    now: float,
    urgency: int = LATER,
    delay_s: float = 0.0,
) -> None:
    """Ask for a step; asking twice is asking once, and never lost.

    A job that runs at this moment runs once more afterwards. One that was set aside is
    taken up again.

    Args:
        tx: The transaction that holds the reason for the work.
        kind: What is to be done.
        key: To what.
        now: Running time in seconds (``box.clock()``).
        urgency: `URGENT`, `SOON` or `LATER`; the most urgent asker counts.
        delay_s: Not before so many seconds from now.
    """
    tx.execute(
        "insert into jobs (kind, key, urgency, state, not_before, queued_s)"
        " values (:kind, :key, :urgency, 'queued', :due, :now)"
        " on conflict (kind, key) do update set"
        "  asked = asked + 1, urgency = min(urgency, :urgency),"
        "  not_before = iif(state = 'aside', :due, min(not_before, :due)),"
        "  tries = iif(state = 'aside', 0, tries),"
        "  blamed = iif(state = 'aside', 0, blamed),"
        "  state = iif(state = 'aside', 'queued', state)",
        {
            "kind": kind,
            "key": key,
            "urgency": urgency,
            "due": now + delay_s,
            "now": now,
        },
    )


def waiting(db: Db, kinds: Sequence[str], now: float) -> tuple[int, str, int] | None:
    """Return (urgency, kind, alone) of the next job among ``kinds``, or None.

    Among equally urgent jobs the earlier kind of ``kinds`` comes first.
    """
    best: tuple[int, int, str, int] | None = None
    for rank, kind in enumerate(kinds):
        row = db.one(
            "select urgency, alone from jobs where state = 'queued' and kind = ?"
            " and not_before <= ? order by urgency, id limit 1",
            (kind, now),
        )
        if row is not None and (best is None or (row["urgency"], rank) < best[:2]):
            best = (row["urgency"], rank, kind, row["alone"])
    return None if best is None else (best[0], best[2], best[3])


def next_due_s(db: Db) -> float | None:
    """Return the running time at which the earliest queued job may start."""
    due: float | None = db.value(
        "select min(not_before) from jobs where state = 'queued'"
    )
    return due


def claim(tx: Tx, kind: str, *, now: float, boot: str, most: int = 1) -> list[Job]:
    """Take up to ``most`` jobs of one kind; the first decides whether it is alone."""
    rows = tx.all(
        "select id, key, urgency, tries, alone from jobs where state = 'queued'"
        " and kind = ? and not_before <= ? order by urgency, id limit ?",
        (kind, now, most),
    )
    if rows and rows[0]["alone"]:
        rows = rows[:1]
    rows = [row for i, row in enumerate(rows) if i == 0 or not row["alone"]]
    tx.executemany(
        "update jobs set state = 'running', claimed = asked, tries = tries + 1,"
        " began_s = ?, boot = ?, done = null, total = null, unit = null where id = ?",
        [(now, boot, row["id"]) for row in rows],
    )
    return [
        Job(row["id"], kind, row["key"], row["urgency"], row["tries"] + 1)
        for row in rows
    ]


def finish(tx: Tx, job: Job) -> None:
    """End a job that did its work; asked again meanwhile, it is queued again."""
    if not tx.execute(
        "delete from jobs where id = ? and state = 'running' and asked = claimed",
        (job.id,),
    ):
        tx.execute(
            "update jobs set state = 'queued', tries = 0, blamed = 0, alone = 0,"
            " code = null, detail = null, done = null, total = null"
            " where id = ? and state = 'running'",
            (job.id,),
        )


def fail(tx: Tx, job: Job, error: Exception, *, now: float) -> bool:
    """Write down why a job failed; returns True when it was set aside for good."""
    if isinstance(error, Stopped):
        give_back(tx, job)
        return False
    code = error.reason if isinstance(error, EdgeError) else "unexpected"
    values = (
        error.values
        if isinstance(error, EdgeError)
        else {"what": f"{type(error).__name__}: {error}"[:500]}
    )
    aside = isinstance(error, PermanentError) or job.tries >= _most_tries(error)
    delay_s = min(FIRST_RETRY_S * 2.0 ** min(job.tries - 1, 12), LONGEST_RETRY_S)
    tx.execute(
        "update jobs set state = :state, code = :code, detail = :detail,"
        " not_before = :due, alone = 0, done = null, total = null"
        " where id = :id and state = 'running'",
        {
            "state": "aside" if aside else "queued",
            "code": code,
            "detail": json.dumps(values, ensure_ascii=False),
            "due": now + delay_s,
            "id": job.id,
        },
    )
    return aside


def _most_tries(error: Exception) -> float:
    if isinstance(error, Killed):
        return MOST_KILLED
    return math.inf if isinstance(error, TemporaryError) else MOST_UNEXPECTED


def give_back(tx: Tx, job: Job) -> None:
    """Put a job back that was stopped through no fault of its own."""
    tx.execute(
        "update jobs set state = 'queued', tries = max(tries - 1, 0)"
        " where id = ? and state = 'running'",
        (job.id,),
    )


def progressed(tx: Tx, job: Job) -> None:
    """Something durable was written: earlier tries and blames no longer count."""
    tx.execute("update jobs set tries = 1, blamed = 0 where id = ?", (job.id,))


def note_progress(tx: Tx, job: Job, done: float, total: float, unit: str) -> None:
    """Write down how far a running job is, for people."""
    tx.execute(
        "update jobs set done = ?, total = ?, unit = ? where id = ?",
        (done, total, unit, job.id),
    )


def recover(tx: Tx, *, boot: str, now: float) -> int:
    """Put back what was running when the worker ended; returns how many jobs.

    To be called by the one worker at its start, before it claims anything.
    """
    tx.execute(
        "update jobs set cuts = cuts + 1 where state = 'running' and boot is not ?",
        (boot,),
    )
    tx.execute(
        "update jobs set blamed = blamed + alone, alone = 1"
        " where state = 'running' and boot is ?",
        (boot,),
    )
    tx.execute(
        "update jobs set state = 'aside', code = 'job_kills_worker', detail = '{}'"
        " where state = 'running' and blamed >= ?",
        (MOST_BLAMED,),
    )
    return tx.execute(
        "update jobs set state = 'queued', not_before = min(not_before, ?),"
        " done = null, total = null where state = 'running'",
        (now,),
    )


def rows(db: Db, *, state: str | None = None, limit: int = 200) -> list[JobRow]:
    """Return jobs for people, running ones first, then by urgency."""
    found = db.all(
        "select * from jobs where :state is null or state = :state order by"
        " state <> 'running', state <> 'aside', urgency, id limit :limit",
        {"state": state, "limit": limit},
    )
    return [_row(row) for row in found]


def find(db: Db, kind: str, key: str) -> JobRow | None:
    """Return one job, None: there is none to do."""
    row = db.one("select * from jobs where kind = ? and key = ?", (kind, key))
    return None if row is None else _row(row)


def _row(row: Row) -> JobRow:
    return JobRow(
        id=row["id"],
        kind=row["kind"],
        key=row["key"],
        urgency=row["urgency"],
        state=row["state"],
        tries=row["tries"],
        done=row["done"],
        total=row["total"],
        unit=row["unit"],
        code=row["code"],
        values=json.loads(row["detail"] or "{}"),
        queued_s=row["queued_s"],
    )


def counts(db: Db) -> dict[str, int]:
    """Return how many jobs are in each state; states without any are left out."""
    return {
        row["state"]: row["n"]
        for row in db.all("select state, count(*) n from jobs group by state")
    }


def retry(tx: Tx, job_id: int, *, now: float) -> bool:
    """Queue one job again that was set aside or waits for a later try."""
    return bool(
        tx.execute(
            "update jobs set state = 'queued', tries = 0, blamed = 0, alone = 0,"
            " not_before = ?, code = null, detail = null"
            " where id = ? and state <> 'running'",
            (now, job_id),
        )
    )


def drop(tx: Tx, job_id: int) -> bool:
    """Forget one job that was set aside."""
    return bool(
        tx.execute("delete from jobs where id = ? and state = 'aside'", (job_id,))
    )
