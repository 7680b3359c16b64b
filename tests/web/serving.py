"""A real server process on loopback, with a small application, for the tests of `web`.

The application has what servers trip over: a page, a body that is read, an event stream
that never ends, an error, and files below ``/media/`` (``/media/film.bin``, or a slice
``/media/film.bin@100+50``: 50 bytes from offset 100).
"""

import argparse
import json
import mimetypes
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.front import Accel, BehindFront
from web.limits import Limits
from web.ranges import MediaFile, MediaFirst
from web.server import serve

PROJECT = Path(__file__).parents[2]
mimetypes.add_type("text/vtt", ".vtt")


@dataclass(frozen=True, slots=True)
class Answer:
    """One response, read to its end."""

    status: int
    headers: HTTPMessage
    body: bytes


@dataclass(frozen=True, slots=True)
class Running:
    """A server process and how to speak with it."""

    process: subprocess.Popen[str]
    port: int

    def get(
        self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> Answer:
        """Ask once, on a connection of its own."""
        client = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            return ask(client, path, headers, method)
        finally:
            client.close()


def ask(
    client: HTTPConnection,
    path: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    body: bytes | None = None,
) -> Answer:
    """Send one request on an open connection and read the answer."""
    client.request(method, path, headers=dict(headers or {}), body=body)
    response = client.getresponse()
    return Answer(response.status, response.headers, response.read())


@contextmanager
def running(folder: Path, *, accel: bool = False, **limits: float) -> Iterator[Running]:
    """Start a server of ``folder``; killed at the end if it still runs."""
    argv = [sys.executable, "-m", "tests.web.serving", str(folder)]
    argv += ["--limits", json.dumps(limits), *(["--accel"] if accel else [])]
    process = subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield Running(process, int(process.stdout.readline()))
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def find_in(folder: Path, name: str) -> MediaFile | None:
    """Return a file of ``folder``, or the slice of one that ``name`` asks for."""
    name, _, piece = name.partition("@")
    path = folder / name
    if not path.is_file():
        return None
    offset_bytes, size_bytes = 0, path.stat().st_size
    if piece:
        offset_bytes, size_bytes = (int(number) for number in piece.split("+"))
    return MediaFile(
        path=path,
        size_bytes=size_bytes,
        etag=f"{path.stat().st_size}-{piece}",
        media_type=mimetypes.guess_type(name)[0] or "application/octet-stream",
        offset_bytes=offset_bytes,
        download_name=name if name.startswith("原件") else None,
        immutable=not name.startswith("原件"),
    )


def pages(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer everything that is not a file."""
    if environ["PATH_INFO"] == "/events":
        start_response("200 OK", [("Content-Type", "text/event-stream")])
        return _events()
    if environ["PATH_INFO"] == "/fails":
        raise RuntimeError("as the test wants")
    if environ["PATH_INFO"] == "/fails-later":
        start_response("200 OK", [("Content-Length", "20")])
        return _half_a_body()
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1.0)
    read = len(environ["wsgi.input"].read())
    body = f"a page, {read} bytes read".encode()
    if environ["PATH_INFO"] == "/who":
        body = environ["REMOTE_ADDR"].encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def _half_a_body() -> Iterator[bytes]:
    yield b"half a bod"
    raise RuntimeError("as the test wants")


def _events() -> Iterator[bytes]:
    while True:
        yield b": still here\n\n"
        time.sleep(60.0)


def main() -> None:
    """Serve one folder and print the port."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limits", type=json.loads, default={})
    parser.add_argument("--accel", action="store_true")
    said = parser.parse_args()
    app: WSGIApplication = MediaFirst(
        pages,
        lambda name: find_in(said.folder, name),
        host_allowed=lambda host: host.startswith("127.0.0.1"),
        accel=Accel(said.folder / "objects") if said.accel else None,
    )
    if said.accel:
        app = BehindFront(app)
    limits = Limits(**said.limits)
    serve(
        app,
        host="127.0.0.1",
        port=0,
        threads=limits.threads,
        limits=limits,
        on_ready=lambda port: print(port, flush=True),
    )


if __name__ == "__main__":
    main()
