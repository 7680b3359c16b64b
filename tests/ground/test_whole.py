"""A large database is read beside the work, and a damaged one is never written to."""

import os
import shutil
import threading
import time

import pytest

from edge_server.errors import PermanentError
from edge_server.ground import db, prepare, whole
from edge_server.ground.box import DATABASE
from edge_server.ground.db import transaction
from tests.boxes import make_box
from tests.ground.big_box import damage, make_big


@pytest.fixture
def big(tmp_path, monkeypatch):
    """A box with a large database that lost its power."""
    monkeypatch.setattr(whole, "BEGIN_AFTER_S", 0.0)
    return make_big(tmp_path)


def is_clean(folder):
    return (folder / "run" / prepare.CLEAN).exists()


def until(condition):
    ends = time.monotonic() + 20
    while not condition() and time.monotonic() < ends:
        time.sleep(0.01)
    assert condition()


def test_a_large_database_is_read_beside_the_work(big):
    make_box(big).db.close()
    assert whole.is_put_off(big)
    with prepare.sharing(big), whole.read_beside(big, lambda: None):
        until(lambda: not whole.is_put_off(big))

    assert is_clean(big)


def test_it_is_not_called_well_before_it_was_read(big):
    make_box(big).db.close()
    with prepare.sharing(big):
        pass
    assert not is_clean(big)

    make_box(big).db.close()
    assert whole.is_put_off(big)


def test_who_is_stopped_does_not_wait_for_the_reading(big, monkeypatch):
    monkeypatch.setattr(whole, "_look", lambda connection: endless(connection))
    make_box(big).db.close()
    began = time.monotonic()
    with prepare.sharing(big), whole.read_beside(big, lambda: None):
        time.sleep(0.2)

    assert time.monotonic() - began < 5
    assert whole.is_put_off(big)
    assert not is_clean(big)


def endless(connection):
    """Read for longer than any test: as `interrupt` meets a slow card."""
    return connection.execute(
        "with recursive n(i) as (select 1 union all select i + 1 from n)"
        " select count(*) from n"
    ).fetchone()[0]


def test_damage_found_beside_the_work_ends_it_and_all_writing(big):
    damage(big)
    box = make_box(big)  # it is not known yet
    stopped = threading.Event()
    with (
        prepare.sharing(big),
        pytest.raises(PermanentError) as told,
        whole.read_beside(big, stopped.set),
    ):
        assert stopped.wait(20)
        before = bytes_of(big)
        with pytest.raises(PermanentError), transaction(box.db) as tx:
            tx.execute("delete from boots")
    box.db.close()

    assert told.value.reason == "database_damaged"
    with pytest.raises(PermanentError):  # and it is read first from now on
        make_box(big)
    assert bytes_of(big) == before


def test_the_box_starts_with_a_whole_database_in_its_place(big, tmp_path):
    good = tmp_path / "good.db"
    shutil.copy(big / DATABASE, good)
    damage(big)
    make_box(big).db.close()
    with pytest.raises(PermanentError), whole.read_beside(big, lambda: None):
        until(lambda: db.damage_mark(big / DATABASE).exists())

    shutil.copy(good, big / DATABASE)
    box = make_box(big)
    with transaction(box.db) as tx:
        tx.execute("delete from reservations")
    box.db.close()

    assert is_clean(big)
    assert not whole.is_put_off(big)


def test_a_small_damaged_database_is_not_written_to_at_all(tmp_path):
    make_big(tmp_path, rows=40)
    assert os.path.getsize(tmp_path / DATABASE) < whole.READ_FIRST_BYTES
    damage(tmp_path)
    before = bytes_of(tmp_path)

    with pytest.raises(PermanentError) as told:
        make_box(tmp_path)

    assert told.value.reason == "database_damaged"
    assert bytes_of(tmp_path) == before


def bytes_of(folder):
    return (folder / DATABASE).read_bytes()
