"""What clients do to the server, by design or by bad luck, and what the others notice."""

import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest

from edge_server.errors import TemporaryError, WrongUsage
from tests.web.serving import Running, ask, running
from web.server import listen

FILM = random.Random(2).randbytes(20_000_000)
GET_FILM = b"GET /media/film.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LAST_PAGE = b"GET /page HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
GET_PAGE = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
GET_EVENTS = b"GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
AT_ONCE_S = 1.0
"""Two shared cores: far below any deadline, far above what a page takes."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    (folder / "film.mp4").write_bytes(FILM)
    return folder


@pytest.fixture
def clients() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def connect(clients: ExitStack, server: Running, sends: bytes) -> socket.socket:
    """Open a connection and send the beginning of a request, or all of it."""
    sock = socket.socket()
    clients.enter_context(closing(sock))
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.settimeout(10)
    sock.connect(("127.0.0.1", server.port))
    sock.sendall(sends)
    return sock


def page_s(server: Running) -> float:
    """Return how long a page takes on a new connection."""
    began = time.perf_counter()
    assert server.get("/page").status == 200
    return time.perf_counter() - began


def read_all(sock: socket.socket) -> bytes:
    """Read until the server closes."""
    got = bytearray()
    while data := sock.recv(1 << 20):
        got += data
    return bytes(got)


def open_files(server: Running) -> int:
    """Count the descriptors of the server."""
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def wait_until(what: object, seconds: float = 5.0) -> None:
    """Wait for a condition that another process brings about."""
    assert callable(what)
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come about"
        time.sleep(0.02)


# -- who wants to hold everything


def test_paused_films_do_not_stop_a_page(folder: Path, clients: ExitStack) -> None:
    with running(folder, threads=8) as server:
        for _ in range(150):
            connect(clients, server, GET_FILM)

        assert max(page_s(server) for _ in range(5)) < AT_ONCE_S


def test_slow_headers_do_not_stop_a_page_and_are_sent_away(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder, threads=8, header_s=1.5) as server:
        slow = [connect(clients, server, b"GET / HTTP/1.1\r\n") for _ in range(200)]
        for sock in slow:
            sock.send(b"X-Wait: ")

        assert max(page_s(server) for _ in range(5)) < AT_ONCE_S
        assert all(sock.recv(1) == b"" for sock in slow)


def test_both_at_once_are_more_than_there_is_room_for_and_a_page_still_comes(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder, threads=8) as server:
        for _ in range(150):
            connect(clients, server, GET_FILM)
        for _ in range(200):
            connect(clients, server, b"GET / HTTP/1.1\r\n")

        assert max(page_s(server) for _ in range(5)) < AT_ONCE_S
        assert open_files(server) < 256 + 150 + 30


def test_a_reader_that_stands_still_makes_room_when_the_house_is_full(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder, connections=10, stood_still_s=0.5) as server:
        for _ in range(10):
            connect(clients, server, GET_FILM).recv(1)

        assert page_s(server) < 5.0


@pytest.mark.parametrize("drips", [False, True], ids=["silent", "dripping"])
def test_a_request_body_that_does_not_come_frees_its_thread(
    folder: Path, clients: ExitStack, drips: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    post = b"POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
    with running(folder, threads=1, body_s=0.5) as server:
        sock = connect(clients, server, post)
        over = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while drips and not over.wait(0.1):
                    sock.send(b"x")

        threading.Thread(target=drip).start()
        took_s = page_s(server)
        over.set()

        assert took_s < 2.0
        assert sock.recv(1000).startswith(b"HTTP/1.1 408 ")
    assert capfd.readouterr().err == ""


def test_clients_that_ignore_the_last_word_hold_up_nobody(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder, linger_s=0.5) as server:
        before = open_files(server)
        deaf = [connect(clients, server, LAST_PAGE) for _ in range(20)]

        assert page_s(server) < AT_ONCE_S
        assert all(b"a page" in read_all(sock) for sock in deaf)
        wait_until(lambda: open_files(server) <= before + 1)


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET / HTTP/1.1\r\n" + b"X: %b\r\n" % (b"y" * 8000) * 3, b"431"),
        (b"GET /" + b"p" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"414"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: odd\r\n\r\n", b"501"),
    ],
    ids=["header", "line", "length", "space", "tls", "coding"],
)
def test_what_is_not_a_request_is_refused_and_the_connection_ends(
    folder: Path, clients: ExitStack, request_bytes: bytes, status: bytes
) -> None:
    with running(folder) as server:
        answer = read_all(connect(clients, server, request_bytes))

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert answer.endswith(b"\r\n\r\n")


def test_half_a_request_and_then_an_end_costs_no_cpu(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder) as server:
        page_s(server)
        for _ in range(20):
            connect(clients, server, b"GET / HT").shutdown(socket.SHUT_WR)
        before_s = cpu_s(server)
        time.sleep(0.5)

        assert cpu_s(server) - before_s < 0.1


# -- ordinary life


def test_requests_that_come_in_one_piece_are_answered_in_order(
    folder: Path, clients: ExitStack
) -> None:
    post = b"POST /page HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"
    part = b"GET /media/film.mp4 HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-99999\r\n\r\n"
    with running(folder) as server:
        got = read_all(connect(clients, server, GET_PAGE + post + part + LAST_PAGE))

    pages = got.replace(FILM[:100_000], b"<film>").split(b"HTTP/1.1 ")[1:]
    assert [page.rpartition(b"\r\n\r\n")[2] for page in pages] == [
        b"a page, 0 bytes read",
        b"a page, 3 bytes read",
        b"<film>",
        b"a page, 0 bytes read",
    ]


def test_a_request_may_come_byte_by_byte(folder: Path, clients: ExitStack) -> None:
    with running(folder) as server:
        sock = connect(clients, server, b"\r\n")
        for byte in LAST_PAGE:
            sock.send(bytes([byte]))

        assert read_all(sock).endswith(b"a page, 0 bytes read")


def test_a_large_body_arrives_whole(folder: Path) -> None:
    with running(folder) as server:
        client = HTTPConnection("127.0.0.1", server.port, timeout=10)
        answer = ask(client, "/page", method="POST", body=FILM)
        client.close()

    assert answer.body == b"a page, 20000000 bytes read"


def test_an_error_is_answered_and_harms_no_other_request(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with running(folder) as server:
        assert server.get("/fails").status == 500
        assert server.get("/page").status == 200
    assert "GET /fails" in capfd.readouterr().err


def test_half_an_answer_is_never_taken_for_a_whole_one(
    folder: Path, clients: ExitStack
) -> None:
    ask_for_half = b"GET /fails-later HTTP/1.1\r\nHost: a\r\n\r\n"
    with running(folder) as server:
        got = read_all(connect(clients, server, ask_for_half))

    assert b"Content-Length: 20" in got and got.endswith(b"half a bod")


def test_a_film_that_shrinks_while_it_is_sent_ends_the_connection(
    tmp_path: Path, clients: ExitStack
) -> None:
    (tmp_path / "film.mp4").write_bytes(FILM)
    with running(tmp_path) as server:
        sock = connect(clients, server, GET_FILM)
        sock.recv(1000)
        os.truncate(tmp_path / "film.mp4", 19_000_000)
        got = len(read_all(sock))

    assert got < len(FILM)


def test_clients_that_vanish_leave_nothing_open(folder: Path) -> None:
    with running(folder) as server:
        page_s(server)
        before = open_files(server)
        with ExitStack() as clients:
            for request in [GET_FILM, GET_PAGE] * 20:
                connect(clients, server, request)
        wait_until(lambda: open_files(server) <= before)


def test_an_idle_server_sleeps_and_writes_nothing(folder: Path) -> None:
    with running(folder, idle_s=0.2) as server:
        page_s(server)
        server.get("/media/film.mp4")
        time.sleep(0.5)
        before = [written_bytes(server), switches(server)]
        time.sleep(1.5)

        assert [written_bytes(server), switches(server)] == before


def test_one_process_is_all_there_is(folder: Path) -> None:
    with running(folder) as server:
        pid = server.process.pid
        assert Path(f"/proc/{pid}/task/{pid}/children").read_text() == ""


# -- the end


def test_a_stop_lets_a_download_end(folder: Path, clients: ExitStack) -> None:
    with running(folder, linger_s=0.1) as server:
        sock = connect(clients, server, GET_FILM)
        got = sock.recv(1000)
        server.process.send_signal(signal.SIGTERM)
        wait_until(lambda: refuses(server))
        got += read_all(sock)

        assert got.endswith(FILM[-1000:]) and len(got) > len(FILM)
        assert server.process.wait(timeout=4) == 0


def test_a_stop_lets_a_page_end_and_says_it_was_the_last(
    folder: Path, clients: ExitStack
) -> None:
    slow = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    with running(folder, linger_s=0.1) as server:
        sock = connect(clients, server, slow)
        time.sleep(0.3)
        server.process.send_signal(signal.SIGTERM)

        assert read_all(sock).endswith(b"a page, 0 bytes read")
        assert server.process.wait(timeout=4) == 0


def test_a_stop_waits_for_no_event_stream_and_no_paused_film(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder, grace_s=1.0) as server:
        events = connect(clients, server, GET_EVENTS)
        events.recv(1000)
        connect(clients, server, GET_FILM).recv(1000)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(timeout=5) == 0
        assert 0.8 < time.monotonic() - began < 3.0


def test_an_idle_connection_does_not_delay_a_stop(
    folder: Path, clients: ExitStack
) -> None:
    with running(folder) as server:
        connect(clients, server, GET_PAGE).recv(1000)
        connect(clients, server, b"")
        began = time.monotonic()
        server.process.send_signal(signal.SIGINT)

        # Well below the 5 s of grace, and above what two busy cores may take.
        assert server.process.wait(timeout=5) == 0
        assert time.monotonic() - began < 4.0


def test_a_taken_port_is_said_before_anything_else() -> None:
    with closing(listen("127.0.0.1", 0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(TemporaryError) as refused:
            listen("127.0.0.1", port)

    assert (refused.value.reason, refused.value.values) == (
        "port_taken",
        {"port": str(port)},
    )


def test_a_number_that_no_port_has_is_wrong_usage() -> None:
    with pytest.raises(WrongUsage) as refused:
        listen("127.0.0.1", 99_999)

    assert refused.value.values == {"key": "port", "value": "99999"}


def cpu_s(server: Running) -> float:
    """Return the CPU time of the server so far, in seconds."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def written_bytes(server: Running) -> int:
    """Return what the server has had written to disks, in bytes."""
    lines = Path(f"/proc/{server.process.pid}/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("write_bytes"))[13:])


def switches(server: Running) -> int:
    """Return how often any thread of the server woke up."""
    told = 0
    for task in Path(f"/proc/{server.process.pid}/task").iterdir():
        for line in (task / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                told += int(line.split()[1])
    return told


def refuses(server: Running) -> bool:
    """Return whether nobody listens any more."""
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False
