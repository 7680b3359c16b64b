"""The line is used when it may be, and never faster than it may be."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.ground.db import transaction
from edge_server.records import settings
from sync import link
from sync.link import NIGHT, STEP_BYTES, Bucket, Policy, Window, policy_of
from sync.receivers.flows import FIRST, MOST, Flows

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
"""Midnight in Greenwich, eight in the morning at the school."""


class FakeTime:
    """A monotonic clock that goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.s = 1000.0
        self._lock = threading.Lock()

    def __call__(self) -> float:
        with self._lock:
            return self.s

    def sleep(self, seconds: float) -> None:
        """Go on."""
        assert 0 < seconds <= 1
        with self._lock:
            self.s += seconds


# -- the bucket


@pytest.mark.parametrize("threads", [1, 4, 8])
@pytest.mark.parametrize("rate", [20_000, 250_000, 5_000_000])
def test_all_connections_together_never_take_more_than_the_rate(rate, threads):
    clock = FakeTime()
    bucket = Bucket(rate, now_s=clock, sleep=clock.sleep)
    taken: list[tuple[float, int]] = []

    def connection() -> None:
        for _ in range(400 // threads):
            bucket.take(STEP_BYTES, lambda: False)
            taken.append((clock(), STEP_BYTES))

    running = [threading.Thread(target=connection) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    took_s = clock() - 1000.0
    total = sum(size for _, size in taken)
    assert total == 400 // threads * threads * STEP_BYTES
    # A second's worth is held at first, and the last one may borrow.
    assert total <= rate * (took_s + 1) + STEP_BYTES
    if threads == 1:
        assert total >= 0.99 * rate * took_s


def test_a_bucket_that_rested_gives_one_second_and_no_more():
    clock = FakeTime()
    bucket = Bucket(100_000, now_s=clock, sleep=clock.sleep)
    clock.s += 3600
    began = clock()
    for _ in range(10):
        bucket.take(50_000, lambda: False)
    assert clock() - began == pytest.approx(3.5, abs=0.6)


def test_a_stop_ends_the_waiting_at_once():
    clock = FakeTime()
    bucket = Bucket(10, now_s=clock, sleep=clock.sleep)
    bucket.take(10_000, lambda: False)
    began = clock()
    bucket.take(10, lambda: clock() > began + 0.3)
    assert clock() - began < 0.8


def test_without_a_limit_nobody_waits():
    clock = FakeTime()
    bucket = Bucket(0, now_s=clock, sleep=clock.sleep)
    bucket.take(10**12, lambda: False)
    assert clock() == 1000.0


# -- the windows


def school_time(day: int, hour: int, minute: int = 0) -> float:
    """Return a moment of the week at the school, 0 is Monday."""
    here = MONDAY + timedelta(days=day, hours=hour - 8, minutes=minute)
    return here.timestamp()


@pytest.mark.parametrize(
    ("hour", "minute", "is_open"),
    [
        (21, 59, False), (22, 0, True), (23, 59, True), (0, 0, True), (5, 59, True),
        (6, 0, False), (12, 0, False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("day", range(7))
def test_the_night_is_from_ten_to_six_in_china(day, hour, minute, is_open):
    assert (NIGHT.now(school_time(day, hour, minute)) is not None) == is_open


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins():
    friday = Policy((Window((4,), 22 * 60, 6 * 60),))
    assert friday.now(school_time(4, 23))
    assert friday.now(school_time(5, 5))
    assert not friday.now(school_time(4, 5))
    assert not friday.now(school_time(5, 23))
    sunday = Policy((Window((6,), 22 * 60, 6 * 60),))
    assert sunday.now(school_time(7, 5))  # Monday, of the next week
    assert not sunday.now(school_time(6, 5))


def test_the_first_window_that_holds_says_how_fast():
    noon = Window(tuple(range(5)), 12 * 60, 13 * 60 + 30, 50_000)
    always = Window(tuple(range(7)), 0, 24 * 60, 10_000)
    policy = Policy((noon, always))
    assert policy.now(school_time(2, 12, 30)) == noon
    assert policy.now(school_time(5, 12, 30)) == always
    assert policy.now(school_time(2, 13, 30)) == always


windows = st.builds(
    Window,
    st.lists(st.integers(0, 6), unique=True).map(tuple),
    st.integers(0, 24 * 60 - 1),
    st.integers(1, 24 * 60),
)


@given(window=windows, minutes=st.integers(0, 7 * 24 * 60 - 1))
def test_a_window_holds_exactly_the_minutes_it_says(window, minutes):
    long = (window.ends - window.begins) % (24 * 60) or 24 * 60
    week = 7 * 24 * 60
    held = {
        (day * 24 * 60 + window.begins + n) % week
        for day in window.days
        for n in range(long)
    }
    weekday, minute = divmod(minutes, 24 * 60)
    assert window.holds(weekday, minute) == (minutes in held)


@given(window=windows, minutes=st.integers(0, 7 * 24 * 60 - 1))
def test_the_next_window_is_the_first_minute_that_opens_one(window, minutes):
    at = school_time(0, 0) + 60 * minutes
    opens = Policy((window,)).next_at(at)
    if not window.days:
        assert opens is None
        return
    assert at < opens <= at + 7 * 86400
    assert Policy((window,)).now(opens)
    here = datetime.fromtimestamp(opens, UTC) + timedelta(hours=8)
    assert here.hour * 60 + here.minute == window.begins
    assert here.weekday() in window.days


def test_the_setting_is_read():
    told = [{"days": [0, 4], "from": "12:00", "to": "13:30", "bytes_per_s": 5000}]
    assert policy_of(told) == Policy((Window((0, 4), 720, 810, 5000),))
    assert policy_of([{"from": "20:00", "to": "24:00"}]).windows[0].ends == 1440
    assert policy_of(None) == NIGHT
    assert policy_of([]).now(school_time(0, 23)) is None


@pytest.mark.parametrize(
    "told",
    [
        5, "night", [5], [{}], [{"from": "8:00"}], [{"from": "25:00", "to": "6:00"}],
        [{"from": "8:75", "to": "9:00"}], [{"from": "8", "to": "9"}],
        [{"from": "8:00", "to": "9:00", "days": [7]}],
        [{"from": "8:00", "to": "9:00", "days": 3}],
        [{"from": "8:00", "to": "9:00", "bytes_per_s": -1}],
        [{"from": 8, "to": "9:00"}], {"from": "8:00", "to": "9:00"},
    ],
    ids=str,
)  # fmt: skip
def test_a_setting_that_is_none_is_refused(told):
    with pytest.raises(ValueError):
        policy_of(told)


# -- how many connections


def run_flows(rate_of, seconds: float) -> Flows:
    """Let bytes come at the rate that so many connections make, 20 times a second."""
    clock = FakeTime()
    flows = Flows(clock)
    for _ in range(int(seconds * 20)):
        clock.sleep(0.05)
        flows.came(round(rate_of(flows.allowed) / 20))
    return flows


def test_where_each_connection_brings_its_share_it_takes_eight():
    assert run_flows(lambda count: 10_000 * count, 30).allowed == MOST


def test_where_the_line_is_full_it_stays_with_four():
    counts = set()

    def full(count: int) -> int:
        counts.add(count)
        return 250_000

    flows = run_flows(full, 62)
    assert flows.allowed == FIRST
    assert counts == {FIRST, FIRST + 2}  # it has tried


def test_where_more_hurt_it_goes_back_and_tries_again_later():
    tried = []

    def worse(count: int) -> int:
        if not tried or tried[-1] != count:
            tried.append(count)
        return 250_000 if count <= 4 else 150_000

    run_flows(worse, 140)
    assert tried == [4, 6, 4, 6, 4]


def test_six_may_be_best():
    flows = run_flows(lambda count: 10_000 * min(count, 6), 40)
    assert flows.allowed == 6


def test_a_setting_that_says_nothing_leaves_the_night(box, caplog):
    with transaction(box.db) as tx:
        settings.put(tx, box.clock, link.WINDOWS, [{"from": "late"}], by="test")
    assert link.policy(box.db) == link.NIGHT
    assert link.WINDOWS in caplog.text
