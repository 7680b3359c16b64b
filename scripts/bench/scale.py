"""A box with 50,000 resources: its start, every kind of page, its longest transaction.

Run with ``python scripts/bench/scale.py`` in the project's environment; about ten minutes,
four of which fill the data folder (`big_library`). ``--keep DIR`` keeps the folder there
and uses it again the next time.

* start: from the command to the first page, after an orderly end and after ``kill -9`` of
  every process, median of three each.
* pages: the p95 of the time of each kind of page, in Chinese and in English, over 60
  different requests of one client on a kept-alive loopback connection. Nothing else is
  done meanwhile. The bar is 100 ms for each kind.
* the longest write transaction, as the worker logs it, while 200 files arrive, the
  contents of the fullest volume come anew, words.db is made again and a sweep is due.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles

import big_library
import made_up
import page_kinds
import running
from bars import Bars
from visitor import Visitor

from edge_server.ground import whole

RESOURCES = 50_000
REQUESTS = 60
WARM = 5
STARTS = 3
ARRIVE = 200
WORK_PATIENCE_S = 1800.0
READ_PATIENCE_S = 120.0
ROWS_DONE = (
    "select count(*) = 0 from jobs where kind in"
    " ('redescribe', 'catalogue', 'index', 'rebuild', 'sweep')"
)
"""What reads files is not waited for: most of the made-up ones are not there."""
LONGEST = re.compile(r"longest transaction so far: (\d+) ms in (\S+) \((.+)\)")


def main() -> int:
    """Fill the box where it is not there and measure it; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--keep", type=Path, help="keep the data folder in this folder")
    parser.add_argument("--resources", type=int, default=RESOURCES)
    parser.add_argument("--only", choices=("start", "pages", "work"))
    said = parser.parse_args()
    bars = Bars(f"scale: {said.resources} resources")
    parts = {"start": starts, "pages": pages, "work": work}
    with ExitStack() as stack:
        own = said.keep or Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="big-", ignore_cleanup_errors=True)
            )
        )
        folder = own / "data"
        if not (own / "filled").exists():
            own.mkdir(parents=True, exist_ok=True)
            running.make(folder)
            big_library.fill(folder, said.resources)
            (own / "filled").touch()
        for name, part in parts.items():
            if said.only in (None, name):
                part(bars, folder)
    return bars.close()


def starts(bars: Bars, folder: Path) -> None:
    """State how long the box takes to its first page."""
    with running.run(folder):
        pass  # what a first start does once
    took, after = [], []
    for _ in range(STARTS):
        with running.run(folder) as box:
            took.append(box.started_s)
        with running.run(folder) as box:
            for pid in box.processes():
                os.kill(pid, signal.SIGKILL)
        with running.run(folder) as box:
            after.append(box.started_s)
            wait_read(folder)
    bars.at_most("start to the first page", median(took), 2.0, "s")
    bars.at_most("start after kill -9", median(after), 2.0, "s")


def wait_read(folder: Path) -> None:
    """Wait until the database has been read beside the work, so that the end is orderly."""
    ends_s = time.monotonic() + READ_PATIENCE_S
    while whole.is_put_off(folder):
        if time.monotonic() > ends_s:
            raise TimeoutError("the database is not read")
        time.sleep(0.1)


def pages(bars: Bars, folder: Path) -> None:
    """State the p95 of each kind of page."""
    kinds = page_kinds.of(folder, REQUESTS)
    with running.run(folder) as box:
        account = running.command(folder, "accounts", "list")["accounts"][0]["name"]
        code = running.command(folder, "accounts", "reset-pin", account)
        teacher = Visitor(box.port)
        teacher.set_pin(code["one_time_code"])
        wait_calm(box)
        for language in ("zh", "en"):
            client = HTTPConnection("127.0.0.1", box.port, timeout=60)
            cookie = f"{teacher.cookies}; lang={language}"
            for name, paths in kinds.items():
                for path in paths[:WARM]:
                    took_ms(client, path, cookie)
                times = [took_ms(client, path, cookie) for path in paths]
                p95 = quantiles(times, n=20)[-1]
                bars.at_most(f"{name}, {language}", p95, 100.0, "ms")
                print(f"{name}, {language}: p95 {p95:.1f} ms", flush=True)
            client.close()


def took_ms(client: HTTPConnection, path: str, cookie: str) -> float:
    """Return how long a request takes, in milliseconds."""
    began = time.perf_counter()
    client.request("GET", path, headers={"Cookie": cookie})
    answer = client.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return (time.perf_counter() - began) * 1000


def wait_calm(box: running.Running) -> None:
    """Wait until the processes have done what they do at their start."""
    before_s = running.cpu_s(box.process.pid)
    while True:
        time.sleep(2.0)
        now_s = running.cpu_s(box.process.pid)
        if now_s - before_s < 0.1:
            return
        before_s = now_s


def work(bars: Bars, folder: Path) -> None:
    """Let files arrive, contents change, words.db be made again; read the worker's log."""
    log = folder.parent / "worker.log"
    log.unlink(missing_ok=True)
    with running.run(folder, log=log) as box:
        running.tell(folder, "index", "rebuild")
        arrive(folder)
        time.sleep(5.0)
        running.until(folder, "select count(*) = 0 from offers", WORK_PATIENCE_S)
        running.until(
            folder,
            "select count(*) = 0 from jobs where state <> 'aside'",
            WORK_PATIENCE_S,
        )
        box.get("/")
    found = LONGEST.findall(log.read_text("utf-8"))
    for took, file, kind in found:
        print(f"longest so far: {took} ms in {file} ({kind})")
    longest = max((int(took) for took, _, _ in found), default=float("nan"))
    bars.at_most("longest transaction of the worker", longest, 200, "ms")


def arrive(folder: Path) -> None:
    """Drop files of a teacher and a 目录 for the volume that has most."""
    chance = random.Random()
    name = f"送来的 {time.time():.0f}"
    ready = folder / "partial" / name
    below = ready / "小学" / "一年级" / "语文" / "统编版" / "上册"
    below.mkdir(parents=True)
    for n in range(ARRIVE):
        text = made_up.text(chance, 1_500)
        (below / f"第{n % 20 + 1}课 {made_up.lesson_title(chance)}.txt").write_text(
            text
        )
    book = next(made_up.books(random.Random(time.time()))).contents
    rows = [
        f"第{unit.no}单元 {unit.title},{lesson.no or ''} {lesson.title}"
        for unit in book.units
        for lesson in unit.lessons
    ]
    sheet = "单元,课\n" + "\n".join(rows) + "\n"
    (below / "目录.csv").write_text(sheet, "utf-8")
    ready.rename(folder / "incoming" / name)


if __name__ == "__main__":
    sys.exit(main())
