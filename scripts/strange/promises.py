"""What a box promises of every file, looked at from outside through its command line.

1. Each file is visible, opened as an archive whose members are, or set aside with a
   reason that has a sentence. Told by SHA-256: of what teachers see (`library list`) and
   of what lies in ``refused/``; nothing is taken on trust of a name.
2. `library verify` reads the whole store and finds nothing wrong.
3. One flipped bit is found and its object named; flipped back, nothing is wrong again.
4. ``words.db`` deleted and the box started again, every search finds what it found.
5. No job is left waiting, running or set aside without a reason, and the page of each
   visible resource is answered.
"""

import hashlib
import json
import random
import re
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edge_server import language
from edge_server.guard import names
from scripts.bench import running
from scripts.strange.choose import Stranger
from scripts.strange.result import LOST, OPENED, VISIBLE, Result

EVERYTHING = "1000000"
WORDS = ("test", "the", "and", "page", "hello", "数据", "Python", "1")
"""Looked for beside titles: words that stand in texts."""
PATIENCE_S = 600.0
STARTING_S = 60.0
"""After so long a worker has begun with what it finds to do."""
MOST_PAGES = 20
"""Of hits, 20 each."""
_LINK = re.compile(r"/resource/([0-9a-f]{32})")
MOST_DEPTH = 3
"""Archives in archives that are looked into."""


def prove(tree: Path, laid: Mapping[str, Stranger], data: Path) -> Result:
    """Add a tree to a new box in ``data``, and look at every promise.

    Args:
        tree: The folder to add; its name begins each path.
        laid: Its files by path, as `choose.lay_out` gives them.
        data: The data folder, which is made.
    """
    result = Result(kinds={path: one.kind for path, one in laid.items()})
    began_s = time.monotonic()
    running.make(data)
    added = _facts(data, "library", "add", str(tree))
    _tool(data, "work", "--until-idle")
    result.figures["minutes to take in"] = round((time.monotonic() - began_s) / 60, 2)
    if added["offered"] != len(laid):
        result.broken.append(f"{added['offered']} of {len(laid)} files were offered")
    shown = _facts(data, "library", "list", "--limit", EVERYTHING)["resources"]
    _look_at_fates(result, data, laid, shown, added["refused"])
    _look_at_jobs(result, data)
    _look_at_store(result, data, shown)
    _look_at_words(result, data, shown)
    result.figures["minutes in all"] = round((time.monotonic() - began_s) / 60, 2)
    return result


def _look_at_fates(
    result: Result,
    data: Path,
    laid: Mapping[str, Stranger],
    shown: Sequence[dict[str, Any]],
    refused: Sequence[dict[str, Any]],
) -> None:
    visible = {part["object_id"] for one in shown for part in one["parts"]}
    aside = {_hash(path) for path in (data / "refused").iterdir() if path.is_file()}
    reasons = {one["name"]: one["code"] for one in refused}
    known = language.all_sentences()
    for path, stranger in laid.items():
        if stranger.sha256 in visible:
            result.fates[path] = VISIBLE
        elif path in reasons and stranger.sha256 in aside:
            result.fates[path] = reasons[path]
        else:
            lost = list(_lost(stranger.path, visible | aside))
            result.fates[path] = LOST if lost else OPENED
            result.broken += [f"{path}: {name} is nowhere" for name in lost[:5]]
    for name, code in reasons.items():
        if code not in known:
            result.broken.append(f"{name}: no sentence for {code}")
    with sqlite3.connect(f"file:{data / 'edge.db'}?mode=ro", uri=True) as db:
        result.without.update(
            code
            for object_id, code in db.execute(
                "select source_object_id, code from renditions where object_id is null"
            )
            if object_id in visible
        )
    result.broken += [
        f"no sentence for {code}" for code in sorted(set(result.without) - set(known))
    ]
    result.figures["resources"] = len(shown)
    result.figures["refused, members of archives too"] = len(refused)


def _lost(path: Path, accounted: set[str], depth: int = 0) -> Iterator[str]:
    """Yield what of a file is in no place, opening archives by another program."""
    if _hash(path) in accounted:
        return
    with tempfile.TemporaryDirectory() as scratch:
        if depth < MOST_DEPTH:
            subprocess.run(
                ["bsdtar", "--extract", "--file", path, "--directory", scratch],
                stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        members = [
            member
            for member in sorted(Path(scratch).rglob("*"))
            if member.is_file()
            and not member.is_symlink()
            and not any(names.is_litter(part) for part in member.parts)
            and not names.is_unfinished(member.name)
        ]
        for member in members:
            yield from _lost(member, accounted, depth + 1)
    if not members:
        yield path.name


def _look_at_jobs(result: Result, data: Path) -> None:
    jobs = _facts(data, "jobs", "list")["jobs"]
    for job in jobs:
        if job["state"] != "aside" or not job["code"]:
            result.broken.append(f"job left {job['state']}: {job['kind']} {job['key']}")
    result.figures["jobs aside"] = len(jobs)


def _look_at_store(result: Result, data: Path, shown: Sequence[dict[str, Any]]) -> None:
    whole = _facts(data, "library", "verify")
    if whole["problems"]:
        result.broken.append(f"verify: {whole['problems'][:3]}")
    result.figures["objects"] = whole["objects"]
    result.figures["MB"] = round(whole["bytes"] / 1e6, 1)
    chosen = random.Random(1).choice(
        sorted(part["object_id"] for one in shown for part in one["parts"])
    )
    (path,) = (data / "objects").rglob(f"{chosen}*")
    _flip(path)
    asked = _tool(data, "library", "verify", "--json")
    named = [
        problem
        for problem in json.loads(asked.stdout)["problems"]
        if problem["values"].get("object_id") == chosen
    ]
    if asked.returncode != 1 or not named:
        result.broken.append(f"a flipped bit in {chosen} was not named")
    _flip(path)
    if _facts(data, "library", "verify")["problems"]:
        result.broken.append("verify: a bit that was flipped back is still a problem")


def _flip(path: Path) -> None:
    """Turn the lowest bit of the byte in the middle of a file."""
    mode = path.stat().st_mode
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ 1]))
    path.chmod(mode)


def _look_at_words(result: Result, data: Path, shown: Sequence[dict[str, Any]]) -> None:
    queries = [*WORDS, *sorted({one["title"] for one in shown})]
    with running.run(data) as box:
        before = _hits(box, queries)
        result.broken += _unanswered(box, shown)
        indexed = _stats(data)
    for file in data.glob("words*.db*"):
        file.unlink()
    with running.run(data) as box:
        _wait_for_words(data, indexed["resources"])
        after = _hits(box, queries)
    for query in queries:
        if before[query] != after[query]:
            result.broken.append(
                f"search {query!r}: {len(before[query])} hits before words.db was"
                f" deleted, {len(after[query] & before[query])} of them after"
            )
    result.figures["queries"] = len(queries)
    result.figures["hits"] = sum(len(found) for found in before.values())
    if _stats(data)["texts"] < indexed["texts"]:
        result.broken.append(f"texts: {indexed} before, {_stats(data)} after")
    missing = [query for query in queries[len(WORDS) :] if not before[query]]
    result.figures["titles without a hit"] = len(missing)


def _hits(box: running.Running, queries: Iterable[str]) -> dict[str, set[str]]:
    """Return the resources that each query finds on the pages of the search."""
    found: dict[str, set[str]] = {}
    for query in queries:
        found[query] = set()
        for at in range(MOST_PAGES):
            page = box.get(f"/search?q={quote(query)}&from={at}").decode()
            new = set(_LINK.findall(page)) - found[query]
            found[query] |= new
            if not new:
                break
    return found


def _unanswered(box: running.Running, shown: Iterable[dict[str, Any]]) -> Iterator[str]:
    """Yield the visible resources whose page is not answered."""
    for one in shown:
        try:
            box.get(f"/resource/{one['id_on_disk']}")
        except RuntimeError as error:
            yield f"{one['path']}: its page: {error}"


def _wait_for_words(data: Path, resources: int) -> None:
    """Wait until the box that was started has indexed what it lacked, or does not try."""
    began_s = time.monotonic()
    while _stats(data)["resources"] < resources:
        _tool(data, "jobs", "wait", "--timeout", str(PATIENCE_S))
        if time.monotonic() - began_s > STARTING_S:
            return
        time.sleep(1)
    _tool(data, "jobs", "wait", "--timeout", str(PATIENCE_S))


def _facts(data: Path, *words: str) -> dict[str, Any]:
    """Return what a command prints as JSON, whatever it thinks of it."""
    told = _tool(data, *words, "--json")
    if not told.stdout:
        raise RuntimeError(f"{words}: {told.returncode}\n{told.stderr}")
    facts: dict[str, Any] = json.loads(told.stdout)
    return facts


def _stats(data: Path) -> dict[str, Any]:
    return _facts(data, "index", "stats")


def _tool(data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*running.PROGRAM, *words, "--data", str(data)],
        cwd=running.PROJECT, capture_output=True, text=True,
    )  # fmt: skip


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
