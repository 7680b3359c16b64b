"""``accounts``: who may upload and withdraw, and a new code when a PIN is forgotten."""

import argparse
from dataclasses import asdict

from edge_server.cli.opening import opened
from edge_server.cli.terminal import Terminal
from edge_server.errors import Refused
from edge_server.ground.db import transaction
from edge_server.records import accounts, audit


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    top = groups.add_parser("accounts", help="who may upload and withdraw")
    inner = top.add_subparsers(dest="accounts", required=True, metavar="WHAT")
    show = inner.add_parser("list", parents=[common], help="list accounts")
    show.add_argument("--json", action="store_true", help="print facts as JSON")
    show.set_defaults(run=run_list)
    new = inner.add_parser("add", parents=[common], help="add an account")
    new.add_argument("name")
    new.add_argument("--role", choices=("teacher", "admin"), default="teacher")
    new.add_argument("--json", action="store_true", help="print facts as JSON")
    new.set_defaults(run=run_add)
    reset = inner.add_parser(
        "reset-pin", parents=[common], help="take a PIN away and print a one-time code"
    )
    reset.add_argument("name")
    reset.add_argument("--json", action="store_true", help="print facts as JSON")
    reset.set_defaults(run=run_reset)


def run_list(said: argparse.Namespace, terminal: Terminal) -> int:
    """Print the accounts."""
    with opened(said) as box:
        found = accounts.all_accounts(box.db)
    if terminal.json:
        terminal.facts({"accounts": [asdict(account) for account in found]})
    else:
        terminal.table(
            ("名字", "角色", "口令"),
            [(a.name, a.role, "✓" if a.has_pin else "-") for a in found],
        )
    return 0


def run_add(said: argparse.Namespace, terminal: Terminal) -> int:
    """Add an account and print its one-time code."""
    with opened(said) as box, transaction(box.db) as tx:
        account = accounts.add(tx, box.clock, said.name, said.role)
        code = accounts.one_time_code(tx, box.clock, account)
        audit.note(
            tx, box.clock, who="terminal", client="", what="account_added",
            values={"name": account.name, "role": account.role},
        )  # fmt: skip
    _say_code(terminal, account, code)
    return 0


def run_reset(said: argparse.Namespace, terminal: Terminal) -> int:
    """Take a PIN away and print a one-time code."""
    with opened(said) as box, transaction(box.db) as tx:
        named = [a for a in accounts.all_accounts(tx) if a.name == said.name]
        if not named:
            raise Refused("account_unknown", name=said.name)
        code = accounts.one_time_code(tx, box.clock, named[0])
        audit.note(
            tx, box.clock, who="terminal", client="", what="pin_reset",
            values={"name": said.name},
        )  # fmt: skip
    _say_code(terminal, named[0], code)
    return 0


def _say_code(terminal: Terminal, account: accounts.Account, code: str) -> None:
    if terminal.json:
        terminal.facts({"account": account.name, "one_time_code": code})
        return
    terminal.say("%(name)s 的一次性设置码：%(code)s", name=account.name, code=code)
    terminal.say("第一部输入它的手机可以设置上传用的口令（8 位数字），7 天内有效。")
