"""A web server that carries a tree and can be told to answer like the world does."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.worker import Worker
from edge_server.pipeline import steps_of
from sync.arrivals import wants
from sync.arrivals.wants import Wanted
from sync.format import tree
from sync.format.chunks import CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came."""

    name: str
    start: int
    stop: int
    headers: dict[str, str]
    """By name in lower case."""
    line: str


@dataclass
class Mirror:
    """Serves ``files`` by name; ``lie`` may answer in its place."""

    files: dict[str, bytes] = field(default_factory=dict)
    lie: Callable[["Answering", Asked], bool] = lambda answering, asked: False
    """Returns whether it has answered."""
    asked: list[Asked] = field(default_factory=list)
    sent_bytes: int = 0
    at_once: int = 0
    most_at_once: int = 0
    guard: threading.Lock = field(default_factory=threading.Lock)

    def put(self, data: bytes) -> str:
        """Carry an object; returns its id."""
        object_id = hashlib.sha256(data).hexdigest()
        self.files[tree.object_name(object_id)] = data
        return object_id

    def put_pack(self, members: list[bytes]) -> tuple[str, list[tuple[str, int, int]]]:
        """Carry objects one after the other in a pack; returns its id and what is where."""
        data, places = b"", []
        for one in members:
            places.append((hashlib.sha256(one).hexdigest(), len(data), len(one)))
            data += one
        pack_id = hashlib.sha256(data).hexdigest()
        self.files[tree.pack_name(pack_id)] = data
        return pack_id, places

    def asked_for(self, object_id: str) -> list[Asked]:
        """Return the requests for an object or a pack."""
        return [one for one in self.asked if one.name.endswith(object_id)]


class Answering(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    mirror: Mirror

    def do_GET(self) -> None:
        """Answer a range of a file."""
        name = self.path.partition("/published/")[2]
        data = self.mirror.files.get(name)
        told = self.headers.get("Range", "").removeprefix("bytes=")
        first, _, last = told.partition("-")
        start = int(first or 0)
        stop = int(last) + 1 if last else len(data or b"")
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(name, start, stop, headers, self.requestline)
        with self.mirror.guard:
            self.mirror.asked.append(asked)
            self.mirror.at_once += 1
            self.mirror.most_at_once = max(
                self.mirror.most_at_once, self.mirror.at_once
            )
        try:
            if self.mirror.lie(self, asked):
                return
            if data is None:
                self.answer(404, b"")
            elif told:
                self.range(asked, data[start:stop])
            else:
                self.answer(200, data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.mirror.guard:
                self.mirror.at_once -= 1

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """Answer with a head and a body; ``Content_Type`` stands for ``Content-Type``."""
        self.send_response(status)
        said = {"Content_Length": str(len(body)), **headers}
        for name, value in said.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.send(body)

    def range(self, asked: Asked, body: bytes, **headers: str) -> None:
        """Answer a range with a body, right or not."""
        whole = len(self.mirror.files[asked.name])
        told = f"bytes {asked.start}-{asked.stop - 1}/{whole}"
        self.answer(206, body, **{"Content_Range": told, **headers})

    def send(self, body: bytes) -> None:
        """Send bytes and count them."""
        view = memoryview(body)
        for at in range(0, len(body), 65536):
            self.wfile.write(view[at : at + 65536])
            with self.mirror.guard:
                self.mirror.sent_bytes += len(view[at : at + 65536])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(mirror: Mirror) -> Iterator[str]:
    """Serve a mirror; gives its address."""
    handler = type("Answering", (Answering,), {"mirror": mirror})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/published"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def want(box: Box, mirror: Mirror, *objects: bytes, listed: bool = True) -> list[str]:
    """Carry objects and have a box want them; large ones have a list, in a pack."""
    ids = []
    for data in objects:
        object_id = mirror.put(data)
        ids.append(object_id)
        list_id = list_pack_id = list_offset = None
        if listed and len(data) > CHUNK_BYTES:
            hashes = b"".join(
                hashlib.sha256(data[at : at + CHUNK_BYTES]).digest()
                for at in range(0, len(data), CHUNK_BYTES)
            )
            list_pack_id, places = mirror.put_pack([b"before" * 9, hashes])
            list_id, list_offset, _ = places[1]
        wanted = Wanted(
            object_id, len(data), 2, list_id=list_id, list_pack_id=list_pack_id,
            list_offset_bytes=list_offset,
        )  # fmt: skip
        with transaction(box.db) as tx:
            wants.add(tx, wanted, {})
    return ids


def want_packed(
    box: Box, mirror: Mirror, members: list[bytes], wanted: list[int]
) -> list[str]:
    """Carry a pack and have a box want some of its members; returns their ids."""
    pack_id, places = mirror.put_pack(members)
    ids = []
    with transaction(box.db) as tx:
        for n in wanted:
            object_id, offset_bytes, size_bytes = places[n]
            ids.append(object_id)
            one = Wanted(
                object_id, size_bytes, 2, pack_id=pack_id, offset_bytes=offset_bytes
            )
            size = len(mirror.files[tree.pack_name(pack_id)])
            wants.add(tx, one, {pack_id: size})
    return ids


def work(box: Box) -> None:
    """Do what `work` does of what came."""
    Worker(box, steps_of(box.config)).run(until_idle=True)


def bytes_of(box: Box, object_id: str) -> bytes:
    """Return an object of the store."""
    return store.path_of(box, object_id).read_bytes()


def wait_until(true: Callable[[], bool], patience_s: float = 20.0) -> None:
    """Wait until something is so."""
    ends_s = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > ends_s:
            raise TimeoutError
        time.sleep(0.01)
