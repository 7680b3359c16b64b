"""Ranges and conditions, as arithmetic and byte by byte from a running server."""

import random
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.serving import Running, ask, find_in, running
from web.conditions import NotSatisfiable, parse_date, parse_range
from web.file_headers import disposition, may_act
from web.ranges import MediaFirst

SIZE = 3_000_017
FILM = random.Random(1).randbytes(SIZE)
TAG = f'"{SIZE}-"'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    (folder / "film.mp4").write_bytes(FILM)
    (folder / "small.png").write_bytes(FILM[:1000])
    (folder / "empty.txt").write_bytes(b"")
    (folder / "page.html").write_bytes(b"<script>alert(1)</script>")
    (folder / "drawing.svg").write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "原件 1.enbx").write_bytes(b"whiteboard")
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Running]:
    with running(folder) as server:
        yield server


# -- arithmetic


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("", None),
        ("bytes=0-0", range(1)),
        ("bytes=0-", range(100)),
        ("bytes=99-", range(99, 100)),
        ("bytes=10-1000", range(10, 100)),
        ("bytes=-1", range(99, 100)),
        ("bytes=-1000", range(100)),
        ("BYTES=1-2", range(1, 3)),
        ("bytes = 1-2 ", range(1, 3)),
        ("bytes=100-", NotSatisfiable(100)),
        ("bytes=100-200", NotSatisfiable(100)),
        ("bytes=-0", NotSatisfiable(100)),
        ("bytes=5-4", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-9,20-29", None),
        ("bytes=٣-", None),
        ("chunks=0-9", None),
        ("bytes=" + "9" * 5000 + "-", None),
    ],
)
def test_a_range_is_read_as_the_rfc_says(header: str | None, expected: object) -> None:
    assert parse_range(header, 100) == expected


@given(st.text(max_size=40), st.integers(0, 10**12))
def test_no_range_header_leads_outside_the_file(header: str, size_bytes: int) -> None:
    for text in (header, f"bytes={header}"):
        piece = parse_range(text, size_bytes)
        if isinstance(piece, range):
            assert 0 <= piece.start < piece.stop <= size_bytes


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.integers(0, 10**9))
def test_every_closed_range_is_cut_at_the_end(
    size_bytes: int, first: int, last: int
) -> None:
    piece = parse_range(f"bytes={first}-{last}", size_bytes)

    if last < first:
        assert piece is None
    elif first >= size_bytes:
        assert piece == NotSatisfiable(size_bytes)
    else:
        assert piece == range(first, min(last + 1, size_bytes))


@given(st.text(max_size=60))
def test_no_date_header_is_an_error(header: str) -> None:
    parse_date(header)
    parse_date(f"Tue, 31 Feb 2026 {header} GMT")


@given(st.text(max_size=60))
def test_a_download_keeps_its_name_whatever_it_is(name: str) -> None:
    header = disposition(name)

    assert header.isascii() and header.isprintable()
    sent = name.encode("utf-8", "replace").decode("utf-8")
    assert unquote(header.rpartition("''")[2]) == sent
    assert header.count('"') == 2


def test_what_could_run_in_a_browser_is_known() -> None:
    confined = ["text/html", "Text/HTML; charset=x", "image/svg+xml", "text/xml", ""]
    harmless = ["video/mp4", "image/png", "text/plain; charset=utf-8"]

    assert all(may_act(media_type) for media_type in confined)
    assert not any(may_act(media_type) for media_type in harmless)


# -- byte by byte

PAST = "Thu, 01 Jan 2015 00:00:00 GMT"
WHOLE = (200, FILM)


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        pytest.param({}, *WHOLE, id="whole"),
        pytest.param({"Range": "bytes=0-0"}, 206, FILM[:1], id="first byte"),
        pytest.param({"Range": "bytes=0-"}, 206, FILM, id="open from the start"),
        pytest.param({"Range": "bytes=-1"}, 206, FILM[-1:], id="last byte"),
        pytest.param({"Range": "bytes=-70000"}, 206, FILM[-70000:], id="suffix"),
        pytest.param({"Range": "bytes=-9999999"}, 206, FILM, id="suffix too long"),
        pytest.param(
            {"Range": "bytes=1000-1999"},
            206,
            FILM[1000:2000],
            id="small, in the middle",
        ),
        pytest.param(
            {"Range": "bytes=65537-1065536"}, 206, FILM[65537:1065537], id="large"
        ),
        pytest.param(
            {"Range": f"bytes={SIZE - 1}-"},
            206,
            FILM[-1:],
            id="open from the last byte",
        ),
        pytest.param(
            {"Range": "bytes=2900000-9000000"}, 206, FILM[2900000:], id="end cut off"
        ),
        pytest.param({"Range": f"bytes={SIZE}-"}, 416, b"", id="behind the end"),
        pytest.param({"Range": "bytes=-0"}, 416, b"", id="suffix of nothing"),
        pytest.param({"Range": "bytes=0-9,20-29"}, *WHOLE, id="two ranges"),
        pytest.param({"Range": "bytes=9-5"}, *WHOLE, id="backwards"),
        pytest.param({"Range": "lines=1-5"}, *WHOLE, id="another unit"),
        pytest.param(
            {"Range": "bytes=5-9", "If-Range": TAG}, 206, FILM[5:10], id="if-range same"
        ),
        pytest.param(
            {"Range": "bytes=5-9", "If-Range": f"W/{TAG}"}, *WHOLE, id="if-range weak"
        ),
        pytest.param(
            {"Range": "bytes=5-9", "If-Range": '"x"'}, *WHOLE, id="if-range other"
        ),
        pytest.param(
            {"Range": "bytes=5-9", "If-Range": PAST}, *WHOLE, id="if-range old date"
        ),
        pytest.param({"If-None-Match": TAG}, 304, b"", id="not changed"),
        pytest.param({"If-None-Match": f'"a", W/{TAG}'}, 304, b"", id="one of several"),
        pytest.param({"If-None-Match": "*"}, 304, b"", id="any"),
        pytest.param(
            {"If-None-Match": '"x"', "If-Modified-Since": formatdate(usegmt=True)},
            *WHOLE,
            id="the tag decides before the date",
        ),
        pytest.param({"If-Modified-Since": PAST}, *WHOLE, id="changed since"),
        pytest.param({"If-Modified-Since": "never"}, *WHOLE, id="no date"),
        pytest.param({"If-Match": '"x"'}, 412, b"", id="another file wanted"),
        pytest.param({"If-Match": TAG}, *WHOLE, id="this file wanted"),
        pytest.param({"If-Unmodified-Since": PAST}, 412, b"", id="changed meanwhile"),
    ],
)
def test_each_request_gets_exactly_its_bytes(
    server: Running, asked: dict[str, str], status: int, body: bytes
) -> None:
    answer = server.get("/media/film.mp4", asked)

    assert answer.status == status
    assert answer.body == body
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{SIZE}"
    if status in (200, 206):
        assert answer.headers["Content-Length"] == str(len(body))
        assert answer.headers["Content-Type"] == "video/mp4"
    if status == 206:
        first, _, rest = answer.headers["Content-Range"][6:].partition("-")
        last, _, size = rest.partition("/")
        assert int(last) - int(first) + 1 == len(body) and int(size) == SIZE
        assert FILM[int(first) : int(last) + 1] == body
    assert answer.headers["ETag"] == TAG
    assert answer.headers["Accept-Ranges"] == "bytes"


def test_the_date_it_was_given_is_the_date_it_accepts(server: Running) -> None:
    date = server.get("/media/film.mp4").headers["Last-Modified"]

    assert server.get("/media/film.mp4", {"If-Modified-Since": date}).status == 304
    part = server.get("/media/film.mp4", {"Range": "bytes=1-2", "If-Range": date})
    assert (part.status, part.body) == (206, FILM[1:3])


def test_head_tells_the_whole_length_and_sends_nothing(server: Running) -> None:
    client = HTTPConnection("127.0.0.1", server.port, timeout=10)
    head = ask(client, "/media/film.mp4", {"Range": "bytes=0-9"}, "HEAD")
    after = ask(client, "/media/small.png")
    client.close()

    assert (head.status, head.headers["Content-Length"]) == (200, str(SIZE))
    assert after.body == FILM[:1000]


def test_a_member_of_a_pack_is_a_file_of_its_own(server: Running) -> None:
    address = "/media/film.mp4@1000+100000"
    member = FILM[1000:101000]

    whole = server.get(address)
    end = server.get(address, {"Range": "bytes=-10"})
    behind = server.get(address, {"Range": "bytes=100000-"})

    assert whole.body == member
    assert end.body == member[-10:]
    assert end.headers["Content-Range"] == "bytes 99990-99999/100000"
    assert (behind.status, behind.headers["Content-Range"]) == (416, "bytes */100000")


def test_a_connection_lives_on_after_each_kind_of_answer(server: Running) -> None:
    client = HTTPConnection("127.0.0.1", server.port, timeout=10)
    client.connect()
    sock = client.sock
    for headers in (
        {"Range": "bytes=100-2000000"},
        {"Range": "bytes=9999999-"},
        {"If-None-Match": "*"},
        {"Range": "bytes=-5"},
    ):
        ask(client, "/media/film.mp4", headers)
        assert ask(client, "/page").body.startswith(b"a page")
    assert client.sock is sock
    client.close()


def test_an_empty_file_is_sent_whole(server: Running) -> None:
    answer = server.get("/media/empty.txt", {"Range": "bytes=0-"})

    assert (answer.status, answer.body) == (200, b"")


def test_named_content_is_kept_for_ever_and_strangers_pages_are_confined(
    server: Running,
) -> None:
    film = server.get("/media/film.mp4").headers
    page = server.get("/media/page.html").headers
    drawing = server.get("/media/drawing.svg").headers
    original = server.get("/media/%E5%8E%9F%E4%BB%B6%201.enbx").headers

    assert film["Cache-Control"] == "public, max-age=31536000, immutable"
    assert original["Cache-Control"] == "no-cache"
    assert "Content-Security-Policy" not in film
    for headers in (page, drawing):
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "allow-scripts" not in policy
    for headers in (film, page, drawing, original):
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert original["Content-Disposition"] == (
        "attachment; filename=\"__ 1.enbx\"; filename*=UTF-8''%E5%8E%9F%E4%BB%B6%201.enbx"
    )


def test_a_tv_hears_what_it_asks_for(server: Running) -> None:
    film = server.get("/media/film.mp4", {"getcontentFeatures.dlna.org": "1"}).headers
    asked = {"transferMode.dlna.org": "Background"}
    copied = server.get("/media/film.mp4", asked).headers
    picture = server.get("/media/small.png").headers

    assert film["contentFeatures.dlna.org"].startswith("DLNA.ORG_OP=01;")
    assert film["transferMode.dlna.org"] == "Streaming"
    assert film["realTimeInfo.dlna.org"] == "DLNA.ORG_TLAG=*"
    assert copied["transferMode.dlna.org"] == "Background"
    assert picture["transferMode.dlna.org"] == "Interactive"


def test_what_is_not_whole_is_not_sent(folder: Path, server: Running) -> None:
    beyond = f"/media/film.mp4@{SIZE - 10}+11"

    assert server.get(beyond).status == 404
    assert server.get("/media/nothing").status == 404
    assert server.get("/media/film.mp4", method="DELETE").status == 405


def test_a_name_rebound_to_this_box_reads_no_file(server: Running) -> None:
    answer = server.get("/media/film.mp4", {"Host": "evil.example"})

    assert (answer.status, answer.body) == (400, b"")


def test_another_server_gets_the_bytes_read_out_instead_of_its_wrapper(
    folder: Path,
) -> None:
    def wrapper_from_the_start(file: Any, block_bytes: int = 0) -> list[bytes]:
        file.seek(0)  # as uWSGI does it, under a 206
        return [file.read()]

    started: list[str] = []
    app = MediaFirst(
        lambda environ, start_response: [],
        lambda name: find_in(folder, name),
        host_allowed=lambda host: True,
    )
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/media/film.mp4",
        "HTTP_RANGE": "bytes=1000000-1999999",
        "wsgi.file_wrapper": wrapper_from_the_start,
    }

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started.append(status)

    body = b"".join(app(environ, start_response))

    assert started == ["206 Partial Content"]
    assert body == FILM[1000000:2000000]


def test_the_end_of_a_large_film_comes_at_once(tmp_path: Path) -> None:
    with (tmp_path / "long.mp4").open("wb") as film:
        film.truncate(1_000_000_000)
        film.seek(-65536, 2)
        film.write(b"e" * 65536)
    with running(tmp_path) as server:
        server.get("/media/long.mp4", {"Range": "bytes=-1"})
        began = time.perf_counter()
        answer = server.get("/media/long.mp4", {"Range": "bytes=999934464-"})
        took_s = time.perf_counter() - began

    assert answer.body == b"e" * 65536
    assert took_s < 0.2  # reading up to it takes longer; the bench holds the 5 ms
