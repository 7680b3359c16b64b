"""words.db is made again in pieces, and what comes between the pieces is in it."""

import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_server import pipeline
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.worker import Step, Worker
from indexer import fulltext, rebuilding, steps
from indexer.fulltext import Words
from indexer.rebuilding import Rebuilding
from tests.indexer.conftest import fill
from tests.indexer.history import History
from tests.indexer.test_fulltext import ROOT, found, is_whole, vocabulary
from tests.indexer.test_index_steps import do, put


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A turn writes one row, so that a piece of no length does too."""
    monkeypatch.setattr(rebuilding, "_TURN_S", 0.0)


HISTORY = st.lists(
    st.tuples(
        st.sampled_from(["index", "remove", "text", "piece", "piece"]),
        st.integers(0, 3),
        st.text(alphabet="静夜思月光abc 1，。", max_size=12),
    ),
    max_size=40,
)


@settings(max_examples=60, deadline=None)
@given(before=HISTORY, meanwhile=HISTORY)
def test_any_history_during_a_rebuild_ends_as_a_fresh_index_of_its_end(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, int, str]],
    meanwhile: list[tuple[str, int, str]],
) -> None:
    lived = fulltext.open_words(tmp_path_factory.mktemp("lived"))
    again = Rebuilding(lived)
    history = History(lived)
    steps = [
        *((False, step) for step in before),
        *((True, step) for step in meanwhile),
    ]
    for version, (under_way, step) in enumerate(steps):
        if step[0] != "piece":
            history.live(version, step)
        elif under_way:
            again.piece(0.0)
    while not again.piece(0.0):
        pass

    fresh = history.fresh(tmp_path_factory.mktemp("fresh"))
    assert vocabulary(lived) == vocabulary(fresh)
    assert fulltext.indexed_versions(lived) == fulltext.indexed_versions(fresh)
    assert fulltext.texts_held(lived) == fulltext.texts_held(fresh)
    assert is_whole(lived)
    lived.close()
    fresh.close()


def test_what_waits_in_its_lane_comes_between_the_pieces(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_PIECE_S", 0.0)
    old = [put(box, f"静夜思{n}", f"床前明月光{n}".encode(), "txt") for n in range(5)]
    for resource in old:
        do(box, "index", resource.id)
    done: list[str] = []

    def watched(step: Step) -> Step:
        def run(box: Box, job: jobs.Job) -> pipeline.WriteDown:
            done.append(step.kind)
            if done == ["rebuild"]:  # an upload comes while it is under way
                new = put(box, "望庐山瀑布", "飞流直下".encode(), "txt")
                with transaction(box.db) as tx:
                    jobs.enqueue(tx, "extract", new.main.object_id, now=box.clock())
            return step.run(box, job)

        return replace(step, run=run)

    kinds = ("extract", "index", "rebuild")
    with transaction(box.db) as tx:
        jobs.enqueue(tx, "rebuild", "all", now=box.clock())
    Worker(box, [watched(step) for step in pipeline.STEPS if step.kind in kinds]).run(
        until_idle=True
    )

    words = steps.words_of(box.folder)
    assert done[:4] == ["rebuild", "extract", "index", "rebuild"]
    assert words.db.path.name == "words-2.db"
    assert found(words, "飞流") == {"box/望庐山瀑布"}
    assert found(words, "明月") == {resource.id for resource in old}
    assert jobs.rows(box.db) == []
    assert is_whole(words)


KILLED = """
import os, signal, sys
from pathlib import Path
from indexer import fulltext, rebuilding
from indexer.rebuilding import Rebuilding
rebuilding._TURN_S = 0.0
words = fulltext.open_words(Path(sys.argv[1]))
again = Rebuilding(words)
for _ in range(int(sys.argv[2])):
    again.piece(0.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("pieces", [1, 4, 6])
def test_a_rebuild_that_is_killed_begins_again(words: Words, pieces: int) -> None:
    before, old = vocabulary(words), words.db.path
    folder = words.folder

    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(folder), str(pieces)], cwd=ROOT
    )
    assert killed.returncode == -9
    assert words.db.path == old
    assert len(list(folder.glob("words*.db"))) == 2

    again = Rebuilding(words)
    while not again.piece(0.0):
        pass
    assert vocabulary(words) == before
    assert is_whole(words)
    assert list(folder.glob("words*.db")) == [words.db.path]
    assert words.db.path != old


def test_a_file_that_is_deleted_during_its_rebuild_does_not_come_back_by_halves(
    words: Words,
) -> None:
    again = Rebuilding(words)
    assert not again.piece(0.0)
    for path in words.folder.glob("words*"):
        path.unlink()
    fill(words)
    before = vocabulary(words)

    while not again.piece(0.0):
        pass

    assert vocabulary(words) == before
    assert is_whole(words)


def test_after_an_error_a_rebuild_begins_again(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, again = vocabulary(words), Rebuilding(words)
    assert not again.piece(0.0)
    with monkeypatch.context() as full, pytest.raises(OSError):

        def no_room(*about: object) -> None:
            raise OSError(28, "No space left on device")

        full.setattr(rebuilding, "_put_in_row", no_room)
        again.piece(60.0)
    assert words.changes is None

    assert again.piece(60.0)
    assert vocabulary(words) == before
