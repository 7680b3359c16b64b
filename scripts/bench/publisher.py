"""A county centre and a box for the benches of fetching, each in its own network.

The published tree, and beside it the same files as they are for the other programs, are
served by nginx at the centre: both sides have the same server.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import running
from content_plane import PROJECT

from edge_server.cli.opening import make_ready
from edge_server.ground.db import transaction
from sync.arrivals import head
from sync.centre import keys
from sync.format import trust
from tests.netlab import CENTRE_ADDRESS, Places

ADDRESS = f"http://{CENTRE_ADDRESS}"
NGINX = """
daemon off; worker_processes 1; pid {own}/pid; error_log {own}/errors;
user root; worker_rlimit_nofile 4096;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; etag on;
  server_tokens off; default_type application/octet-stream;
  client_body_temp_path {own}; proxy_temp_path {own}; fastcgi_temp_path {own};
  uwsgi_temp_path {own}; scgi_temp_path {own};
  server {{
    listen {address}:80;
    location /heap/ {{ alias {heap}/; autoindex on; }}
    location /published/ {{ alias {tree}/; }}
  }}
}}
"""
SETTINGS = "floor_bytes = 0\nballast_bytes = 0\nconvert = false\noffice = false\n"


class Centre:
    """A county centre that publishes a heap of files."""

    def __init__(self, folder: Path, heap: Path) -> None:
        self.folder = folder
        self.heap = heap
        words = ("init", "--role", "county-centre", "--without-passphrase")
        running.command(folder, *words)
        with (folder / "edge-server.toml").open("a") as settings:
            settings.write(SETTINGS)

    def publish(self) -> None:
        """Publish all that the heap holds and that changed."""
        told = running.command(self.folder, "centre", "publish", str(self.heap))
        print(f"published: {json.dumps(told)[:200]}", file=sys.stderr)

    @contextmanager
    def serving(self, places: Places) -> Iterator[None]:
        """Serve tree and heap in the centre's network."""
        own = self.folder / "nginx"
        own.mkdir(exist_ok=True)
        config = own / "nginx.conf"
        config.write_text(
            NGINX.format(
                own=own, address=CENTRE_ADDRESS, heap=self.heap,
                tree=self.folder / "published",
            )
        )  # fmt: skip
        process = subprocess.Popen(
            places.at_centre("nginx", "-c", str(config), "-p", str(own)),
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.5)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def unique_bytes(self) -> int:
        """Return how many bytes the tree's objects and packs have, each once."""
        folder = self.folder / "published"
        return sum(
            path.stat().st_size
            for part in ("o", "k")
            for path in (folder / part).rglob("*")
            if path.is_file()
        )


class Box:
    """A box that has joined the centre."""

    def __init__(self, folder: Path, centre: Centre) -> None:
        self.folder = folder
        running.command(folder, "init")
        with (folder / "edge-server.toml").open("a") as settings:
            settings.write(SETTINGS)
        root = keys.chain(centre.folder)[0]
        box = make_ready(folder)
        joined = head.Centre(
            address="https://nowhere:1",
            tree=f"{ADDRESS}/published",
            issuer=trust.issuer_of(root),
            authority=b"",
            point="bench",
            trust=trust.first(root),
        )
        with transaction(box.db) as tx:
            head.join(tx, box.clock, joined, counter=0)
        box.db.close()

    @contextmanager
    def working(self, places: Places) -> Iterator[None]:
        """Have ``edge-server work`` run."""
        process = subprocess.Popen(
            places.at_box(*running.PROGRAM, "work", "--data", str(self.folder)),
            cwd=PROJECT,
            env={**os.environ, "EDGE_LOG_LEVEL": "error"},
        )
        time.sleep(3.0)
        try:
            yield
        finally:
            process.terminate()
            process.wait()

    def fetching(self, places: Places) -> "subprocess.Popen[str]":
        """Begin one fetch; it prints how long it took."""
        return subprocess.Popen(
            places.at_box(
                sys.executable, str(Path(__file__).with_name("content_plane.py")),
                str(self.folder),
            ),
            stdout=subprocess.PIPE, text=True,
            env={**os.environ, "EDGE_LOG_LEVEL": "error"},
        )  # fmt: skip

    def fetch(self, places: Places) -> float:
        """Fetch once; returns the seconds until all was taken in."""
        process = self.fetching(places)
        told, _ = process.communicate()
        if process.returncode:
            raise RuntimeError("the fetch failed")
        return float(told)

    def differs(self, centre: Centre) -> int:
        """Return how many objects of the tree the store lacks or has otherwise."""
        wrong = 0
        for path in (centre.folder / "published" / "o").rglob("*"):
            if path.is_file():
                mine = self.folder / "objects" / path.name[:2] / path.name
                same = mine.is_file() and mine.read_bytes() == path.read_bytes()
                wrong += not same
        return wrong
