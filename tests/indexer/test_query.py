"""From what is typed to what FTS5 takes."""

import random
import sqlite3

import pytest

from indexer.query import compile_query
from indexer.terms import MOST_CHARACTERS, MOST_TERMS, TITLES

W = "{title author about text}"


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("古诗", f'(({W}: "古诗"))'),
        ("静夜思", f'(({W}: "静夜 夜思"))'),
        ("月", f'(({W}: "月"*))'),
        ("photo", f'((({W}: "photo"* OR py: "photo"*)))'),
        ("g", f'(({W}: "g"*))'),
        ("lvse", f'((({W}: "lvse"* OR py: "luse"*)))'),
        ("第5课", f'(({W}: "第 5 课"*))'),
        ("标题：静夜思", '(({title}: "静夜 夜思"))'),
        ("“月光，疑是”", f'({W}: "月光 光 疑是")'),
        ('"bubble sort"', f'({W}: "bubble sort")'),
        ("春天 NOT 秋天", f'((({W}: "春天")) NOT (({W}: "秋天")))'),
        ("(((", ""),
        ("NOT OR", ""),
        ("……", ""),
    ],
)
def test_a_query_becomes_an_expression(typed: str, match: str) -> None:
    assert compile_query(typed).match == match


def test_what_is_not_understood_as_operators_is_looked_for_as_words() -> None:
    assert compile_query("NOT 李白").words == ["李白"]
    assert compile_query(" OR 李白 AND").words[0] == "李白"


@pytest.mark.parametrize("typed", ["“床前”", "标题:床前", "床前 NOT 月", "床前 OR 月"])
def test_who_says_exactly_what_gets_exactly_that(typed: str) -> None:
    assert compile_query(typed).strict


def test_a_query_is_never_longer_than_its_limits() -> None:
    found = compile_query("春 OR " * 40)
    assert found.match.count("春") <= MOST_TERMS
    assert not compile_query("，" * MOST_CHARACTERS + "春").match


def test_twenty_thousand_random_inputs_are_taken_by_fts5() -> None:
    pool = list("古诗月的ab1 ()（）\"“”:*?~^-+[]{}<>\\'&|#，。\x00")
    pool += [" AND ", " OR ", " NOT ", " ANDNOT ", " ANDMAYBE ", " REQUIRE "]
    pool += ["title:", "标题：", "grade:", "NEAR("]
    chance = random.Random(1)
    database = sqlite3.connect(":memory:")
    database.execute(
        "create virtual table t using fts5(title,author,about,text,py,facet)"
    )
    for _ in range(20_000):
        typed = "".join(chance.choices(pool, k=chance.randint(1, 40)))
        match = compile_query(typed).match
        if match:
            whole = f"{TITLES}: ({match})"
            database.execute("select 1 from t where t match ?", (whole,)).fetchall()
    database.close()
