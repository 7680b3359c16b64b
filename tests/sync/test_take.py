"""Taking an offer, in the moments at which something else happens too."""

import io
import tarfile
import zipfile

from edge_server.errors import Refused
from edge_server.ground import jobs, store
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.together import Together
from edge_server.records import catalogue, own, refusals
from sync import steps
from sync.arrivals import brought, offers, take
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
    inside = store.scratch_of(box, "take", offer_id)
    brought.bring_in(box, found, inside)
    brought.refuse(box, found, inside, Refused("is_program"))  # the power goes here
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
    described = {
        path.suffixes[0][1:]: own.read(path).main.object_id for path in own.files(box)
    }
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
        inside = store.scratch_of(box, "take", offer_id)
        write_down = take.take_file(box, found, inside, together)
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


def zip_of(files: dict[str, bytes]) -> bytes:
    """Return a zip of files."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tar_of(files: dict[str, bytes]) -> bytes:
    """Return a tar of files, in gzip."""
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


def texts(box) -> dict[str, tuple[str, int]]:
    """Return text and version of each visible resource, by what its id ends in."""
    return {
        resource.id.partition("/")[2]: (
            store.path_of(box, resource.main.object_id).read_text(),
            resource.version,
        )
        for resource in catalogue.newest(box.db, 100)
    }


def test_two_archives_of_one_name_do_not_overwrite_one_another(box):
    offer(box, "a.zip", zip_of({"1.txt": b"of the zip"}), path="三年级/课件.zip")
    offer(box, "a.tgz", tar_of({"1.txt": b"of the tar"}), path="三年级/课件.tar.gz")
    offer(box, "b.zip", zip_of({"1.txt": b"elsewhere"}), path="四年级/课件.zip")
    offer(box, "c.txt", b"of the folder", path="三年级/课件/1.txt")
    run_arrivals(box)

    assert texts(box) == {
        "三年级/课件.zip/1.txt": ("of the zip", 1),
        "三年级/课件.tar.gz/1.txt": ("of the tar", 1),
        "四年级/课件.zip/1.txt": ("elsewhere", 1),
        "三年级/课件/1.txt": ("of the folder", 1),
    }
    assert {r.path for r in catalogue.newest(box.db, 100)} == {
        "三年级/课件/1.txt", "四年级/课件/1.txt",
    }  # fmt: skip
    grades = {r.place.grade for r in catalogue.newest(box.db, 100)}
    assert len(grades) == 2 and None not in grades


def test_the_same_archive_come_again_changed_is_the_next_version(box):
    for n, text in enumerate((b"first", b"second")):
        inner = zip_of({"1.txt": text})
        offer(box, f"{n}.zip", zip_of({"内.zip": inner}), path="三年级/外.zip")
        run_arrivals(box)

    assert texts(box) == {"三年级/外.zip/内.zip/1.txt": ("second", 2)}


def test_subtitles_in_an_archive_belong_to_the_film_beside_them_there(box, film):
    for n, name in enumerate(("课件.zip", "课件.tgz")):
        files = {
            "1.mp4": film.read_bytes() + b"\0" * n,
            "1.srt": b"1\n00:00:01,000 --> 00:00:02,000\n%d\n" % n,
        }
        offer(box, name, (zip_of, tar_of)[n](files), path=f"三年级/{name}")
    run_arrivals(box)

    said = {
        resource.id.split("/")[2]: store.path_of(box, part.object_id).read_bytes()[-2:]
        for resource in catalogue.newest(box.db, 100)
        for part in resource.parts
        if part.role == "subtitle"
    }
    assert said == {"课件.zip": b"0\n", "课件.tgz": b"1\n"}


def test_archives_leave_nothing_behind_whether_taken_or_refused(box):
    text = "大青树下的小学".encode()
    offer(box, "好的.zip", zip_of({"第1课/课文.txt": text}))
    offer(box, "坏的.zip", zip_of({"课文.txt": text, "../出去.txt": text}))

    run_arrivals(box)

    assert set(shown(box)) == {"好的/第1课/课文.txt"}
    assert [refusal.name for refusal in refusals.newest(box.db)] == ["坏的.zip"]
    assert list((box.folder / "work").glob("*/*")) == []
