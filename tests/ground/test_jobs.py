import json

import pytest

from edge_server.errors import Killed, PermanentError, Refused, Stopped, TemporaryError
from edge_server.ground import jobs
from edge_server.ground.db import transaction

BOOT = "boot-1"


def claim_one(box, kind="take"):
    """Claim one job of a kind, None when none is free."""
    with transaction(box.db) as tx:
        found = jobs.claim(tx, kind, now=box.clock(), boot=BOOT)
    return found[0] if found else None


def enqueue(box, key, kind="take", **how):
    with transaction(box.db) as tx:
        jobs.enqueue(tx, kind, key, now=box.clock(), **how)


def test_asking_twice_is_asking_once(box):
    enqueue(box, "a")
    enqueue(box, "a")

    job = claim_one(box)
    with transaction(box.db) as tx:
        jobs.finish(tx, job)

    assert jobs.rows(box.db) == []


def test_asked_again_while_running_it_runs_once_more(box):
    enqueue(box, "a")
    job = claim_one(box)
    enqueue(box, "a")

    with transaction(box.db) as tx:
        jobs.finish(tx, job)

    assert [row.state for row in jobs.rows(box.db)] == ["queued"]
    assert claim_one(box).key == "a"


def test_the_most_urgent_goes_first_and_the_earlier_kind_among_equals(box):
    enqueue(box, "late")
    enqueue(box, "now", urgency=jobs.URGENT)
    assert claim_one(box).key == "now"

    enqueue(box, "film", kind="render")
    nearest = jobs.waiting(box.db, ("render", "take"), box.clock())
    assert nearest[1] == "render"


def test_a_temporary_error_waits_longer_each_time(box):
    enqueue(box, "a")
    waits = []
    for _ in range(3):
        with transaction(box.db) as tx:
            tx.execute("update jobs set not_before = 0")
        job = claim_one(box)
        now = box.clock()
        with transaction(box.db) as tx:
            jobs.fail(tx, job, TemporaryError("busy", lock="x"), now=now)
        waits.append(jobs.next_due_s(box.db) - now)

    assert waits == pytest.approx([5, 10, 20])


def test_a_permanent_error_is_set_aside_with_code_and_values(box):
    enqueue(box, "a")
    job = claim_one(box)
    with transaction(box.db) as tx:
        aside = jobs.fail(tx, job, Refused("empty_file", name="x.mp4"), now=0)

    (row,) = jobs.rows(box.db)
    assert aside
    assert (row.state, row.code, row.values) == (
        "aside",
        "empty_file",
        {"name": "x.mp4"},
    )
    assert json.dumps(dict(row.values))


def test_set_aside_work_is_taken_up_when_asked_for_again(box):
    enqueue(box, "a")
    with transaction(box.db) as tx:
        job = jobs.claim(tx, "take", now=box.clock(), boot=BOOT)[0]
        jobs.fail(tx, job, PermanentError("x"), now=0)
    enqueue(box, "a")

    assert claim_one(box).tries == 1


def test_a_stop_gives_the_try_back(box):
    enqueue(box, "a")
    job = claim_one(box)
    with transaction(box.db) as tx:
        jobs.fail(tx, job, Stopped(), now=box.clock())

    assert claim_one(box).tries == 1


def test_an_unexpected_error_is_tried_three_times(box):
    enqueue(box, "a")
    states = []
    for _ in range(3):
        with transaction(box.db) as tx:
            tx.execute("update jobs set not_before = 0")
        job = claim_one(box)
        with transaction(box.db) as tx:
            jobs.fail(tx, job, RuntimeError("bug"), now=0)
        states.append(jobs.rows(box.db)[0].state)

    assert states == ["queued", "queued", "aside"]


def test_a_converter_that_is_killed_each_time_is_not_tried_for_ever(box):
    enqueue(box, "a")
    states = []
    for _ in range(jobs.MOST_KILLED):
        with transaction(box.db) as tx:
            tx.execute("update jobs set not_before = 0")
        job = claim_one(box)
        with transaction(box.db) as tx:
            jobs.fail(tx, job, Killed(), now=0)
        states.append(jobs.rows(box.db)[0].state)

    assert states == ["queued"] * (jobs.MOST_KILLED - 1) + ["aside"]
    assert jobs.rows(box.db)[0].code == "converter_killed"


def test_a_power_cut_blames_nobody(box):
    enqueue(box, "a")
    for n in range(20):
        assert claim_one(box) is not None
        with transaction(box.db) as tx:
            jobs.recover(tx, boot=f"boot-{n + 2}", now=box.clock())

    assert jobs.rows(box.db)[0].state == "queued"
    assert box.db.value("select cuts from jobs") == 20
    assert box.db.value("select blamed from jobs") == 0


def test_a_dying_process_blames_only_what_ran_alone(box):
    enqueue(box, "guilty", kind="render")
    enqueue(box, "beside")
    claim_one(box, "render")
    claim_one(box)
    with transaction(box.db) as tx:
        jobs.recover(tx, boot=BOOT, now=box.clock())
    assert box.db.all("select alone, blamed from jobs")[0][:] == (1, 0)

    job = claim_one(box)
    with transaction(box.db) as tx:
        jobs.finish(tx, job)
    for _ in range(jobs.MOST_BLAMED):
        claim_one(box, "render")
        with transaction(box.db) as tx:
            jobs.recover(tx, boot=BOOT, now=box.clock())

    (row,) = jobs.rows(box.db)
    assert (row.key, row.state, row.code) == ("guilty", "aside", "job_kills_worker")


def test_what_wrote_something_durable_starts_with_a_clean_record(box):
    enqueue(box, "long", kind="render")
    for _ in range(12):
        job = claim_one(box, "render")
        with transaction(box.db) as tx:
            jobs.progressed(tx, job)
            jobs.recover(tx, boot=BOOT, now=box.clock())

    assert jobs.rows(box.db)[0].state == "queued"
