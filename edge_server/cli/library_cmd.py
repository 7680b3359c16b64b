"""``library``: add, list, show, verify, sweep, withdraw, restore."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge_server.cli import adding
from edge_server.cli.opening import as_worker, opened
from edge_server.cli.terminal import Terminal
from edge_server.errors import Refused
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import (
    audit,
    catalogue,
    curriculum,
    renditions,
    versions,
)
from edge_server.records.catalogue import Resource
from edge_server.records.curriculum import Axis


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("library", help="the courseware of this box")
    inner = top.add_subparsers(dest="library", required=True, metavar="WHAT")

    def command(name: str, help_text: str, *, json: bool = False) -> Any:
        made = inner.add_parser(name, parents=[common], help=help_text)
        if json:
            made.add_argument("--json", action="store_true", help="print facts as JSON")
        return made

    new = command("add", "add files, folders or archives", json=True)
    new.add_argument("path", nargs="+", type=Path)
    new.add_argument(
        "--no-wait", action="store_true", help="do not wait until it is in the library"
    )
    new.set_defaults(run=run_add)
    listing = command("list", "list what teachers see", json=True)
    listing.add_argument("--limit", type=int, default=100)
    listing.set_defaults(run=run_list)
    show = command("show", "everything known of one resource", json=True)
    show.add_argument("resource", help="its id, or its id on disk")
    show.set_defaults(run=run_show)
    verify = command("verify", "re-hash the store and check every row", json=True)
    verify.set_defaults(run=run_verify)
    sweep = command("sweep", "remove what nobody needs any more", json=True)
    sweep.set_defaults(run=run_sweep)
    withdraw = command("withdraw", "take a resource out of the library")
    withdraw.add_argument("resource")
    withdraw.set_defaults(run=run_withdraw)
    restore = command("restore", "put a withdrawn resource back")
    restore.add_argument("resource")
    restore.set_defaults(run=run_restore)


def run_add(said: argparse.Namespace, terminal: Terminal) -> int:
    """Copy, offer, and unless told otherwise wait until each is taken or refused."""
    with opened(said) as box:
        facts = adding.add(box, terminal, said.path, wait=not said.no_wait)
    if terminal.json:
        terminal.facts(facts)
    else:
        adding.tell(terminal, facts)
    return 1 if adding.is_trouble(facts) else 0


def run_list(said: argparse.Namespace, terminal: Terminal) -> int:
    """List what teachers see, the newest first."""
    with opened(said) as box:
        found = catalogue.newest(box.db, said.limit)
        total = catalogue.count(box.db)
    if terminal.json:
        terminal.facts({"total": total, "resources": [_facts(r) for r in found]})
        return 0
    terminal.table(
        ("编号", "题目", "类型", "年级", "学科", "版本"),
        [
            (
                r.id_on_disk,
                r.title,
                r.kind,
                _axis("grade", r.place.grade, terminal.lang),
                _axis("subject", r.place.subject, terminal.lang),
                r.version,
            )
            for r in found
        ],
    )
    terminal.say("一共 %(n)s 件。", n=total)
    return 0


def run_show(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print one resource with its parts and renditions."""
    with opened(said) as box:
        resource = find(box, said.resource)
        made = renditions.of_many(box.db, [part.object_id for part in resource.parts])
    facts = _facts(resource) | {
        "renditions": [
            {
                "profile": r.profile,
                "object_id": r.object_id,
                "duration_s": r.duration_s,
                "pages": r.pages,
                "code": r.code,
            }
            for of_one in made.values()
            for r in of_one.values()
        ]
    }
    if terminal.json:
        terminal.facts(facts)
    else:
        for key, value in facts.items():
            print(f"{key}: {value}")
    return 0


def run_verify(said: argparse.Namespace, terminal: Terminal) -> int:
    """Re-hash everything; exit status 1 and the names when something is wrong."""
    from edge_server.upkeep import verify

    with opened(said) as box:
        total = box.db.value("select coalesce(sum(size_bytes), 0) from objects")
        objects = box.db.value("select count(*) from objects")
        bar = terminal.bar(total, "bytes")
        found = list(verify.problems(box, bar.add))
        bar.end()
    if terminal.json:
        terminal.facts(
            {
                "objects": objects,
                "bytes": total,
                "problems": [{"code": p.code, "values": p.values} for p in found],
            }
        )
    else:
        for problem in found:
            told = terminal.words.told(problem.code, problem.values)
            print(f"! {told.what}\n  {told.do}")
        terminal.say(
            "查了 %(objects)s 个文件，%(n)s 处有问题。", objects=objects, n=len(found)
        )
    return 1 if found else 0


def run_sweep(said: argparse.Namespace, terminal: Terminal) -> int:
    """Sweep now, once."""
    from edge_server.upkeep import sweep

    with opened(said) as box, as_worker(box) as mine:
        if not mine:
            with transaction(box.db) as tx:
                jobs.enqueue(tx, "sweep", "all", now=box.clock(), urgency=jobs.URGENT)
            terminal.say("后台这就清理。")
            return 0
        swept = sweep.sweep(box)
    if terminal.json:
        terminal.facts(asdict(swept))
    else:
        terminal.say("腾出了 %(size)s。", size=terminal.words.size(swept.freed_bytes))
    return 0


def run_withdraw(said: argparse.Namespace, terminal: Terminal) -> int:
    """Take a resource out; it can be restored while its files are kept."""
    with opened(said) as box, transaction(box.db) as tx:
        resource = find(box, said.resource)
        versions.withdraw(tx, box.clock, resource.id)
        jobs.enqueue(tx, "index", resource.id, now=box.clock())
        _note(box, tx, "withdraw", resource)
    terminal.say("已下架：%(title)s", title=resource.title)
    return 0


def run_restore(said: argparse.Namespace, terminal: Terminal) -> int:
    """Put a withdrawn resource back."""
    with opened(said) as box:
        with transaction(box.db) as tx:
            resource = find(box, said.resource)
            if not versions.restore(tx, box.clock, resource.id):
                raise Refused("not_withdrawn", title=resource.title)
            jobs.enqueue(tx, "catalogue", resource.id, now=box.clock())
            _note(box, tx, "restore", resource)
        adding.until_idle(box, terminal)
    terminal.say("已恢复：%(title)s", title=resource.title)
    return 0


def _note(box: Box, tx: Any, what: str, resource: Resource) -> None:
    audit.note(
        tx, box.clock, who="terminal", client="", what=what,
        values={"resource": resource.id},
    )  # fmt: skip


def find(box: Box, name: str) -> Resource:
    """Return the resource of an id, or of an id on disk.

    Raises:
        Refused: ``resource_unknown``.
    """
    resource = (
        catalogue.shown_resource(box.db, name)
        or catalogue.by_disk_id(box.db, name, withdrawn=True)
        or catalogue.newest_version(box.db, name)
    )
    if resource is None:
        raise Refused("resource_unknown", resource=name)
    return resource


def _facts(resource: Resource) -> dict[str, Any]:
    return {
        "id": resource.id,
        "id_on_disk": resource.id_on_disk,
        "version": resource.version,
        "state": resource.state,
        "own": resource.own,
        "title": resource.title,
        "kind": resource.kind,
        "format": resource.format,
        "place": asdict(resource.place),
        "tags": resource.about.tags,
        "source": resource.about.source,
        "note": resource.about.note,
        "guessed": resource.about.guessed,
        "path": resource.path,
        "channel": resource.channel,
        "size_bytes": resource.size_bytes,
        "arrived_at": resource.arrived_at,
        "parts": [asdict(part) for part in resource.parts],
    }


def _axis(axis: Axis, value_id: str | None, lang: str) -> str:
    if value_id is None:
        return ""
    value = curriculum.value(axis, value_id)
    return value.zh if lang == "zh" else value.en
