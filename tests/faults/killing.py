"""kill -9 of any process at random moments, and what must be true afterwards.

The whole box runs, ``edge-server run``, on a school day (`tests.faults.school_day`): files
arrive, are converted and indexed all the time. Again and again one process gets signal 9,
out of the blue: ``serve``, ``work``, ``receive``, the parent that supervises them, or
something that ``work`` has started (ffmpeg, LibreOffice, a reader of texts, the sandbox
around them). What the parent has lost it starts again itself; the parent is started again
as a technician or systemd would. Then no converter may be left that nobody waits for.

kill -9 keeps what the kernel has not written yet, so this shows that nothing is ever half
done and that a start mends the rest. What a power cut loses is `crashlab`'s question.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from edge_server.cli.opening import make_ready
from edge_server.ground import db, jobs
from edge_server.ground.box import DATABASE
from edge_server.records import identity
from scripts.bench.running import free_port
from tests.faults import orphans, publish
from tests.faults.material import Material
from tests.faults.promises import Promises, broken, unsettled
from tests.faults.school_day import SchoolDay
from tests.faults.verdict import Verdict

PROJECT = Path(__file__).parents[2]
TRY_AGAIN = 75
VICTIMS = ("serve", "work", "receive", "parent", "converter")
APPEAR_S = 3.0
"""How long a converter is waited for before somebody else is the victim."""
ENOUGH = 40
"""Jobs that wait: more is not given to the box, so that every kind of work is going on at
the kills and a slow machine comes to rest as well."""
SETTLE_S = 600.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be done."""

    kills: int
    seed: int = 1
    pause_s: float = 2.5
    """Between two kills, on average; a job that died five times is set aside by design,
    so it must not be as long as a job takes."""
    slow: bool = True
    """With documents for LibreOffice and films of 45 s."""
    keep: Path | None = None
    """Work here and leave it; otherwise in a folder that is removed."""


@dataclass(slots=True)
class Result(Verdict):
    """What came of it."""

    kills: Counter[str] = field(default_factory=Counter)
    """By who was killed."""
    during: Counter[str] = field(default_factory=Counter)
    """Kinds of jobs that were running at the moment of a kill."""
    programs: Counter[str] = field(default_factory=Counter)
    """Converters that were killed."""
    slowest_start_s: float = 0.0
    """From the start of a killed parent to the first page."""
    settled_s: float = 0.0
    """From the last kill until nothing was left to do."""

    def lines(self) -> Iterator[str]:
        """Yield what is to be printed."""
        yield (
            f"{sum(self.kills.values())} kills: {dict(self.kills.most_common())};"
            f" slowest start {self.slowest_start_s:.1f} s;"
            f" settled after {self.settled_s:.0f} s; {self.wall_s:.0f} s"
        )
        yield f"  running at the kills: {dict(self.during.most_common())}"
        yield f"  converters killed: {dict(self.programs.most_common())}"
        yield from self.findings()


class Family:
    """The processes of one box: a parent, three of its own, and what they start.

    Args:
        data: The data folder.
        port: Where its pages are.
        log: Where all of them say what they have to say.
        rnd: Chooses among several.
    """

    def __init__(self, data: Path, port: int, log: Path, rnd: random.Random) -> None:
        self.data = data
        self.port = port
        self.log = log
        self._rnd = rnd
        self.parent: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start the parent, again while it is told to try later; return seconds taken."""
        began = time.monotonic()
        while True:
            with self.log.open("ab") as log:
                self.parent = subprocess.Popen(
                    [
                        *(sys.executable, "-m", "edge_server", "run"),
                        *("--data", str(self.data), "--port", str(self.port)),
                    ],
                    cwd=PROJECT,
                    stdout=log,
                    stderr=log,
                    env={**os.environ, "EDGE_LOG_LEVEL": "info"},
                    start_new_session=True,
                )
            while self.parent.poll() is None and len(children(self.parent.pid)) < 3:
                time.sleep(0.01)
            if self.parent.poll() is None:
                publish.wait_for_page(self.port)
                return time.monotonic() - began
            if self.parent.returncode != TRY_AGAIN:
                raise RuntimeError(f"it ended by itself: {self.parent.returncode}")
            if time.monotonic() - began > publish.START_S:
                raise RuntimeError("it says that it is running, but it was killed")
            time.sleep(0.2)

    def victim(self, who: str) -> int | None:
        """Return a process of that kind, None when there is none now."""
        assert self.parent is not None
        if who == "parent":
            return self.parent.pid
        own = children(self.parent.pid)
        named = {
            "work": _holder(self.data, "work"),
            "receive": _holder(self.data, "receive"),
        }
        if who == "converter":
            under = below(named["work"]) if named["work"] in own else []
            # By name first: around one ffmpeg stand several of the sandbox's processes.
            by_name = {name_of(pid): pid for pid in under}
            return self._rnd.choice([*by_name.values()]) if by_name else None
        if who == "serve":
            others = [pid for pid in own if pid not in named.values()]
            return others[0] if others else None
        return named[who] if named[who] in own else None

    def end(self) -> None:
        """Stop it in order."""
        assert self.parent is not None
        self.parent.send_signal(signal.SIGTERM)
        self.parent.wait(30)


def run(
    campaign: Campaign, *, on_kill: Callable[[int, str], None] | None = None
) -> Result:
    """Kill as often as asked, let the box come to rest, and hold it to its promises."""
    began = time.monotonic()
    result = Result()
    with orphans.adopted(), _folder(campaign) as folder:
        publish.prepare(folder, publish.GOOD)
        data = folder / "data"
        box = make_ready(data)
        box_id = identity.box_id(box.db)
        box.db.close()
        rnd = random.Random(campaign.seed)
        family = Family(data, free_port(), folder / "log", rnd)
        family.start()
        try:
            with (folder / "acks").open("ab", buffering=0) as acks:
                day = SchoolDay(
                    data,
                    family.port,
                    box_id,
                    lambda line: acks.write(f"{line}\n".encode()),
                    Material(folder, campaign.seed, slow=campaign.slow),
                    seed=campaign.seed,
                    drop_s=1.2,
                    upload_s=2.0,
                    event_s=0.2,
                    withdraw_s=15.0,
                    enough=lambda: _waiting(data) > ENOUGH,
                )
                day.begin()
                try:
                    _kill_again_and_again(campaign, family, rnd, result, on_kill)
                finally:
                    day.end()
            result.settled_s = _settle(data)
        finally:
            family.end()
        lines = (folder / "acks").read_text("utf-8").splitlines()
        _judge(data, Promises.read(lines), result)
    result.wall_s = time.monotonic() - began
    return result


def _kill_again_and_again(
    campaign: Campaign,
    family: Family,
    rnd: random.Random,
    result: Result,
    on_kill: Callable[[int, str], None] | None,
) -> None:
    for number in range(1, campaign.kills + 1):
        time.sleep(rnd.uniform(0.2, 1.8) * campaign.pause_s)
        who, program = _kill(family, rnd, result)
        if who == "converter":
            result.programs[program] += 1
        result.kills[who] += 1
        if on_kill is not None:
            on_kill(number, who)
        if who == "parent":
            assert family.parent is not None
            family.parent.wait()
            result.slowest_start_s = max(result.slowest_start_s, family.start())
        result.add(("converter_left_behind", text) for text in orphans.stay())


def _kill(family: Family, rnd: random.Random, result: Result) -> tuple[str, str]:
    """Kill somebody, who is waited for a little; return who it was and its name."""
    while True:
        who = rnd.choice(VICTIMS)
        ends = time.monotonic() + APPEAR_S
        while time.monotonic() < ends:
            if (pid := family.victim(who)) is not None:
                program, running = name_of(pid), _running(family.data)
                with suppress(ProcessLookupError):  # it has just ended by itself
                    os.kill(pid, signal.SIGKILL)
                    result.during.update(running)
                    return who, program
            time.sleep(0.01)


def _settle(data: Path) -> float:
    """Wait until nothing is left to do; return how long it took, in seconds."""
    began = time.monotonic()
    look = db.open(data / DATABASE)
    try:
        while time.monotonic() - began < SETTLE_S:
            incoming = any(p.is_file() for p in (data / "incoming").rglob("*"))
            waiting = jobs.counts(look)
            if (
                not incoming
                and not waiting.get("queued")
                and not waiting.get("running")
            ):
                break
            time.sleep(0.5)
    finally:
        look.close()
    return time.monotonic() - began


def _judge(data: Path, told: Promises, result: Result) -> None:
    box = make_ready(data)
    try:
        result.add([*broken(box, told), *unsettled(box, told)])
    finally:
        box.db.close()


def _waiting(data: Path) -> int:
    look = db.open(data / DATABASE)
    try:
        return jobs.counts(look).get("queued", 0)
    finally:
        look.close()


def _running(data: Path) -> set[str]:
    look = db.open(data / DATABASE)
    try:
        return {row.kind for row in jobs.rows(look, state="running")} or {"nothing"}
    finally:
        look.close()


def children(pid: int) -> list[int]:
    """Return the processes that one has started."""
    found = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        pass  # it has ended meanwhile
    return found


def below(pid: int) -> list[int]:
    """Return all processes below one, the nearest first."""
    found = children(pid)
    for child in list(found):
        found += below(child)
    return found


def _holder(data: Path, lock: str) -> int:
    """Return the process that holds a lock of the data folder, 0 when none does."""
    try:
        number = (data / "run" / f"{lock}.lock").stat().st_ino
    except FileNotFoundError:
        return 0
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if words[1] == "FLOCK" and int(words[5].rpartition(":")[2]) == number:
            return int(words[4])
    return 0


def name_of(pid: int) -> str:
    """Return the program that a process runs, ``gone`` when it has ended."""
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except (FileNotFoundError, ProcessLookupError):
        return "gone"


@contextmanager
def _folder(campaign: Campaign) -> Iterator[Path]:
    if campaign.keep is not None:
        campaign.keep.mkdir(parents=True)
        yield campaign.keep
        return
    with tempfile.TemporaryDirectory(prefix="kills.") as folder:
        yield Path(folder)
