"""The loop that does the jobs: three lanes, one transaction at the end of each step.

One thread looks for work, three do it. It learns of new work by asking the database's
`data_version` ten times a second (3 µs, no disk access), so an idle box writes nothing
and there is no wake-up message to lose. A lane does one job at a time: ``quick`` (rows,
at most 2 s by contract), ``bytes`` (hash, unpack, extract, sweep), ``heavy`` (converters).

A step does its slow work outside any transaction; then one transaction holds its result,
the end of its job and the start of what follows. Kinds with a ``batch`` are claimed
together; they share that transaction and the flushes of their files (`ground.together`),
because on an SD card the flush is the price.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge_server.errors import EdgeError, Stopped
from edge_server.ground import clock, durable, jobs, longest, store
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.together import Together

log = logging.getLogger(__name__)

POLL_S = 0.1
BATCH_S = 0.5
"""A batch begins no further job after so long; who waits for its result waits no longer,
and something more urgent may come between."""
PROGRESS_EVERY_S = 2.0
LANES = ("quick", "bytes", "heavy")

WriteDown = Callable[[Tx], Iterable[str]]
"""Writes a step's result and names what the next steps are to work on."""


@dataclass(frozen=True, slots=True)
class Step:
    """A kind of job, and what follows it."""

    kind: str
    run: Callable[[Box, Job], WriteDown]
    on: str
    """What its key names: ``offer``, ``object``, ``resource`` …"""
    gives: str = ""
    """What the keys it returns name; ``on`` when empty."""
    lane: str = "quick"
    then: tuple[str, ...] = ()
    """Kinds to enqueue for each key that the step returns."""
    batch: int = 1
    """How many jobs of this kind may share a transaction."""
    worth: Callable[[Db, str], bool] = lambda db, key: True
    """Whether a key that an earlier step gave is one to work on at all: a job that has
    nothing to do still costs two transactions."""
    at_once: Callable[[Box, Tx, str], Iterable[str]] | None = None
    """Does the whole step in the transaction of the one before it, and names what the
    next steps are to work on; for rows alone. No job is made then."""


@dataclass(frozen=True, slots=True)
class Every:
    """What recurs: due by hours of running, so a box that was off catches up once."""

    kind: str
    hours: float
    key: str = "all"


def progress(box: Box, job: Job) -> Callable[[float, float, str], None]:
    """Return a function that notes progress, at most once in two seconds."""
    last_s = time.monotonic() - PROGRESS_EVERY_S

    def note(done: float, total: float, unit: str) -> None:
        nonlocal last_s
        now_s = time.monotonic()
        if now_s - last_s >= PROGRESS_EVERY_S:
            last_s = now_s
            with transaction(box.db) as tx:
                jobs.note_progress(tx, job, done, total, unit)

    return note


class Worker:
    """Does the jobs of one box until it is told to stop.

    Args:
        box: The box; this process holds its worker lock.
        steps: Every kind of job.
        recurring: What is due again and again.
    """

    def __init__(
        self, box: Box, steps: Sequence[Step], recurring: Sequence[Every] = ()
    ) -> None:
        self.box = box
        self.steps: Mapping[str, Step] = {step.kind: step for step in steps}
        self.kinds = {
            lane: tuple(step.kind for step in steps if step.lane == lane)
            for lane in LANES
        }
        self.recurring = recurring
        self._stopping = threading.Event()
        self._ended: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._lanes: dict[str, queue.SimpleQueue[list[Job] | None]] = {
            lane: queue.SimpleQueue() for lane in LANES
        }
        self._busy: dict[str, bool] = {}  # lane -> whether its job is to be alone
        self._yield_heavy = threading.Event()
        self._heavy_urgency = jobs.LATER
        self._broken: Exception | None = None
        self._longest = longest.Longest()

    def stop(self) -> None:
        """Ask the loop to end; running steps are told through ``job.should_stop``."""
        self._stopping.set()
        self._ended.put("")

    def run(self, *, until_idle: bool = False) -> None:
        """Do jobs until `stop`, or until none is left that may start.

        Raises:
            Exception: What kept the end of a job from being written (a full disk); the
                next start takes up from the rows.
        """
        with transaction(self.box.db) as tx:
            jobs.recover(tx, boot=self.box.clock.boot, now=self.box.clock())
        threads = [
            threading.Thread(target=self._lane, args=(lane,), name=lane, daemon=True)
            for lane in LANES
        ]
        for thread in threads:
            thread.start()
        try:
            self._loop(until_idle)
        finally:
            self._stopping.set()
            for lane in LANES:
                self._lanes[lane].put(None)
            for thread in threads:
                thread.join()
            self._note_longest()
        if self._broken is not None:
            raise self._broken

    def _loop(self, until_idle: bool) -> None:
        seen = -1
        look_s = 0.0  # running time at which to look even if nothing changed
        while not self._stopping.is_set():
            now = self.box.clock()
            version = self.box.db.data_version()
            if version != seen or now >= look_s:
                seen = version
                self._ask_recurring(now)
                started = self._start_what_may(now)
                due = jobs.next_due_s(self.box.db)
                later = [at for at in (due, self._recurs_s()) if at is not None]
                look_s = min([at for at in later if at > now], default=float("inf"))
                if until_idle and not started and not self._busy:
                    return
            try:
                lane = self._ended.get(timeout=POLL_S)
                self._busy.pop(lane, None)
                seen = -1
                self._note_longest()
            except queue.Empty:
                pass

    def _note_longest(self) -> None:
        """Log the longest transaction so far, each time there is a longer one."""
        found = longest.found()
        if found.seconds > self._longest.seconds:
            self._longest = found
            log.log(
                logging.WARNING if found.seconds > longest.MOST_S else logging.INFO,
                "longest transaction so far: %.0f ms in %s (%s)",
                found.seconds * 1000,
                found.file,
                found.work or "no job",
            )

    def _start_what_may(self, now: float) -> bool:
        started = False
        for lane in LANES:
            if any(self._busy.values()):
                break  # somebody is being tried alone
            nearest = jobs.waiting(self.box.db, self.kinds[lane], now)
            if lane == "heavy":
                self._ask_heavy_to_yield(nearest)
            if lane in self._busy or nearest is None:
                continue
            _, kind, alone = nearest
            if alone and self._busy:
                continue
            with transaction(self.box.db) as tx:
                clock.note_running(tx, self.box.clock)
                claimed = jobs.claim(
                    tx,
                    kind,
                    now=now,
                    boot=self.box.clock.boot,
                    most=self.steps[kind].batch,
                )
            if claimed:
                self._busy[lane] = bool(alone)
                if lane == "heavy":
                    self._heavy_urgency = claimed[0].urgency
                    self._yield_heavy.clear()
                self._lanes[lane].put(claimed)
                started = True
        return started

    def _ask_heavy_to_yield(self, nearest: tuple[int, str, int] | None) -> None:
        if "heavy" in self._busy and nearest and nearest[0] < self._heavy_urgency:
            self._yield_heavy.set()

    def _ask_recurring(self, now: float) -> None:
        last = self._last_recurred()
        due = [
            every
            for every in self.recurring
            if now >= last.get(every.kind, 0.0) + every.hours * 3600.0
        ]
        if not due:
            return
        with transaction(self.box.db) as tx:
            for every in due:
                tx.execute(
                    "insert into recurring values (?, ?)"
                    " on conflict (kind) do update set last_s = excluded.last_s",
                    (every.kind, now),
                )
                jobs.enqueue(tx, every.kind, every.key, now=now)

    def _recurs_s(self) -> float | None:
        last = self._last_recurred()
        return min(
            (last.get(e.kind, 0.0) + e.hours * 3600.0 for e in self.recurring),
            default=None,
        )

    def _last_recurred(self) -> dict[str, float]:
        return {
            row["kind"]: row["last_s"]
            for row in self.box.db.all("select kind, last_s from recurring")
        }

    def _lane(self, lane: str) -> None:
        def should_stop() -> bool:
            return self._stopping.is_set() or (
                lane == "heavy" and self._yield_heavy.is_set()
            )

        while (claimed := self._lanes[lane].get()) is not None:
            try:
                self._do(claimed, should_stop)
            except Exception as error:
                # Its rows still say running, and only a start mends that.
                log.exception("the %s lane could not write down what it did", lane)
                self._broken = error
                self.stop()
            finally:
                self._ended.put(lane)

    def _do(self, claimed: list[Job], should_stop: Callable[[], bool]) -> None:
        """Run the steps of some jobs of one kind, then write their ends together."""
        step = self.steps[claimed[0].kind]
        longest.work.set(step.kind)
        ends_s = time.monotonic() + BATCH_S
        results: list[tuple[Job, WriteDown | Exception]] = []
        with Together() as together:
            for job in claimed:
                late = bool(results) and time.monotonic() > ends_s
                if late or self._stopping.is_set():
                    results.append((job, Stopped()))
                    continue
                try:
                    given = replace(job, should_stop=should_stop, together=together)
                    results.append((job, step.run(self.box, given)))
                except Exception as error:
                    results.append((job, error))
            try:
                together.finish()
                self._end(step, results)
            except Exception as error:
                if len(results) == 1:
                    self._end(step, [(results[0][0], error)])
                    return
            else:
                return
        # One result that cannot be written must not keep the others from it: each runs
        # again by itself, for a step may run twice.
        for job in claimed:
            self._do([job], should_stop)

    def _go_on(
        self, tx: Tx, step: Step, keys: Iterable[str], now: float, urgency: int
    ) -> None:
        """Start what follows a step, or do it where it is rows alone."""
        for key in keys:
            for following in (self.steps[kind] for kind in step.then):
                if not following.worth(tx, key):
                    continue
                if following.at_once is None:
                    jobs.enqueue(tx, following.kind, key, now=now, urgency=urgency)
                else:
                    given = following.at_once(self.box, tx, key)
                    self._go_on(tx, following, given, now, urgency)

    def _end(
        self, step: Step, results: list[tuple[Job, WriteDown | Exception]]
    ) -> None:
        now = self.box.clock()
        aside: list[tuple[Job, Exception]] = []
        with transaction(self.box.db) as tx:
            for job, result in results:
                if isinstance(result, Exception):
                    if jobs.fail(tx, job, result, now=now):
                        aside.append((job, result))
                    elif not isinstance(result, Stopped):
                        log.warning("%s %s: %s, later again", job.kind, job.key, result)
                    continue
                self._go_on(tx, step, result(tx), now, job.urgency)
                jobs.finish(tx, job)
        if (self.box.folder / "work" / step.kind).exists():  # few kinds have scratch
            for job, result in results:
                if not isinstance(result, Exception):
                    durable.remove_tree(store.scratch_of(self.box, job.kind, job.key))
        for job, error in aside:
            expected = isinstance(error, EdgeError)
            log.warning(
                "%s %s is set aside: %s",
                job.kind,
                job.key,
                error,
                exc_info=None if expected else error,
            )
