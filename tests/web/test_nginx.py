"""The shipped nginx configuration, with a real nginx: the same bytes, the same headers."""

import random
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.web.fronted import nginx
from tests.web.serving import Running, ask, running

FILM = random.Random(3).randbytes(2_000_003)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("data")
    (data / "objects" / "ab").mkdir(parents=True)
    (data / "objects" / "ab" / "film.mp4").write_bytes(FILM)
    (data / "objects" / "ab" / "第 1 课%2e.html").write_bytes(b"<script></script>")
    (data / "objects" / "原件.enbx").write_bytes(b"whiteboard" * 100)
    (data / "secret.txt").write_bytes(b"not an object")
    return data


@pytest.fixture(scope="module")
def box(data: Path) -> Iterator[Running]:
    with running(data, accel=True) as box:
        yield box


@pytest.fixture(scope="module")
def front(
    data: Path, box: Running, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    with nginx(tmp_path_factory.mktemp("nginx") / "own", data, box) as front:
        yield front


ADDRESS = "/media/objects/ab/film.mp4"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"Range": "bytes=0-0"},
        {"Range": "bytes=65537-1065536"},
        {"Range": "bytes=-70000"},
        {"Range": "bytes=2000000-"},
        {"Range": "bytes=2000003-"},
        {"If-None-Match": '"2000003-"'},
        {"Range": "bytes=5-9", "If-Range": '"2000003-"'},
        {"Range": "bytes=5-9", "If-Range": '"x"'},
        {"If-Match": '"x"'},
    ],
    ids=lambda asked: ", ".join(f"{name} {value}" for name, value in asked.items()),
)
def test_nginx_sends_what_the_box_would_send(
    front: Running, box: Running, asked: dict[str, str]
) -> None:
    by_nginx = front.get(ADDRESS, asked)
    by_box = box.get(ADDRESS, asked)

    assert by_nginx.status == by_box.status
    if by_box.status != 416:  # where nginx has a page of its own
        assert by_nginx.body == by_box.body
    assert by_nginx.headers["Content-Range"] == by_box.headers["Content-Range"]
    if by_box.status in (200, 206, 304):
        for name in ("ETag", "Cache-Control"):
            assert by_nginx.headers.get_all(name) == by_box.headers.get_all(name), name
    if by_box.status == 200:  # in a 206 nginx thinks it said enough
        assert by_nginx.headers.get_all("Accept-Ranges") == ["bytes"]
    if by_box.status in (200, 206):
        for name in (
            "Content-Type",
            "Content-Length",
            "Last-Modified",
            "X-Content-Type-Options",
            "contentFeatures.dlna.org",
            "transferMode.dlna.org",
            "realTimeInfo.dlna.org",
        ):
            assert by_nginx.headers.get_all(name) == by_box.headers.get_all(name), name


def test_it_is_nginx_that_sends_a_whole_file_and_the_box_a_slice(
    front: Running, box: Running
) -> None:
    asked = {"X-Edge-Front": "nginx"}
    handed_over = box.get(ADDRESS, asked)
    piece = front.get(f"{ADDRESS}@1000+50000")

    assert handed_over.headers["X-Accel-Redirect"] == "/_objects/ab/film.mp4"
    assert handed_over.body == b""
    assert piece.body == FILM[1000:51000]


def test_a_strangers_page_is_confined_and_a_download_named_behind_nginx_too(
    front: Running,
) -> None:
    page = front.get("/media/objects/ab/%E7%AC%AC%201%20%E8%AF%BE%252e.html")

    assert page.body == b"<script></script>"
    assert page.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_tv_is_heard_through_nginx(front: Running) -> None:
    asked = {"transferMode.dlna.org": "Background"}

    assert front.get(ADDRESS, asked).headers["transferMode.dlna.org"] == "Background"


def test_nobody_reaches_a_file_but_through_the_box(front: Running) -> None:
    for address in (
        "/_objects/ab/film.mp4",
        "/_objects/",
        "/_objects/x/../ab/film.mp4",
    ):
        assert front.get(address).status == 404, address
    for address in ("/_objects/../secret.txt", "/_objects../secret.txt"):
        assert b"not an object" not in front.get(address).body, address
    assert front.get(ADDRESS, {"Host": "evil.example"}).status == 400


def test_pages_uploads_and_the_clients_address_pass_through(front: Running) -> None:
    client = HTTPConnection("127.0.0.1", front.port, timeout=10)
    forged = {"X-Real-IP": "10.9.9.9", "X-Edge-Front": "other"}
    uploaded = ask(client, "/page", method="POST", body=FILM)
    who = ask(client, "/who", forged)
    client.close()

    assert uploaded.body == b"a page, 2000003 bytes read"
    assert who.body == b"127.0.0.1"
