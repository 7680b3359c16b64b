"""``index``: search from the terminal, rebuild, figures."""

import argparse
from dataclasses import asdict

from edge_server.cli.opening import opened
from edge_server.cli.terminal import Terminal
from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.records import catalogue


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("index", help="the words of the library")
    inner = top.add_subparsers(dest="index", required=True, metavar="WHAT")
    search = inner.add_parser("search", parents=[common], help="search the library")
    search.add_argument("words", nargs="+")
    search.add_argument("--limit", type=int, default=20)
    search.add_argument("--json", action="store_true", help="print facts as JSON")
    search.set_defaults(run=run_search)
    rebuild = inner.add_parser(
        "rebuild", parents=[common], help="make words.db anew from the store"
    )
    rebuild.set_defaults(run=run_rebuild)
    stats = inner.add_parser("stats", parents=[common], help="figures of words.db")
    stats.add_argument("--json", action="store_true", help="print facts as JSON")
    stats.set_defaults(run=run_stats)


def run_search(said: argparse.Namespace, terminal: Terminal) -> int:
    """Search; exit status 1 when nothing was found."""
    from indexer import fulltext, search

    with opened(said) as box:
        words = fulltext.open_words(box.folder)
        results = search.search(
            words,
            " ".join(said.words),
            allowed=lambda pairs: catalogue.visible(box.db, list(pairs)),
            limit=said.limit,
        )
        found = catalogue.many(box.db, [hit.resource_id for hit in results.hits])
        words.close()
    hits = [
        {
            "id": hit.resource_id,
            "id_on_disk": found[hit.resource_id].id_on_disk,
            "title": found[hit.resource_id].title,
            "kind": found[hit.resource_id].kind,
            "page": hit.page,
            "at_s": hit.at_s,
            "snippet": "".join(text for text, _ in hit.snippet),
        }
        for hit in results.hits
        if hit.resource_id in found
    ]
    if terminal.json:
        terminal.facts({"total": results.total, "hits": hits})
    elif not hits:
        terminal.say("没有找到。")
    else:
        terminal.table(
            ("编号", "题目", "类型", "内容"),
            [
                (
                    h["id_on_disk"],
                    h["title"],
                    h["kind"],
                    str(h["snippet"])[:40],
                )
                for h in hits
            ],
        )
    return 0 if hits else 1


def run_rebuild(said: argparse.Namespace, terminal: Terminal) -> int:
    """Ask for a new words.db; searches go on in the old one until it is filled."""
    with opened(said) as box, transaction(box.db) as tx:
        jobs.enqueue(tx, "rebuild", "all", now=box.clock())
        resources = catalogue.count(tx)
    terminal.say("%(n)s 件课件的索引在后台重做。", n=resources)
    return 0


def run_stats(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print figures of words.db."""
    from indexer import fulltext

    with opened(said) as box:
        words = fulltext.open_words(box.folder)
        facts = asdict(fulltext.stats(words))
        words.close()
    if terminal.json:
        terminal.facts(facts)
    else:
        for key, value in facts.items():
            print(f"{key}: {value}")
    return 0
