"""Taking in: how long until files are in the library, beside copying and hashing them.

Run with ``python scripts/bench/ingest.py`` in the project's environment; about two minutes.
Two heaps, 10 films of 100 MB and 2,000 pages of text of 50 kB, and two roads for each:

* ``incoming/``: the files lie there and stand still; from the first offer to the last
  resource that teachers see. They are moved, so no byte is written twice.
* ``library add``: from the command to the last resource. Files are copied, the sender's
  stay.

The yardstick, in turn with each of them and on the same disk, does less than we do: ``cp``
of the whole heap, ``sha256sum`` of every copy, ``sync`` of every file (coreutils ``sync
FILE`` is one fsync a file). It keeps no rows, syncs no folder and looks into nothing.

``edge-server run`` serves meanwhile; what follows being visible (pictures, words) is done
by it afterwards, and is not waited for. The bar is a throughput of half the yardstick's.
"""

import argparse
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import running
from bars import Bars

ROUNDS = 3
POLL_S = 0.02
PATIENCE_S = 300.0
FILM = (
    *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
    *("-i", "testsrc=size=320x180:rate=25:duration=4", "-c:v", "libx264"),
    *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-movflags", "+faststart"),
)
CHARACTERS = "一二三四五六七八九十春夏秋冬山水花鸟风雨日月天地人大小上下左右前后里外"


def main() -> int:
    """Measure both heaps, or one, on every road; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", choices=("large", "small"))
    said = parser.parse_args()
    bars = Bars("ingest")
    heaps = {"large": ("10 x 100 MB", large), "small": ("2,000 x 50 kB", small)}
    for name, (title, make) in heaps.items():
        if said.only in (None, name):
            compare(bars, title, make, said.rounds)
    return bars.close()


def compare(bars: Bars, title: str, make: Callable[[Path], None], rounds: int) -> None:
    """Take each road in turn with the yardstick, and state the ratios of the medians."""
    roads = {"yardstick": yardstick, "incoming/": by_folder, "library add": by_command}
    took: dict[str, list[float]] = {name: [] for name in roads}
    with tempfile.TemporaryDirectory(prefix="heap-") as own:
        heap = Path(own) / "heap"
        heap.mkdir()
        make(heap)
        size_mb = sum(path.stat().st_size for path in heap.rglob("*.*")) / 1e6
        for _ in range(rounds):
            for name, road in roads.items():
                subprocess.run(["sync"], check=True)
                took[name].append(road(heap))
    base_s = median(took["yardstick"])
    bars.note(f"{title}: cp, sha256sum, fsync", size_mb / base_s, "MB/s")
    for name in ("incoming/", "library add"):
        took_s = median(took[name])
        bars.note(f"{title}: {name}", size_mb / took_s, "MB/s")
        bars.at_least(f"{title}: {name} against that", base_s / took_s, 0.5, "x")


# -- the roads; each returns seconds


def yardstick(heap: Path) -> float:
    """Copy, hash and sync a heap with the tools of the system."""
    files = sorted(path for path in heap.rglob("*") if path.is_file())
    with tempfile.TemporaryDirectory(prefix="copy-") as own:
        target = Path(own) / "copy"
        copies = [str(target / path.relative_to(heap)) for path in files]
        began = time.monotonic()
        subprocess.run(["cp", "-r", str(heap), str(target)], check=True)
        subprocess.run(["sha256sum", *copies], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sync", *copies], check=True)
        return time.monotonic() - began


def by_folder(heap: Path) -> float:
    """Let the files lie in the watched folder; from the first offer on."""
    expected = sum(path.is_file() for path in heap.rglob("*"))
    with running.new_folder() as folder:
        shutil.copytree(heap, folder / "incoming" / heap.name)
        subprocess.run(["sync"], check=True)
        with running.run(folder) as box:
            wait_until(box, "select exists (select 1 from jobs)")
            began = time.monotonic()
            wait_until(box, shown(expected))
            return time.monotonic() - began


def by_command(heap: Path) -> float:
    """Add the heap by the command line while the box runs."""
    expected = sum(path.is_file() for path in heap.rglob("*"))
    with running.new_folder() as folder, running.run(folder) as box:
        began = time.monotonic()
        running.command(folder, "library", "add", str(heap), "--no-wait")
        wait_until(box, shown(expected))
        return time.monotonic() - began


def wait_until(box: running.Running, question: str) -> None:
    """Wait until a question to the box's database is answered by more than 0."""
    running.until(box.folder, question, PATIENCE_S, poll_s=POLL_S)


def shown(count: int) -> str:
    """Return the question whether teachers see so many resources."""
    return f"select count(*) >= {count} from versions where state = 'shown'"


# -- the heaps


def large(heap: Path) -> None:
    """Make ten different films of 100 MB that play as they are."""
    chance = random.Random(1)
    film = heap / "film.mp4"
    subprocess.run([*FILM, str(film)], check=True)
    start = film.read_bytes()
    film.unlink()
    for n in range(10):
        rest = 100_000_000 - len(start)
        with (heap / f"第{n + 1}课.mp4").open("wb") as file:
            # A box that players pass over (ISO 14496-12, 8.1.2) makes it 100 MB.
            file.write(start + rest.to_bytes(4, "big") + b"free")
            file.write(chance.randbytes(rest - 8))


def small(heap: Path) -> None:
    """Make 2,000 different texts of 50 kB in 100 folders."""
    chance = random.Random(2)
    text = "".join(chance.choices(CHARACTERS, k=40_000))
    for n in range(2000):
        folder = heap / f"第{n // 20 + 1}单元"
        folder.mkdir(exist_ok=True)
        start = chance.randrange(20_000)
        words = f"{n}\n" + text[start : start + 16_660]
        (folder / f"{n % 20 + 1} 课文.txt").write_text(words, "utf-8")


if __name__ == "__main__":
    sys.exit(main())
