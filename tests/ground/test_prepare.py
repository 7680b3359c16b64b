"""A box is made ready by one process at a time, and shared by the others."""

import threading
import time

import pytest

from edge_server.errors import Busy
from edge_server.ground import disk, jobs, prepare, whole
from edge_server.ground.db import transaction
from tests.boxes import make_box


def test_who_shares_the_box_waits_while_another_process_prepares_it(tmp_path):
    """serve, work and receive start together: none of them may give up."""
    preparing, shared_at = threading.Event(), []

    def share():
        preparing.wait()
        with prepare.lock(tmp_path, "prepare", shared=True):
            shared_at.append(time.monotonic())

    others = [threading.Thread(target=share) for _ in range(2)]
    for other in others:
        other.start()
    with prepare.lock(tmp_path, "prepare"):
        preparing.set()
        time.sleep(0.3)
        done_at = time.monotonic()
    for other in others:
        other.join()

    assert len(shared_at) == 2
    assert min(shared_at) >= done_at


def test_who_shares_the_box_does_not_wait_for_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(prepare, "SHARED_WAIT_S", 0.1)
    with (
        prepare.lock(tmp_path, "prepare"),
        pytest.raises(Busy),
        prepare.lock(tmp_path, "prepare", shared=True),
    ):
        pass


def test_who_prepares_does_not_wait_for_those_who_share(tmp_path):
    with (
        prepare.lock(tmp_path, "prepare", shared=True),
        pytest.raises(Busy),
        prepare.lock(tmp_path, "prepare"),
    ):
        pass


def test_room_promised_to_what_was_killed_is_free_again_after_a_start(tmp_path):
    """`library add` of 20 GB, killed half-way, must not keep 20 GB from everybody."""
    box = make_box(tmp_path)
    with transaction(box.db) as tx:
        jobs.enqueue(tx, "render", "film", now=box.clock())
        for holder in ("cli/0123abcd", "render/film", "render/gone"):
            tx.execute("insert into reservations values (?, 20000000000)", (holder,))
    box.db.close()

    box = make_box(tmp_path)

    assert disk.reserved(box.db) == 20_000_000_000
    assert box.db.value("select holder from reservations") == "render/film"
    box.db.close()


@pytest.fixture
def checks(monkeypatch):
    """Counts how often the whole database is read."""
    counted = []
    check = whole.check
    monkeypatch.setattr(whole, "check", lambda db: (counted.append(1), check(db)))
    return counted


def test_after_an_orderly_end_the_database_is_not_read_again(tmp_path, checks):
    make_box(tmp_path).db.close()
    with prepare.sharing(tmp_path), prepare.sharing(tmp_path):
        pass

    make_box(tmp_path).db.close()

    assert checks == []


def test_a_box_that_was_stopped_in_the_middle_is_read_whole_once(tmp_path, checks):
    make_box(tmp_path).db.close()
    with prepare.sharing(tmp_path):  # the power goes: what is on the disk now is left
        mark_left = (tmp_path / "run" / prepare.CLEAN).exists()
    (tmp_path / "run" / prepare.CLEAN).unlink()

    make_box(tmp_path).db.close()
    make_box(tmp_path).db.close()

    assert not mark_left
    assert checks == [1]


def test_the_first_to_end_does_not_call_the_box_well_for_those_who_go_on(tmp_path):
    make_box(tmp_path).db.close()
    with prepare.sharing(tmp_path):
        with prepare.sharing(tmp_path):
            pass
        assert not (tmp_path / "run" / prepare.CLEAN).exists()
    assert (tmp_path / "run" / prepare.CLEAN).exists()
