"""Two places and a line between them: network namespaces of one's own, as root.

`wire` joins them by a pair of virtual cables, as fast as the machine. `line` joins them by
a line with a rate, a delay, losses and a queue that overflows: two TUN devices and a small
program between them, for many kernels have no netem. Both count the bytes of the box's
interface, IP headers and all. Addresses are the same in each, and lead nowhere else.
"""

import argparse
import ctypes
import fcntl
import os
import random
import select
import struct
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

CENTRE_ADDRESS, BOX_ADDRESS = "198.51.100.1", "198.51.100.2"
_CLONE_NEWNET = 0x40000000
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_PACKET_BYTES = 65536
_numbers = count()


@dataclass(frozen=True, slots=True)
class Places:
    """A centre and a box, each with a network of its own, and the line between them."""

    centre: str
    """Name of the namespace."""
    box: str
    device: str
    """The interface, of the same name in both."""

    def at_centre(self, *words: str) -> list[str]:
        """Return a command that runs there."""
        return ["ip", "netns", "exec", self.centre, *words]

    def at_box(self, *words: str) -> list[str]:
        """Return a command that runs there."""
        return ["ip", "netns", "exec", self.box, *words]

    def counted(self) -> tuple[int, int]:
        """Return how many bytes the box's interface has received and sent."""
        told = _run(
            *self.at_box("cat", *(
                f"/sys/class/net/{self.device}/statistics/{one}_bytes"
                for one in ("rx", "tx")
            ))
        )  # fmt: skip
        received, sent = map(int, told.split())
        return received, sent

    def congestion(self, name: str) -> None:
        """Have whoever sends from the centre use ``bbr`` or ``cubic``.

        A namespace may only choose among what the machine allows, so that is widened.
        """
        allowed = Path("/proc/sys/net/ipv4/tcp_allowed_congestion_control")
        if name not in allowed.read_text().split():
            allowed.write_text(f"{allowed.read_text().strip()} {name}")
        _run(*self.at_centre("sysctl", "-w", f"net.ipv4.tcp_congestion_control={name}"))


@contextmanager
def wire() -> Iterator[Places]:
    """Give two places with a cable between them.

    What is sent is cut into packets of 1,500 bytes before it is counted, as a real
    interface would.
    """
    with _two() as (centre, box):
        _run(
            *("ip", "link", "add", "edge0", "netns", centre, "type", "veth"),
            *("peer", "name", "edge0", "netns", box),
        )
        for place in (centre, box):
            _in(place, "ip", "link", "set", "edge0", "gso_max_segs", "1")
        yield _addressed(centre, box)


@contextmanager
def line(
    *,
    bits_per_s: float,
    delay_s: float,
    loss: float,
    queue_bytes: int,
    seed: int = 1,
) -> Iterator[Places]:
    """Give two places with a slow line between them.

    Args:
        bits_per_s: In each direction.
        delay_s: One way.
        loss: Share of packets that are lost, after they had their turn on the line.
        queue_bytes: What waits for its turn; more is dropped.
        seed: Of what is lost.
    """
    with _two() as (centre, box):
        between = subprocess.Popen(
            [
                *(sys.executable, __file__, centre, box, str(bits_per_s)),
                *(str(delay_s), str(loss), str(queue_bytes), str(seed)),
            ],
            stdout=subprocess.PIPE,
        )
        try:
            assert between.stdout is not None
            if not between.stdout.readline():
                raise RuntimeError("no line between the namespaces")
            yield _addressed(centre, box)
        finally:
            between.terminate()
            between.communicate()


@contextmanager
def _two() -> Iterator[tuple[str, str]]:
    number = next(_numbers)
    names = tuple(f"edge-{os.getpid()}-{number}-{end}" for end in ("centre", "box"))
    try:
        for name in names:
            _run("ip", "netns", "add", name)
            _in(name, "ip", "link", "set", "lo", "up")
        yield names[0], names[1]
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", name], check=False)


def _addressed(centre: str, box: str) -> Places:
    for place, address in ((centre, CENTRE_ADDRESS), (box, BOX_ADDRESS)):
        peer = BOX_ADDRESS if place == centre else CENTRE_ADDRESS
        _in(place, "ip", "addr", "add", address, "peer", peer, "dev", "edge0")
        _in(place, "ip", "link", "set", "edge0", "up")
    return Places(centre, box, "edge0")


def _in(place: str, *words: str) -> None:
    _run("ip", "netns", "exec", place, *words)


def _run(*words: str) -> str:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


# -- the program between two TUN devices


class _Way:
    """One direction: packets have their turn, may be lost, and arrive later."""

    def __init__(
        self, out: int, bytes_per_s: float, delay_s: float, queue_bytes: int
    ) -> None:
        self._out = out
        self._bytes_per_s = bytes_per_s
        self._delay_s = delay_s
        self._queue_bytes = queue_bytes
        self._free_s = 0.0
        """When the line has sent all that waits."""
        self._under_way: deque[tuple[float, bytes]] = deque()

    def put(self, packet: bytes, now_s: float, is_lost: bool) -> None:
        waiting_bytes = max(0.0, self._free_s - now_s) * self._bytes_per_s
        if waiting_bytes + len(packet) > self._queue_bytes:
            return
        self._free_s = max(self._free_s, now_s) + len(packet) / self._bytes_per_s
        if not is_lost:
            self._under_way.append((self._free_s + self._delay_s, packet))

    def deliver(self, now_s: float) -> float:
        """Let arrive what is due; returns when there is more."""
        while self._under_way and self._under_way[0][0] <= now_s:
            _, packet = self._under_way.popleft()
            with suppress(OSError):  # the device is not up yet
                os.write(self._out, packet)
        return self._under_way[0][0] if self._under_way else now_s + 1


def between(arguments: Sequence[str]) -> None:
    """Carry packets between two namespaces until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("places", nargs=2)
    for name in ("bits_per_s", "delay_s", "loss"):
        parser.add_argument(name, type=float)
    for name in ("queue_bytes", "seed"):
        parser.add_argument(name, type=int)
    said = parser.parse_args(arguments)
    ends = [_tun(place) for place in said.places]
    with suppress(OSError):  # a busy machine is not to add to the delay
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    rate = said.bits_per_s / 8
    ways = {
        end: _Way(other, rate, said.delay_s, said.queue_bytes)
        for end, other in (ends, ends[::-1])
    }
    chance = random.Random(said.seed)
    print("ready", flush=True)
    next_s = 0.0
    while True:
        wait_s = max(0.0, next_s - time.monotonic())
        ready, _, _ = select.select(ends, [], [], min(wait_s, 1.0))
        for end in ready:
            packet = os.read(end, _PACKET_BYTES)
            ways[end].put(packet, time.monotonic(), chance.random() < said.loss)
        now_s = time.monotonic()
        next_s = min(way.deliver(now_s) for way in ways.values())


def _tun(place: str) -> int:
    """Open a TUN device in a namespace, which stays there when this process goes on."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/run/netns", place).open() as namespace:
        if libc.setns(namespace.fileno(), _CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), f"cannot enter {place}")
    device = os.open("/dev/net/tun", os.O_RDWR)
    asked = struct.pack("16sH22x", b"edge0", _IFF_TUN | _IFF_NO_PI)
    fcntl.ioctl(device, _TUNSETIFF, asked)
    return device


if __name__ == "__main__":
    between(sys.argv[1:])
