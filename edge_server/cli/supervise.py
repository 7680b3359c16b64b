"""Processes of one terminal: forked from one parent, started again when they die.

What they have in common is in memory once. When the parent itself is killed they stop too:
nobody would start them again, and while they ran, nothing else could be started on their
boxes.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge_server.cli.terminal import Terminal

RESTART_S = 1.0
STOP_S = 15.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process."""

    name: str
    """What it is called when it has to be started again."""
    run: Callable[[argparse.Namespace, Terminal], int]
    said: argparse.Namespace
    """The command line that it reads."""


def on_signal(stop: Callable[[], None]) -> None:
    """Have SIGTERM and SIGINT stop this process in order."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def supervise(
    parts: Sequence[Part], terminal: Terminal, then: Callable[[], bool] | None
) -> int:
    """Fork processes and keep them running until a signal; returns the exit status.

    Args:
        parts: What is to run.
        terminal: Where they print.
        then: Runs once they are started; True ends everything.
    """
    running: dict[int, Part] = {}
    stopping = threading.Event()
    # The end that is written to, by nobody, stays open exactly as long as this process.
    lifeline = os.pipe()
    for part in parts:
        running[_fork(part, terminal, lifeline)] = part
    on_signal(stopping.set)
    done: list[bool] = []
    if then is not None:
        threading.Thread(target=lambda: done.append(then()), daemon=True).start()
    status = 0
    while not stopping.is_set():
        pid, ended = os.waitpid(-1, os.WNOHANG)
        if pid in running:
            part = running.pop(pid)
            code = os.waitstatus_to_exitcode(ended)
            if code in (1, 2):
                status = 1  # it said why; trying again would say it for ever
                break
            terminal.say(
                "%(name)s 停了（%(code)s），重新启动。", name=part.name, code=code
            )
            stopping.wait(RESTART_S)
            running[_fork(part, terminal, lifeline)] = part
        if done and done[0]:
            break
        stopping.wait(0.2)
    for pid in running:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    ends_s = time.monotonic() + STOP_S
    while running and time.monotonic() < ends_s:
        pid, _ = os.waitpid(-1, os.WNOHANG)
        running.pop(pid, None)
        time.sleep(0.05)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
    return status


def _fork(part: Part, terminal: Terminal, lifeline: tuple[int, int]) -> int:
    from edge_server.cli.parser import run_command

    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.setpgid(0, 0)  # Ctrl-C is the parent's, which stops them in order
        held, mine = lifeline[1], lifeline[0]
        os.close(held)
        threading.Thread(target=_end_with_parent, args=(mine,), daemon=True).start()
        os._exit(run_command(part.run, part.said, terminal))
    return pid


def _end_with_parent(lifeline: int) -> None:
    """Stop this process in order once its parent is gone; in the end, without order."""
    os.read(lifeline, 1)  # returns when the last other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    os.kill(os.getpid(), signal.SIGKILL)
