"""When the line may be used: hours of the week, in China's time."""

from datetime import datetime

import pytest

from edge_server.language.say import BEIJING
from sync.link import NIGHT, Policy, policy_of

LUNCH = [{"days": [0, 2], "from": "12:00", "to": "13:30"}]


def utc(text: str) -> float:
    """Return the seconds of a moment in China."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()


@pytest.mark.parametrize(
    ("told", "at", "opens"),
    [(None, "2026-11-25 10:00", "2026-11-25 22:00"),  # a Wednesday
     (None, "2026-11-25 23:00", "2026-11-26 22:00"),
     (LUNCH, "2026-11-25 11:59", "2026-11-25 12:00"),
     (LUNCH, "2026-11-25 12:00", "2026-11-30 12:00"),
     (LUNCH, "2026-11-27 08:00", "2026-11-30 12:00"),
     ([{"days": [2], "from": "12:00", "to": "13:00"}], "2026-11-25 12:30", "2026-12-02 12:00")],
)  # fmt: skip
def test_a_window_says_when_it_opens_next(told, at, opens):
    assert policy_of(told).next_at(utc(at)) == utc(opens)


def test_without_a_window_nothing_ever_opens():
    assert Policy(()).next_at(utc("2026-11-25 10:00")) is None
    assert NIGHT.now(utc("2026-11-26 05:59")) is not None
    assert NIGHT.now(utc("2026-11-26 06:00")) is None
