"""One time of fetching: connections take pieces from one list, in the order of the wants.

A slow answer holds up only itself, and nobody waits for an answer with the list locked. A
chunk counts when it has its hash and is durable, so a kill costs at most one chunk for
each connection; of what is broken off in order even that stays. While much is to come
whole chunks are asked for; towards the end smaller pieces, so that all connections end
together, and a connection that falls behind the others is relieved: on a line that loses
packets one may creep for half a minute.

What goes wrong costs bounded time: what is refused three times is left for another time,
and when nothing comes for two minutes, or nothing but lies, the line is said to be down.
"""

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from edge_server.errors import DiskFull
from sync.arrivals.partial import ChunkWrong
from sync.format.chunks import CHUNK_BYTES
from sync.link import Bucket
from sync.receivers.answers import AnswerWrong, Body, LinkDown, PortalPage, Source
from sync.receivers.flows import MOST, Flows
from sync.receivers.load import Load, Piece

LEAST_PIECE_BYTES = 96 << 10
LAGGARD_S = 5.0
"""Whose rest would take longer, when nobody else has anything to do, is relieved of it."""
KEEP_BYTES = 512 << 10
"""What has come of a chunk is kept each time it has grown by so much."""
PROGRESS_BYTES = 64 << 10
"""Who brings less than this before it breaks off has brought nothing."""
MOST_WRONG = 3
"""So often one load may be refused in one time of fetching."""
MOST_LIES, MOST_PORTALS = 8, 3
"""So many wrong answers in a row, of whatever: nobody there speaks for the county."""
MOST_DOWN = 6
"""So many failures in a row, and none for so long, and the line is said to be down."""


@dataclass(frozen=True, slots=True)
class Persistence:
    """How long what fails is tried again, in seconds."""

    first_wait_s: float = 0.5
    longest_wait_s: float = 20.0
    down_s: float = 120.0

    def wait_s(self, failed: int) -> float:
        """Return how long to wait after so many failures; not twice the same."""
        longest_s = min(self.longest_wait_s, self.first_wait_s * 2 ** min(failed, 20))
        return random.uniform(longest_s / 2, longest_s)  # no secret


class Fetching:
    """Several connections that work off loads until there are no more.

    Args:
        source: Where the tree lies.
        left_bytes: How much there is to fetch, about.
        bucket: What may be used of the line.
        should_stop: Asked a few times a second.
        persistence: How long what fails is tried again.
    """

    def __init__(
        self,
        source: Source,
        left_bytes: int,
        bucket: Bucket,
        should_stop: Callable[[], bool],
        persistence: Persistence,
    ) -> None:
        self._source = source
        self._more: Callable[[], list[Load]] = list
        self._left_bytes = left_bytes
        self._bucket = bucket
        self._asked_to_stop = should_stop
        self._persistence = persistence
        self._changed = threading.Condition()
        """Guards all below."""
        self._loads: deque[Load] = deque()
        """What can be asked for, in order."""
        self._in_air: set[Load] = set()
        self._pieces: dict[Piece, Body | None] = {}
        """What is asked for, and the answer, once it has begun."""
        self._working = 0
        """Threads that take what came: meanwhile others may ask."""
        self._downs = self._lies = self._portals = 0
        self._good_s = time.monotonic()
        self._flows = Flows(time.monotonic)
        self._over = False
        self._error: Exception | None = None
        self._left_out: Exception | None = None
        """Why something was left for another time."""
        self.came_bytes = 0
        """What was taken."""

    def run(self, more: Callable[[], list[Load]]) -> None:
        """Fetch until nothing is left, or it is told to stop.

        Args:
            more: Gives further loads, none: there are no more now. It is called with the
                list locked, so it asks nobody. `DiskFull`: no more, for this reason.

        Raises:
            LinkDown, AnswerWrong, ChunkWrong: What ended it, or kept something away.
            DiskFull: There is no room for what comes next.
        """
        self._more = more
        for number in range(MOST):
            threading.Thread(
                target=self._connection, name=f"fetch {number}", daemon=True
            ).start()
        with self._changed:
            while not self._over:
                self._changed.wait(0.2)
                self._over = self._over or self._asked_to_stop()
            # Who waits for an answer is not waited for: what it brings comes too late.
            for body in self._pieces.values():
                if body is not None:
                    body.break_off()
            self._changed.notify_all()
            while self._working:
                self._changed.wait()
            for load in {*self._loads, *self._in_air}:
                load.keep()
        if error := self._error or self._left_out:
            raise error

    def no_more(self, error: DiskFull) -> None:
        """Begin nothing more, for want of room; what was begun is brought to its end."""
        with self._changed:
            self._left_out = error
            self._more = list

    def first(self, loads: list[Load]) -> None:
        """Add loads before all others: their parcel had its turn already."""
        with self._changed:
            self._loads.extendleft(reversed(loads))
            self._changed.notify_all()

    # -- one connection

    def _connection(self) -> None:
        try:
            while (piece := self._next()) is not None:
                error: Exception | None = self._bring(piece)
                if piece not in self._pieces:  # somebody else asks for its rest
                    continue
                if self._returned(piece, error):
                    error = self._take(piece.load)
                if error is not None:
                    self._failed(piece.load, error)
        except Exception as error:
            with self._changed:
                self._end(error)

    def _next(self) -> Piece | None:
        """Return what this connection is to ask for, None: nothing more."""
        with self._changed:
            while not self._over:
                if len(self._pieces) < self._flows.allowed:
                    self._look_ahead()
                    if (load := self._ready()) is not None:
                        return self._cut(load)
                    if not self._loads and not self._in_air and not self._working:
                        self._end(None)
                        break
                    if not self._loads and self._relieve():
                        continue
                self._changed.wait(0.2)
        return None

    def _look_ahead(self) -> None:
        try:
            while len(self._loads) < MOST and (found := self._more()):
                self._loads.extend(found)
        except DiskFull as error:
            self.no_more(error)

    def _ready(self) -> Load | None:
        now_s = time.monotonic()
        return next((load for load in self._loads if load.rests_until_s <= now_s), None)

    def _cut(self, load: Load) -> Piece:
        fair_bytes = self._left_bytes // (2 * MOST)
        load.begin()
        most_bytes = min(CHUNK_BYTES, max(LEAST_PIECE_BYTES, fair_bytes))
        piece = load.cut(most_bytes, time.monotonic())
        self._left_bytes -= piece.stop - piece.start
        if not load.has_gaps:
            self._loads.remove(load)
        self._in_air.add(load)
        self._pieces[piece] = None
        return piece

    def _bring(self, piece: Piece) -> Exception | None:
        """Ask for a piece; returns why it did not come whole."""
        load = piece.load
        try:
            body = self._source.piece(
                load.name, load.offset_bytes + piece.start, piece.stop - piece.start,
                load.whole_bytes, fresh=load.wrong > 0,
            )  # fmt: skip
            with body, self._in_sight(piece, body):
                for data in body:
                    self._bucket.take(len(data), lambda: self._over)
                    if not self._came(piece, data):
                        break
        except (LinkDown, AnswerWrong) as error:
            return error
        return None

    @contextmanager
    def _in_sight(self, piece: Piece, body: Body) -> Iterator[None]:
        """Let others break off an answer while it is read; it may be too late already."""
        with self._changed:
            if piece in self._pieces and not self._over:
                self._pieces[piece] = body
            else:
                body.break_off()
        try:
            yield
        finally:
            with self._changed:
                if piece in self._pieces:
                    self._pieces[piece] = None

    def _came(self, piece: Piece, data: bytes) -> bool:
        """Write down what came; returns whether more is asked for."""
        with self._changed:
            if self._over or piece not in self._pieces:
                return False
            piece.load.data[piece.upto : piece.upto + len(data)] = data
            piece.upto += len(data)
            if piece.start <= piece.load.kept_bytes <= piece.upto - KEEP_BYTES:
                piece.load.keep()
            piece.watch(time.monotonic())
            if self._flows.came(len(data)):
                self._changed.notify_all()
            return True

    def _relieve(self) -> bool:
        """Have others ask for the rest of what creeps; returns whether there is any."""
        now_s = time.monotonic()
        slowest = max(self._pieces, key=lambda piece: piece.left_s(now_s), default=None)
        if slowest is None or slowest.left_s(now_s) < LAGGARD_S:
            return False
        body = self._pieces.pop(slowest)
        if body is not None:
            body.break_off()
        slowest.load.came(slowest)
        self._loads.appendleft(slowest.load)
        return True

    def _returned(self, piece: Piece, error: Exception | None) -> bool:
        """Return whether a load is whole now, to be taken by who brought its last piece."""
        load = piece.load
        with self._changed:
            if self._over or piece not in self._pieces:
                return False
            del self._pieces[piece]
            self._changed.notify_all()
            load.came(piece)
            came_bytes = piece.upto - piece.start
            if piece.upto == piece.stop or came_bytes >= PROGRESS_BYTES:
                self._downs = 0
                self._good_s = time.monotonic()
            if not load.is_in_air:
                self._in_air.discard(load)
            if load.is_whole:
                self._working += 1
                return True
            if isinstance(error, AnswerWrong):
                load.rests_until_s = float("inf")  # until `_lied` says how long
            if load.has_gaps and load not in self._loads:
                self._loads.appendleft(load)
            return False

    def _take(self, load: Load) -> ChunkWrong | None:
        """Take what has come whole; returns why it is to be asked for again."""
        try:
            load.take(load)
        except ChunkWrong as error:
            with self._changed:
                load.was_wrong()
                load.rests_until_s = float("inf")  # until `_lied` says how long
                self._loads.appendleft(load)
            return error
        finally:
            with self._changed:
                self._working -= 1
                self._changed.notify_all()
        with self._changed:
            load.data = bytearray()
            self.came_bytes += load.size_bytes
            self._lies = self._portals = 0
        return None

    # -- what goes wrong

    def _failed(self, load: Load, error: Exception) -> None:
        with self._changed:
            if self._over:
                return
            if isinstance(error, LinkDown):
                self._downs += 1
                wait_s = self._persistence.wait_s(self._downs)
                silent_s = time.monotonic() - self._good_s
                if self._downs >= MOST_DOWN and silent_s >= self._persistence.down_s:
                    self._end(error)
            else:
                wait_s = self._lied(load, error)
            self._changed.wait_for(lambda: self._over, wait_s)

    def _lied(self, load: Load, error: Exception) -> float:
        """Count a wrong answer; returns how long to wait."""
        self._lies += 1
        self._portals += isinstance(error, PortalPage)
        if isinstance(error, AnswerWrong):
            load.wrong += 1
        wait_s = self._persistence.wait_s(load.wrong)
        load.rests_until_s = time.monotonic() + wait_s
        if load.wrong >= MOST_WRONG:
            self._left_out = error
            self._loads = deque(
                one for one in self._loads if one.parcel_id != load.parcel_id
            )
        if self._lies >= MOST_LIES or self._portals >= MOST_PORTALS:
            self._end(error)
        return wait_s

    def _end(self, error: Exception | None) -> None:
        self._error = self._error or error
        self._over = True
        self._changed.notify_all()
