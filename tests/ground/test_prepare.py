"""A box is made ready by one process at a time, and shared by the others."""

import threading
import time

import pytest

from edge_server.errors import Busy
from edge_server.ground import prepare


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
