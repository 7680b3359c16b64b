"""A sweep removes what nobody needs, and nothing else, however the box is stopped."""

import os
import time
from pathlib import Path

import pytest

from edge_server.ground import longest, store
from edge_server.ground.db import transaction
from edge_server.records import refusals, versions
from edge_server.upkeep import sweep, verify
from edge_server.upkeep.sweep import DAY_S
from tests.web.school import place


@pytest.fixture
def two_days_later(school, monkeypatch):
    """What was written until now was written two days ago, for rows and files."""

    def later():
        with transaction(school.box.db) as tx:
            tx.execute("update objects set kept_at = kept_at - ?", (2 * DAY_S,))
        now = time.time()
        monkeypatch.setattr(sweep.time, "time", lambda: now + 2 * DAY_S)

    return later


def file_of(school, object_id):
    """Return where the store keeps an object."""
    return store.place_of(school.box, object_id)


def test_what_is_in_use_stays_however_old(school, poem, two_days_later):
    two_days_later()

    swept = sweep.sweep(school.box)

    assert (swept.objects, swept.orphans, swept.freed_bytes) == (0, 0, 0)
    assert file_of(school, poem.main.object_id).is_file()


def test_an_object_that_nobody_names_goes_after_a_day(school, poem, two_days_later):
    unneeded = school.keep(b"nobody needs this" * 100)
    assert sweep.sweep(school.box).objects == 0  # a step may be about to name it

    two_days_later()
    swept = sweep.sweep(school.box)

    assert (swept.objects, swept.freed_bytes) == (1, 1700)
    assert not file_of(school, unneeded).exists()
    assert list(verify.problems(school.box, lambda count: None)) == []


def test_a_file_without_a_row_goes_after_a_day(school, two_days_later):
    unneeded = school.keep(b"its row was never written")
    with transaction(school.box.db) as tx:
        tx.execute("delete from objects")
    assert sweep.sweep(school.box).orphans == 0
    assert file_of(school, unneeded).is_file()

    two_days_later()

    assert sweep.sweep(school.box).orphans == 1
    assert not file_of(school, unneeded).exists()


def test_what_is_kept_again_while_it_is_swept_is_kept_again_by_the_next_try(
    school, two_days_later
):
    """A step finds the file in the store; before it writes its row, the sweep comes by."""
    bytes_ = b"made a second time"
    unneeded = school.keep(bytes_)
    two_days_later()
    again = school.files / "again"
    again.write_bytes(bytes_)
    kept = store.keep(school.box, again, unneeded)

    assert sweep.sweep(school.box).objects == 1
    with (
        pytest.raises(store.ObjectMissing),
        transaction(school.box.db) as tx,
    ):
        store.record(tx, kept, "derived", 0.0)

    assert store.all_ids(school.box.db) == []
    assert school.keep(bytes_) == unneeded
    assert file_of(school, unneeded).read_bytes() == bytes_


def test_a_withdrawn_resource_can_be_restored_until_its_time_is_over(
    school, poem, two_days_later
):
    with transaction(school.box.db) as tx:
        versions.withdraw(tx, school.box.clock, poem.id)
    two_days_later()
    sweep.sweep(school.box)
    assert file_of(school, poem.main.object_id).is_file()

    keep_s = school.box.config.keep_trash_days * DAY_S
    with transaction(school.box.db) as tx:
        tx.execute("update versions set changed_s = changed_s - ?", (keep_s + 1,))
    sweep.sweep(school.box)

    assert not file_of(school, poem.main.object_id).exists()
    assert list(verify.problems(school.box, lambda count: None)) == []


def test_refused_files_go_after_thirty_days_of_running(school):
    box = school.box
    folder = box.folder / "refused" / "1"
    folder.mkdir(parents=True)
    (folder / "bad.mp4").write_bytes(b"?" * 1000)
    with transaction(box.db) as tx:
        refusals.add(
            tx, box.clock, name="bad.mp4", file="1", channel="folder",
            code="not_media", values={}, size_bytes=1000,
        )  # fmt: skip
    assert sweep.sweep(box).refused == 0

    with transaction(box.db) as tx:
        tx.execute("update refusals set refused_s = refused_s - ?", (31 * DAY_S,))

    assert sweep.sweep(box).refused == 1
    assert not folder.exists()
    assert refusals.count(box.db) == 0


def test_a_work_folder_goes_with_its_job_not_before(school):
    box = school.box
    theirs, nobodys = (
        store.scratch(box, "render", key) for key in ("a" * 64, "b" * 64)
    )
    old = time.time() - 2 * DAY_S
    with transaction(box.db) as tx:
        tx.execute(
            "insert into jobs (kind, key, urgency, state, not_before, queued_s)"
            " values ('render', ?, 2, 'queued', 0, 0)",
            ("a" * 64,),
        )
    for folder in (theirs, nobodys):
        os.utime(folder, (old, old))

    assert sweep.sweep(box).scratch == 1
    assert theirs.is_dir()
    assert not nobodys.exists()


def test_withdrawn_versions_go_in_slices_until_none_has_parts(school, monkeypatch):
    monkeypatch.setattr(sweep, "SLICE", 1)
    where = place("g3", "yuwen")
    for n in range(3):
        one = school.add(f"诗 {n}", "document", "txt", f"第 {n} 首".encode(), where)
        with transaction(school.box.db) as tx:
            versions.withdraw(tx, school.box.clock, one.id)
    with transaction(school.box.db) as tx:
        tx.execute("update versions set changed_s = changed_s - ?", (31 * DAY_S,))

    for left in (2, 1, 0):
        sweep.sweep(school.box)
        assert school.box.db.value("select count(*) from parts") == left


def test_on_a_slow_card_nobody_waits_for_many_removals(school, monkeypatch):
    """500 files at 5 ms each would hold everybody else up for two and a half seconds."""
    paths = [file_of(school, school.keep(b"%d" % n)) for n in range(100)]
    with transaction(school.box.db) as tx:
        tx.execute("delete from objects")
    unlink = Path.unlink
    monkeypatch.setattr(longest, "_found", longest.Longest())

    def slowly(path, **more):
        time.sleep(0.005)
        unlink(path, **more)

    monkeypatch.setattr(Path, "unlink", slowly)
    freed = store.remove_unrecorded(school.box, paths)

    assert freed == 190
    assert not any(path.exists() for path in paths)
    assert longest.found().seconds < longest.MOST_S


def test_the_blocks_of_a_large_file_are_given_back_after_the_transaction(
    school, monkeypatch
):
    """4 GB took 0.1 to 0.3 s: whoever wants to write would wait for each film."""
    large = file_of(school, school.keep(b"a film"))
    with transaction(school.box.db) as tx:
        tx.execute("delete from objects")
    held = []
    note = longest.note

    def at_the_end(seconds, name):
        held.append([os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()])
        note(seconds, name)

    monkeypatch.setattr(longest, "note", at_the_end)
    store.remove_unrecorded(school.box, [large])

    gone = f"{large.resolve()} (deleted)"
    assert gone in held[-1]
    assert gone not in [os.path.realpath(fd) for fd in Path("/proc/self/fd").iterdir()]
