"""Fetching from the county, beside rsync, aria2c, curl, rclone and Syncthing.

Run as root with ``python scripts/bench/sync.py --part PART`` in the project's environment;
each part takes under 30 minutes. It makes a centre and a box in two networks of their own,
installs the peers it needs with apt-get, and counts bytes at the box's interface, headers
and all. Peers run one after the other over the same line, from the same nginx.

* ``first``: 1 GB in 500 files, over a cable. Ours is timed until everything is hashed,
  durable, in the store and shown; the peers' time ends with their last byte.
* ``edit``: five files are edited and published again.
* ``noop``: nothing changed.
* ``kill``: kill -9 at half of the bytes, then again to the end.
* ``shaped``: 8.5 MB in 62 files at 2 Mbit/s, 600 ms and 1 % loss, the sender with BBR and
  with CUBIC.
* ``long``: ten minutes on that line with BBR.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import lessons
import peers
from bars import Bars
from peers import PEERS
from publisher import Box, Centre
from syncthings import Syncthing

from tests import netlab
from tests.netlab import Places

LINE = {"bits_per_s": 2e6, "delay_s": 0.3, "loss": 0.01, "queue_bytes": 64 << 10}
LONG_S = 600


@dataclass(frozen=True, slots=True)
class Ran:
    """What one run cost."""

    bytes: int
    """Both ways, at the box's interface."""
    received: int
    took_s: float
    wrong: int = 0
    """Files that are not as they should be afterwards."""


class Bench:
    """A heap, a centre that has published it, and a place for everybody's results."""

    def __init__(self, own: Path, lay_out: Callable[[Path], None]) -> None:
        self.own = own
        self.heap = own / "heap"
        lay_out(self.heap)
        self.centre = Centre(own / "centre", self.heap)
        self.centre.publish()
        self.heap_bytes = sum(
            path.stat().st_size for path in self.heap.rglob("*") if path.is_file()
        )
        self._boxes = 0

    def new_box(self) -> Box:
        """Return a box that has joined and holds nothing."""
        self._boxes += 1
        return Box(self.own / f"box-{self._boxes}", self.centre)

    def ours(self, places: Places, box: Box) -> Ran:
        """Fetch once with a box."""
        with box.working(places):
            before = places.counted()
            took_s = box.fetch(places)
            return ran(places, before, took_s, box.differs(self.centre))

    def peer(self, places: Places, peer: peers.Peer, target: Path) -> Ran:
        """Carry the heap once with a peer."""
        own = self.own / "peers" / target.name
        with peers.needed(peer, places, self.heap, own):
            before = places.counted()
            began = time.monotonic()
            in_time = peers.finish(peers.begin(peer, places, self.heap, target, own))
            took_s = time.monotonic() - began if in_time else float("inf")
            return ran(places, before, took_s, peers.differs(self.heap, target))


def ran(places: Places, before: tuple[int, int], took_s: float, wrong: int) -> Ran:
    """Return what has passed at the interface since ``before``."""
    received, sent = places.counted()
    down = received - before[0]
    return Ran(down + sent - before[1], down, took_s, wrong)


def say(name: str, run: Ran) -> None:
    """Print one run while the others are still to come."""
    print(
        f"  {name:24} {run.received / 1e6:10.3f} MB down {run.bytes / 1e6:10.3f} MB in"
        f" all {run.took_s:8.2f} s {run.wrong} wrong",
        flush=True,
    )


def main() -> int:
    """Run one part; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--part", required=True, choices=PARTS)
    parser.add_argument("--megabytes", type=int, default=1000)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--only-ours", action="store_true", help="leave the peers out")
    said = parser.parse_args()
    if os.geteuid() != 0:
        parser.error("networks of one's own need root")
    missing = set(peers.install())
    for name in sorted(missing):
        print(f"NOT INSTALLED, so not measured: {name}")
    if "nginx" in missing:
        return 1
    if said.only_ours:
        missing |= {"syncthing", *(peer.name.split()[0] for peer in PEERS)}
        print("peers were left out by --only-ours")
    bars = Bars(f"sync {said.part}, {said.megabytes} MB in {said.files} files")
    with tempfile.TemporaryDirectory(prefix="county-") as own:
        PARTS[said.part](bars, Path(own), said, missing)
    return bars.close()


def present(missing: set[str]) -> list[peers.Peer]:
    """Return the peers that are there."""
    return [peer for peer in PEERS if peer.name.split()[0] not in missing]


def first(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """1 GB in 500 files over a cable."""
    bench = Bench(own, lambda heap: lessons.lay_out(heap, said.megabytes, said.files))
    with netlab.wire() as places, bench.centre.serving(places):
        ours = bench.ours(places, bench.new_box())
        say("ours", ours)
        took: dict[str, float] = {}
        for peer in present(missing):
            run = bench.peer(places, peer, own / "targets" / peer.name)
            say(peer.name, run)
            took[peer.name] = run.took_s
            shutil.rmtree(own / "targets" / peer.name)
        if "syncthing" not in missing:
            run = with_syncthing(bench, places)
            say("syncthing", run)
            took["syncthing"] = run.took_s
        again = bench.ours(places, bench.new_box())
        say("ours, again", again)
    unique = bench.centre.unique_bytes()
    bars.note("heap", bench.heap_bytes / 1e6, "MB")
    bars.note("unique", unique / 1e6, "MB")
    bars.at_most("bytes received, of the unique ones", ours.received / unique, 1.05)
    bars.at_most("objects that are wrong", ours.wrong + again.wrong, 0)
    bars.note("ours", ours.took_s, "s")
    bars.note("ours, again after the peers", again.took_s, "s")
    for name, took_s in took.items():
        bars.note(name, took_s, "s")
    if "rsync" in took:
        best_s = min(ours.took_s, again.took_s)
        bars.at_most("time against rsync", best_s / took["rsync"], 1.0, "x")


def with_syncthing(bench: Bench, places: Places) -> Ran:
    """Carry the heap with Syncthing."""
    target = bench.own / "targets" / "syncthing"
    both = Syncthing(places, bench.heap, target, bench.own / "peers" / "syncthing")
    with both.centre():
        before = places.counted()
        began = time.monotonic()
        with both.box():
            in_time = both.until_same()
        took_s = time.monotonic() - began if in_time else float("inf")
        return ran(places, before, took_s, peers.differs(bench.heap, target))


def noop(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """Nothing changed."""
    bench = Bench(own, lambda heap: lessons.lay_out(heap, said.megabytes, said.files))
    with netlab.wire() as places, bench.centre.serving(places):
        box = bench.new_box()
        bench.ours(places, box)
        ours = bench.ours(places, box)
        say("ours", ours)
        for peer in present(missing):
            target = own / "targets" / peer.name
            bench.peer(places, peer, target)
            run = bench.peer(places, peer, target)
            say(peer.name, run)
            bars.note(peer.name, run.bytes, "B")
            shutil.rmtree(target)
    bars.at_most("bytes of a look, both ways", ours.bytes, 1500, "B")


def edit(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """Five files are edited."""

    def lay_out(heap: Path) -> None:
        lessons.lay_out(heap, said.megabytes, said.files)
        lessons.lay_out_editable(heap)

    bench = Bench(own, lay_out)
    here = {peer.name: own / "targets" / peer.name for peer in present(missing)}
    with netlab.wire() as places, bench.centre.serving(places), ExitStack() as stack:
        box = bench.new_box()
        bench.ours(places, box)
        for peer in present(missing):
            bench.peer(places, peer, here[peer.name])
        both = None
        if "syncthing" not in missing:
            both = Syncthing(
                places, bench.heap, own / "targets" / "syncthing", own / "syncthing"
            )
            stack.enter_context(both.centre())
            stack.enter_context(both.box())
            both.until_same()
        lessons.edit(bench.heap)
        bench.centre.publish()
        ours = bench.ours(places, box)
        say("ours", ours)
        cost: dict[str, int] = {}
        for peer in present(missing):
            run = bench.peer(places, peer, here[peer.name])
            say(peer.name, run)
            cost[peer.name] = run.bytes
            bars.note(f"{peer.name}, files that are wrong", run.wrong)
        if both is not None:
            before, began = places.counted(), time.monotonic()
            both.rescan()
            both.until_same()
            run = ran(places, before, time.monotonic() - began, 0)
            say("syncthing", run)
            cost["syncthing"] = run.bytes
    bars.note("ours", ours.bytes / 1e6, "MB")
    for name, size_bytes in cost.items():
        bars.note(name, size_bytes / 1e6, "MB")
    bars.at_most("objects that are wrong", ours.wrong, 0)
    if "rsync" in cost:
        bars.at_most("bytes against rsync", ours.bytes / cost["rsync"], 0.1, "x")
    if "syncthing" in cost:
        ratio = ours.bytes / cost["syncthing"]
        bars.at_most("bytes against syncthing", ratio, 0.01, "x")


def kill(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """Kill -9 at half of the bytes, then again to the end."""
    bench = Bench(own, lambda heap: lessons.lay_out(heap, said.megabytes, said.files))
    with netlab.wire() as places, bench.centre.serving(places):
        whole = bench.ours(places, bench.new_box())
        say("ours, not killed", whole)
        box = bench.new_box()
        with box.working(places):
            before = places.counted()
            process = box.fetching(places)
            wait_for_bytes(places, before, whole.received // 2)
            process.kill()
            process.communicate()
            took_s = box.fetch(places)
            killed = ran(places, before, took_s, box.differs(bench.centre))
        say("ours, killed", killed)
        for peer in present(missing):
            run = killed_peer(bench, places, peer)
            say(peer.name, run)
            bars.note(f"{peer.name}: of the heap", run.received / bench.heap_bytes, "x")
            bars.note(f"{peer.name}: wrong files", run.wrong)
    lost = killed.received - whole.received
    bars.note("fetched twice", lost / 1e6, "MB")
    bars.at_most(
        "bytes against a run of one piece", killed.received / whole.received, 1.01
    )
    bars.at_most("objects that are wrong", killed.wrong, 0)


def killed_peer(bench: Bench, places: Places, peer: peers.Peer) -> Ran:
    """Kill a peer at half, and let it go on."""
    target = bench.own / "targets" / peer.name
    own = bench.own / "peers" / target.name
    with peers.needed(peer, places, bench.heap, own):
        before, began = places.counted(), time.monotonic()
        process = peers.begin(peer, places, bench.heap, target, own)
        wait_for_bytes(places, before, bench.heap_bytes // 2)
        peers.kill(process)
        peers.finish(peers.begin(peer, places, bench.heap, target, own))
        took_s = time.monotonic() - began
        run = ran(places, before, took_s, peers.differs(bench.heap, target))
    shutil.rmtree(target)
    return run


def wait_for_bytes(places: Places, before: tuple[int, int], wanted: int) -> None:
    """Wait until so many bytes have been received."""
    ends = time.monotonic() + peers.PATIENCE_S
    while places.counted()[0] - before[0] < wanted and time.monotonic() < ends:
        time.sleep(0.01)


def shaped(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """A poor line, with both kinds of sender."""
    bench = Bench(own, lessons.lay_out_small)
    for sender, bar in (("bbr", 0.78), ("cubic", 0.70)):
        with netlab.line(**LINE) as places, bench.centre.serving(places):
            places.congestion(sender)
            ours = bench.ours(places, bench.new_box())
            say(f"ours, {sender}", ours)
            for peer in present(missing):
                target = own / "targets" / peer.name
                run = bench.peer(places, peer, target)
                say(f"{peer.name}, {sender}", run)
                bars.note(f"{peer.name}, {sender}", share(bench, run))
                shutil.rmtree(target)
        bars.at_least(f"ours, {sender}: share of the line", share(bench, ours), bar)
        bars.at_most(f"ours, {sender}: objects that are wrong", ours.wrong, 0)


def share(bench: Bench, run: Ran) -> float:
    """Return the heap's bytes a second as a share of the line."""
    return bench.heap_bytes * 8 / LINE["bits_per_s"] / run.took_s


def long(bars: Bars, own: Path, said: argparse.Namespace, missing: set[str]) -> None:
    """Ten minutes with BBR, of more than can come in them."""
    bench = Bench(own, lambda heap: lessons.lay_out(heap, 200, 60))
    with netlab.line(**LINE) as places, bench.centre.serving(places):
        places.congestion("bbr")
        box = bench.new_box()
        with box.working(places):
            process = box.fetching(places)
            time.sleep(LONG_S)
            process.kill()
            process.communicate()
        came = came_bytes(box)
    bars.at_least("share of the line", came * 8 / LINE["bits_per_s"] / LONG_S, 0.85)


def came_bytes(box: Box) -> int:
    """Return how many bytes of courseware a box holds, proven, whole files or not."""
    from edge_server.cli.opening import opened
    from sync.arrivals import partial

    whole = sum(
        path.stat().st_size
        for path in (box.folder / "objects").rglob("*")
        if path.is_file()
    )
    with opened(argparse.Namespace(data=box.folder)) as one:
        return whole + partial.come_bytes(one)


PARTS = {
    "first": first, "edit": edit, "noop": noop, "kill": kill, "shaped": shaped,
    "long": long,
}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
