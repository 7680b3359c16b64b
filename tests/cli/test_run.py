"""`edge-server run`: one parent, three processes, and what happens when one is killed."""

import os
import random
import signal
import time
from pathlib import Path

import pytest

from tests.boxes import make_box
from tests.faults.killing import Family, children
from tests.faults.publish import free_port


@pytest.fixture
def family(tmp_path):
    make_box(tmp_path / "data").db.close()
    running = Family(tmp_path / "data", free_port(), tmp_path / "log", random.Random(1))
    running.start()
    yield running
    running.end()


def alive(pid):
    """Return whether a process can still do anything; who is to bury it may be slow."""
    try:
        return (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        )
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_when_the_parent_is_killed_its_parts_stop_and_the_box_can_be_started(family):
    parts = children(family.parent.pid)
    assert len(parts) == 3

    family.parent.kill()
    family.parent.wait()
    family.start()

    assert [pid for pid in parts if alive(pid)] == []
    assert len(children(family.parent.pid)) == 3


@pytest.mark.parametrize("who", ["serve", "work", "receive"])
def test_what_is_killed_is_started_again(family, who):
    killed = family.victim(who)
    os.kill(killed, signal.SIGKILL)

    ends = time.monotonic() + 15
    while (again := family.victim(who)) in (None, killed) and time.monotonic() < ends:
        time.sleep(0.05)
    assert again not in (None, killed)
