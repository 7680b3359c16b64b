"""The line to the county: how fast it may be used, and when.

One token bucket is shared by every connection, so what a teacher's video call needs is
left to it however many chunks travel at once. Windows are hours of the week in the
school's own time (China's, UTC+8). A box that does not know what time it is asks gently
all day rather than never.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from edge_server.ground.db import Db
from edge_server.records import settings

log = logging.getLogger(__name__)

WINDOWS = "link_windows"
"""Setting: when the line may be used by itself, see `policy_of`."""
CHINA = timedelta(hours=8)
STEP_BYTES = 64 << 10
"""What is taken from the bucket at once; a second's worth is what it holds."""
WAIT_S = 0.25
"""Longest sleep of who waits for tokens, so that a stop is noticed."""


class Bucket:
    """Bytes that may be used now: refilled by the monotonic clock, shared by threads.

    Args:
        bytes_per_s: 0: no limit.
        now_s: The monotonic clock.
        sleep: Waits so many seconds.
    """

    def __init__(
        self,
        bytes_per_s: int = 0,
        *,
        now_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = bytes_per_s
        self._now_s = now_s
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens = float(bytes_per_s)
        self._filled_s = now_s()

    def take(self, size_bytes: int, should_stop: Callable[[], bool]) -> None:
        """Wait until so many bytes may be used; returns at once when there is no limit.

        More than a second's worth is lent: the bucket goes below nothing, and whoever
        comes next waits for it.
        """
        while self._rate and not should_stop():
            with self._lock:
                now = self._now_s()
                gained = (now - self._filled_s) * self._rate
                self._filled_s = now
                self._tokens = min(float(self._rate), self._tokens + gained)
                if self._tokens > 0:
                    self._tokens -= size_bytes
                    return
                lacking_s = -self._tokens / self._rate
            self._sleep(min(WAIT_S, max(lacking_s, 0.001)))


@dataclass(frozen=True, slots=True)
class Window:
    """Hours in which the line may be used, on some days of the week."""

    days: tuple[int, ...]
    """0 is Monday; the day on which the window begins."""
    begins: int
    """Minutes after midnight."""
    ends: int
    """Minutes after midnight; not above ``begins``: on the day after."""
    bytes_per_s: int = 0
    """0: no limit."""

    def holds(self, weekday: int, minute: int) -> bool:
        """Return whether a moment of the week lies in it."""
        if self.begins < self.ends:
            return weekday in self.days and self.begins <= minute < self.ends
        late = weekday in self.days and minute >= self.begins
        return late or ((weekday - 1) % 7 in self.days and minute < self.ends)


@dataclass(frozen=True, slots=True)
class Policy:
    """When the line may be used by itself; a person's 现在就取 does not ask it."""

    windows: tuple[Window, ...]

    def now(self, at: float) -> Window | None:
        """Return the window that is open, None: none is.

        Args:
            at: Unix seconds, UTC.
        """
        here = datetime.fromtimestamp(at, UTC) + CHINA
        minute = here.hour * 60 + here.minute
        return next((w for w in self.windows if w.holds(here.weekday(), minute)), None)

    def next_at(self, at: float) -> float | None:
        """Return when a window opens next after a moment, None: never.

        Both in Unix seconds, UTC.
        """
        here = datetime.fromtimestamp(at, UTC) + CHINA
        midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
        opens = [
            midnight + timedelta(days=ahead, minutes=window.begins)
            for window in self.windows
            for ahead in range(8)
            if (here.weekday() + ahead) % 7 in window.days
        ]
        found = min((one for one in opens if one > here), default=None)
        return None if found is None else (found - CHINA).timestamp()


NIGHT = Policy((Window(tuple(range(7)), 22 * 60, 6 * 60),))
"""Until somebody says otherwise: from ten in the evening to six in the morning."""


def policy_of(told: Sequence[Mapping[str, Any]] | None) -> Policy:
    """Read the setting ``link_windows``; None: the night.

    Each window is ``{"days": [0…6], "from": "22:00", "to": "06:00", "bytes_per_s": 0}``.

    Raises:
        ValueError: It is nothing of the kind.
    """
    if told is None:
        return NIGHT
    try:
        return Policy(tuple(_window(one) for one in told))
    except (TypeError, AttributeError, LookupError) as error:
        raise ValueError(f"no windows: {told!r}") from error


def policy(db: Db) -> Policy:
    """Return when this box may use its line; a setting that says nothing is passed over."""
    try:
        return policy_of(settings.get(db, WINDOWS))
    except ValueError as error:
        log.warning("%s is not understood, so the night it is: %s", WINDOWS, error)
        return NIGHT


def has_centre(db: Db) -> bool:
    """Return whether this box has joined a county centre: whether there is a line at all."""
    return db.value("select 1 from centre") is not None


@dataclass(frozen=True, slots=True)
class Belonging:
    """Which county centre this box has joined, and as what."""

    address: str
    """Of the centre: ``host:port``."""
    point: str
    """What the centre calls this place."""
    centre: str = ""
    """What the centre calls itself; empty: it has not said."""


def belongs_to(db: Db) -> Belonging | None:
    """Return where this box belongs, None: it has joined no centre."""
    row = db.one("select address, point, name from centre")
    if row is None:
        return None
    address = row["address"].partition("://")[2]
    return Belonging(address, row["point"], row["name"])


def _window(told: Mapping[str, Any]) -> Window:
    days = tuple(int(day) for day in told.get("days", range(7)))
    bytes_per_s = int(told.get("bytes_per_s", 0))
    if bytes_per_s < 0 or not set(days) <= set(range(7)):
        raise ValueError(f"no window: {told!r}")
    return Window(days, _minute(told["from"]), _minute(told["to"]), bytes_per_s)


def _minute(text: str) -> int:
    hours, _, minutes = text.partition(":")
    found = int(hours) * 60 + int(minutes)
    if not (0 <= int(minutes) < 60 and 0 <= found <= 24 * 60):
        raise ValueError(f"no time of a day: {text}")
    return found
