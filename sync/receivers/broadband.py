"""The broadband receiver: the published tree over HTTP, chunk by chunk.

Several connections, kept alive, take chunks from one list in its order, so a slow answer
holds up only itself. Names are hashes, so whatever answers is judged by what it sends:
the page of a hotel's portal, a proxy's error, a mirror that lies are errors, never
content. A chunk that came is durable before the next is asked for on that connection:
a kill costs at most one chunk for each.
"""

import hashlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from edge_server.errors import PermanentError, TemporaryError
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from sync.arrivals import partial, wants
from sync.arrivals.partial import Arrival, Chunk
from sync.arrivals.wants import Parcel
from sync.format import chunks, tree
from sync.link import STEP_BYTES, Bucket

CONNECTIONS = 4
TIMEOUT = urllib3.Timeout(connect=15.0, read=45.0)
MOST_FAILED = 6
"""Failures in a row, over all connections, after which the line is said to be down."""
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 20.0
AHEAD = 16
"""Parcels looked up at once."""


class LinkDown(TemporaryError):
    """The line, or who should answer at its end, does not."""

    code = "link_down"


class AnswerWrong(TemporaryError):
    """Something answers, but not with what was asked for: a portal, a proxy, a liar."""

    code = "answer_wrong"


@dataclass(slots=True)
class Fetched:
    """What one `Broadband.fetch` brought."""

    bytes: int = 0
    parcels: int = 0


class Broadband:
    """Fetches from one published tree.

    Args:
        address: Of the tree, ``http://host:port/published``.
        bucket: What may be used of the line.
        connections: How many at once.
    """

    def __init__(
        self, address: str, bucket: Bucket, connections: int = CONNECTIONS
    ) -> None:
        self._address = address.rstrip("/")
        self._bucket = bucket
        self._connections = connections
        self._http = urllib3.PoolManager(
            maxsize=connections + 1,
            timeout=TIMEOUT,
            retries=False,
            headers={"User-Agent": "edge-server"},
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.clear()

    def get(self, name: str, most_bytes: int) -> bytes | None:
        """Return a small file of the tree, None: there is none of that name.

        Raises:
            LinkDown: Nobody answers.
            AnswerWrong: It is longer than it may be, or no answer of a file server.
        """
        answer = self._ask(name, {})
        try:
            if answer.status == 404:
                return None
            if answer.status != 200:
                raise AnswerWrong(name=name, status=answer.status)
            return self._read(answer, name, most_bytes, lambda: False)
        finally:
            answer.release_conn()

    def fetch(self, box: Box, should_stop: Callable[[], bool]) -> Fetched:
        """Fetch what the box wants, until nothing is left or it is told to stop.

        Raises:
            LinkDown, AnswerWrong: What ended it; all whole chunks stay.
            DiskFull: There is no room for the next parcel.
        """
        return _Run(self, box, should_stop).run(self._connections)

    def chunk(
        self, parcel: Parcel, chunk: Chunk, should_stop: Callable[[], bool]
    ) -> bytes:
        """Return one chunk of a parcel."""
        name = (tree.pack_name if parcel.what == wants.PACK else tree.object_name)(
            parcel.id
        )
        return self.range(
            name, chunk.offset_bytes, chunk.size_bytes, parcel.size_bytes, should_stop
        )

    def range(
        self,
        name: str,
        offset_bytes: int,
        size_bytes: int,
        whole_bytes: int | None,
        should_stop: Callable[[], bool],
    ) -> bytes:
        """Return a piece of a file of the tree.

        Args:
            name: In the tree.
            offset_bytes: Where it begins.
            size_bytes: How long it is, not 0.
            whole_bytes: The size of the file, where that is known.
            should_stop: Asked while waiting for the line.

        Raises:
            LinkDown: Nobody answers.
            AnswerWrong: The answer is something else.
        """
        last = offset_bytes + size_bytes - 1
        answer = self._ask(name, {"Range": f"bytes={offset_bytes}-{last}"})
        try:
            told = answer.headers.get("Content-Range", "")
            partly = answer.status == 206 and told.startswith(
                f"bytes {offset_bytes}-{last}/"
            )
            whole = (
                answer.status == 200
                and offset_bytes == 0
                and (size_bytes == whole_bytes)
            )
            if not partly and not whole:
                raise AnswerWrong(name=name, status=answer.status)
            data = self._read(answer, name, size_bytes, should_stop)
        finally:
            answer.release_conn()
        if len(data) != size_bytes:
            raise LinkDown(why="short")
        return data

    def _ask(self, name: str, headers: dict[str, str]) -> BaseHTTPResponse:
        try:
            return self._http.request(
                "GET",
                f"{self._address}/{name}",
                headers={
                    **self._http.headers,
                    **headers,
                    "Accept-Encoding": "identity",
                },
                preload_content=False,
                redirect=False,
            )
        except HTTPError as error:
            raise LinkDown(why=type(error).__name__) from error

    def _read(
        self,
        answer: BaseHTTPResponse,
        name: str,
        most_bytes: int,
        should_stop: Callable[[], bool],
    ) -> bytes:
        data = bytearray()
        try:
            while piece := answer.read(STEP_BYTES):
                self._bucket.take(len(piece), should_stop)
                data += piece
                if len(data) > most_bytes or should_stop():
                    answer.close()
                    break
        except HTTPError as error:
            raise LinkDown(why=type(error).__name__) from error
        if len(data) > most_bytes:
            raise AnswerWrong(name=name, status=answer.status)
        return bytes(data)


class _Run:
    """One `fetch`: the list of chunks, shared by its connections."""

    def __init__(
        self, road: Broadband, box: Box, should_stop: Callable[[], bool]
    ) -> None:
        self._road = road
        self._box = box
        self._asked_to_stop = should_stop
        self._lock = threading.Lock()
        self._next = self._chunks()
        self._open: dict[str, tuple[Parcel, Arrival]] = {}
        self._seen: set[str] = set()
        self._failed_in_row = 0
        self._error: Exception | None = None
        self._again: list[tuple[Parcel, Arrival, Chunk]] = []
        self.fetched = Fetched()

    def run(self, connections: int) -> Fetched:
        threads = [
            threading.Thread(target=self._connection, name=f"fetch {n}", daemon=True)
            for n in range(connections)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for _, arrival in self._open.values():
            arrival.close()
        if self._error is not None:
            raise self._error
        return self.fetched

    def should_stop(self) -> bool:
        return self._error is not None or self._asked_to_stop()

    def _connection(self) -> None:
        try:
            while not self.should_stop() and (taken := self._take()) is not None:
                self._one(*taken)
        except Exception as error:
            with self._lock:
                self._error = self._error or error

    def _take(self) -> tuple[Parcel, Arrival, Chunk] | None:
        with self._lock:
            if self._again:
                return self._again.pop()
            return next(self._next, None)

    def _one(self, parcel: Parcel, arrival: Arrival, chunk: Chunk) -> None:
        try:
            arrival.put(chunk.n, self._road.chunk(parcel, chunk, self.should_stop))
        except (LinkDown, AnswerWrong, partial.ChunkWrong) as error:
            if self.should_stop():
                return
            with self._lock:
                self._again.append((parcel, arrival, chunk))
                self._failed_in_row += 1
                failed = self._failed_in_row
            if failed >= MOST_FAILED:
                raise
            self._wait(failed, error)
            return
        with self._lock:
            self._failed_in_row = 0
            self.fetched.bytes += chunk.size_bytes
            whole = arrival.is_whole and self._open.pop(parcel.id, None) is not None
            self.fetched.parcels += whole
        if whole:
            arrival.close()
            with transaction(self._box.db) as tx:
                wants.is_whole(tx, self._box.clock, parcel)

    def _wait(self, failed: int, error: Exception) -> None:
        """Wait longer after each failure, and not all connections equally long."""
        longest_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**failed)
        ends_s = time.monotonic() + random.uniform(
            longest_s / 2, longest_s
        )  # no secret
        while time.monotonic() < ends_s and not self.should_stop():
            time.sleep(0.05)

    def _chunks(self) -> Iterator[tuple[Parcel, Arrival, Chunk]]:
        """Yield what is missing of each wanted parcel, in the order of the wants."""
        while True:
            parcels = [
                parcel
                for parcel in wants.next_parcels(self._box.db, AHEAD + len(self._seen))
                if parcel.id not in self._seen
            ]
            if not parcels:
                return
            for parcel in parcels[:AHEAD]:
                self._seen.add(parcel.id)
                arrival = Arrival(
                    self._box, parcel.id, parcel.size_bytes, self._hashes(parcel)
                )
                self._open[parcel.id] = (parcel, arrival)
                missing = arrival.missing()
                if not missing:  # came whole before a cut
                    self._open.pop(parcel.id)
                    arrival.close()
                    with transaction(self._box.db) as tx:
                        wants.is_whole(tx, self._box.clock, parcel)
                for chunk in missing:
                    yield parcel, arrival, chunk

    def _hashes(self, parcel: Parcel) -> list[bytes]:
        """Return the hash of each chunk of a large object, which its list tells."""
        if parcel.list_pack_id is None or parcel.list_id is None:
            return []
        size_bytes = chunks.count(parcel.size_bytes) * chunks.DIGEST_BYTES
        data = self._road.range(
            tree.pack_name(parcel.list_pack_id),
            parcel.list_offset_bytes or 0,
            size_bytes,
            None,
            self.should_stop,
        )
        if hashlib.sha256(data).hexdigest() != parcel.list_id:
            raise PermanentError("shard_wrong", collection=parcel.id)
        return chunks.check(data, parcel.size_bytes)
