"""`edge-server run`: one parent, three processes, and what happens when one is killed."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.bench.running import free_port
from tests.boxes import make_box
from tests.faults.killing import Family, children
from tests.ground.big_box import damage, make_big


@pytest.fixture
def family(tmp_path):
    """A box that runs, as its parent and three processes."""
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


def test_a_box_that_is_found_damaged_ends_by_itself_and_says_so(tmp_path):
    folder = make_big(tmp_path / "data")
    damage(folder)

    done = subprocess.run(
        [
            *(sys.executable, "-m", "edge_server", "run"),
            *("--data", str(folder), "--port", str(free_port())),
        ],
        capture_output=True,
        text=True,
        timeout=50,
    )

    assert done.returncode == 1
    assert "The database is damaged" in done.stderr
