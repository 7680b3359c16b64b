"""Words go into the index and out again, exactly."""

import random
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_server.errors import DiskFull
from edge_server.ground import db as ground_db
from edge_server.ground.db import transaction
from indexer import fulltext, rebuilding, schema, search
from indexer.fulltext import Entry, Words
from indexer.passages import Passage
from indexer.postings import WordsDamaged
from indexer.rebuilding import Rebuilding
from tests.indexer.conftest import EVERYTHING, FILM, NIGHT, POEM, fill, rebuild
from tests.indexer.history import History

ROOT = Path(__file__).parent.parent.parent


def found(words: Words, text: str) -> set[str]:
    """Return the ids of the resources that have a word."""
    return {hit.resource_id for hit in search.search(words, text).hits}


def vocabulary(words: Words) -> list[tuple[object, ...]]:
    """Every term of the index with how often it stands in each column."""
    rows = words.db.all("select term, col, doc, cnt from vocabulary order by 1, 2")
    return [tuple(row) for row in rows]


def is_whole(words: Words) -> bool:
    """Rank over everything: what a wrong delete breaks, its own check says ok."""
    with transaction(words.db) as tx:
        tx.execute("insert into postings(postings) values ('integrity-check')")
    terms = [
        row["term"] for row in words.db.all("select distinct term from vocabulary")
    ]
    for term in terms:
        quoted = f'"{term}"'
        words.db.all(
            "select rowid, rank from postings where postings match ? order by rank",
            (quoted,),
        )
    return True


def test_a_text_comes_back_as_it_was_kept(words: Words) -> None:
    kept = fulltext.text_of(words, FILM)

    assert kept == [
        Passage("长城有多长", at_s=0.0),
        Passage("站在烽火台上看月光", at_s=12.5),
    ]
    assert fulltext.text_of(words, "f" * 64) is None


def test_indexing_twice_is_indexing_once(words: Words) -> None:
    before = vocabulary(words)

    for entry in EVERYTHING:
        fulltext.index(words, entry)
    fill(words)

    assert vocabulary(words) == before
    assert is_whole(words)


def test_a_replaced_version_leaves_nothing_behind(words: Words) -> None:
    fulltext.index(words, replace(NIGHT, version=2, title="夜宿山寺", objects=()))

    assert found(words, "静夜") == set()
    assert found(words, "明月") == set()
    assert found(words, "ysss") == {NIGHT.resource_id}
    assert fulltext.indexed_versions(words)[NIGHT.resource_id] == 2
    assert search.suggest(words, "静") == []
    assert is_whole(words)


def test_what_is_removed_is_gone_and_removing_it_again_is_harmless(
    words: Words,
) -> None:
    for entry in EVERYTHING:
        fulltext.remove(words, entry.resource_id)
        fulltext.remove(words, entry.resource_id)

    assert vocabulary(words) == []
    assert fulltext.indexed_versions(words) == {}
    assert is_whole(words)


def test_better_words_of_an_object_take_the_place_of_the_old(words: Words) -> None:
    fulltext.keep_text(words, POEM, [Passage("白日依山尽", page=7)])

    assert found(words, "故乡") == set()
    hit = search.search(words, "依山尽").hits[0]
    assert (hit.resource_id, hit.page) == (NIGHT.resource_id, 7)
    assert is_whole(words)


def test_two_resources_share_an_object(words: Words) -> None:
    fulltext.index(words, replace(NIGHT, resource_id="box/copy"))
    fulltext.remove(words, NIGHT.resource_id)

    assert found(words, "故乡") == {"box/copy"}


def test_words_that_are_not_those_that_went_in_are_never_taken_out(
    words: Words,
) -> None:
    with transaction(words.db) as tx:  # what a forgotten change of the analysis does
        tx.execute("update texts set body = '别的' where object_id = ?", (POEM,))

    with pytest.raises(WordsDamaged):
        fulltext.remove(words, NIGHT.resource_id)

    rebuild(words)
    fulltext.remove(words, NIGHT.resource_id)
    assert is_whole(words)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["index", "remove", "text"]),
        st.integers(0, 3),
        st.text(alphabet="静夜思月光abc 1，。", max_size=12),
    ),
    max_size=30,
)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_any_history_ends_as_a_fresh_index_of_its_end(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, str]]
) -> None:
    lived = fulltext.open_words(tmp_path_factory.mktemp("lived"))
    history = History(lived)
    for version, step in enumerate(steps):
        history.live(version, step)
    fresh = history.fresh(tmp_path_factory.mktemp("fresh"))

    assert vocabulary(lived) == vocabulary(fresh)
    assert is_whole(lived)
    lived.close()
    fresh.close()


def test_a_rebuilt_index_is_a_new_file_and_finds_the_same(words: Words) -> None:
    before, old = vocabulary(words), words.db.path

    rebuild(words)

    assert words.db.path != old
    assert vocabulary(words) == before
    assert found(words, "故乡") == {NIGHT.resource_id}


def test_a_rebuild_that_is_told_to_stop_leaves_the_old_file_in_use(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rebuilding, "_TURN_S", 1e-9)
    before, looks = words.db.path, iter([False, True])

    assert not Rebuilding(words).piece(60.0, lambda: next(looks))

    assert words.db.path == before
    assert found(words, "故乡") == {NIGHT.resource_id}
    fulltext.tidy(words)
    assert [path.name for path in words.folder.glob("*.db")] == [before.name]


def test_another_process_follows_to_the_rebuilt_file(words: Words) -> None:
    reader = fulltext.open_words(words.folder)
    assert found(reader, "故乡") == {NIGHT.resource_id}

    rebuild(words)
    fulltext.tidy(words)
    fulltext.index(words, Entry("box/new", 1, "望庐山瀑布"))

    assert found(reader, "瀑布") == {"box/new"}
    reader.close()


def test_files_of_earlier_rebuilds_are_removed(words: Words) -> None:
    rebuild(words)
    rebuild(words)

    fulltext.tidy(words)

    names = {path.name for path in words.folder.glob("*.db")}
    assert names == {"words-3.db"}


def test_a_power_cut_before_the_switch_leaves_the_old_file_in_use(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    class PowerCut(BaseException):
        pass

    def cut(path: Path) -> None:
        raise PowerCut

    with monkeypatch.context() as power, pytest.raises(PowerCut):
        power.setattr(schema, "switch", cut)
        rebuild(words)

    again = fulltext.open_words(words.folder)
    assert found(again, "故乡") == {NIGHT.resource_id}
    rebuild(again)  # under yet another name
    fulltext.tidy(again)
    assert found(again, "故乡") == {NIGHT.resource_id}
    again.close()


def test_without_its_file_the_index_begins_empty(words: Words) -> None:
    for path in words.folder.glob("words.db*"):
        path.unlink()

    assert found(words, "故乡") == set()
    fill(words)
    assert found(words, "故乡") == {NIGHT.resource_id}


@pytest.mark.parametrize("number", ["schema", "tables", "texts"])
def test_a_file_made_by_another_program_says_so(words: Words, number: str) -> None:
    with transaction(words.db) as tx:
        tx.execute("update made_with set value = 'older' where name = ?", (number,))

    again = fulltext.open_words(words.folder)
    assert again.problem == number
    rebuild(again)

    assert again.problem is None
    carried = fulltext.texts_held(again)
    assert carried == (set() if number == "texts" else {POEM, FILM})
    entries = fulltext.indexed_versions(again)
    assert len(entries) == (len(EVERYTHING) if number == "tables" else 0)
    again.close()


@pytest.mark.parametrize("damage", ["no database", "torn"])
def test_a_damaged_file_is_told_and_made_again(words: Words, damage: str) -> None:
    path = words.db.path
    words.db.all("pragma main.wal_checkpoint(truncate)")
    words.close()
    whole = path.read_bytes()
    for beside in path.parent.glob("words.db-*"):
        beside.unlink()
    if damage == "torn":
        path.write_bytes(whole[:4096] + bytes(len(whole) - 4096))
    else:
        path.write_bytes(b"not a database" * 1000)

    again = fulltext.open_words(path.parent)
    with pytest.raises(WordsDamaged):
        search.search(again, "故乡")
    rebuild(again)

    assert again.problem is None
    fill(again)
    assert found(again, "故乡") == {NIGHT.resource_id}
    again.close()


def test_stats_tell_what_is_there(words: Words) -> None:
    fulltext.keep_text(words, "d" * 64, [], "text_locked")

    stats = fulltext.stats(words)

    assert (stats.resources, stats.texts, stats.unreadable) == (5, 3, 1)
    assert stats.characters > 50
    assert stats.file == "words.db"
    assert stats.problem is None


def test_texts_nobody_wants_are_dropped(words: Words) -> None:
    fulltext.keep_text(words, "d" * 64, [Passage("要的")])
    fulltext.keep_text(words, "e" * 64, [Passage("不要的")])

    fulltext.forget_texts(words, {"d" * 64})

    assert fulltext.texts_held(words) == {POEM, FILM, "d" * 64}


def test_a_full_disk_is_a_reason_to_try_again(words: Words) -> None:
    pages = words.db.value("pragma page_count")
    words.db.all(f"pragma max_page_count = {pages + 2}")  # this connection's disk ends
    long = Entry("box/long", 1, "长文", about=[chr(n) * 9 for n in range(19968, 40000)])

    with pytest.raises(DiskFull):
        fulltext.index(words, long)

    words.db.all("pragma max_page_count = 1000000")
    fulltext.index(words, long)
    assert is_whole(words)


def test_an_index_on_a_busy_file_waits_and_is_not_called_damaged() -> None:
    assert not schema.is_damage(_error(5))
    assert schema.is_damage(_error(11))


def _error(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError()
    error.sqlite_errorcode = code
    return error


def test_the_file_is_durable_before_a_job_may_end(words: Words) -> None:
    assert ground_db.open(words.db.path).value("pragma synchronous") == 2
    assert words.db.value("pragma journal_mode") == "wal"


KILLED = """
import sys
from dataclasses import replace
from pathlib import Path
from indexer import fulltext
from tests.indexer.conftest import EVERYTHING, fill
words = fulltext.open_words(Path(sys.argv[1]))
fill(words)
print("ready", flush=True)
for version in range(2, 10**6):
    for entry in EVERYTHING:
        title = f"{entry.title}{version}"
        fulltext.index(words, replace(entry, version=version, title=title))
"""


def test_an_indexer_that_is_killed_leaves_whole_entries(tmp_path: Path) -> None:
    chance = random.Random(7)
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(chance.uniform(0.0, 0.3))
        child.kill()
        child.wait()
        child.stdout.close()

    words = fulltext.open_words(tmp_path)
    fill(words)  # what reconcile would ask for
    (tmp_path / "fresh").mkdir()
    fresh = fulltext.open_words(tmp_path / "fresh")
    fill(fresh)
    assert vocabulary(words) == vocabulary(fresh)
    assert is_whole(words)
    words.close()
    fresh.close()
