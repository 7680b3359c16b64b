"""Serving, ours beside nginx: what a GB costs, and what films do to a page.

Run with ``python scripts/bench/serve.py`` in the project's environment; about four minutes.
It makes a box as the demo is, with the samples and a film of 1 GB, taken in and converted
by the product, and starts ``edge-server serve`` on it. nginx sends the same file of the
store. Ours and nginx take turns, five rounds each, and the medians are compared:

* a GB to 60 players at 1.6 MB/s each, which fills a gigabit line: CPU seconds of all the
  server's threads (``schedstat``), because wall time is noisy on a shared machine.
  Rounds are 6 s, so the 60 requests weigh more than in a lesson; that favours nginx.
* the home page and the page of a film while 60 players at 200 kB/s play, and while none
  does.
* the last 64 KB of a 1 GB film.

Each server is pinned to the first core and the clients to the second. ``--url`` measures
a page of a server that already runs, with the film that ``--film`` names as load.
"""

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlsplit

import running
from bars import Bars

HERE = Path(__file__).parent
SAMPLES = running.PROJECT / "media_samples" / "library"
ROUNDS = 5
PLAYERS = 60
PLAYER_BYTES_PER_S = 1_600_000
SLOW_BYTES_PER_S = 200_000
ROUND_S = 6.0
SETTLE_S = 0.5
PAGES = 100
FILM_BYTES = 1_000_000_000
TAIL_BYTES = 65_536
PAGES_S = 4.0
SHORT_FILM = (
    *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
    *("-i", "testsrc2=size=640x360:rate=25:duration=8"),
    *("-f", "lavfi", "-i", "sine=duration=8", "-c:v", "libx264", "-pix_fmt", "yuv420p"),
    *("-c:a", "aac", "-ac", "2", "-movflags", "+faststart"),
)
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
    server {{ listen 127.0.0.1:{port}; location / {{ root {folder}; }} }}
}}
"""


def main() -> int:
    """Measure a GB, pages and seeks, or one page of another server; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--url", help="a page of a running server")
    parser.add_argument("--film", help="a path on that server, with --url")
    said = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    bars = Bars("serve")
    if said.url:
        url = urlsplit(said.url)
        asked = Server(0, url.port or 80, said.film or "/")
        pages(bars, asked, url.path or "/", "page")
        return bars.close()
    with own_servers(cores[0]) as (ours, nginx, resource):
        os.sched_setaffinity(0, {cores[-1]})
        cost_of_a_gb(bars, ours, nginx)
        pages(bars, ours, "/", "home page")
        pages(bars, ours, resource, "page of a film")
        seeks(bars, ours, nginx)
    return bars.close()


# -- what is measured


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs, and what it calls the film of 1 GB."""

    pid: int
    port: int
    film: str


def cost_of_a_gb(bars: Bars, ours: Server, nginx: Server) -> None:
    """Compare CPU seconds per GB at the pace of a full LAN."""
    costs: dict[Server, list[float]] = {ours: [], nginx: []}
    behind = 0
    for _ in range(ROUNDS):
        for server in (nginx, ours):
            before_s = running.cpu_s(server.pid)
            with playing(server, PLAYER_BYTES_PER_S, ROUND_S) as end:
                played = end()
            spent_s = running.cpu_s(server.pid) - before_s
            costs[server].append(spent_s * 1e9 / played["bytes"])
            behind += played["behind"]
    ratio = median(costs[ours]) / median(costs[nginx])
    bars.note("CPU of a GB to 60 players, ours", median(costs[ours]), "s")
    bars.note("CPU of a GB to 60 players, nginx", median(costs[nginx]), "s")
    bars.at_most("CPU of a GB, ours against nginx", ratio, 1.6, "x")
    bars.at_most("players that fell behind", behind, 0)


def pages(bars: Bars, server: Server, page: str, name: str) -> None:
    """Compare how long a page takes while films play and while none does."""
    idle, busy = [], []
    for _ in range(ROUNDS):
        idle.append(p95_ms(server.port, page))
        with playing(server, SLOW_BYTES_PER_S, PAGES_S) as end:
            time.sleep(SETTLE_S)  # their buffers are full, the film plays
            busy.append(p95_ms(server.port, page))
            end()
    bars.note(f"{name} p95, nobody watches", median(idle), "ms")
    bars.note(f"{name} p95, 60 slow players", median(busy), "ms")
    bars.at_most(
        f"{name} p95 beside 60 players", median(busy) / median(idle), 2.0, "x idle"
    )


def seeks(bars: Bars, ours: Server, nginx: Server) -> None:
    """Measure the last 64 KB of 1 GB, on a new connection each time."""
    span = f"bytes={FILM_BYTES - TAIL_BYTES}-"
    for _ in range(3):
        took_s(ours.port, ours.film, span)
    figures = {
        one: median(took_s(one.port, one.film, span) for _ in range(31)) * 1000
        for one in (ours, nginx)
    }
    bars.note("last 64 KB of 1 GB, nginx", figures[nginx], "ms")
    bars.at_most("last 64 KB of 1 GB, ours", figures[ours], 5.0, "ms")


def p95_ms(port: int, page: str) -> float:
    """Return the 95th percentile of `PAGES` requests of a page, in milliseconds."""
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


@contextmanager
def playing(server: Server, rate: int, seconds: float) -> Iterator:
    """Let the players play in their own process; yields what waits for their end."""
    argv = [server.port, server.film, PLAYERS, rate, seconds, FILM_BYTES]
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
def own_servers(core: int) -> Iterator[tuple[Server, Server, str]]:
    """Start ours and nginx on ``core``; gives the address of the film's page too."""
    with ExitStack() as stack:
        own = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="serve-")))
        own.chmod(0o755)  # nginx's worker is another user
        folder = own / "data"
        id_on_disk, object_id = like_the_demo(folder, own)
        path = next((folder / "objects").rglob(object_id))
        with path.open("rb", buffering=0) as film:
            while film.read(1 << 20):
                pass  # into the page cache: disks are not what is compared
        port, nginx_port = running.free_port(), running.free_port()
        conf = own / "nginx.conf"
        conf.write_text(NGINX.format(own=own, port=nginx_port, folder=path.parent))
        ours = start(
            stack,
            core,
            *(*running.PROGRAM, "serve", "--data", str(folder), "--port", str(port)),
        )
        nginx = start(stack, core, nginx_program(), "-c", str(conf), "-e", "stderr")
        servers = (
            Server(ours.pid, port, f"/media/{object_id}.mp4"),
            Server(nginx.pid, nginx_port, f"/{object_id}"),
        )
        for server in servers:
            wait_for(server)
        yield *servers, f"/resource/{id_on_disk}"


def like_the_demo(folder: Path, own: Path) -> tuple[str, str]:
    """Make a box with the samples and a film of 1 GB; returns the film's two ids."""
    running.make(folder)
    film = own / "第1课 一千兆的片子.mp4"
    subprocess.run([*SHORT_FILM, str(film)], check=True)
    start = film.read_bytes()
    rest = FILM_BYTES - len(start)
    with film.open("ab") as file:
        # A box that players pass over (ISO 14496-12, 8.1.2) makes it 1 GB.
        file.write(rest.to_bytes(4, "big") + b"free")
        file.truncate(FILM_BYTES)
    print("taking in the samples and a film of 1 GB", flush=True)
    for path in (SAMPLES, film):
        running.tell(folder, "library", "add", str(path), "--no-wait")
    running.tell(folder, "work", "--until-idle")
    film.unlink()
    db = sqlite3.connect(folder / "edge.db")
    try:
        found: tuple[str, str] = db.execute(
            "select r.id_on_disk, p.object_id from parts p"
            " join resources r on r.id = p.resource_id"
            " join objects o on o.id = p.object_id where o.size_bytes = ?",
            (FILM_BYTES,),
        ).fetchone()
    finally:
        db.close()
    return found


def start(stack: ExitStack, core: int, *argv: str) -> subprocess.Popen:
    """Start a server on one core; it is stopped when ``stack`` closes."""
    process = subprocess.Popen(
        ["taskset", "-c", str(core), *argv],
        cwd=running.PROJECT,
        env={**os.environ, "EDGE_LOG_LEVEL": "warning"},
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return process


def nginx_program() -> str:
    """Return nginx, installed first when it is missing."""
    if not shutil.which("nginx"):
        subprocess.run(["apt-get", "install", "-y", "-qq", "nginx-light"], check=True)
    return shutil.which("nginx") or "/usr/sbin/nginx"


def wait_for(server: Server) -> None:
    """Wait until a server sends the film's end; gives up after 10 s (`TimeoutError`)."""
    for _ in range(500):
        try:
            took_s(server.port, server.film, f"bytes={FILM_BYTES - TAIL_BYTES}-")
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
    raise TimeoutError(server)


if __name__ == "__main__":
    sys.exit(main())
