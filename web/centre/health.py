"""What troubles a point, from what its box said last: the worst first.

Silent and unused are two things. A silent box has not called for days: power, line or
box. An unused one calls every night and nobody plays anything: that wants a visit, not a
technician. Of a silent box nothing more is guessed than what it said itself.
"""

from enum import Enum

from sync.centre.ledger import PointSeen

DAY_S = 86_400.0
SILENT_S = 3 * DAY_S
UNUSED_S = 14 * DAY_S
BEHIND_S = 3 * DAY_S
"""How long a box may take for a publish before it counts as held back."""
LATELY_S = 30 * DAY_S
SKEW_S = 300.0
FREE_BYTES = 5_000_000_000


class Trouble(Enum):
    """What may be wrong with a point, in the order of how soon somebody should look."""

    FORKED = "forked"
    """Two boxes speak with one id: one is a copy of the other."""
    REPLACED = "replaced"
    """A box that was replaced or stopped here still calls."""
    SILENT = "silent"
    """Its box has not called for `SILENT_S`."""
    FULL = "full"
    """Hardly any room on its disk."""
    FAILING = "failing"
    """Work of the box was set aside."""
    BEHIND = "behind"
    """It calls, but holds an older head than it should: a mirror may lie to it."""
    SKEWED = "skewed"
    """Its clock is wrong."""
    REFUSED = "refused"
    """Files were not taken in; also what teachers bring, so it is no alarm."""
    UNUSED = "unused"
    """It calls, and nobody has used it for `UNUSED_S`."""
    WAITING = "waiting"
    """No box has joined yet."""


def troubles(seen: PointSeen, now: float, due: int) -> tuple[Trouble, ...]:
    """Return what is wrong with a point, the worst first.

    Args:
        seen: The point.
        now: UTC seconds.
        due: Number of the publish that every box should have by now.
    """
    if seen.closed:
        return ()
    found = []
    if _since(seen.forked_at, now) < LATELY_S:
        found.append(Trouble.FORKED)
    if _since(seen.refused_at, now) < LATELY_S:
        found.append(Trouble.REPLACED)
    if seen.box_id is None:
        return (*found, Trouble.WAITING)
    if _since(seen.heard_at or seen.enrolled_at, now) > SILENT_S:
        return (*found, Trouble.SILENT)
    beat = seen.heartbeat
    if beat is not None:
        if beat.disk_free_bytes is not None and beat.disk_free_bytes < FREE_BYTES:
            found.append(Trouble.FULL)
        if count(beat.said.get("failing")):
            found.append(Trouble.FAILING)
        if (beat.head_version or 0) < due:
            found.append(Trouble.BEHIND)
        if beat.skew_s is not None and abs(beat.skew_s) > SKEW_S:
            found.append(Trouble.SKEWED)
        if count(beat.said.get("refused")):
            found.append(Trouble.REFUSED)
    newest = max(seen.used_at or 0.0, seen.enrolled_at or 0.0)
    if now - newest > UNUSED_S:
        found.append(Trouble.UNUSED)
    return tuple(found)


def count(said: object) -> int:
    """Return a number that a box said; 0 for anything else."""
    return said if isinstance(said, int) and said > 0 else 0


def _since(at: float | None, now: float) -> float:
    return now - at if at is not None else float("inf")
