"""Every kind of page of a box, as addresses of it: what `scale` asks for.

The addresses are made from the rows of the box itself, by the functions that pages make
them with, so a page that changes its address is not measured in vain.
"""

import random
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import made_up

from edge_server.records.curriculum import AXES, Axis
from edge_server.records.shelves import Branch
from indexer import analysis
from web import places

PLACE = ", ".join(AXES)
SLIPS = ("京夜思", "唐待诗人", "长方型", "太羊月亮", "李百杜甫", "春添夏天", "单次对话")
NOWHERE = ("鑫淼焱", "蘑菇囍囍", "qwzzk", "fotosynthesis", "xylophon", "龘龘", "0x7f")


def of(folder: Path, count: int) -> Mapping[str, list[str]]:
    """Return ``count`` addresses of each kind of page.

    Args:
        folder: The data folder.
        count: How many of each; a page with one address has a number behind it.
    """
    db = sqlite3.connect(f"file:{folder / 'edge.db'}?mode=ro", uri=True)
    db.row_factory = sqlite3.Row
    chance = random.Random(7)
    try:
        kinds = {
            "home": ["/"],
            "library": ["/library"],
            "newest": [f"/library/new?from={n}" for n in range(count)],
            **_tree(db),
            **_searches(db),
            **_resources(db),
            "upload": ["/upload"],
            "sign in": ["/signin"],
            "status": ["/status"],
            "status.json": ["/status.json"],
        }
    finally:
        db.close()
    for paths in kinds.values():
        chance.shuffle(paths)
    return {name: _filled(paths, count) for name, paths in kinds.items()}


def _filled(paths: Sequence[str], count: int) -> list[str]:
    """Return so many different addresses, the same page under several if need be."""
    rounds = -(-count // len(paths))
    return [
        path if n == 0 else f"{path}{'&' if '?' in path else '?'}n={n}"
        for n in range(rounds)
        for path in paths
    ][:count]


def _tree(db: sqlite3.Connection) -> dict[str, list[str]]:
    volumes = db.execute(
        f"select {PLACE}, count(*) n from versions where state = 'shown'"
        f" and stage is not null group by {PLACE} order by n desc"
    ).fetchall()
    given: list[places.Given] = [{axis: row[axis] for axis in AXES} for row in volumes]
    subjects: dict[str, set[tuple[object, ...]]] = {}
    for one in given:
        address = _down_to("subject", one)
        subjects.setdefault(address, set()).add(tuple(one.values()))
    lessons = db.execute(
        f"select distinct {PLACE}, unit, unit_no, lesson, lesson_no from versions"
        " where state = 'shown' and lesson is not null order by resource_id limit 500"
    )
    return {
        "stage": sorted({_down_to("stage", one) for one in given}),
        "grade": sorted({_down_to("grade", one) for one in given}),
        # With one volume it only leads there.
        "subject": sorted(path for path, below in subjects.items() if len(below) > 1),
        "volume": [places.address(one) for one in given],
        "fullest volume": [places.address(given[0])],
        "nobody sorted": [
            f"{places.address(dict.fromkeys(AXES))}?from={n}" for n in range(60)
        ],
        "lesson": [
            places.address(
                {axis: row[axis] for axis in AXES},
                Branch(row["unit"], row["unit_no"]),
                Branch(row["lesson"], row["lesson_no"]),
            )
            for row in lessons
        ],
    }


def _down_to(axis: Axis, given: places.Given) -> str:
    way = places.WAY[: places.WAY.index(axis) + 1]
    return places.address({one: given[one] for one in way})


def _searches(db: sqlite3.Connection) -> dict[str, list[str]]:
    common = [word for word in made_up.COMMON if len(word) == 2]
    narrow = [
        dict(row)
        for row in db.execute(
            "select distinct grade, subject from versions where state = 'shown'"
            " and grade is not null"
        )
    ]
    pinyin = ["".join(analysis.syllables(word)) for word in common]
    initials = ["".join(s[:1] for s in analysis.syllables(word)) for word in common]
    return {
        "search, 1 character": [_ask(one) for one in sorted(set("".join(common)))],
        "search, 2 characters": [_ask(word) for word in common],
        "search, several words": [
            _ask(f"三年级 语文 {one} {two}")
            for one, two in zip(common, common[7:], strict=False)
        ],
        "search, within a grade": [
            _ask(word, **place) for word, place in zip(common, narrow, strict=False)
        ],
        "search, a further page": [
            _ask(word, **{"from": str(1 + n % 9)}) for n, word in enumerate(common)
        ],
        "search, pinyin": [_ask(one) for one in pinyin + initials],
        "search, slips": [_ask(f"{one}{n or ''}") for n in range(9) for one in SLIPS],
        "search, nothing": [_ask(f"{one}{n}") for n in range(9) for one in NOWHERE],
        "suggest": [
            _ask(typed, "/suggest")
            for word, read in zip(common, pinyin, strict=True)
            for typed in (word[:1], word, read[:1], read[:2])
        ],
    }


def _ask(words: str, path: str = "/search", **more: str) -> str:
    return f"{path}?" + urlencode({"q": words, **more})


def _resources(db: sqlite3.Connection) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in db.execute(
        "select v.kind, v.format, v.lesson is null loose, r.id_on_disk from versions v"
        " join resources r on r.id = v.resource_id where v.state = 'shown'"
    ):
        kind = "text" if row["format"] == "txt" else row["kind"]
        name = "resource, loose" if row["loose"] else f"resource, {kind}"
        found.setdefault(name, []).append(f"/resource/{row['id_on_disk']}")
    return found
