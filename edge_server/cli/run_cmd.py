"""``serve``, ``work``, ``receive``: the three processes; ``run`` and ``demo``: all in one.

Each process imports only what it needs, inside its own function: the memory bar is for all
three together, and the web server has no use for converters. ``run`` forks them from one
parent, so the pages they have in common are there once, and starts again what dies. When
the parent itself is killed they stop too: nobody would start them again, and while they
ran, nothing else could be started on this box.
"""

import argparse
import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from edge_server.cli import address, samples
from edge_server.cli.opening import as_worker, existing, opened, shared
from edge_server.cli.terminal import Terminal
from edge_server.errors import Busy
from edge_server.ground import config, log, prepare
from edge_server.ground.box import Box
from edge_server.ground.config import COUNTY_CENTRE

RESTART_S = 1.0
STOP_S = 15.0
JOINED_POLL_S = 2.0


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    for name, run, help_text in (
        ("run", run_all, "run everything in this terminal"),
        ("serve", run_serve, "run the web server"),
        ("work", run_work, "run the jobs"),
        ("receive", run_receive, "watch incoming/ and advertise the box on the LAN"),
        ("demo", run_demo, "fill a data folder with the samples and run everything"),
    ):
        command = groups.add_parser(name, parents=[common], help=help_text)
        if name in ("run", "serve", "demo"):
            command.add_argument("--port", type=int, default=None, metavar="N")
            command.add_argument("--host", default=None, metavar="ADDRESS")
        if name == "work":
            command.add_argument(
                "--until-idle",
                action="store_true",
                help="end when nothing is left to do",
            )
        if name == "demo":
            command.add_argument(
                "--samples", type=Path, default=samples.FOLDER, metavar="DIR"
            )
            command.add_argument(
                "--until-ready",
                action="store_true",
                help="end once every sample is converted and indexed",
            )
        command.set_defaults(run=run)


def run_serve(said: argparse.Namespace, terminal: Terminal) -> int:
    """Serve pages and media until told to stop."""
    from web.app import create_app
    from web.server import listen, serve

    with _process(said, "serve") as box:
        listener = listen(box.config.host, box.config.port)
        app = create_app(box)
        with contextlib.ExitStack() as beside:
            if box.config.role == COUNTY_CENTRE:
                from edge_server.cli import county

                beside.enter_context(county.heard(box, app))
            serve(app, listener=listener, threads=box.config.threads)
    return 0


def run_work(said: argparse.Namespace, terminal: Terminal) -> int:
    """Do jobs until told to stop."""
    from edge_server.ground import whole
    from edge_server.ground.worker import Worker
    from edge_server.pipeline import every_of, reconcile, steps_of

    with _process(said, "work") as box, as_worker(box) as mine:
        if not mine:
            raise Busy(lock="work")
        worker = Worker(box, steps_of(box.config), every_of(box.config))
        with whole.read_beside(box.folder, worker.stop):
            reconcile(box)
            _on_signal(worker.stop)
            worker.run(until_idle=getattr(said, "until_idle", False))
    return 0


def run_receive(said: argparse.Namespace, terminal: Terminal) -> int:
    """Watch the folder and advertise the box until told to stop."""
    from edge_server.records import identity
    from sync.receivers.folder import FolderReceiver

    stop = threading.Event()
    _on_signal(stop.set)
    with _process(said, "receive") as box, prepare.lock(box.folder, "receive"):
        advertiser = None
        if box.config.mdns:
            from sync.discovery import advertise

            advertiser = threading.Thread(
                target=advertise,
                args=(
                    identity.box_id(box.db), box.config.name, box.config.port, stop,
                ),
            )  # fmt: skip
            advertiser.start()
        fetcher = None
        if box.config.role != COUNTY_CENTRE:
            fetcher = threading.Thread(target=_fetch, args=(box, stop))
            fetcher.start()
        FolderReceiver(box).run(stop)
        for thread in (advertiser, fetcher):
            if thread is not None:
                thread.join()
    return 0


def _fetch(box: Box, stop: threading.Event) -> None:
    """Fetch at night from the county, once the box has joined one.

    Before that nothing of it is loaded: cryptography and all that is 25 MB.
    """
    from sync import link

    while not stop.wait(JOINED_POLL_S):
        if link.has_centre(box.db):
            from sync import courier, night

            night.run(box, lambda: courier.send(box), stop)


def run_all(said: argparse.Namespace, terminal: Terminal) -> int:
    """Run the three processes until a signal, and start again what dies."""
    folder = existing(said)
    with shared(folder):
        address.show(terminal, _settings(said, config.load(folder)))
        return _supervise(said, terminal, None)


def run_demo(said: argparse.Namespace, terminal: Terminal) -> int:
    """Fill a data folder with the samples, run everything, show progress and address."""
    samples.make_folder(said.data)
    settings = _settings(said, config.load(said.data))
    terminal.say("正在启动：%(url)s", url=address.local(settings))

    def fill() -> bool:
        samples.fill(said.data, said.samples, terminal)
        address.show(terminal, settings)
        terminal.say("演示用的口令：%(pin)s", pin=pin)
        terminal.say("按 Ctrl-C 结束。")
        return bool(said.until_ready)

    with shared(said.data):
        pin = samples.known_pin(said.data)
        return _supervise(said, terminal, fill)


@contextlib.contextmanager
def _process(said: argparse.Namespace, name: str) -> Iterator[Box]:
    """Open the box for one of the three processes, which logs under its name."""
    with opened(said, lambda read: _settings(said, read)) as box:
        level = os.environ.get("EDGE_LOG_LEVEL", box.config.log_level)
        log.set_up(level, name)
        yield box


def _settings(said: argparse.Namespace, settings: config.Config) -> config.Config:
    port, host = getattr(said, "port", None), getattr(said, "host", None)
    return replace(
        settings,
        port=settings.port if port is None else port,
        host=host or settings.host,
    )


def _on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop())


def _supervise(
    said: argparse.Namespace, terminal: Terminal, then: Callable[[], bool] | None
) -> int:
    """Fork the three processes and keep them running.

    Args:
        said: The command line, which each of them reads.
        terminal: Where they print.
        then: Runs once they are started; True ends everything.
    """
    parts = {"serve": run_serve, "work": run_work, "receive": run_receive}
    running: dict[int, str] = {}
    stopping = threading.Event()
    # The end that is written to, by nobody, stays open exactly as long as this process.
    lifeline = os.pipe()
    for name in parts:
        running[_fork(parts[name], said, terminal, lifeline)] = name
    _on_signal(stopping.set)
    done: list[bool] = []
    if then is not None:
        threading.Thread(target=lambda: done.append(then()), daemon=True).start()
    status = 0
    while not stopping.is_set():
        pid, ended = os.waitpid(-1, os.WNOHANG)
        if pid in running:
            name = running.pop(pid)
            code = os.waitstatus_to_exitcode(ended)
            if code in (1, 2):
                status = 1  # it said why; trying again would say it for ever
                break
            terminal.say("%(name)s 停了（%(code)s），重新启动。", name=name, code=code)
            stopping.wait(RESTART_S)
            running[_fork(parts[name], said, terminal, lifeline)] = name
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


def _fork(
    part: Callable[[argparse.Namespace, Terminal], int],
    said: argparse.Namespace,
    terminal: Terminal,
    lifeline: tuple[int, int],
) -> int:
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
        os._exit(run_command(part, said, terminal))
    return pid


def _end_with_parent(lifeline: int) -> None:
    """Stop this process in order once its parent is gone; in the end, without order."""
    os.read(lifeline, 1)  # returns when the last other end is closed
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_S)
    os.kill(os.getpid(), signal.SIGKILL)
