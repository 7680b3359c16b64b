"""A box that nobody needs just now: start, memory, and that it leaves the SD card alone.

Run with ``python scripts/bench/idle.py`` in the project's environment; eleven minutes, ten
of them waiting (``--minutes 1`` waits one). The box is started, a teacher sets her PIN,
searches and uploads a film and a worksheet, and everything is worked off. Then the page of
the box's state stays open in a browser, and nothing else happens.

* start: from the command to the first page that was answered whole, median of three.
* memory: PSS of all processes of the box (``smaps_rollup``), so that pages they share
  count once; taken before the waiting and after it, and the higher one counts.
* bytes written: ``write_bytes`` of ``/proc/PID/io`` of all processes. It counts what is to
  go to a disk, also through a mapped file. A folder in memory (tmpfs) would not be
  counted, so no file below the data folder may have another size or date either.
* CPU: all threads of all processes (``schedstat``), as a part of one core.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import running
from bars import Bars
from visitor import Visitor, watching

STARTS = 3
SETTLE_S = 15.0
"""After the last work, before the waiting begins: SQLite's last checkpoint, the browser."""
PATIENCE_S = 180.0
WORDS = "春天的小河旁边住着一只青蛙，它每天早上唱歌。\n" * 40


def main() -> int:
    """Measure the idle box and print the figures; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    said = parser.parse_args()
    bars = Bars("idle")
    with tempfile.TemporaryDirectory(prefix="box-", ignore_cleanup_errors=True) as own:
        folder = Path(own) / "data"
        code = running.make(folder)
        started = []
        for _ in range(STARTS - 1):
            with running.run(folder) as box:
                started.append(box.started_s)
        with running.run(folder) as box:
            started.append(box.started_s)
            bars.at_most("start to the first page", median(started), 2.0, "s")
            a_little_work(box, code, Path(own))
            wait_unused(bars, box, said.minutes)
    return bars.close()


def a_little_work(box: running.Running, code: str, room: Path) -> None:
    """Set the PIN, search, upload a film and a worksheet; wait until all is made of them."""
    teacher = Visitor(box.port)
    teacher.set_pin(code)
    film, sheet = room / "第1课 池塘.mp4", room / "练习 池塘.txt"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
            *("-i", "testsrc2=size=640x360:rate=25:duration=8"),
            *("-f", "lavfi", "-i", "sine=duration=8", "-c:v", "libx264"),
            *("-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2", str(film)),
        ],
        check=True,
    )
    sheet.write_text(WORDS, "utf-8")
    for path in (film, sheet):
        teacher.upload(path)
    running.until(box.folder, "select count(*) = 2 from versions where state = 'shown'")
    running.until(box.folder, "select count(*) = 0 from jobs", PATIENCE_S)
    if "练习 池塘" not in teacher.search("青蛙"):
        raise RuntimeError("what was uploaded is not found")


def wait_unused(bars: Bars, box: running.Running, minutes: float) -> None:
    """Measure while the page of the box's state is open and nothing else happens."""
    with watching(box.port, "/status") as by:
        time.sleep(SETTLE_S)
        processes = box.processes()
        bars.note("processes of the box", len(processes))
        memory_mb = [pss_mb(processes)]
        written = {pid: written_bytes(pid) for pid in processes}
        files = state_of(box.folder)
        before_s, began = running.cpu_s(box.process.pid), time.monotonic()
        print(f"waiting {minutes:g} min, the page is held by {by}", flush=True)
        time.sleep(minutes * 60)
        took_s = time.monotonic() - began
        cpu = (running.cpu_s(box.process.pid) - before_s) / took_s
        if box.processes() != processes:
            raise RuntimeError("a process ended or began meanwhile")
        memory_mb.append(pss_mb(processes))
        changed = {p for p in state_of(box.folder).items() ^ files.items()}
        for path in sorted({path for path, _ in changed}):
            print(f"changed: {path}")
        new_bytes = sum(written_bytes(pid) - written[pid] for pid in processes)
    bars.at_most("memory, PSS of all", max(memory_mb), 150.0, "MB")
    bars.at_most(f"bytes written in {minutes:g} min", new_bytes, 0)
    bars.at_most("files changed", len({path for path, _ in changed}), 0)
    bars.at_most("CPU", cpu * 100, 1.0, "% of a core")


def pss_mb(processes: list[int]) -> float:
    """Return the memory of some processes, what they share counted once."""
    kib = 0
    for pid in processes:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        kib += int(rollup.partition("\nPss:")[2].split()[0])
    return kib * 1024 / 1e6


def written_bytes(pid: int) -> int:
    """Return what a process has caused to be written to disks."""
    return int(
        Path(f"/proc/{pid}/io").read_text().partition("\nwrite_bytes:")[2].split()[0]
    )


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and date of every file of a data folder."""
    return {
        str(path.relative_to(folder)): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


if __name__ == "__main__":
    sys.exit(main())
