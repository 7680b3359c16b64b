"""``init``, ``prepare`` and ``doctor``: make a box, make it ready, ask how it is."""

import argparse
import getpass
import sys
from dataclasses import replace
from pathlib import Path

from edge_server.cli import examination
from edge_server.cli.opening import become_owner, make_ready, opened
from edge_server.cli.terminal import Terminal
from edge_server.errors import Refused, WrongUsage
from edge_server.ground import config, durable
from edge_server.ground.db import transaction
from edge_server.records import accounts, audit, identity

FIRST_ACCOUNT = "老师"


def add(
    groups: "argparse._SubParsersAction[argparse.ArgumentParser]",
    common: argparse.ArgumentParser,
) -> None:
    """Add these commands to the parser."""
    init = groups.add_parser(
        "init",
        parents=[common],
        help="make a data folder and a one-time code for the PIN",
    )
    init.add_argument("--role", choices=config.ROLES, default=config.ROLES[0])
    init.add_argument("--name", default=None, help="what this place is called on pages")
    init.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="of a county centre: its first line locks the release key",
    )
    init.add_argument(
        "--without-passphrase",
        action="store_true",
        help="of a county centre: leave the release key open, so that publishing needs nobody",
    )
    init.add_argument("--json", action="store_true", help="print facts as JSON")
    init.set_defaults(run=run_init)
    ready = groups.add_parser(
        "prepare",
        parents=[common],
        help="check and migrate the database before a start",
    )
    ready.set_defaults(run=run_prepare)
    doctor = groups.add_parser(
        "doctor", parents=[common], help="look for problems and say what to do"
    )
    doctor.add_argument("--json", action="store_true", help="print facts as JSON")
    doctor.set_defaults(run=run_doctor)


def run_init(said: argparse.Namespace, terminal: Terminal) -> int:
    """Write the settings, make tables and identity, print a one-time code."""
    folder = said.data
    durable.make_folders(folder.resolve())
    become_owner(folder)
    settings = config.Config()
    changed = replace(settings, role=said.role, name=said.name or settings.name)
    path = folder / config.FILE_NAME
    if not path.exists():
        durable.write(path, config.text(changed).encode())
    centre = said.role == config.COUNTY_CENTRE
    passphrase = _passphrase(said, terminal) if centre else None
    box = make_ready(folder)
    root_keys: tuple[Path, ...] = ()
    if centre:
        from edge_server.cli import county

        root_keys = county.make(box, passphrase)
    code = None
    with transaction(box.db) as tx:
        try:
            account = accounts.add(tx, box.clock, FIRST_ACCOUNT)
        except Refused:
            account = next(
                a for a in accounts.all_accounts(tx) if a.name == FIRST_ACCOUNT
            )
        if not account.has_pin:
            code = accounts.one_time_code(tx, box.clock, account)
            audit.note(tx, box.clock, who="terminal", client="", what="one_time_code")
    facts = {
        "box_id": identity.box_id(box.db),
        "role": box.config.role,
        "name": box.config.name,
        "folder": str(box.folder),
        "account": account.name,
        "one_time_code": code,
        "root_keys": [str(path) for path in root_keys],
    }
    box.db.close()
    if terminal.json:
        terminal.facts(facts)
        return 0
    terminal.say("%(name)s 已经准备好，数据在 %(folder)s。", **facts)
    if root_keys:
        terminal.say(
            "根密钥在这里，请分别存到三个优盘、交给三个人保管，再从这台机器上删掉："
        )
        for path in root_keys:
            print(f"  {path}")
    if code:
        terminal.say("一次性设置码：%(code)s", code=code)
        terminal.say("第一部输入它的手机可以设置上传用的口令（8 位数字），7 天内有效。")
    return 0


def _passphrase(said: argparse.Namespace, terminal: Terminal) -> str | None:
    """Return what locks the release key: of a file, typed twice, or nothing on demand.

    Raises:
        WrongUsage: Nobody said which, or what was typed differs.
    """
    if said.without_passphrase:
        return None
    if said.passphrase_file is not None:
        return str(said.passphrase_file.read_text("utf-8").partition("\n")[0])
    if not sys.stdin.isatty():
        raise WrongUsage("passphrase_needed")
    typed = getpass.getpass(terminal.words._("发布密钥的口令："))
    if typed != getpass.getpass(terminal.words._("再输一次：")):
        raise WrongUsage("passphrase_wrong")
    return typed


def run_prepare(said: argparse.Namespace, terminal: Terminal) -> int:
    """Make the folder ready; nobody else of this box may run."""
    box = make_ready(said.data)
    if box.config.role == config.COUNTY_CENTRE:
        from edge_server.cli import county

        county.prepare(box)
    box.db.close()
    terminal.say("%(name)s 可以启动了。", name=box.config.name)
    return 0


def run_doctor(said: argparse.Namespace, terminal: Terminal) -> int:
    """Examine the box; exit status 1 when something needs doing."""
    with opened(said) as box:
        findings = examination.examine(box)
    if terminal.json:
        terminal.facts(
            {
                "problems": [
                    {"code": f.code, "values": dict(f.values), "serious": f.serious}
                    for f in findings
                ]
            }
        )
    elif not findings:
        terminal.say("一切正常。")
    else:
        for finding in findings:
            told = terminal.words.told(finding.code, finding.values)
            print(f"{'!' if finding.serious else '-'} {told.what}")
            if told.do:
                print(f"  {told.do}")
    return 1 if any(f.serious for f in findings) else 0
