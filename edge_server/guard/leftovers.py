"""Ends what is left of a sandbox when one of its outer processes was killed.

bubblewrap is two processes: one outside that waits, one inside that becomes the first of
the sandbox. Its ``--die-with-parent`` binds each to its parent only once it has got so far
as to ask the kernel for it. Whoever is killed before that leaves the inner one behind:
asleep for ever when nobody told it to go on, or, worse, with the converter running and
writing to ``/out`` beside its own second try. Of 100 starters killed within 70 ms of
beginning, 42 left one behind as root and 13 as an ordinary user (bubblewrap 0.8).

So each run carries a *mark* in its arguments, from its first program to the inner process:
who started it, and the number of the run. Arguments can be read of every process, also
across user namespaces, and a fork takes them along. `end_run` ends what carries the mark
of one run; `end_left_behind` whatever a starter that is gone has left, of any box.

Nobody else's process is ended: a starter is named by its number *and* the moment it began,
so a number that was given again means nothing; the numbers of another container are told
by their namespace; and the signal goes to a descriptor that was opened before the mark was
read.
"""

import itertools
import logging
import os
import re
import select
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

log = logging.getLogger(__name__)

WAIT_S = 5.0
"""How long the end of killed processes is waited for; only a broken disk takes so long."""
LOOK_AGAIN_S = 0.05
"""At the moment of an exec a process shows no arguments, and one that is being killed may
just have begun another; so a second look follows."""
_MARK = re.compile(rb"\0--unsetenv\0(edge-sandbox(?:\.\d+){4})\0")
_PF_EXITING = 0x4
"""In the flags of /proc/PID/stat: it is ending, or has ended and is still to be reaped."""
_runs = itertools.count(1)


def new_mark() -> str:
    """Return the mark of a run that this process is about to start."""
    return f"{_starter(os.getpid())}.{next(_runs)}"


def options(mark: str) -> list[str]:
    """Return options of bubblewrap that carry a mark and do nothing: a variable that is
    not there is taken away."""
    return ["--unsetenv", mark]


def end_run(mark: str) -> None:
    """End all processes of a run whose outermost process is dead, and wait for that."""
    _end(lambda found: found == mark)


def end_left_behind() -> int:
    """End what killed starters have left, and wait for that.

    For whoever becomes the worker, before the first job. What belongs to another user is
    left to the boxes of that user.

    Returns:
        How many processes were ended, not counting those that went with them.
    """
    ended = quiet = 0
    while quiet < 2:
        found = _end(_is_left_behind)
        ended += found
        quiet = 0 if found else quiet + 1
        time.sleep(LOOK_AGAIN_S)
    if ended:
        log.warning("ended %d processes that killed sandboxes had left", ended)
    return ended


def wait_for(descriptor: int, wait_s: float) -> bool:
    """Wait for the end of a process, and return whether it came.

    The first process of a sandbox is the last to go.

    Args:
        descriptor: Of the process (pidfd).
        wait_s: At most so many seconds.
    """
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(max(0.0, wait_s) * 1000))


def _end(wanted: Callable[[str], bool]) -> int:
    """Kill who carries a wanted mark; return how many of them are gone."""
    with ExitStack() as opened:
        killed = []
        for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
            if (mark := _mark_of(pid)) is None or not wanted(mark):
                continue
            with suppress(ProcessLookupError, PermissionError):  # gone; another user's
                descriptor = os.pidfd_open(pid)
                opened.callback(os.close, descriptor)
                if _mark_of(pid) == mark:  # the number was not given again meanwhile
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                    killed.append(descriptor)
        ends_s = time.monotonic() + WAIT_S
        return sum(wait_for(one, ends_s - time.monotonic()) for one in killed)


def _mark_of(pid: int) -> str | None:
    try:
        found = _MARK.search(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return None
    return found and found[1].decode()


def _is_left_behind(mark: str) -> bool:
    starter = mark.rpartition(".")[0]
    _, namespace, pid, _ = starter.split(".")
    return int(namespace) == _namespace() and _starter(int(pid)) != starter


def _starter(pid: int) -> str | None:
    """Return what names a process and never another; None when it is gone or going."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = stat.rpartition(b")")[2].split()  # its name may hold spaces and brackets
    flags, began = int(fields[6]), int(fields[19])
    return None if flags & _PF_EXITING else f"edge-sandbox.{_namespace()}.{pid}.{began}"


def _namespace() -> int:
    return os.stat("/proc/self/ns/pid").st_ino
