"""Serving, ours beside nginx: what a GB costs, and what films do to a page.

Run with ``python scripts/bench/serve.py`` in the project's environment; about 90 seconds.
Ours and nginx take turns, five rounds each, and the medians are compared:

* a GB to 60 players at 1.6 MB/s each, which fills a gigabit line: CPU seconds of all the
  server's threads (``schedstat``), because wall time is noisy on a shared machine.
  Rounds are 6 s, so the 60 requests weigh more than in a lesson; that favours nginx.
* a page (Flask and Jinja, forty rows) while 60 players at 200 kB/s play, and while none
  does.
* the last 64 KB of a 1 GB film.

Each server is pinned to the first core and the clients to the second. ``--url`` measures
the pages of a server that already runs, with the film that ``--film`` names as load.
"""

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

from bars import Bars

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
ROUNDS = 5
PLAYERS = 60
PLAYER_BYTES_PER_S = 1_600_000
SLOW_BYTES_PER_S = 200_000
ROUND_S = 6.0
SETTLE_S = 0.5
PAGES = 100
FILM_BYTES = 1_000_000_000
TAIL_BYTES = 65_536
NGINX = """\
daemon off;
worker_processes 1;
pid {own}/pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    client_body_temp_path {own}/body;
    proxy_temp_path {own}/proxy;
    fastcgi_temp_path {own}/fastcgi;
    uwsgi_temp_path {own}/uwsgi;
    scgi_temp_path {own}/scgi;
    server {{ listen 127.0.0.1:{port}; location /media/ {{ alias {folder}/; }} }}
}}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", help="a page of a running server")
    parser.add_argument("--film", default="/media/film", help="a path on that server")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.serve:
        serve_small_app(said.serve)
        return 0
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    bars = Bars("serve")
    if said.url:
        url = urlsplit(said.url)
        pages(bars, url.port or 80, url.path or "/", said.film)
    else:
        with own_servers(cores[0]) as (ours, nginx):
            cost_of_a_gb(bars, ours, nginx)
            pages(bars, ours[1], "/", "/media/film")
            seeks(bars, ours[1], nginx[1])
    return bars.close()


# -- what is measured

Server = tuple[int, int]  # process id, port


def cost_of_a_gb(bars: Bars, ours: Server, nginx: Server) -> None:
    """Compare CPU seconds per GB at the pace of a full LAN."""
    costs: dict[Server, list[float]] = {ours: [], nginx: []}
    behind = 0
    for _ in range(ROUNDS):
        for server in (nginx, ours):
            before_s = cpu_s(server[0])
            with playing(server[1], "/media/film", PLAYER_BYTES_PER_S, ROUND_S) as end:
                played = end()
            costs[server].append((cpu_s(server[0]) - before_s) * 1e9 / played["bytes"])
            behind += played["behind"]
    ratio = median(costs[ours]) / median(costs[nginx])
    bars.note("CPU of a GB to 60 players, ours", median(costs[ours]), "s")
    bars.note("CPU of a GB to 60 players, nginx", median(costs[nginx]), "s")
    bars.at_most("CPU of a GB, ours against nginx", ratio, 1.6, "x")
    bars.at_most("players that fell behind", behind, 0)


def pages(bars: Bars, port: int, page: str, film: str) -> None:
    """Compare how long a page takes while films play and while none does."""
    idle, busy = [], []
    for _ in range(ROUNDS):
        idle.append(p95_ms(port, page))
        with playing(port, film, SLOW_BYTES_PER_S, 2.5) as end:
            time.sleep(SETTLE_S)  # their buffers are full, the film plays
            busy.append(p95_ms(port, page))
            end()
    bars.note("page p95, nobody watches", median(idle), "ms")
    bars.note("page p95, 60 slow players", median(busy), "ms")
    bars.at_most(
        "page p95 beside 60 players", median(busy) / median(idle), 2.0, "x idle"
    )


def seeks(bars: Bars, ours: int, nginx: int) -> None:
    """Measure the last 64 KB of 1 GB, on a new connection each time."""
    span = f"bytes={FILM_BYTES - TAIL_BYTES}-"
    for _ in range(3):
        took_s(ours, "/media/film", span)
    figures = {
        port: median(took_s(port, "/media/film", span) for _ in range(31)) * 1000
        for port in (ours, nginx)
    }
    bars.note("last 64 KB of 1 GB, nginx", figures[nginx], "ms")
    bars.at_most("last 64 KB of 1 GB, ours", figures[ours], 5.0, "ms")


def p95_ms(port: int, page: str) -> float:
    times = []
    for _ in range(PAGES):
        times.append(took_s(port, page) * 1000)
        time.sleep(0.005)
    return quantiles(times, n=20)[-1]


def took_s(port: int, path: str, span: str | None = None) -> float:
    """Return how long one request takes, connection included."""
    began = time.perf_counter()
    client = HTTPConnection("127.0.0.1", port, timeout=20)
    client.request("GET", path, headers={"Range": span} if span else {})
    response = client.getresponse()
    body = response.read()
    taken_s = time.perf_counter() - began
    client.close()
    assert response.status in (200, 206), (path, response.status)
    assert span is None or len(body) == TAIL_BYTES
    return taken_s


def cpu_s(process: int) -> float:
    """Return the CPU time of a process and its children, all threads, in seconds."""
    total_ns = 0
    for task in Path(f"/proc/{process}/task").iterdir():
        total_ns += int((task / "schedstat").read_text().split()[0])
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return total_ns / 1e9 + sum(cpu_s(int(child)) for child in children)


@contextmanager
def playing(port: int, film: str, rate: int, seconds: float) -> Iterator:
    """Let the players play in their own process; yields what waits for their end."""
    argv = [port, film, PLAYERS, rate, seconds, FILM_BYTES]
    process = subprocess.Popen(
        [sys.executable, HERE / "paced.py", *map(str, argv)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout.readline() == "started\n"
        yield lambda: json.loads(process.communicate(timeout=seconds + 20)[0])
    finally:
        process.kill()
        process.communicate()


# -- the servers


@contextmanager
def own_servers(core: int) -> Iterator[tuple[Server, Server]]:
    """Start ours and nginx over one film of 1 GB, both on ``core``."""
    with ExitStack() as stack:
        own = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        own.chmod(0o755)  # nginx's worker is another user
        with (own / "film").open("wb") as film:
            film.truncate(FILM_BYTES)
        with (own / "film").open("rb", buffering=0) as film:
            while film.read(1 << 20):
                pass  # into the page cache: disks are not what is compared
        ours = start(stack, core, [sys.executable, __file__, "--serve", str(own)])
        port = int(ours.stdout.readline())
        nginx_port = free_port()
        conf = own / "nginx.conf"
        conf.write_text(NGINX.format(own=own, port=nginx_port, folder=own))
        nginx = start(stack, core, [nginx_program(), "-c", str(conf), "-e", "stderr"])
        wait_for(nginx_port)
        yield (ours.pid, port), (nginx.pid, nginx_port)


def start(stack: ExitStack, core: int, argv: list[str]) -> subprocess.Popen:
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *argv],
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    stack.callback(process.communicate)
    stack.callback(process.terminate)
    return process


def nginx_program() -> str:
    """Return nginx, installed first when it is missing."""
    if not shutil.which("nginx"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "nginx-light"], check=True)
    return shutil.which("nginx") or "/usr/sbin/nginx"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(200):
        try:
            took_s(port, "/media/film", f"bytes={FILM_BYTES - TAIL_BYTES}-")
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError(port)


def serve_small_app(folder: Path) -> None:
    """Serve one page and one film as the product does, and print the port."""
    from flask import Flask, render_template_string

    from web.ranges import MediaFile, MediaFirst
    from web.server import serve

    flask = Flask(__name__)
    page = (
        "<title>{{ title }}</title><ul>{% for n in range(40) %}"
        "<li><a href='/resource/{{ n }}'>{{ title }} {{ n }}</a>{% endfor %}</ul>"
    )

    @flask.get("/")
    def home() -> str:
        return render_template_string(page, title="第一单元")

    media = MediaFile(folder / "film", FILM_BYTES, "film", "video/mp4", immutable=True)
    app = MediaFirst(flask.wsgi_app, lambda name: media, host_allowed=lambda host: True)
    serve(
        app,
        host="127.0.0.1",
        port=0,
        on_ready=lambda port: print(port, flush=True),
    )


if __name__ == "__main__":
    sys.exit(main())
