"""Who is killed while a sandbox begins leaves nothing that stays. Real kills, as any user."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge_server.errors import Killed
from edge_server.guard import leftovers, sandbox

PROJECT = Path(sandbox.__file__).parents[2]
STARTER = """
import sys
from edge_server.guard import sandbox
print(flush=True)
sandbox.run(["sleep", sys.argv[1]], inputs={})
"""
KILLS = 12


@contextmanager
def starter(seconds: str) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is just beginning to run ``sleep`` in the sandbox."""
    command = [sys.executable, "-c", STARTER, seconds]
    process = subprocess.Popen(
        command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def with_words(*words: str) -> list[int]:
    """Return the processes whose arguments hold these, one after the other."""
    wanted = b"\0".join(word.encode() for word in words) + b"\0"
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if wanted in path.read_bytes():
                found.append(int(path.parent.name))
        except OSError:
            continue
    return [pid for pid in found if pid != os.getpid()]


def wait_until(condition) -> None:
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.002)


def test_a_starter_killed_before_bubblewrap_leaves_a_sleeper_that_the_next_start_ends():
    left = next(filter(None, (left_behind("81.234") for _ in range(10))))

    ended = leftovers.end_left_behind()

    assert ended >= len(left)
    assert not with_words("sleep", "81.234")


def left_behind(seconds: str) -> list[int]:
    """Kill a starter whose sandbox has not come to ask for its parent's death yet."""
    with starter(seconds) as process:
        wait_until(lambda: with_words("sleep", seconds))
        chain = [
            pid
            for pid in with_words("sleep", seconds)
            if pid != process.pid and b"bwrap" in arguments(pid)
        ]
        for pid in chain:
            os.kill(pid, signal.SIGSTOP)
        process.kill()
        process.wait()
        for pid in chain:
            os.kill(pid, signal.SIGCONT)
    time.sleep(0.5)
    return with_words("sleep", seconds)


def test_whenever_a_starter_is_killed_the_next_start_leaves_nothing():
    rnd = random.Random(3)
    for _ in range(KILLS):
        with starter("82.345") as process:
            time.sleep(rnd.uniform(0, 0.1))
            process.kill()

        leftovers.end_left_behind()

        assert not with_words("sleep", "82.345")


def test_whenever_bubblewrap_is_killed_its_starter_leaves_nothing_and_blames_nobody():
    rnd = random.Random(4)
    for _ in range(KILLS):
        killer = threading.Thread(target=kill_below, args=(rnd.uniform(0, 0.1),))
        killer.start()
        began = time.monotonic()

        with pytest.raises(Killed):
            sandbox.run(["sleep", "83.456"], inputs={})

        killer.join()
        assert time.monotonic() - began < 30
        assert not with_words("sleep", "83.456")


def test_a_sandbox_whose_starter_lives_is_left_alone():
    with starter("84.567"):
        wait_until(lambda: with_words("sleep", "84.567"))
        time.sleep(0.3)
        before = with_words("sleep", "84.567")

        leftovers.end_left_behind()

        assert with_words("sleep", "84.567") == before


@pytest.mark.parametrize(
    ("change", "is_ended"),
    [
        pytest.param(lambda mark: mark, False, id="its starter lives"),
        pytest.param(lambda mark: other(mark, 3), True, id="the number is given again"),
        pytest.param(lambda mark: other(mark, 1), False, id="another container"),
        pytest.param(lambda mark: f"x {other(mark, 3)}", False, id="only mentions it"),
    ],
)
def test_only_what_is_left_by_who_is_gone_is_ended(change, is_ended):
    mark = change(leftovers.new_mark())
    process = subprocess.Popen(
        ["bash", "-c", "read", "bwrap", *leftovers.options(mark), "end"],
        stdin=subprocess.PIPE,
    )
    wait_until(lambda: b"bwrap" in arguments(process.pid))

    leftovers.end_left_behind()

    assert (process.poll() == -signal.SIGKILL) is is_ended
    process.communicate()


def test_the_end_of_one_run_is_not_the_end_of_another():
    marks = [leftovers.new_mark() for _ in range(2)]
    first, second = (
        subprocess.Popen(
            ["bash", "-c", "read", "bwrap", *leftovers.options(mark), "end"],
            stdin=subprocess.PIPE,
        )
        for mark in marks
    )
    wait_until(lambda: all(b"bwrap" in arguments(one.pid) for one in (first, second)))

    leftovers.end_run(marks[0])

    assert first.wait(1) == -signal.SIGKILL
    assert second.poll() is None
    first.communicate()
    second.communicate()


def other(mark: str, field: int) -> str:
    """Return a mark with another number in one of its fields."""
    fields = mark.split(".")
    fields[field] = str(int(fields[field]) + 1)
    return ".".join(fields)


def arguments(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []


def kill_below(after_s: float) -> None:
    """Kill what this process has started for the sandbox, so long after it began."""
    wait_until(lambda: with_words("sleep", "83.456"))
    time.sleep(after_s)
    own = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
    killed: list[int] = []
    while not killed:  # at the moment of an exec it shows no arguments
        killed = [
            p for p in map(int, own.read_text().split()) if b"83.456" in arguments(p)
        ]
    os.kill(killed[0], signal.SIGKILL)
