"""What a person can type, set, see queued or find in a table is described in docs/.

Both ways: what exists is described, and what is described exists, for a page that tells of
things that are gone is worse than none.
"""

import argparse
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from PIL import Image
from sqlite_utils import Database

import indexer.schema
from edge_server import pipeline
from edge_server.cli import main, parser
from edge_server.cli.all_tables import SETS
from edge_server.ground.box import open_box
from edge_server.ground.config import Config
from sync.centre.ledger import schema as ledger_tables
from tests.boxes import make_box
from tests.sync.county import Centre, listening
from tests.test_layers import PACKAGES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


def tables_in(text: str) -> Iterator[tuple[str, list[list[str]]]]:
    """Yield each Markdown table as the text of its first head and its rows of cells."""
    rows: list[list[str]] = []
    for line in [*text.splitlines(), ""]:
        if line.startswith("|"):
            cells = re.split(r"(?<!\\)\|", line.strip()[1:-1])
            rows.append([cell.strip().replace("\\|", "|") for cell in cells])
        elif rows:
            yield rows[0][0], rows[2:]
            rows = []


def documented(page: str, head: str) -> list[list[str]]:
    """Return the rows of a page's tables that begin with a head, names without quotes."""
    found = []
    for first, rows in tables_in((DOCS / page).read_text("utf-8")):
        if first == head:
            found += [[row[0].strip("`"), *row[1:]] for row in rows]
    assert all(all(row) for row in found), f"an empty cell in {page}"
    return found


def test_every_setting_is_described_with_its_default():
    said = {row[0]: row[1] for row in documented("settings.md", "setting")}
    default = Config()
    real = {
        field.name: f"`{json.dumps(getattr(default, field.name), ensure_ascii=False)}`"
        for field in fields(Config)
    }
    assert said == real


def test_every_kind_of_job_is_described_in_its_order():
    said = [row[:3] for row in documented("jobs.md", "kind")]
    assert said == [[step.kind, step.on, step.lane] for step in pipeline.STEPS]


def test_what_recurs_is_a_kind_of_job_and_says_how_often():
    said = {row[0]: row[3] for row in documented("jobs.md", "kind")}
    for every in pipeline.EVERY_AT_A_CENTRE:
        assert f"every {every.hours:g} hours of running" in said[every.kind]


def tables_of(database: sqlite3.Connection) -> set[str]:
    """Return the tables and views that are ours."""
    names = [
        name
        for (name,) in database.execute(
            "select name from sqlite_master where type='table'"
        )
        if not name.startswith(("sqlite_", "_sqlite_migrations"))
    ]
    virtual = [
        name
        for (name,) in database.execute(
            "select name from sqlite_master where sql like 'create virtual table%'"
        )
    ]
    shadows = {n for n in names for v in virtual if n.startswith(f"{v}_")}
    return set(names) - shadows


def test_every_table_says_how_far_it_can_grow():
    database = Database(memory=True)
    for migrations in SETS:
        migrations.apply(database)
    words = sqlite3.connect(":memory:")
    for statement in indexer.schema.STATEMENTS:
        words.execute(statement)

    said = documented("tables.md", "table")
    assert all(len(row) == 3 for row in said)
    assert sorted(row[0] for row in said) == sorted(
        [*tables_of(database.conn), *tables_of(words)]
    )


def test_every_table_of_the_ledger_says_how_far_it_can_grow():
    said = documented("tables.md", "ledger table")
    assert all(len(row) == 3 for row in said)
    assert [row[0] for row in said] == list(ledger_tables.metadata.tables)


def test_every_set_of_tables_is_handed_to_prepare():
    made = [p for package in PACKAGES for p in (ROOT / package).rglob("tables.py")]
    assert len(SETS) == len(made)


COMMON_OPTIONS = {"--data", "--lang", "--json", "-h", "--help"}


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return every command that does something, by its words."""
    found: dict[str, argparse.ArgumentParser] = {}

    def walk(words: str, one: argparse.ArgumentParser) -> None:
        groups = [a for a in one._actions if isinstance(a, argparse._SubParsersAction)]
        for group in groups:
            for name, inner in group.choices.items():
                walk(f"{words} {name}", inner)
        if not groups:
            found[words] = one

    walk("edge-server", parser())
    return found


def sections() -> dict[str, str]:
    """Return the text of docs/commands.md by command."""
    parts = re.split(r"^#{2,3} ", (DOCS / "commands.md").read_text("utf-8"), flags=re.M)
    named = (part.partition("\n") for part in parts)
    return {head: text for head, _, text in named if head.startswith("edge-server")}


def test_every_command_is_described():
    assert sorted(sections()) == sorted(commands())


@pytest.mark.parametrize("command", commands())
def test_every_option_is_described(command):
    said = {
        word
        for first, rows in tables_in(sections()[command])
        if first == "option"
        for row in rows
        for word in re.findall(r"(?<![\w-])--?[a-z][\w-]*", row[0])
    }
    real = {o for action in commands()[command]._actions for o in action.option_strings}
    assert said == real - COMMON_OPTIONS


@pytest.mark.parametrize("command", commands())
def test_every_command_and_its_arguments_have_help_in_plain_words(command, capsys):
    with pytest.raises(SystemExit):
        commands()[command].parse_args(["--help"])
    assert command in capsys.readouterr().out


def keys_in(facts: Any) -> set[str]:
    """Return the keys of facts at every depth; below `values` they depend on the code."""
    if isinstance(facts, list):
        return {key for item in facts for key in keys_in(item)}
    if not isinstance(facts, dict):
        return set()
    below = {k for name, v in facts.items() if name != "values" for k in keys_in(v)}
    return set(facts) | below


def documented_keys(command: str) -> set[str]:
    """Return the JSON keys that stand in a command's section."""
    keys = {
        row[0].strip("`")
        for first, rows in tables_in(sections()[command])
        if first == "JSON key"
        for row in rows
    }
    if command == "edge-server library show":  # it says: the keys of `list`, and …
        listed = documented_keys("edge-server library list")
        keys |= listed - {"total", "resources"}
    return keys


class School:
    """A box in which something is in the library, refused, played and set aside."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.data = folder / "data"
        self.capsys = capsys
        self.said: dict[str, set[str]] = {}

    def says(self, *words: str, data: Path | None = None) -> Any:
        """Run a command with --json; return its facts and remember their keys."""
        self.capsys.readouterr()
        main([*words, "--data", str(data or self.data), "--json"])
        facts = json.loads(self.capsys.readouterr().out)
        command = next(
            name
            for name in sorted(commands(), key=len, reverse=True)
            if f"edge-server {' '.join(words)} ".startswith(f"{name} ")
        )
        self.said.setdefault(command, set()).update(keys_in(facts))
        return facts


def with_its_county(school: School, folder: Path, lesson: Path) -> None:
    """Run the commands between a box and its county, each with all it can say."""
    centre = folder / "centre"
    make_box(centre, role="county-centre", name="县中心", convert=False).db.close()
    school.says("init", "--role", "county-centre", "--without-passphrase", data=centre)
    school.says("centre", "publish", str(lesson), data=centre)
    school.says("centre", "publish", str(lesson / "坏.exe"), data=centre)
    school.says("centre", "keys", data=centre)
    code = school.says("centre", "enrol", "向阳教学点", data=centre)["code"]
    sheet = folder / "points.xlsx"
    book = Workbook()
    for row in (("学校标识码", "名称"), ("1", "红旗教学点"), ("1", "又一个")):
        book.active.append(row)
    book.save(sheet)
    school.says("centre", "points", "--import", str(sheet), data=centre)
    published = next(
        one for one in school.says("library", "list", data=centre)["resources"]
    )
    school.says("centre", "withdraw", published["id"], data=centre)
    school.says("sync", "subscribe")
    box = open_box(centre)
    with listening(Centre(box, b"")) as (address, _):
        school.says("sync", "enrol", address, code)
        school.says("sync", "now")  # its tree is nowhere: the reason is told
        school.says("sync", "status")
    box.db.close()


def test_every_key_of_every_json_document_is_described(tmp_path, capsys):
    lesson = tmp_path / "小学/三年级/语文/统编版/上册/第一单元/5 大青树下的小学"
    lesson.mkdir(parents=True)
    (lesson / "生字.txt").write_text(
        "早晨，从山坡上，从坪坝里，走来了许多小学生。", "utf-8"
    )
    Image.new("RGB", (64, 48), "#17694A").save(lesson / "大青树.png")
    (lesson / "坏.exe").write_bytes(b"MZ" + bytes(2000))
    school = School(tmp_path, capsys)

    school.says("init", "--name", "向阳教学点")
    school.says("library", "add", str(tmp_path / "小学"))
    listed = school.says("library", "list")
    picture = next(one for one in listed["resources"] if one["kind"] == "picture")
    school.says("library", "show", picture["id_on_disk"])
    school.says("index", "search", "小学生")
    school.says("index", "stats")
    school.says("library", "verify")
    damage(school.data)
    school.says("library", "verify")
    school.says("doctor")
    school.says("library", "sweep")
    school.says("library", "add", "--no-wait", str(tmp_path / "小学"))
    school.says("jobs", "list")
    school.says("accounts", "list")
    school.says("accounts", "add", "李老师")
    school.says("accounts", "reset-pin", "李老师")
    school.says("usage")
    with_its_county(school, tmp_path, lesson)

    documents = {c for c, one in commands().items() if "--json" in one.format_help()}
    assert set(school.said) == documents
    for command, keys in school.said.items():
        assert keys == documented_keys(command), command


def damage(data: Path) -> None:
    """Flip a bit in one object."""
    found = next(path for path in (data / "objects").rglob("*") if path.is_file())
    content = bytearray(found.read_bytes())
    content[0] ^= 1
    found.chmod(0o644)
    found.write_bytes(content)


PAGES = sorted(
    path
    for path in [*ROOT.glob("*.md"), *DOCS.glob("**/*.md"), *ROOT.glob("*/README.md")]
)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_of_the_project_leads_somewhere(page):
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []
