"""What troubles a point: each trouble by itself, and none that is none."""

from dataclasses import replace

import pytest

from sync.centre.ledger import Heartbeat, Point, PointSeen
from web.centre.health import DAY_S, Trouble, count, troubles

NOW = 1_790_000_000.0
DUE = 7
BEAT = Heartbeat(
    "2026-11-25", NOW - 3600, 2.0, 8, 52 * 10**9, {"failing": 0, "refused": 0}
)
WELL = PointSeen(
    id=1, about=Point("向阳"), closed=False, box_id="a", enrolled_at=NOW - 90 * DAY_S,
    heard_at=NOW - 3600, used_at=NOW - DAY_S, forked_at=None, refused_at=None,
    heartbeat=BEAT,
)  # fmt: skip


def of(**changed):
    beat = changed.pop("beat", {})
    return troubles(replace(WELL, heartbeat=replace(BEAT, **beat), **changed), NOW, DUE)


def test_a_point_that_is_well_has_no_trouble():
    assert of() == ()


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({"heard_at": NOW - 3.1 * DAY_S}, Trouble.SILENT),
        ({"heard_at": None, "enrolled_at": NOW - 4 * DAY_S}, Trouble.SILENT),
        ({"used_at": NOW - 15 * DAY_S}, Trouble.UNUSED),
        ({"used_at": None}, Trouble.UNUSED),
        ({"forked_at": NOW - DAY_S}, Trouble.FORKED),
        ({"refused_at": NOW - DAY_S}, Trouble.REPLACED),
        ({"box_id": None, "heard_at": None}, Trouble.WAITING),
        ({"beat": {"disk_free_bytes": 4 * 10**9}}, Trouble.FULL),
        ({"beat": {"head_version": 6}}, Trouble.BEHIND),
        ({"beat": {"head_version": None}}, Trouble.BEHIND),
        ({"beat": {"skew_s": -301.0}}, Trouble.SKEWED),
        ({"beat": {"said": {"failing": 1}}}, Trouble.FAILING),
        ({"beat": {"said": {"refused": 2}}}, Trouble.REFUSED),
    ],
)
def test_each_trouble_is_told_by_itself(changed, trouble):
    assert of(**changed) == (trouble,)


@pytest.mark.parametrize(
    "changed",
    [
        {"heard_at": NOW - 2.9 * DAY_S},
        {"used_at": None, "enrolled_at": NOW - 5 * DAY_S},
        {"forked_at": NOW - 31 * DAY_S},
        {"beat": {"skew_s": None}},
        {"beat": {"disk_free_bytes": None}},
        {"beat": {"head_version": 7}},
        {"heartbeat_gone": True},
        {"closed": True, "heard_at": None, "used_at": None},
    ],
)
def test_what_is_no_trouble_is_none(changed):
    if changed.pop("heartbeat_gone", False):
        assert troubles(replace(WELL, heartbeat=None), NOW, DUE) == ()
        return
    assert of(**changed) == ()


def test_of_a_silent_box_nothing_is_guessed():
    silent = of(
        heard_at=NOW - 9 * DAY_S, used_at=None, beat={"head_version": 1, "skew_s": 1e6}
    )
    assert silent == (Trouble.SILENT,)


@pytest.mark.parametrize("said", [None, -1, "3", [1], {}, 1.5, float("nan")])
def test_what_is_no_number_counts_nothing(said):
    assert count(said) == 0
