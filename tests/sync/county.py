"""A real county centre and a real box, each in a folder of the test, on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.worker import Worker
from edge_server.pipeline import steps_of
from edge_server.records import identity
from sync import night
from sync.centre import books, certificates, keys
from sync.centre.ledger import Ledger, Point
from sync.format import codes, trust
from sync.link import Bucket
from sync.receivers import upload
from sync.receivers.broadband import Broadband
from tests.boxes import make_box
from web.app import create_app
from web.limits import Limits
from web.machine.calls import MachineCalls
from web.machine.tls import TlsServer
from web.offload import OffloadWorker
from web.server import listen


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that publishes; its tree is served while `served` runs."""

    box: Box
    root: bytes

    def add(self, below: Path) -> None:
        """Bring a folder in as `library add` does, its own name left out of the paths."""
        upload.add_tree(
            self.box, below, list(upload.find(below)), on_bytes=lambda n: None,
            channel="cli",
        )  # fmt: skip
        self.work()

    def publish(self) -> None:
        """Publish and sign all that changed."""
        with transaction(self.box.db) as tx:
            jobs.enqueue(tx, "publish", "all", now=self.box.clock())
        self.work()

    def work(self) -> None:
        """Do every job there is."""
        Worker(self.box, steps_of(self.box.config)).run(until_idle=True)


def make_centre(folder: Path, **settings) -> Centre:
    """Make a centre that leaves converting to its boxes."""
    chosen = {"role": "county-centre", "name": "向阳县教育资源中心", "convert": False}
    box = make_box(folder, **(chosen | settings))
    made = keys.make(box.folder, None, ["127.0.0.1"], now_at=box.clock.moment().at)
    with transaction(box.db) as tx:
        identity.become_issuer(tx, box.clock, made.issuer)
    return Centre(box, keys.chain(box.folder)[0])


@contextmanager
def served(centre: Centre) -> Iterator[str]:
    """Serve the centre's tree; gives its address."""
    listener = listen("127.0.0.1", 0)
    worker = OffloadWorker(create_app(centre.box), listener, Limits(threads=4))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/published"
    finally:
        worker.stop()
        thread.join()


def join(box: Box, centre: Centre, address: str) -> None:
    """Have a box belong to a centre, as enrolment leaves it."""
    with transaction(box.db) as tx:
        tx.execute("delete from centre")
        tx.execute(
            "insert into centre values (1, 'https://127.0.0.1:9', ?, ?, x'', '向阳', ?, 0, 0,"
            " '向阳县教育资源中心')",
            (address, trust.issuer_of(centre.root), trust.first(centre.root).to_json()),
        )


def announce(box: Box, address: str) -> None:
    """Look for the newest head and merge it; nothing of what it names is fetched."""
    road = Broadband(address, Bucket())
    night.look(box, road)
    road.close()
    Worker(box, steps_of(box.config)).run(until_idle=True)


def fetch(box: Box, *, report=lambda: None) -> None:
    """Fetch as `receive` does, with a worker beside it that merges and keeps."""
    worker = Worker(box, steps_of(box.config))
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        night.once(box, Bucket(), report, lambda: False)
    finally:
        worker.stop()
        thread.join()
    Worker(box, steps_of(box.config)).run(until_idle=True)


def nothing(environ, start_response):
    """Answer as a desk without pages."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


@contextmanager
def listening(centre: Centre) -> Iterator[tuple[str, Ledger]]:
    """Hear boxes as the centre's `serve` does; gives address and ledger."""
    book = books.open_ledger(centre.box)
    book.prepare()
    app = MachineCalls(nothing, centre.box, book, lambda host: "http://here/published")
    at = centre.box.clock.moment().at
    certificate = certificates.server_certificate(
        centre.box.folder, ["127.0.0.1"], now_at=at
    )
    server = TlsServer(app, "127.0.0.1", 0, certificate)
    server.start()
    try:
        yield f"127.0.0.1:{server.port}", book
    finally:
        server.stop()
        book.close()


def code_for(centre: Centre, book: Ledger, name: str) -> str:
    """Return a one-time code for a point."""
    at = centre.box.clock.moment().at
    ((point, _),) = book.put_points([Point(name)], at=at)
    code = codes.make_code(certificates.authority(centre.box.folder))
    book.add_codes({point: code.secret}, at=at)
    return str(code)
