"""``usage``: what was used, summed by week."""

import argparse
from dataclasses import asdict

from edge_server.cli.opening import opened
from edge_server.cli.terminal import Terminal
from edge_server.records import outbox, usage


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add this command to the parser."""
    show = groups.add_parser("usage", parents=[common], help="what was used, by week")
    show.add_argument("--weeks", type=int, default=8, metavar="N")
    show.add_argument("--json", action="store_true", help="print facts as JSON")
    show.set_defaults(run=run_usage)


def run_usage(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print sums of the last weeks and how much waits for the county centre."""
    with opened(said) as box:
        weeks = usage.weeks(box.db, now_at=box.clock.moment().at, most=said.weeks)
        waiting = outbox.waiting(box.db)
    if terminal.json:
        terminal.facts({"weeks": [asdict(week) for week in weeks], "waiting": waiting})
        return 0
    terminal.table(
        ("星期起于", "打开", "课件", "播放分钟", "翻页", "看完", "下载", "搜索"),
        [
            (
                terminal.words.day(week.began_at),
                week.opened,
                week.resources,
                round(week.played_s / 60),
                week.pages,
                week.finished,
                week.downloaded,
                week.searched,
            )
            for week in weeks
        ],
    )
    terminal.say("待上报 %(n)s 条。", n=waiting)
    return 0
