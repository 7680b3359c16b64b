"""Time on a box without a clock battery.

Two questions, two answers. "How long since?" is answered by the box's *running time*: the
seconds it has run in its whole life, which grows over restarts and never goes back, so
delays, throttles and keeping ("30 days") hold whatever the wall clock believes. "When was
that?" is answered by a `Moment`: the kernel's boot id and the seconds since that boot,
with the best UTC guess beside it. A better anchor for a boot mends every moment of it.

The table ``boots`` holds a row for each boot. Its ``ran_before_s`` is how long the box had
run when that boot began, as far as it was written down: a box that sat idle before its
power was cut counts a little less than it ran.
"""

import time
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge_server.ground.db import Db, Tx

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
NOTE_EVERY_S = 600.0
EARLIEST_UTC_S = 1_780_000_000.0
"""No clock that says less is right: this program was not written yet (2026-05)."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened, in a form that can be mended later."""

    boot: str
    """The kernel's boot id, a UUID."""
    since_boot_s: float
    at: float
    """Unix seconds, UTC, as good as it is known now."""


class Clock:
    """The running time and the moments of this boot.

    Args:
        boot: The kernel's boot id.
        ran_before_s: Running time when this boot began.
        offset_s: UTC minus the seconds since boot.
    """

    def __init__(self, boot: str, ran_before_s: float, offset_s: float) -> None:
        self.boot = boot
        self.ran_before_s = ran_before_s
        self.offset_s = offset_s

    def __call__(self) -> float:
        """Return the running time in seconds; it never goes back."""
        return self.ran_before_s + since_boot_s()

    def moment(self) -> Moment:
        """Return now, as it is recorded.

        The wall clock is believed once it is past `EARLIEST_UTC_S`: somebody, a person
        or a time server, has set it. Before that the boot's offset is the better guess.
        """
        since = since_boot_s()
        wall = time.time()
        at = wall if wall >= EARLIEST_UTC_S else self.offset_s + since
        return Moment(self.boot, since, at)


def since_boot_s() -> float:
    """Return the seconds since the kernel started, sleep included."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def begin_boot(tx: Tx) -> None:
    """Write the row of this boot if it has none; `prepare` calls it."""
    boot = BOOT_ID.read_text("ascii").strip()
    since = since_boot_s()
    wall = time.time()
    trust = "wall" if wall >= EARLIEST_UTC_S else "floor"
    newest = tx.value("select max(seen_at) from boots")
    if newest is not None and wall < newest:
        wall, trust = newest, "floor"
    tx.execute(
        "insert into boots (id, ran_before_s, ran_s, offset_s, trust, seen_at)"
        " select ?, coalesce(max(ran_before_s + ran_s), 0), ?, ?, ?, ? from boots"
        " where true on conflict do nothing",
        (boot, since, max(wall, EARLIEST_UTC_S) - since, trust, wall),
    )


def of_this_boot(db: Db) -> Clock:
    """Return the clock that the row of this boot describes."""
    boot = BOOT_ID.read_text("ascii").strip()
    row = db.one("select ran_before_s, offset_s from boots where id = ?", (boot,))
    if row is None:  # not prepared: good enough to say so on a page
        return Clock(boot, 0.0, time.time() - since_boot_s())
    return Clock(boot, row["ran_before_s"], row["offset_s"])


TRUSTS = ("floor", "wall", "signed", "centre")
"""How far a boot's offset is trusted, the least first: it is later than something known;
the wall clock said it; a signature did; the county centre did, over a line of its own."""
SAME_S = 2.0


@dataclass(frozen=True, slots=True)
class Boot:
    """What is known of one start of the kernel."""

    id: str
    offset_s: float
    """UTC minus the seconds since boot."""
    trust: str
    """How far the offset is trusted, one of `TRUSTS`."""


def learn(tx: Tx, clock: Clock, at: float, trust: str) -> None:
    """Note what time it is, as somebody better informed says: it mends this whole boot.

    Args:
        tx: The transaction.
        clock: The box's clock.
        at: Unix seconds, UTC, now.
        trust: One of `TRUSTS`; what is trusted more already stays.
    """
    row = tx.one("select offset_s, trust from boots where id = ?", (clock.boot,))
    if row is None or TRUSTS.index(row["trust"]) > TRUSTS.index(trust):
        return
    offset_s = at - since_boot_s()
    if row["trust"] != trust or abs(row["offset_s"] - offset_s) > SAME_S:
        tx.execute(
            "update boots set offset_s = ?, trust = ? where id = ?",
            (offset_s, trust, clock.boot),
        )


def told_at(db: Db, clock: Clock) -> float | None:
    """Return the time as the county centre told it in this boot, None: it has not."""
    offset_s = db.value(
        "select offset_s from boots where id = ? and trust = 'centre'", (clock.boot,)
    )
    return None if offset_s is None else float(offset_s) + since_boot_s()


def boots(db: Db) -> list[Boot]:
    """Return every boot of this box."""
    return [
        Boot(row["id"], row["offset_s"], row["trust"])
        for row in db.all("select id, offset_s, trust from boots")
    ]


def utc_of_running(db: Db) -> Callable[[float], float]:
    """Return what tells when a running time was: UTC seconds, as well as known now."""
    found = db.all("select ran_before_s, offset_s from boots order by ran_before_s")
    begins = [row["ran_before_s"] for row in found]

    def utc(running_s: float) -> float:
        row = found[max(0, bisect_right(begins, running_s) - 1)]
        return float(row["offset_s"] + running_s - row["ran_before_s"])

    return utc


def note_running(tx: Tx, clock: Clock) -> None:
    """Write down how long this boot has lasted, when something is written anyway."""
    tx.execute(
        "update boots set ran_s = :ran, seen_at = :at"
        " where id = :boot and ran_s < :ran - :every",
        {
            "ran": since_boot_s(),
            "at": clock.moment().at,
            "boot": clock.boot,
            "every": NOTE_EVERY_S,
        },
    )
