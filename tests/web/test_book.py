"""E-books on pages: read by chapters that were made before, and nothing in one acts."""

import re

from edge_server.ground.db import transaction
from edge_server.records import renditions
from edge_server.records.renditions import Rendition
from tests.media.epubs import epub
from tests.web.school import place


def test_a_book_is_read_by_chapters_named_as_its_contents_name_them(filled, client):
    resource = filled.found["book"]
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "小蝌蚪找妈妈" in html and "井底的青蛙" in html and 'sandbox=""' in html
    second = client.get(f"/resource/{resource.id_on_disk}?chapter=1").text
    assert f'<iframe src="/book/{resource.id_on_disk}/1"' in second


def test_a_chapter_comes_in_a_sandbox_without_scripts(filled, client):
    resource = filled.found["book"]
    answer = client.get(f"/book/{resource.id_on_disk}/0")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy
    assert "allow" not in policy and "script-src" not in policy
    assert "快活地游来游去" in answer.text
    assert not re.search(r"<script|onerror|onload|<iframe|javascript:", answer.text)
    image = re.search(r'<img src="(in/[^"]+)" alt="荷叶">', answer.text)[1]
    picture = client.get(f"/book/{resource.id_on_disk}/{image}")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["Content-Security-Policy"].startswith("sandbox;")


def test_only_pictures_come_out_of_a_book_by_name(filled, client):
    resource = filled.found["book"].id_on_disk
    for member in (
        "OPS/a.xhtml",
        "0001.html",
        "../x.png",
        "p9999.png",
        "nothing.png",
    ):
        assert client.get(f"/book/{resource}/in/{member}").status_code in (400, 404)
    assert client.get(f"/book/{resource}/99").status_code == 404
    assert client.get(f"/book/{filled.found['film'].id_on_disk}/0").status_code == 404


def test_a_picture_that_the_phone_has_is_not_sent_again(filled, client):
    resource = filled.found["book"].id_on_disk
    body = client.get(f"/book/{resource}/0").text
    address = f"/book/{resource}/" + re.search(r'src="(in/[^"]+)"', body)[1]
    etag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_book_that_is_not_taken_apart_yet_says_so_and_can_be_downloaded(
    school, client
):
    resource = school.add("新书", "ebook", "epub", epub(), place("g3", "yuwen"))
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "<iframe" not in html and f"/download/{resource.id_on_disk}" in html
    assert "正在准备" in html
    assert client.get(f"/book/{resource.id_on_disk}/0").status_code == 404


def test_a_book_that_cannot_be_read_says_so_and_can_be_downloaded(school, client):
    resource = school.add("坏书", "ebook", "epub", b"no zip", place("g3", "yuwen"))
    failed = Rendition(
        resource.main.object_id, renditions.CHAPTERS, None, code="book_unreadable"
    )
    with transaction(school.box.db) as tx:
        renditions.record(tx, school.box.clock, failed)
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "<iframe" not in html and f"/download/{resource.id_on_disk}" in html
    assert "这本电子书打不开" in html
    assert client.get(f"/book/{resource.id_on_disk}/0").status_code == 404


def test_a_book_longer_than_can_be_shown_says_how_much_is(school, client):
    resource = school.book("长书", epub(), place("g3", "yuwen"), cut=True)
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "这里能看前 2 章" in html and "<iframe" in html


def test_the_web_server_parses_no_book(filled, client):
    """What a book's file says is nobody's business but the sandbox's."""
    resource = filled.found["book"]
    source = filled.box.folder / "objects"
    for path in source.rglob(resource.main.object_id):
        path.chmod(0o600)
        path.write_bytes(b"other bytes")
    assert "快活地游来游去" in client.get(f"/book/{resource.id_on_disk}/0").text
