"""``demo``: a county centre and a teaching point in one terminal, filled with the samples.

A newcomer's first minute: the centre publishes the samples, the box joins, fetches,
converts and indexes them, and what is used there appears on the centre's desk. The centre
lies beside the box's folder and answers on the two ports after the box's.
"""

import argparse
import time
from contextlib import closing
from pathlib import Path

from edge_server.cli import address, samples
from edge_server.cli.opening import idle, shared
from edge_server.cli.run_cmd import parts_of, settings_of
from edge_server.cli.supervise import supervise
from edge_server.cli.terminal import Terminal
from edge_server.errors import EdgeError
from edge_server.ground import config, jobs
from edge_server.ground.box import Box, open_box
from edge_server.ground.db import transaction
from edge_server.records import catalogue

POLL_S = 0.3
WITHIN_S = 60.0


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add this command to the parser."""
    command = groups.add_parser(
        "demo",
        parents=[common],
        help="run a county centre and a teaching point, filled with the samples",
    )
    command.add_argument("--port", type=int, default=None, metavar="N")
    command.add_argument("--host", default=None, metavar="ADDRESS")
    command.add_argument("--samples", type=Path, default=samples.FOLDER, metavar="DIR")
    command.add_argument(
        "--until-ready",
        action="store_true",
        help="end once every sample is converted and indexed",
    )
    command.set_defaults(run=run_demo)


def run_demo(said: argparse.Namespace, terminal: Terminal) -> int:
    """Run both, show how the samples travel, then the addresses."""
    samples.make_folder(said.data)
    at_box = settings_of(said, config.load(said.data))
    there = argparse.Namespace(
        data=samples.centre_of(said.data),
        host=said.host,
        port=at_box.port + 1,
        machine_port=at_box.port + 2,
    )
    samples.make_folder(there.data, samples.COUNTY)
    at_centre = settings_of(there, config.load(there.data))
    terminal.say("正在启动：%(url)s", url=address.local(at_box))

    def fill() -> bool:
        try:
            _publish(there.data, said.samples, terminal)
            _fetch(said.data, there.data, at_centre, terminal)
        except EdgeError as error:
            terminal.error(error)
            return True
        address.show(terminal, at_box)
        terminal.say("演示用的口令：%(pin)s", pin=pin)
        terminal.say(
            "县中心：%(url)s，口令：%(pin)s", url=address.local(at_centre), pin=desk_pin
        )
        terminal.say("按 Ctrl-C 结束。")
        return bool(said.until_ready)

    with shared(said.data), shared(there.data):
        pin, desk_pin = samples.known_pin(said.data), samples.known_pin(there.data)
        samples.make_county(there.data)
        parts = [*parts_of(there, "centre "), *parts_of(said)]
        return supervise(parts, terminal, fill)


def _publish(folder: Path, found: Path, terminal: Terminal) -> None:
    """Have the centre take the samples and publish them."""
    box = open_box(folder)
    with closing(box.db):
        terminal.say("县中心收下课件：")
        samples.fill(box, found, terminal)
        with transaction(box.db) as tx:
            jobs.enqueue(tx, "publish", "all", now=box.clock(), urgency=jobs.URGENT)
        while not idle(box):
            time.sleep(POLL_S)
        number = box.db.value("select max(number) from publishes where state = 'live'")
        terminal.say("县中心发布了第 %(number)s 号。", number=number)


def _fetch(
    folder: Path, centre: Path, at_centre: config.Config, terminal: Terminal
) -> None:
    """Have the box join, fetch all and make it ready."""
    from sync.arrivals import deliveries, wants

    box = open_box(folder)
    with closing(box.db):
        _join(box, centre, at_centre)
        with transaction(box.db) as tx:
            wish = deliveries.ask(tx, box.clock, by="demo")
        terminal.say("教学点取课件：")
        bar = terminal.bar(1, "bytes")
        most = 1
        while deliveries.answered(box.db) < wish:
            _, left_bytes = wants.left(box.db)
            most = max(most, left_bytes)
            bar.total = most
            bar.show(most - left_bytes if left_bytes else 0)
            time.sleep(POLL_S)
        bar.show(most)
        bar.end()
        samples.show_until_idle(box, terminal)
        terminal.say("课件库里有 %(n)s 件课件。", n=catalogue.count(box.db))


def _join(box: Box, centre: Path, at_centre: config.Config) -> None:
    """Join the centre, unless the box has joined it under this address."""
    from sync import calling, enrol
    from sync.arrivals import head
    from sync.centre import books, certificates, points
    from sync.centre.ledger import Point

    there = f"127.0.0.1:{at_centre.machine_port}"
    known = head.centre(box.db)
    if known is not None and known.address == f"https://{there}":
        return
    county = open_box(centre)
    with closing(county.db), closing(books.open_ledger(county)) as book:
        about = Point(box.config.name)
        at = box.clock.moment().at
        ((point, _),) = book.put_points([about], at=at)
        authority = certificates.authority(county.folder)
        (card,) = points.make_cards(book, {point: about}, authority, at=at)
    ends_s = time.monotonic() + WITHIN_S
    while True:
        try:
            enrol.join(box, there, str(card.code))
            return
        except calling.CentreUnreachable:  # it is starting
            if time.monotonic() > ends_s:
                raise
            time.sleep(POLL_S)
