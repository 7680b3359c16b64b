"""Taking an offer, in the moments at which something else happens too."""

import io
import zipfile

from edge_server.errors import Refused
from edge_server.ground import jobs, store
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.together import Together
from edge_server.records import catalogue, own, refusals
from sync import steps
from sync.arrivals import offers, take
from tests.boxes import run_arrivals


def offer(box, name: str, data: bytes, path: str | None = None) -> str:
    """Offer a file that lies in ``incoming/``."""
    file = box.folder / "incoming" / name
    file.write_bytes(data)
    with transaction(box.db) as tx:
        offer_id = offers.add(
            tx,
            box.clock,
            channel="folder",
            file=f"incoming/{name}",
            path=path or name,
            size_bytes=len(data),
        )
    assert offer_id is not None
    return offer_id


def shown(box) -> dict[str, list[str]]:
    """Return the names of each visible resource's parts, by path."""
    return {
        resource.path: [part.name for part in resource.parts]
        for resource in catalogue.newest(box.db, 100)
    }


def test_a_cut_between_setting_aside_and_saying_why_loses_no_reason(box):
    offer_id = offer(box, "课件.exe", b"MZ" + b"\0" * 100)
    found = offers.get(box.db, offer_id)
    assert found is not None
    scratch = store.scratch(box, "take", offer_id)
    take.bring_in(box, found, scratch)
    take.refuse(box, found, scratch, Refused("is_program"))  # the power goes here
    assert len(list((box.folder / "refused").iterdir())) == 1

    run_arrivals(box)

    (refusal,) = refusals.newest(box.db)
    assert refusal.code == "is_program"
    assert refusal.file is not None
    assert (box.folder / "refused" / refusal.file).read_bytes().startswith(b"MZ")


def test_the_longest_name_of_a_disk_is_set_aside_like_any_other(box):
    name = "课" * 83 + ".exe"
    assert len(name.encode()) == 253
    offer(box, name, b"MZ" + b"\0" * 100)

    run_arrivals(box)

    (refusal,) = refusals.newest(box.db)
    assert (refusal.name, refusal.code) == (name, "is_program")
    assert refusal.file is not None
    assert refusal.file.endswith(".exe")
    assert (box.folder / "refused" / refusal.file).is_file()


def test_who_waits_for_an_archive_waits_for_what_is_in_it(box):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("课文.txt", "大青树下的小学")
    offer_id = offer(box, "第一单元.zip", data.getvalue())
    write_down = steps.take(box, Job(1, "take", offer_id, jobs.URGENT))
    with transaction(box.db) as tx:
        write_down(tx)

    urgencies = {row.key: row.urgency for row in jobs.rows(box.db)}
    (inside,) = offers.all_waiting(box.db)
    assert urgencies[inside.id] == jobs.URGENT


def test_two_arrivals_of_one_path_in_one_batch_are_two_versions(box):
    offer(box, "one", b"the first text", path="三年级/课文.txt")
    offer(box, "two", b"the second text", path="三年级/课文.txt")

    run_arrivals(box)
    with transaction(box.db) as tx:  # the one that was second waits a moment
        for row in jobs.rows(tx):
            jobs.retry(tx, row.id, now=box.clock())
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.version == 2
    described = {path.stem: own.read(path).main.object_id for path in own.files(box)}
    rows = box.db.all("select version, object_id from parts")
    assert described == {str(row["version"]): row["object_id"] for row in rows}
    assert len(set(described.values())) == 2


def test_subtitles_that_arrive_changed_are_their_own_next_version(box):
    for text in (b"first", b"second"):
        srt = b"1\n00:00:01,000 --> 00:00:02,000\n" + text + b"\n"
        offer(box, "课文.srt", srt)
        run_arrivals(box)

    assert shown(box) == {"课文.srt": ["课文.srt"]}
    assert catalogue.newest(box.db)[0].version == 2


def test_subtitles_and_their_film_meet_whichever_comes_first(box, film):
    srt = b"1\n00:00:01,000 --> 00:00:02,000\nhello\n"
    offer(box, "a.srt", srt, path="三年级/早.zh.srt")
    offer(box, "b.srt", srt, path="三年级/不相干.srt")
    run_arrivals(box)
    offer(box, "a.mp4", film.read_bytes(), path="三年级/早.mp4")
    offer(box, "b.mp4", film.read_bytes(), path="三年级/晚.mp4")
    run_arrivals(box)
    offer(box, "c.srt", srt, path="三年级/晚.srt")
    run_arrivals(box)

    assert shown(box) == {
        "三年级/早.mp4": ["早.mp4", "早.zh.srt"],
        "三年级/晚.mp4": ["晚.mp4", "晚.srt"],
        "三年级/不相干.srt": ["不相干.srt"],
    }


def test_a_description_lies_there_before_its_rows(box):
    offer_id = offer(box, "课文.txt", "大青树下的小学".encode())
    found = offers.get(box.db, offer_id)
    assert found is not None
    with Together() as together:
        scratch = store.scratch(box, "take", offer_id)
        write_down = take.take_file(box, found, scratch, together)
        assert list(own.files(box)) == []
        assert list(store.files(box)) == []
        together.finish()
        (path,) = own.files(box)
        (kept,) = store.files(box)
    assert catalogue.newest_version(box.db, own.read(path).id) is None

    with transaction(box.db) as tx:
        write_down(tx)

    version = catalogue.newest_version(box.db, own.read(path).id)
    assert version is not None
    assert version.main.object_id == kept.name
