"""How many connections a line is worth: more while their sum rises, back when it does not.

Measured on a line of 2 Mbit/s, 600 ms and 1 % loss: with BBR at the sender four
connections fill it and eight fill its queue; with CUBIC it takes eight. So the count
begins at four, takes two more at a time, and keeps them only if the sum rose by a
twentieth. Arithmetic without threads; the clock is asked for.
"""

from collections.abc import Callable

FIRST, MOST, STEP = 4, 8, 2
SETTLE_S = 2.0
"""What comes so soon after a change says nothing: connections open and find their pace."""
MEASURE_S = 4.0
PAUSE_S = 60.0
"""Before a count that did not help is tried again."""
BETTER = 1.05


class Flows:
    """The count of connections, told of every byte that comes.

    Args:
        now_s: The monotonic clock.
    """

    def __init__(self, now_s: Callable[[], float]) -> None:
        self.allowed = FIRST
        self._now_s = now_s
        self._before: float | None = None
        """Bytes a second with two connections fewer; None: no trial is on."""
        self._paused_until_s = float("-inf")
        self._settled_s = now_s() + SETTLE_S
        self._since_s = 0.0
        self._bytes: int | None = None
        """Since then; None: the first byte to be counted has not come."""

    def came(self, size_bytes: int) -> bool:
        """Count bytes that came now; returns whether the count of connections changed."""
        now_s = self._now_s()
        if now_s < self._settled_s:
            return False
        if self._bytes is None:
            self._bytes, self._since_s = 0, now_s  # the bytes of before are not counted
            return False
        self._bytes += size_bytes
        took_s = now_s - self._since_s
        if took_s < MEASURE_S:
            return False
        return self._judge(self._bytes / took_s, now_s)

    def _judge(self, rate: float, now_s: float) -> bool:
        count = self.allowed
        if self._before is not None and rate < BETTER * self._before:
            self.allowed -= STEP
            self._before = None
            self._paused_until_s = now_s + PAUSE_S
        elif self.allowed < MOST and now_s >= self._paused_until_s:
            self.allowed += STEP
            self._before = rate
        else:
            self._before = None
        self._settled_s, self._bytes = now_s + SETTLE_S, None
        return self.allowed != count
