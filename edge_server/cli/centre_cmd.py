"""``centre``: publish, withdraw, keys, enrol, points. At a county centre."""

import argparse
import getpass
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from edge_server.cli import adding, library_cmd
from edge_server.cli.opening import opened
from edge_server.cli.terminal import Terminal
from edge_server.errors import PermanentError, WrongUsage
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.config import COUNTY_CENTRE
from edge_server.ground.db import transaction
from edge_server.records import audit, versions

if TYPE_CHECKING:
    from sync.centre.ledger import PointSeen
    from sync.centre.points import BroughtIn


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("centre", help="a county centre: publish, points, keys")
    inner = top.add_subparsers(dest="centre", required=True, metavar="WHAT")

    def command(name: str, help_text: str) -> Any:
        made = inner.add_parser(name, parents=[common], help=help_text)
        made.add_argument("--json", action="store_true", help="print facts as JSON")
        return made

    publish = command("publish", "add files and publish all that changed")
    publish.add_argument("path", nargs="*", type=Path)
    publish.add_argument(
        "--passphrase-file", type=Path, metavar="FILE",
        help="its first line unlocks the release key; otherwise it is asked for",
    )  # fmt: skip
    publish.set_defaults(run=run_publish)
    withdraw = command("withdraw", "take resources out, at the centre and at every box")
    withdraw.add_argument("resource", nargs="+", help="its id, or its id on disk")
    withdraw.add_argument("--passphrase-file", type=Path, metavar="FILE")
    withdraw.set_defaults(run=run_withdraw)
    keys = command("keys", "which keys there are and where they lie")
    keys.set_defaults(run=run_keys)
    enrol = command("enrol", "make a one-time code with which a box joins as a point")
    enrol.add_argument("name", help="what the teaching point is called")
    enrol.set_defaults(run=run_enrol)
    points = command("points", "list the teaching points, or take them from an .xlsx")
    points.add_argument(
        "--import", dest="file", type=Path, metavar="FILE",
        help="学校标识码, 名称, 中心校, 乡镇, 负责人, 电话 in any order",
    )  # fmt: skip
    points.set_defaults(run=run_points)


def run_publish(said: argparse.Namespace, terminal: Terminal) -> int:
    """Add what is named, build what changed, sign it; prints the new number."""
    from sync.centre import keys

    with _centre(said) as box:
        passphrase = _passphrase(said, terminal, keys.is_locked(box.folder))
        added = adding.add(box, terminal, said.path, wait=True)
        facts = _publish(box, terminal, passphrase)
    if terminal.json:
        terminal.facts(facts | {"added": added})
    else:
        if said.path:
            adding.tell(terminal, added)
        terminal.say(
            "第 %(number)s 号已发布：变了 %(resources)s 件，新增 %(size)s。",
            size=terminal.words.size(facts["new_bytes"]), **facts,
        )  # fmt: skip
    return 1 if adding.is_trouble(added) else 0


def run_withdraw(said: argparse.Namespace, terminal: Terminal) -> int:
    """Withdraw and publish at once: boxes follow with their next look."""
    from sync.centre import keys

    with _centre(said) as box:
        passphrase = _passphrase(said, terminal, keys.is_locked(box.folder))
        for name in said.resource:
            with transaction(box.db) as tx:
                resource = library_cmd.find(box, name)
                versions.withdraw(tx, box.clock, resource.id)
                jobs.enqueue(tx, "index", resource.id, now=box.clock())
                audit.note(
                    tx, box.clock, who="terminal", client="", what="withdraw",
                    values={"resource": resource.id},
                )  # fmt: skip
        facts = _publish(box, terminal, passphrase)
    if terminal.json:
        terminal.facts(facts)
    else:
        terminal.say("已下架，第 %(number)s 号已发布。", **facts)
    return 0


def run_keys(said: argparse.Namespace, terminal: Terminal) -> int:
    """Say which keys lie here, and which of them should not."""
    from sync.centre import keys

    with _centre(said) as box:
        here = sorted((box.folder / "keys").glob("root-*.pem"))
        facts = {
            "issuer": keys.issuer(box.folder),
            "root_number": keys.newest_root(box.folder).version,
            "release_locked": keys.is_locked(box.folder),
            "root_keys_here": [str(path) for path in here],
        }
    if terminal.json:
        terminal.facts(facts)
        return 0
    terminal.say("这个县的编号：%(issuer)s", **facts)
    if facts["release_locked"]:
        terminal.say("发布密钥加了口令，只有终端里能发布。")
    if here:
        terminal.say("根密钥还在这台机器上，请移到三个优盘上分开保管：")
        for path in here:
            print(f"  {path}")
    return 0


def run_enrol(said: argparse.Namespace, terminal: Terminal) -> int:
    """Write a point down and make a code for it."""
    from sync.centre import books, certificates, points
    from sync.centre.ledger import Point

    with _centre(said) as box, closing(books.open_ledger(box)) as book:
        at = box.clock.moment().at
        about = Point(said.name)
        ((point, _),) = book.put_points([about], at=at)
        authority = certificates.authority(box.folder)
        (card,) = points.make_cards(book, {point: about}, authority, at=at)
    facts = {
        "point": point,
        "name": said.name,
        "code": str(card.code),
        "port": box.config.machine_port,
    }
    if terminal.json:
        terminal.facts(facts)
        return 0
    terminal.say("%(name)s 的登记码：%(code)s", **facts)
    terminal.say("在盒子上输入这台机器的地址和登记码；只能用一次，60 天内有效。")
    return 0


def run_points(said: argparse.Namespace, terminal: Terminal) -> int:
    """List the points; with a file, write those in it down first."""
    from sync.centre import books, certificates, points

    brought = None
    with _centre(said) as box, closing(books.open_ledger(box)) as book:
        if said.file is not None:
            authority = certificates.authority(box.folder)
            at = box.clock.moment().at
            brought = points.bring_in(book, said.file, authority, at=at)
        found = book.points()
    if terminal.json:
        terminal.facts(_points(found, brought))
    else:
        _tell_points(terminal, found, brought)
    return 1 if brought is not None and brought.problems else 0


def _points(
    found: "Sequence[PointSeen]", brought: "BroughtIn | None"
) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "points": [
            {
                "id": one.id,
                "name": one.about.name,
                "centre_school": one.about.centre_school,
                "township": one.about.township,
                "box_id": one.box_id,
                "heard_at": one.heard_at,
                "used_at": one.used_at,
                "closed": one.closed,
            }
            for one in found
        ]
    }
    if brought is not None:
        facts |= {
            "new": brought.new,
            "changed": brought.changed,
            "codes": [
                {"point": card.point, "name": card.about.name, "code": str(card.code)}
                for card in brought.cards
            ],
            "problems": [
                {"code": one.code, "values": dict(one.values)}
                for one in brought.problems
            ],
        }
    return facts


def _tell_points(
    terminal: Terminal, found: "Sequence[PointSeen]", brought: "BroughtIn | None"
) -> None:
    if brought is not None:
        terminal.say(
            "新增 %(new)s 个教学点，改了 %(changed)s 个。",
            new=brought.new, changed=brought.changed,
        )  # fmt: skip
        for card in brought.cards:
            print(f"{card.code}  {card.about.name}")
        for problem in brought.problems:
            print(f"! {terminal.words.told(problem.code, problem.values).what}")
        return
    now_at = time.time()
    terminal.table(
        ("编号", "名称", "中心校", "上次联系"),
        [
            (
                one.id,
                one.about.name,
                one.about.centre_school,
                terminal.words.when(one.heard_at, now_at) if one.heard_at else "",
            )
            for one in found
        ],
    )


def _publish(box: Box, terminal: Terminal, passphrase: str | None) -> dict[str, Any]:
    """Build what changed, with a bar; sign it; return what was published."""
    from sync.centre import sign

    adding.until_idle(box, terminal)
    with transaction(box.db) as tx:
        jobs.enqueue(tx, "publish", "all", now=box.clock(), urgency=jobs.URGENT)
    adding.until_idle(box, terminal)
    aside = [row for row in jobs.rows(box.db, state="aside") if row.kind == "publish"]
    if aside:
        raise PermanentError(aside[0].code or "unexpected", **aside[0].values)
    number = sign.release(box, passphrase)
    row = box.db.one("select * from publishes where number = ?", (number,))
    return {
        "number": number,
        "resources": row["resources"] if row else 0,
        "new_bytes": row["new_bytes"] if row else 0,
    }


def _passphrase(
    said: argparse.Namespace, terminal: Terminal, locked: bool
) -> str | None:
    if not locked:
        return None
    if said.passphrase_file is not None:
        return str(said.passphrase_file.read_text("utf-8").partition("\n")[0])
    if not sys.stdin.isatty():
        raise WrongUsage("release_key_locked")
    return getpass.getpass(terminal.words._("发布密钥的口令："))


@contextmanager
def _centre(said: argparse.Namespace) -> Iterator[Box]:
    """Open the centre that ``--data`` names.

    Raises:
        PermanentError: ``not_a_centre``: it is a teaching point.
    """
    with opened(said) as box:
        if box.config.role != COUNTY_CENTRE:
            raise PermanentError("not_a_centre")
        yield box
