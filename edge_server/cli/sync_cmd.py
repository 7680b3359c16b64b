"""``sync``: join a county centre, fetch now, what is on its way, what the box takes."""

import argparse
import time
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any

from edge_server.cli.opening import opened
from edge_server.cli.terminal import Terminal
from edge_server.errors import Busy, EdgeError, PermanentError
from edge_server.ground import prepare
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import audit, curriculum, outbox
from edge_server.records.curriculum import AXES, Axis

POLL_S = 0.3


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("sync", help="between this box and its county centre")
    inner = top.add_subparsers(dest="sync", required=True, metavar="WHAT")

    def command(name: str, help_text: str) -> Any:
        made = inner.add_parser(name, parents=[common], help=help_text)
        made.add_argument("--json", action="store_true", help="print facts as JSON")
        return made

    enrol = command("enrol", "join a county centre with a one-time code")
    enrol.add_argument("address", help="of the centre: a host, with or without port")
    enrol.add_argument("code", help="XXXX-XXXX-XXXX-XXXX")
    enrol.set_defaults(run=run_enrol)
    now = command("now", "fetch and report now, whatever the hour")
    now.set_defaults(run=run_now)
    status = command("status", "what is on its way, and how the last nights went")
    status.set_defaults(run=run_status)
    subscribe = command(
        "subscribe", "say what of the county's courseware this box takes"
    )
    for axis in AXES:
        subscribe.add_argument(
            f"--{axis.replace('_', '-')}", nargs="*", metavar="NAME",
            help="as people write it; without a name: all of them",
        )  # fmt: skip
    subscribe.add_argument("--kind", nargs="*", dest="kinds", metavar="KIND")
    subscribe.add_argument("--most-bytes", type=int, metavar="N", help="0: no limit")
    subscribe.set_defaults(run=run_subscribe)


def run_enrol(said: argparse.Namespace, terminal: Terminal) -> int:
    """Join; the box keeps its id and its key."""
    from sync import enrol

    with opened(said) as box:
        joined = enrol.join(box, said.address, said.code)
        with transaction(box.db) as tx:
            audit.note(
                tx, box.clock, who="terminal", client="", what="enrol",
                values={"address": joined.address},
            )  # fmt: skip
    if terminal.json:
        terminal.facts(
            {"point": joined.point, "address": joined.address, "issuer": joined.issuer}
        )
    else:
        terminal.say("已加入县中心，这里叫“%(point)s”。", point=joined.point)
    return 0


def run_now(said: argparse.Namespace, terminal: Terminal) -> int:
    """Have `receive` fetch now, or do so where none runs; waits for the end."""
    from sync import courier, link, night
    from sync.arrivals import deliveries, wants

    with opened(said) as box:
        if not link.has_centre(box.db):
            raise PermanentError("no_centre")
        try:
            # Why it ended stands in the delivery's row, which is told below.
            with prepare.lock(box.folder, "receive"), suppress(EdgeError):
                night.once(box, link.Bucket(), lambda: courier.send(box), lambda: False)
        except Busy:
            with transaction(box.db) as tx:
                wish = deliveries.ask(tx, box.clock, by="terminal")
            bar = terminal.bar(1, "bytes")
            most = 0
            while deliveries.answered(box.db) < wish:
                _, left_bytes = wants.left(box.db)
                most = max(most, left_bytes)
                bar.total = max(most, 1)
                bar.show(most - left_bytes)
                time.sleep(POLL_S)
            bar.end()
        facts = _status(box)
    return _tell(facts, terminal)


def run_status(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print what is on its way."""
    with opened(said) as box:
        facts = _status(box)
    return _tell(facts, terminal)


def run_subscribe(said: argparse.Namespace, terminal: Terminal) -> int:
    """Change what is named, keep the rest; without an option print it."""
    from sync.arrivals import subscription

    changed: dict[str, Any] = {}
    for axis in AXES:
        names = getattr(said, axis)
        if names is not None:
            changed[axis] = tuple(_value(axis, name) for name in names)
    if said.kinds is not None:
        changed["kinds"] = tuple(said.kinds)
    if said.most_bytes is not None:
        changed["most_bytes"] = said.most_bytes
    with opened(said) as box:
        taken = replace(subscription.Subscription.of(box.db), **changed)
        if changed:
            with transaction(box.db) as tx:
                subscription.put(tx, box.clock, taken, by="terminal")
    if terminal.json:
        terminal.facts(asdict(taken))
        return 0
    for name, value in asdict(taken).items():
        shown = value
        if name in AXES:
            shown = " ".join(
                curriculum.value(name, id).name(terminal.lang) for id in value
            )
        print(f"{name}: {shown or '-'}")
    return 0


def _value(axis: Axis, name: str) -> str:
    found = curriculum.read(axis, name)
    if found is None:
        raise PermanentError("axis_unknown", axis=axis, name=name)
    return found.id


def _status(box: Box) -> dict[str, Any]:
    from sync.arrivals import deliveries, head, wants

    centre = head.centre(box.db)
    objects, left_bytes = wants.left(box.db)
    return {
        "centre": centre.address if centre else None,
        "point": centre.point if centre else None,
        "head_version": head.version(box.db),
        "wanted_objects": objects,
        "wanted_bytes": left_bytes,
        "not_reported": outbox.waiting(box.db),
        "deliveries": [asdict(one) for one in deliveries.newest(box.db)],
    }


def _tell(facts: dict[str, Any], terminal: Terminal) -> int:
    newest = facts["deliveries"][0] if facts["deliveries"] else None
    failed = bool(newest and newest["code"])
    if terminal.json:
        terminal.facts(facts)
        return 1 if failed else 0
    if facts["centre"] is None:
        terminal.say("还没有加入县中心。")
        return 0
    terminal.say("县中心 %(centre)s，第 %(head_version)s 号。", **facts)
    terminal.say(
        "还有 %(n)s 个文件（%(size)s）没有取到，%(not_reported)s 条使用记录没有报上去。",
        n=facts["wanted_objects"],
        size=terminal.words.size(facts["wanted_bytes"]),
        not_reported=facts["not_reported"],
    )
    if failed and newest:
        told = terminal.words.told(newest["code"], newest["values"])
        print(f"! {told.what}\n  {told.do}")
    return 1 if failed else 0
