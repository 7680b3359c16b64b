"""``serve``, ``work``, ``receive``: the three processes of a box; ``run``: all in one.

Each imports only what it needs, inside its own function: the memory bar is for all three
together, and the web server has no use for converters.
"""

import argparse
import contextlib
import os
import threading
from collections.abc import Iterator
from dataclasses import replace

from edge_server.cli import address
from edge_server.cli.opening import as_worker, existing, opened, shared
from edge_server.cli.supervise import Part, on_signal, supervise
from edge_server.cli.terminal import Terminal
from edge_server.errors import Busy
from edge_server.ground import config, log, prepare
from edge_server.ground.box import Box
from edge_server.ground.config import COUNTY_CENTRE

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
    ):
        command = groups.add_parser(name, parents=[common], help=help_text)
        if name in ("run", "serve"):
            command.add_argument("--port", type=int, default=None, metavar="N")
            command.add_argument("--host", default=None, metavar="ADDRESS")
        if name == "work":
            command.add_argument(
                "--until-idle",
                action="store_true",
                help="end when nothing is left to do",
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
            on_signal(worker.stop)
            worker.run(until_idle=getattr(said, "until_idle", False))
    return 0


def run_receive(said: argparse.Namespace, terminal: Terminal) -> int:
    """Watch the folder and advertise the box until told to stop."""
    from edge_server.records import identity
    from sync.receivers.folder import FolderReceiver

    stop = threading.Event()
    on_signal(stop.set)
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
        address.show(terminal, settings_of(said, config.load(folder)))
        return supervise(parts_of(said), terminal, None)


def parts_of(said: argparse.Namespace, prefix: str = "") -> list[Part]:
    """Return the three processes of one box.

    Args:
        said: The command line that they read.
        prefix: Before their names, where several boxes run in one terminal.
    """
    return [
        Part(f"{prefix}serve", run_serve, said),
        Part(f"{prefix}work", run_work, said),
        Part(f"{prefix}receive", run_receive, said),
    ]


@contextlib.contextmanager
def _process(said: argparse.Namespace, name: str) -> Iterator[Box]:
    """Open the box for one of the three processes, which logs under its name."""
    with opened(said, lambda read: settings_of(said, read)) as box:
        level = os.environ.get("EDGE_LOG_LEVEL", box.config.log_level)
        log.set_up(level, name)
        yield box


def settings_of(said: argparse.Namespace, settings: config.Config) -> config.Config:
    """Return the settings, with what the command line says otherwise."""
    otherwise = {
        name: value
        for name in ("port", "host", "machine_port")
        if (value := getattr(said, name, None)) is not None
    }
    return replace(settings, **otherwise)
