import errno
import re
import threading
import time

from edge_server.errors import Refused, Stopped
from edge_server.ground import db, durable, jobs, longest, store, worker
from edge_server.ground.db import transaction
from edge_server.ground.together import Together
from edge_server.ground.worker import Every, Step, Worker


def note(names):
    def step(box, job):
        names.append(job.key)
        return lambda tx: [job.key]

    return step


def enqueue(box, kind, key, **how):
    with transaction(box.db) as tx:
        jobs.enqueue(tx, kind, key, now=box.clock(), **how)


def test_a_step_is_followed_by_what_the_pipeline_says(box):
    first, second = [], []
    steps = (
        Step("one", note(first), on="offer", then=("two",)),
        Step("two", note(second), on="resource"),
    )
    enqueue(box, "one", "a")

    Worker(box, steps).run(until_idle=True)

    assert (first, second) == (["a"], ["a"])
    assert jobs.rows(box.db) == []


def test_what_is_rows_alone_is_done_in_the_transaction_of_the_step_before(box):
    told = []

    def rows(box, tx, key):
        told.append((key, tx.value("select count(*) from jobs where kind = 'one'")))
        return [key + "!"]

    steps = (
        Step("one", note([]), on="offer", then=("two",)),
        Step("two", note(told), on="resource", then=("three",), at_once=rows),
        Step("three", note(told), on="object"),
    )
    enqueue(box, "one", "a")

    Worker(box, steps).run(until_idle=True)

    assert told == [("a", 1), "a!"]  # the first job was not ended yet


def test_result_and_end_of_the_job_are_one_transaction(box):
    def step(box, job):
        def write_down(tx):
            tx.execute("insert into reservations values ('written', 1)")
            raise Refused("empty_file", name="x")

        return write_down

    enqueue(box, "one", "a")
    Worker(box, (Step("one", step, on="offer"),)).run(until_idle=True)

    assert box.db.value("select count(*) from reservations") == 0
    assert jobs.rows(box.db)[0].code == "empty_file"


def test_one_bad_result_does_not_keep_its_batch_from_being_written(box):
    def step(box, job):
        def write_down(tx):
            if job.key == "bad":
                raise Refused("empty_file", name="x")
            tx.execute("insert into reservations values (?, 1)", (job.key,))
            return ()

        return write_down

    for key in ("a", "bad", "c"):
        enqueue(box, "one", key)
    Worker(box, (Step("one", step, on="offer", batch=10),)).run(until_idle=True)

    holders = {row[0] for row in box.db.all("select holder from reservations")}
    assert holders == {"a", "c"}
    assert [row.key for row in jobs.rows(box.db)] == ["bad"]


def test_a_quick_job_starts_within_200_ms_beside_a_heavy_one(box):
    waited_s = []
    release = threading.Event()

    def heavy(box, job):
        release.wait(5)
        return lambda tx: ()

    def quick(box, job):
        waited_s.append(time.monotonic() - float(job.key))
        return lambda tx: ()

    worker = Worker(
        box, (Step("heavy", heavy, on="x", lane="heavy"), Step("quick", quick, on="x"))
    )
    thread = threading.Thread(target=worker.run)
    enqueue(box, "heavy", "a")
    thread.start()
    time.sleep(0.4)
    for _ in range(5):
        enqueue(box, "quick", str(time.monotonic()))
        time.sleep(0.3)
    release.set()
    worker.stop()
    thread.join()

    assert len(waited_s) == 5
    assert sorted(waited_s)[2] < 0.2


def test_a_heavy_step_yields_to_a_more_urgent_one(box):
    order = []

    def heavy(box, job):
        for _ in range(100):
            if job.should_stop():
                raise Stopped()
            if job.key == "urgent":
                break
            time.sleep(0.02)
        order.append(job.key)
        return lambda tx: ()

    worker = Worker(box, (Step("heavy", heavy, on="x", lane="heavy"),))
    enqueue(box, "heavy", "long")
    thread = threading.Thread(target=lambda: worker.run(until_idle=True))
    thread.start()
    time.sleep(0.5)
    enqueue(box, "heavy", "urgent", urgency=jobs.URGENT)
    thread.join()

    assert order == ["urgent", "long"]


def test_the_work_folder_lives_as_long_as_the_job(box):
    seen = []

    def step(box, job):
        folder = store.scratch(box, job.kind, job.key)
        seen.append((folder / "half").exists())
        (folder / "half").write_text("work")
        if len(seen) == 1:
            raise Stopped()
        return lambda tx: ()

    enqueue(box, "one", "a")
    Worker(box, (Step("one", step, on="x"),)).run(until_idle=True)

    assert seen == [False, True]
    assert not store.scratch_of(box, "one", "a").exists()


def test_what_recurs_is_due_by_hours_of_running(box, monkeypatch):
    done = []
    steps = (Step("sweep", note(done), on="all"),)
    Worker(box, steps, (Every("sweep", hours=24),)).run(until_idle=True)
    before = list(done)

    monkeypatch.setattr(box.clock, "ran_before_s", box.clock.ran_before_s + 25 * 3600)
    Worker(box, steps, (Every("sweep", hours=24),)).run(until_idle=True)
    Worker(box, steps, (Every("sweep", hours=24),)).run(until_idle=True)

    assert len(done) == len(before) + 1


def test_an_idle_worker_writes_nothing(box):
    worker = Worker(box, ())
    thread = threading.Thread(target=worker.run)
    thread.start()
    time.sleep(0.3)
    wal = box.folder / "edge.db-wal"
    before = (wal.stat().st_size, box.db.data_version())
    time.sleep(1.0)
    after = (wal.stat().st_size, box.db.data_version())
    worker.stop()
    thread.join()

    assert before == after


def test_files_of_a_batch_are_durable_before_any_result_is_written(box, monkeypatch):
    def path_of(key):
        return box.folder / "own" / f"{key}.json"

    finished = []
    finish = Together.finish

    def finishing(together):
        finish(together)
        finished.append({key for key in ("a", "b") if path_of(key).exists()})

    monkeypatch.setattr(Together, "finish", finishing)

    def step(box, job):
        job.together.write(path_of(job.key), b"{}")

        def write_down(tx):
            assert finished == [{"a", "b"}]
            return ()

        return write_down

    for key in ("a", "b"):
        enqueue(box, "one", key)
    Worker(box, (Step("one", step, on="offer", batch=10),)).run(until_idle=True)

    assert jobs.rows(box.db) == []


def test_a_file_that_cannot_be_made_durable_keeps_only_its_own_job_back(
    box, monkeypatch
):
    sync_file = durable.sync_file

    def failing(path):
        if "bad" in str(path):
            raise OSError(errno.EIO, "input/output error")
        sync_file(path)

    monkeypatch.setattr(durable, "sync_file", failing)

    def step(box, job):
        job.together.write(box.folder / "own" / job.key, b"{}")
        return lambda tx: ()

    for key in ("a", "bad", "c"):
        enqueue(box, "one", key)
    Worker(box, (Step("one", step, on="offer", batch=10),)).run(until_idle=True)

    assert sorted(path.name for path in (box.folder / "own").iterdir()) == ["a", "c"]
    assert [(row.key, row.tries) for row in jobs.rows(box.db)] == [("bad", 1)]


def test_a_slow_batch_writes_what_it_has_and_begins_no_further_job(box, monkeypatch):
    monkeypatch.setattr(worker, "BATCH_S", 0.0)
    together = []

    def step(box, job):
        def write_down(tx):
            together.append((job.key, tx))
            return ()

        return write_down

    for key in ("a", "b", "c"):
        enqueue(box, "one", key)
    Worker(box, (Step("one", step, on="offer", batch=10),)).run(until_idle=True)

    assert [key for key, _ in together] == ["a", "b", "c"]
    assert len({id(tx) for _, tx in together}) == 3
    assert jobs.rows(box.db) == []


def test_the_longest_transaction_is_logged_and_a_too_long_one_is_a_warning(
    box, caplog, monkeypatch
):
    monkeypatch.setattr(longest, "_found", longest.Longest())
    other = db.open(box.folder / "words.db")

    def step(box, job):
        with transaction(other):
            time.sleep(0.25)
        return lambda tx: ()

    enqueue(box, "slow", "a")
    with caplog.at_level("INFO"):
        Worker(box, (Step("slow", step, on="offer"),)).run(until_idle=True)
    other.close()

    said = [r for r in caplog.records if "longest transaction" in r.message]
    assert said[-1].levelname == "WARNING"
    assert re.search(r"[2-9]\d\d ms in words\.db \(slow\)", said[-1].message)
    assert [r for r in said if r.levelname == "WARNING"] == said[-1:]
