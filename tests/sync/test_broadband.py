"""What comes over a bad line, from bad servers, is the county's or it is nothing."""

import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edge_server.errors import DiskFull, EdgeError
from edge_server.ground import store
from sync.arrivals import partial, wants
from sync.arrivals.partial import ChunkWrong
from sync.format import tree
from sync.format.chunks import CHUNK_BYTES
from sync.link import Bucket
from sync.receivers.answers import AnswerWrong, LinkDown, Patience, PortalPage
from sync.receivers.broadband import Broadband
from sync.receivers.fetching import MOST_LIES, MOST_WRONG, Persistence
from tests.boxes import make_box
from tests.sync.mirror import (
    Answering,
    Asked,
    Mirror,
    bytes_of,
    serving,
    wait_until,
    want,
    want_packed,
    work,
)  # fmt: skip

ROOT = Path(__file__).parents[2]
QUICK = Persistence(first_wait_s=0.01, longest_wait_s=0.05, down_s=0.3)
SHORT = Patience(connect_s=2.0, silent_s=1.0, slow_s=0.4, slow_bytes=4000)


@pytest.fixture
def box(tmp_path):
    """A box that leaves converting out."""
    return make_box(tmp_path / "box", convert=False)


def some(size_bytes: int, seed: int = 0) -> bytes:
    """Return bytes that are like no others."""
    return random.Random(seed).randbytes(size_bytes)


def fetch(box, address: str, should_stop=lambda: False, **options):
    """Fetch once, without much patience."""
    chosen = {"patience": SHORT, "persistence": QUICK} | options
    road = Broadband(address, Bucket(), **chosen)
    try:
        return road.fetch(box, should_stop)
    finally:
        road.close()


def test_all_that_is_wanted_comes_over_several_connections(box):
    mirror = Mirror()
    large = some(3 * CHUNK_BYTES + 17)
    small = [some(300_000 + n, n) for n in range(12)]
    ids = want(box, mirror, large, b"", *small)

    def slowly(answering: Answering, asked: Asked) -> bool:
        time.sleep(0.02)
        return False

    mirror.lie = slowly
    with serving(mirror) as address:
        fetched = fetch(box, address)
    work(box)
    for object_id, data in zip(ids, [large, b"", *small], strict=True):
        assert bytes_of(box, object_id) == data
    assert wants.left(box.db) == (0, 0)
    assert fetched.parcels == 14
    assert mirror.sent_bytes == len(large) + sum(map(len, small)) + 4 * 32
    assert mirror.most_at_once >= 4
    assert list((box.folder / "partial").iterdir()) == []


def test_a_slow_chunk_list_holds_nobody_up(box):
    mirror = Mirror()
    (first, *others) = want(
        box, mirror, some(CHUNK_BYTES + 1), *(some(9000, n) for n in range(5))
    )
    come = threading.Event()

    def lists_wait(answering: Answering, asked: Asked) -> bool:
        if asked.name.startswith("k/"):
            come.wait(10)
        return False

    mirror.lie = lists_wait
    with serving(mirror) as address:
        thread = threading.Thread(target=fetch, args=(box, address))
        thread.start()
        wait_until(lambda: wants.left(box.db)[0] == 1)
        come.set()
        thread.join()
    work(box)
    assert all(store.exists(box, one) for one in [first, *others])


# -- who answers is not the county


HTML = b"<html><title>Log in</title></html>"


def page_without_length(answering: Answering, asked: Asked) -> bool:
    answering.send_response(200)
    answering.send_header("Content-Type", "text/html; charset=utf-8")
    answering.send_header("Connection", "close")
    answering.end_headers()
    answering.send(HTML)
    answering.close_connection = True
    return True


def page_of_the_right_length(answering: Answering, asked: Asked) -> bool:
    body = HTML.ljust(asked.stop - asked.start)
    answering.answer(200, body, Content_Type="text/html")
    return True


def redirect(answering: Answering, asked: Asked) -> bool:
    answering.answer(302, b"", Location="http://login.example/")
    return True


def login_needed(answering: Answering, asked: Asked) -> bool:
    answering.answer(511, HTML, Content_Type="text/html")
    return True


PORTALS = [page_without_length, page_of_the_right_length, redirect, login_needed]


@pytest.mark.parametrize("portal", PORTALS, ids=lambda one: one.__name__)
def test_the_page_of_a_portal_is_an_error_and_never_content(box, portal):
    mirror = Mirror(lie=portal)
    (object_id,) = want(box, mirror, some(50_000))
    with serving(mirror) as address:
        with pytest.raises(PortalPage) as told:
            fetch(box, address)
        assert told.value.reason == "portal_page"
        with pytest.raises(PortalPage):
            Broadband(address, Bucket()).get(tree.TIMESTAMP, 1000)
        work(box)
        assert not store.exists(box, object_id)
        mirror.lie = lambda answering, asked: False  # somebody logs in
        fetch(box, address)
    work(box)
    assert bytes_of(box, object_id) == some(50_000)


def test_a_page_that_hides_what_it_is_is_never_content(box):
    def disguised(answering: Answering, asked: Asked) -> bool:
        answering.range(asked, HTML.ljust(asked.stop - asked.start))
        return True

    mirror = Mirror(lie=disguised)
    (object_id,) = want(box, mirror, some(50_000))
    with serving(mirror) as address, pytest.raises(ChunkWrong):
        fetch(box, address)
    assert len(mirror.asked) == MOST_WRONG
    work(box)
    assert not store.exists(box, object_id)
    assert wants.left(box.db) == (1, 50_000)


def test_wrong_bytes_of_one_thing_keep_nothing_else_away(box):
    mirror = Mirror()
    ids = want(box, mirror, *(some(30_000, n) for n in range(9)))
    bad = ids[4]

    def wrong(answering: Answering, asked: Asked) -> bool:
        if asked.name.endswith(bad):
            answering.range(asked, bytes(asked.stop - asked.start))
        return asked.name.endswith(bad)

    mirror.lie = wrong
    with serving(mirror) as address, pytest.raises(ChunkWrong):
        fetch(box, address)
    work(box)
    assert [store.exists(box, one) for one in ids] == [one != bad for one in ids]
    assert len(mirror.asked_for(bad)) == MOST_WRONG


def test_a_mirror_that_only_lies_is_soon_asked_no_more(box):
    def wrong(answering: Answering, asked: Asked) -> bool:
        answering.range(asked, bytes(asked.stop - asked.start))
        return True

    mirror = Mirror(lie=wrong)
    want(box, mirror, *(some(30_000, n) for n in range(60)))
    with serving(mirror) as address, pytest.raises(ChunkWrong):
        fetch(box, address)
    assert len(mirror.asked) < MOST_LIES + 8
    work(box)
    assert wants.left(box.db) == (60, 60 * 30_000)


def test_a_file_that_is_not_there_is_left_for_another_time(box):
    mirror = Mirror()
    missing, other = want(box, mirror, some(9000, 1), some(9000, 2))
    data = mirror.files.pop(tree.object_name(missing))
    with serving(mirror) as address:
        with pytest.raises(AnswerWrong) as told:
            fetch(box, address)
        assert told.value.values["status"] == 404
        mirror.files[tree.object_name(missing)] = data
        fetch(box, address)
    work(box)
    assert store.exists(box, missing)
    assert store.exists(box, other)


def endless(answering: Answering, asked: Asked) -> bool:
    answering.send_response(206)
    answering.send_header(
        "Content-Range", f"bytes {asked.start}-{asked.stop - 1}/100000"
    )
    answering.send_header("Transfer-Encoding", "chunked")
    answering.end_headers()
    while True:
        answering.send(b"10000\r\n" + bytes(65536) + b"\r\n")


def too_long(answering: Answering, asked: Asked) -> bool:
    answering.range(asked, bytes(asked.stop - asked.start + 1))
    return True


@pytest.mark.parametrize("lie", [endless, too_long], ids=lambda one: one.__name__)
def test_a_body_without_end_costs_no_more_than_the_right_one(box, lie):
    mirror = Mirror(lie=lie)
    want(box, mirror, some(100_000))
    with serving(mirror) as address, pytest.raises((AnswerWrong, ChunkWrong)):
        fetch(box, address)
    assert len(mirror.asked) <= MOST_WRONG + 1
    assert mirror.sent_bytes < 40 << 20  # what buffers hold
    work(box)
    assert wants.left(box.db)[0] == 1


@pytest.mark.parametrize("lie", [endless, too_long], ids=lambda one: one.__name__)
def test_a_small_file_without_end_is_refused(lie):
    def small(answering: Answering, asked: Asked) -> bool:
        if lie is too_long:
            answering.answer(200, bytes(1001))
            return True
        answering.send_response(200)
        answering.send_header("Connection", "close")
        answering.end_headers()
        while True:
            answering.send(bytes(65536))

    with serving(Mirror(lie=small)) as address, pytest.raises(AnswerWrong):
        Broadband(address, Bucket()).get(tree.TIMESTAMP, 1000)


def test_a_body_that_drips_is_given_up(box):
    def drip(answering: Answering, asked: Asked) -> bool:
        size_bytes = asked.stop - asked.start
        answering.send_response(206)
        answering.send_header(
            "Content-Range", f"bytes {asked.start}-{asked.stop - 1}/100000"
        )
        answering.send_header("Content-Length", str(size_bytes))
        answering.end_headers()
        while True:
            answering.send(b"x")
            time.sleep(0.05)

    mirror = Mirror(lie=drip)
    want(box, mirror, some(100_000))
    began = time.monotonic()
    with serving(mirror) as address, pytest.raises(LinkDown) as told:
        fetch(box, address)
    assert told.value.values["why"] == "slow"
    assert time.monotonic() - began < 15


# -- the line is bad


def test_short_bodies_are_gone_on_with_where_they_ended(box):
    def cut(answering: Answering, asked: Asked) -> bool:
        body = answering.mirror.files[asked.name][asked.start : asked.stop]
        answering.send_response(206)
        whole = len(answering.mirror.files[asked.name])
        answering.send_header(
            "Content-Range", f"bytes {asked.start}-{asked.stop - 1}/{whole}"
        )
        answering.send_header("Content-Length", str(len(body)))
        answering.end_headers()
        answering.send(body[:200_000])
        answering.wfile.flush()
        answering.close_connection = True
        return True

    mirror = Mirror(lie=cut)
    data = some(CHUNK_BYTES + 500_000)
    (object_id,) = want(box, mirror, data)
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert bytes_of(box, object_id) == data
    assert mirror.sent_bytes == len(data) + 64


def test_a_server_that_is_busy_is_asked_again(box):
    refused = []

    def busy(answering: Answering, asked: Asked) -> bool:
        if len(refused) < 5:
            refused.append(asked)
            answering.answer(503, HTML, Content_Type="text/html")
            return True
        return False

    mirror = Mirror(lie=busy)
    (object_id,) = want(box, mirror, some(9000))
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert store.exists(box, object_id)


def test_a_dead_line_ends_it_after_a_while(box):
    mirror = Mirror()
    want(box, mirror, some(9000))
    with serving(mirror) as address:
        pass
    began = time.monotonic()
    with pytest.raises(LinkDown):
        fetch(box, address)
    assert 0.3 <= time.monotonic() - began < 10


def test_it_stops_within_a_second_though_nobody_answers(box):
    silent = threading.Event()

    def silence(answering: Answering, asked: Asked) -> bool:
        answering.send_response(206)
        told = f"bytes {asked.start}-{asked.stop - 1}/200000"
        answering.send_header("Content-Range", told)
        answering.send_header("Content-Length", str(asked.stop - asked.start))
        answering.end_headers()
        answering.wfile.flush()
        silent.wait(20)
        return True

    mirror = Mirror(lie=silence)
    want(box, mirror, some(200_000))
    began = time.monotonic()
    with serving(mirror) as address:
        fetch(
            box, address, lambda: time.monotonic() > began + 0.5,
            patience=Patience(), persistence=Persistence(),
        )  # fmt: skip
        assert time.monotonic() - began < 1.5
        wait_until(lambda: "fetch" not in str(threading.enumerate()), 3.0)
        silent.set()


def test_a_connection_that_creeps_at_the_end_is_relieved(box):
    creeping = []

    def creep(answering: Answering, asked: Asked) -> bool:
        if creeping or asked.start == 0:
            return False
        creeping.append(asked)
        answering.send_response(206)
        told = f"bytes {asked.start}-{asked.stop - 1}/400000"
        answering.send_header("Content-Range", told)
        answering.send_header("Content-Length", str(asked.stop - asked.start))
        answering.end_headers()
        for byte in some(400_000)[asked.start : asked.start + 600]:
            answering.send(bytes([byte]))
            time.sleep(0.05)
        return True

    mirror = Mirror(lie=creep)
    (object_id,) = want(box, mirror, some(400_000))
    began = time.monotonic()
    with serving(mirror) as address:
        fetch(box, address, patience=Patience(), persistence=Persistence())
        assert time.monotonic() - began < 10
    work(box)
    assert creeping
    assert bytes_of(box, object_id) == some(400_000)


def test_what_came_before_a_stop_is_not_fetched_again(box):
    mirror = Mirror()
    data = some(3 * CHUNK_BYTES)
    (object_id,) = want(box, mirror, data)

    def slowly(answering: Answering, asked: Asked) -> bool:
        if asked.name.startswith("o/"):
            body = answering.mirror.files[asked.name][asked.start : asked.stop]
            whole = f"bytes {asked.start}-{asked.stop - 1}/{len(data)}"
            answering.send_response(206)
            answering.send_header("Content-Range", whole)
            answering.send_header("Content-Length", str(len(body)))
            answering.end_headers()
            for at in range(0, len(body), 65536):
                answering.send(body[at : at + 65536])
                time.sleep(0.06)
            return True
        return False

    mirror.lie = slowly
    stops = 0
    with serving(mirror) as address:
        while wants.left(box.db)[0]:
            ends = time.monotonic() + 0.7
            fetch(box, address, lambda ends=ends: time.monotonic() > ends)
            stops += 1
    work(box)
    assert bytes_of(box, object_id) == data
    assert stops > 2
    # Lost at each stop: what was in the buffers of four connections.
    assert mirror.sent_bytes < len(data) + stops * 4 * 300_000


def test_a_kill_costs_at_most_a_chunk_a_connection_and_no_wrong_byte(box):
    mirror = Mirror()
    data = some(6 * CHUNK_BYTES + 99)
    ids = want(box, mirror, data, *(some(400_000, n) for n in range(9)))
    size_bytes = len(data) + 9 * 400_000

    def slowly(answering: Answering, asked: Asked) -> bool:
        time.sleep(0.05)
        return False

    mirror.lie = slowly
    with serving(mirror) as address:
        for at_bytes in (size_bytes // 4, size_bytes // 2):
            process = subprocess.Popen(
                [sys.executable, "-m", __name__, str(box.folder), address], cwd=ROOT
            )
            wait_until(lambda at=at_bytes: mirror.sent_bytes >= at)
            os.kill(process.pid, signal.SIGKILL)
            process.wait()
        wait_until(lambda: mirror.at_once == 0)
        fetch(box, address)
    work(box)
    for object_id, one in zip(
        ids, [data, *(some(400_000, n) for n in range(9))], strict=True
    ):
        assert bytes_of(box, object_id) == one
    assert mirror.sent_bytes <= size_bytes + 2 * 8 * CHUNK_BYTES


# -- chunks, packs, room


def test_only_the_bad_chunk_is_fetched_again_and_past_a_proxys_memory(box):
    mirror = Mirror()
    data = some(4 * CHUNK_BYTES)
    (object_id,) = want(box, mirror, data)
    bad = range(2 * CHUNK_BYTES, 3 * CHUNK_BYTES)

    def rotten(answering: Answering, asked: Asked) -> bool:
        remembers = asked.headers.get("cache-control") != "no-cache"
        if asked.name.startswith("o/") and asked.start in bad and remembers:
            answering.range(asked, bytes(asked.stop - asked.start))
            return True
        return False

    mirror.lie = rotten
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert bytes_of(box, object_id) == data
    asked = mirror.asked_for(object_id)
    again = [one for one in asked if one.headers.get("cache-control") == "no-cache"]
    assert sum(one.stop - one.start for one in again) == CHUNK_BYTES
    assert all(one.start in bad for one in again)
    assert sum(one.stop - one.start for one in asked) == len(data) + CHUNK_BYTES


def test_a_pack_that_came_wrong_is_fetched_anew(box):
    mirror = Mirror()
    members = [some(90_000, n) for n in range(70)]
    ids = want_packed(box, mirror, members, list(range(70)))

    def rotten(answering: Answering, asked: Asked) -> bool:
        if asked.headers.get("cache-control") == "no-cache" or asked.start == 0:
            return False
        answering.range(asked, bytes(asked.stop - asked.start))
        return True

    mirror.lie = rotten
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert [bytes_of(box, one) for one in ids] == members
    assert wants.left(box.db) == (0, 0)
    assert mirror.sent_bytes == 2 * 70 * 90_000


def test_a_small_part_of_a_pack_is_fetched_as_ranges(box):
    mirror = Mirror()
    members = [some(20_000, n) for n in range(50)]
    chosen = [3, 4, 5, 30, 49]
    ids = want_packed(box, mirror, members, chosen)
    with serving(mirror) as address:
        fetched = fetch(box, address)
    work(box)
    assert [bytes_of(box, one) for one in ids] == [members[n] for n in chosen]
    assert mirror.sent_bytes == 5 * 20_000
    assert len(mirror.asked) == 3  # neighbours together
    assert fetched.parcels == 5
    assert wants.left(box.db) == (0, 0)


def test_a_quarter_of_a_pack_is_fetched_whole(box):
    mirror = Mirror()
    members = [some(40_000, n) for n in range(20)]
    ids = want_packed(box, mirror, members, [0, 4, 8, 12, 16])
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert [bytes_of(box, one) for one in ids] == [members[n] for n in range(0, 20, 4)]
    assert mirror.sent_bytes == 20 * 40_000


def test_what_the_store_has_is_not_fetched(box, tmp_path):
    mirror = Mirror()
    here, lacks = want(box, mirror, some(70_000, 1), some(70_000, 2))
    packed = want_packed(box, mirror, [some(40_000, n) for n in range(9)], [2, 7])
    for n, data in enumerate((some(70_000, 1), some(40_000, 2))):
        path = box.folder / "work" / f"mine-{n}"
        path.write_bytes(data)
        store.keep(box, path, [here, packed[0]][n])
    with serving(mirror) as address:
        fetch(box, address)
    work(box)
    assert mirror.asked_for(here) == []
    assert mirror.sent_bytes == 70_000 + 40_000
    assert wants.left(box.db) == (0, 0)
    assert bytes_of(box, lacks) == some(70_000, 2)
    assert bytes_of(box, packed[1]) == some(40_000, 7)


def test_without_room_it_ends_with_the_reason_and_what_was_begun_is_whole(
    box, monkeypatch
):
    mirror = Mirror()
    small, large = want(box, mirror, some(500_000, 1), some(800_000, 2))
    with serving(mirror) as address:
        with monkeypatch.context() as tight, pytest.raises(DiskFull) as told:
            tight.setattr(partial.disk, "free_bytes", lambda path: 700_000)
            fetch(box, address)
        assert told.value.values == {"needed_bytes": 800_000, "free_bytes": 700_000}
        assert wants.left(box.db) == (1, 800_000)
        assert not partial.path_of(box, large).exists()
        fetch(box, address)
    work(box)
    assert store.exists(box, small)
    assert store.exists(box, large)


def test_what_is_wanted_no_longer_leaves_nothing_behind(box):
    left = partial.path_of(box, "ab" * 32)
    arrival = partial.Arrival(box, left.name, 9_000_000)
    arrival.put(0, some(CHUNK_BYTES))
    arrival.close()
    with serving(Mirror()) as address:
        fetch(box, address)
    assert list((box.folder / "partial").iterdir()) == []


# -- proxies


def test_a_proxy_of_the_environment_is_asked(box, monkeypatch):
    mirror = Mirror()
    (object_id,) = want(box, mirror, some(9000))
    with serving(mirror) as proxy:
        at = proxy.removesuffix("/published").removeprefix("http://")
        monkeypatch.setenv("http_proxy", f"http://user:word@{at}")
        monkeypatch.delenv("no_proxy", raising=False)
        fetch(box, "http://centre.invalid/published")
    work(box)
    assert store.exists(box, object_id)
    (asked,) = mirror.asked
    assert asked.line.startswith("GET http://centre.invalid/published/o/")
    assert asked.headers["proxy-authorization"] == "Basic dXNlcjp3b3Jk"


@pytest.mark.parametrize("how", ["no_proxy", "loopback", "setting"])
def test_a_proxy_is_not_asked(box, monkeypatch, how):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    resolve = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest: resolve("127.0.0.1", *rest)
    )
    mirror = Mirror()
    (object_id,) = want(box, mirror, some(9000))
    with serving(mirror) as address:
        by_name = address.replace("127.0.0.1", "tree.centre.invalid")
        if how == "loopback":
            fetch(box, address)
        elif how == "setting":
            fetch(box, by_name, proxy="")
        else:
            monkeypatch.setenv("no_proxy", "centre.invalid")
            fetch(box, by_name)
    work(box)
    assert store.exists(box, object_id)


def test_each_error_tells_the_values_of_its_sentence():
    from edge_server.language.sentences import county

    for error in (
        PortalPage(name="n", status=200),
        AnswerWrong(name="n", status=200),
        LinkDown(why="slow"),
        ChunkWrong(id="x", chunk=1),
    ):
        sentence = county.SENTENCES[error.reason]
        for text in (sentence.zh, sentence.zh_do, sentence.en, sentence.en_do):
            assert text.format(**error.values) or not text


def main() -> None:
    """Fetch into a folder until killed: ``-m tests.sync.test_broadband FOLDER ADDRESS``."""
    box = make_box(Path(sys.argv[1]), convert=False)
    try:
        fetch(box, sys.argv[2], patience=Patience(), persistence=Persistence())
    except EdgeError as error:
        print(error, file=sys.stderr)


if __name__ == "__main__":
    main()
