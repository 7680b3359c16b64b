"""Cut the power of a real ext4 at hundreds of moments and check every promise.

The plug-in (`tests.faults.publish`) works for some seconds on a disk that remembers
(`tests.faults.crashdisk`). Then, for each cut: the disk is built as it could be after a
power cut at that moment, mounted, and the plug-in checks it.

A cut keeps everything up to the last flush before it, and of the later writes none (a
fifth of the cuts), all (a fifth) or a random part; in half of the cuts in another order;
three of ten writes that are longer than a sector arrive only in part, sector by sector.

What was learned the hard way and is built in: a mount namespace of its own, because any
sandbox started meanwhile copies the mounts and unmounting then hangs; a new image and a
loop device of its own for each cut, because a reused one shows a stale cache; each check
in a child with a time limit, so that a parser that hangs cannot stop the laboratory. A
file system that does not mount is a finding, not an error.

Needs root, loop devices and /dev/fuse. Memory: three times the disk, and the log.
"""

import json
import mmap
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from tests.faults import publish
from tests.faults.crashdisk import FLUSH, MARK, WRITE, records
from tests.faults.promises import Finding
from tests.faults.verdict import Verdict

PROJECT = Path(__file__).parents[2]
MEMORY = Path("/dev/shm")
BEGIN = "BEGIN"
"""The laboratory's own line: prepared and durable, the work begins here."""
DISK_BYTES = 192 << 20
SECTOR_BYTES = 512
CHECK_S = 180.0


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is to be done."""

    cuts: int
    variant: str = publish.GOOD
    seconds: float = 12.0
    """How long the box works while it is recorded."""
    seed: int = 1
    settle_every: int = 10
    """Of so many cuts one box goes on working until nothing is left to do."""
    keep: Path | None = None
    """Where the first damaged disk and its acks are kept."""


@dataclass(slots=True, kw_only=True)
class Result(Verdict):
    """What came of it."""

    variant: str
    acks: int = 0
    writes: int = 0
    flushes: int = 0
    cuts: int = 0
    clean: int = 0
    slowest_check_s: float = 0.0

    def lines(self) -> Iterator[str]:
        """Yield what is to be printed."""
        yield (
            f"{self.variant}: {self.acks} acks, {self.writes} writes, {self.flushes}"
            f" flushes recorded; {self.cuts} cuts, {self.clean} clean;"
            f" slowest check {self.slowest_check_s:.1f} s; {self.wall_s:.0f} s"
        )
        yield from self.findings()

    def as_json(self) -> str:
        """Return all of it for a file."""
        # Not by `asdict`, which makes a Counter anew by counting its pairs.
        told = {field.name: getattr(self, field.name) for field in fields(self)}
        return json.dumps(told, indent=1, ensure_ascii=False)


def in_own_namespace() -> None:
    """Start this command again in a mount namespace of its own, once."""
    if "CRASHLAB_NAMESPACE" not in os.environ:
        os.environ["CRASHLAB_NAMESPACE"] = "1"
        words = ["unshare", "--mount", "--propagation", "private"]
        os.execvp(words[0], [*words, sys.executable, *sys.argv])


def run(campaign: Campaign, *, on_cut: Callable[[int], None] | None = None) -> Result:
    """Record once, cut many times; to be called in a mount namespace of its own.

    Args:
        campaign: What is to be done.
        on_cut: Told the number of each cut that was checked.
    """
    began = time.monotonic()
    memory = Path(tempfile.mkdtemp(prefix="crashlab.", dir=MEMORY))
    work = Path(tempfile.mkdtemp(prefix="crashlab."))
    for name in ("fuse", "box"):
        (work / name).mkdir()
    try:
        _record(campaign, memory, work)
        result = _cut_and_check(campaign, memory, work, on_cut)
    finally:
        _quietly("umount", str(work / "box"))
        shutil.rmtree(memory, ignore_errors=True)
        shutil.rmtree(work, ignore_errors=True)
    result.wall_s = round(time.monotonic() - began, 1)
    return result


def _record(campaign: Campaign, memory: Path, work: Path) -> None:
    """Let the box work on a fresh disk; leaves the log and what the disk was before."""
    fuse, folder = work / "fuse", work / "box"
    disk = subprocess.Popen(
        [
            *(sys.executable, "-m", "tests.faults.crashdisk", str(fuse)),
            *("--bytes", str(DISK_BYTES), "--log", str(memory / "log")),
            *("--base", str(memory / "base")),
        ],
        cwd=PROJECT,
    )
    loop = ""
    try:
        _wait(lambda: os.path.ismount(fuse) or disk.poll() is not None, 20)
        loop = _do("losetup", "-f", "--show", str(fuse / "disk"))
        _do("mkfs.ext4", "-q", "-E", "lazy_itable_init=0", loop)
        _do("mount", "-t", "ext4", "-o", "noatime", loop, str(folder))
        publish.prepare(folder, campaign.variant)
        _do("sync", "-f", str(folder))
        acks = os.open(fuse / "acks", os.O_WRONLY)

        def ack(line: str) -> None:
            os.write(acks, f"{line}\n".encode())  # one write: a line is whole or not

        ack(BEGIN)
        try:
            publish.run(
                folder,
                ack,
                seconds=campaign.seconds,
                seed=campaign.seed,
                variant=campaign.variant,
            )
        finally:
            os.close(acks)
    finally:
        if os.path.ismount(folder):
            _wait(lambda: _quietly("umount", str(folder)), 20)
        if loop:
            _quietly("losetup", "-d", loop)
        _wait(lambda: _quietly("umount", str(fuse)) or disk.poll() is not None, 20)
        disk.wait(20)


class Replay:
    """The disk as the log builds it up, and what a cut could leave of it.

    Args:
        memory: Where the log lies and images are made.
    """

    def __init__(self, memory: Path) -> None:
        self.memory = memory
        with (memory / "log").open("rb") as file:
            log = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        self.records = list(records(log))
        self.begins = self._find_begin()
        self.image = os.open(memory / "image", os.O_RDWR | os.O_CREAT)
        os.ftruncate(self.image, DISK_BYTES)
        self.unsure: list[tuple[int, memoryview]] = []
        """Writes since the last flush."""
        self._acked = bytearray()
        self._at = 0

    def forward_to(self, cut: int) -> None:
        """Apply what is certain before a record; keep what may be lost apart."""
        for kind, offset, data in self.records[self._at : cut]:
            if kind == WRITE:
                self.unsure.append((offset, data))
            elif kind == MARK:
                self._acked += data
            elif kind == FLUSH:
                for sure_offset, sure in self.unsure:
                    os.pwrite(self.image, sure, sure_offset)
                self.unsure.clear()
        self._at = cut

    def acks(self) -> list[str]:
        """Return the promises given so far."""
        lines = self._acked.decode().split("\n")[:-1]
        return lines[lines.index(BEGIN) + 1 :] if BEGIN in lines else []

    def after_cut(self, rnd: random.Random) -> Path:
        """Write an image that a cut here could have left."""
        path = self.memory / "cut"
        path.unlink(missing_ok=True)
        _do("cp", "--sparse=always", str(self.memory / "image"), str(path))
        style = rnd.random()
        part = 0.0 if style < 0.2 else 1.0 if style < 0.4 else rnd.random()
        kept = [write for write in self.unsure if rnd.random() < part]
        if rnd.random() < 0.5:
            rnd.shuffle(kept)
        with path.open("r+b", buffering=0) as image:
            for offset, data in kept:
                torn = len(data) > SECTOR_BYTES and rnd.random() < 0.3
                for at in range(0, len(data), SECTOR_BYTES if torn else len(data)):
                    if not torn or rnd.random() < 0.5:
                        end = at + SECTOR_BYTES if torn else len(data)
                        os.pwrite(image.fileno(), data[at:end], offset + at)
        return path

    def _find_begin(self) -> int:
        said = b""
        for number, (kind, _, data) in enumerate(self.records):
            if kind == MARK:
                said += data
                if f"{BEGIN}\n".encode() in said:
                    return number
        raise RuntimeError("the work never began")


def _cut_and_check(
    campaign: Campaign, memory: Path, work: Path, on_cut: Callable[[int], None] | None
) -> Result:
    replay = Replay(memory)
    rnd = random.Random(campaign.seed)
    last = len(replay.records)
    cuts = sorted(rnd.randrange(replay.begins + 1, last) for _ in range(campaign.cuts))
    result = Result(variant=campaign.variant, cuts=len(cuts))
    for number, cut in enumerate(cuts, 1):
        replay.forward_to(cut)
        image = replay.after_cut(rnd)
        settle = number % campaign.settle_every == 0
        began = time.monotonic()
        with _kept(campaign, image, replay.acks()) as keep:
            findings = _look(image, work / "box", replay.acks(), campaign, settle)
            clean = result.add(findings, f"cut {number} at record {cut}: ")
            if not clean:
                keep()
        result.slowest_check_s = max(result.slowest_check_s, time.monotonic() - began)
        result.clean += clean
        if on_cut is not None:
            on_cut(number)
    kinds = Counter(kind for kind, _, _ in replay.records)
    result.writes, result.flushes = kinds[WRITE], kinds[FLUSH]
    replay.forward_to(last)
    result.acks = len(replay.acks())
    return result


def _look(
    image: Path, folder: Path, acks: list[str], campaign: Campaign, settle: bool
) -> list[Finding]:
    """Mount an image and let the plug-in check it."""
    loop = _do("losetup", "-f", "--show", str(image))
    try:
        mounted = subprocess.run(
            ["mount", "-t", "ext4", loop, str(folder)], capture_output=True, text=True
        )
        if mounted.returncode:
            return [("does_not_mount", mounted.stderr.strip()[:200])]
        try:
            return _in_a_child(lambda: publish.check(folder, acks, settle=settle))
        finally:
            _wait(lambda: _quietly("umount", str(folder)), 20)
    finally:
        _quietly("losetup", "-d", loop)


def _in_a_child(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """Run a check in a process of its own; return its findings."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reader)
            os.setsid()
            try:
                findings = list(check())
            except BaseException as error:
                findings = [("check_raised", repr(error))]
            with os.fdopen(writer, "w") as pipe:
                json.dump(findings, pipe)
            status = 0
        finally:
            os._exit(status)
    os.close(writer)
    said = b""
    ends = time.monotonic() + CHECK_S
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        while select.select([pipe], [], [], max(0.0, ends - time.monotonic()))[0]:
            if not (more := pipe.read(65536)):
                break
            said += more
        else:
            os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return [("check_hangs", f"more than {CHECK_S:.0f} s")]
    os.waitpid(child, 0)
    if not said:
        return [("check_died", "no answer")]
    return [(kind, value) for kind, value in json.loads(said)]


@contextmanager
def _kept(
    campaign: Campaign, image: Path, acks: list[str]
) -> Iterator[Callable[[], None]]:
    """Give a function that keeps the disk as the cut left it, not as the check did."""
    folder = campaign.keep
    before = None
    if folder is not None and not folder.exists():
        before = image.with_name("before")
        _do("cp", "--sparse=always", str(image), str(before))

    def keep() -> None:
        if folder is not None and before is not None:
            folder.mkdir(parents=True)
            shutil.move(before, folder / "disk")
            (folder / "acks").write_text("\n".join(acks) + "\n")

    yield keep
    if before is not None:
        before.unlink(missing_ok=True)


def _do(*words: str) -> str:
    """Run a command that must succeed; return what it printed."""
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _quietly(*words: str) -> bool:
    """Run a command that may fail; return whether it succeeded."""
    return subprocess.run(words, capture_output=True).returncode == 0


def _wait(done: Callable[[], bool], seconds: float) -> None:
    ends = time.monotonic() + seconds
    while not done():
        if time.monotonic() > ends:
            raise TimeoutError
        time.sleep(0.05)
