"""Uploading: straight into the folder it is taken from, and nothing lost or left over."""

import io
import json

import pytest

from edge_server.errors import DiskFull
from edge_server.ground import store
from sync.arrivals import offers
from tests.boxes import PIN, make_teacher
from tests.web.school import id_of
from web import upload


@pytest.fixture
def teacher(school, client):
    """A phone on which the teacher has signed in."""
    make_teacher(school.box)
    client.sign_in(PIN)
    return client


def send(client, files, script=True, **fields):
    """Upload files, as the script of the page or without it."""
    data = {"file": [(io.BytesIO(data), name) for name, data in files], **fields}
    headers = {"Accept": "application/json"} if script else {}
    return client.post(
        f"/upload?csrf={client.token('/upload')}", data, token=False, headers=headers
    )


def waiting(school):
    return offers.all_waiting(school.box.db)


def left_over(school):
    """Return files that no offer names, and empty folders."""
    known = {offer.file for offer in waiting(school)}
    uploads = school.box.folder / "uploads"
    files = {
        str(p.relative_to(school.box.folder)) for p in uploads.rglob("*") if p.is_file()
    }
    return files - known, [p for p in uploads.iterdir() if not any(p.iterdir())]


def test_a_file_becomes_an_offer_with_what_was_said_of_it(school, teacher):
    answer = send(
        teacher, [("三年级 作业.pdf", b"%PDF-1.4 x")], title="  课后作业 ",
        grade=id_of("grade", "g3"), subject=id_of("subject", "yuwen"), lesson="古诗三首",
    )  # fmt: skip
    assert answer.json == {"next": "/upload?done=1"}
    (offer,) = waiting(school)
    assert (school.box.folder / offer.file).read_bytes() == b"%PDF-1.4 x"
    assert (offer.path, offer.channel, offer.said.title) == (
        "三年级 作业.pdf",
        "upload",
        "课后作业",
    )
    assert offer.said.place["grade"] == id_of("grade", "g3")
    assert offer.said.place["stage"] == id_of("stage", "xiaoxue")
    assert offer.said.place["lesson"] == "古诗三首"
    assert left_over(school) == (set(), [])


def test_without_script_the_form_simply_posts(school, teacher):
    answer = send(teacher, [("a.txt", b"a"), ("b.txt", b"b")], script=False, title="x")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/upload?done=2")
    assert {offer.path for offer in waiting(school)} == {"a.txt", "b.txt"}
    assert {offer.said.title for offer in waiting(school)} == {""}
    assert "2 个文件收好了" in teacher.get("/upload?done=2").text


def test_a_large_file_is_written_where_it_is_taken_from(school, teacher):
    film = b"film" * 100_000  # beyond it the test client leaves a file of its own open
    send(teacher, [("片.mp4", film)])
    (offer,) = waiting(school)
    assert (school.box.folder / offer.file).read_bytes() == film


def test_names_are_cleaned_and_places_are_not_believed(school, teacher):
    send(
        teacher,
        [("../../etc/passwd\x00.txt", b"x")],
        grade="'; drop table",
        subject="nonsense",
    )
    (offer,) = waiting(school)
    assert "/" not in offer.path and "\0" not in offer.path
    assert dict(offer.said.place) == {}


def test_no_file_is_said_and_nothing_is_left(school, teacher):
    answer = send(teacher, [])
    assert (answer.status_code, answer.json["code"]) == (400, "no_file_chosen")
    page = send(teacher, [], script=False)
    assert 'id="file-wrong"' in page.text
    assert left_over(school) == (set(), [])


def test_too_many_files_are_refused_together(school, teacher, monkeypatch):
    monkeypatch.setattr(upload, "MOST_FILES", 3)
    answer = send(teacher, [(f"{n}.txt", b"x") for n in range(5)])
    assert answer.json["code"] == "too_many_files"
    assert waiting(school) == []
    assert left_over(school) == (set(), [])


def test_what_does_not_fit_is_refused_before_it_is_read(school, teacher, monkeypatch):
    monkeypatch.setattr(store, "room_bytes", lambda box: 1000)
    answer = send(teacher, [("片.mp4", b"x" * 5000)])
    assert (answer.status_code, answer.json["code"]) == (400, DiskFull.code)
    assert list((school.box.folder / "uploads").iterdir()) == []


def test_a_disk_that_fills_while_it_comes_leaves_nothing(school, teacher, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(upload.durable, "sync_file", full)
    answer = send(teacher, [("片.mp4", b"x" * 5000)])
    assert answer.json["code"] == DiskFull.code
    assert waiting(school) == []
    assert left_over(school) == (set(), [])


def test_an_upload_with_a_stale_page_is_refused_unread(school, teacher):
    data = {"file": (io.BytesIO(b"x"), "a.txt")}
    answer = teacher.post(
        "/upload?csrf=0123", data, token=False, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, json.loads(answer.text)["code"]) == (
        403,
        "form_too_old",
    )
    assert waiting(school) == []


def test_what_was_uploaded_is_in_the_book_of_deeds(school, teacher):
    send(teacher, [("a.txt", b"a")])
    row = school.box.db.one("select * from audit where what = 'upload'")
    assert (row["who"], row["client"]) == ("老师", teacher.PHONE)


def test_home_and_status_show_what_is_being_taken_in(school, teacher):
    send(teacher, [("片.mp4", b"film")])
    assert "正在收 1 件课件" in teacher.get("/").text
    assert "片.mp4" in teacher.get("/status").text
    assert teacher.get("/status.json").json["busy"] is True
