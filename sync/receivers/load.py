"""A load: one range of a file of the tree, gathered in memory in pieces, then proven.

Pieces may come over several connections and be broken off anywhere; what came stays, and
the rest is asked for again. When all is there it is handed to whoever knows its hash, who
may refuse it: then all of it is asked for anew. Not safe between threads: its owner locks.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

PACE_S = 3.0
"""So long bytes are watched before their pace is believed."""


@dataclass(slots=True, eq=False)
class Piece:
    """A part of a load that one connection asks for."""

    load: "Load"
    start: int
    """In the load, bytes; like ``stop`` and ``upto``."""
    stop: int
    upto: int
    """As far as it has come."""
    seen_s: float
    """When its pace was looked at last, and below how far it had come then."""
    seen_upto: int
    bytes_per_s: float | None = None
    """Its pace before that; None: it began only then."""

    def left_s(self, now_s: float) -> float:
        """Return how long the rest will take as it goes now; 0: too early to say."""
        pace, watched_s = self.bytes_per_s, now_s - self.seen_s
        if watched_s >= PACE_S:
            pace = (self.upto - self.seen_upto) / watched_s
        return 0.0 if pace is None else (self.stop - self.upto) / max(pace, 1.0)

    def watch(self, now_s: float) -> None:
        """Look at its pace, now and then."""
        if now_s - self.seen_s >= PACE_S:
            self.bytes_per_s = (self.upto - self.seen_upto) / (now_s - self.seen_s)
            self.seen_s, self.seen_upto = now_s, self.upto


@dataclass(slots=True, eq=False)
class Load:
    """One range of a file of the tree."""

    parcel_id: str
    name: str
    offset_bytes: int
    size_bytes: int
    """Not 0."""
    whole_bytes: int | None
    """The size of the file, where that is known."""
    take: "Callable[[Load], None]"
    """Takes what was gathered, or raises `ChunkWrong`."""
    begun: Callable[[], bytes] = bytes
    """Returns what lies there of its beginning from an earlier time."""
    keep_beginning: Callable[[memoryview, int], int] | None = None
    """Keeps the first bytes, of which so many are kept; returns how many are now."""
    kept_bytes: int = 0
    wrong: int = 0
    """How often what came was refused, or the answer was."""
    rests_until_s: float = 0.0
    """Not asked for before, by the monotonic clock."""
    data: bytearray = field(default_factory=bytearray)
    _gaps: list[range] | None = None
    """What nobody asks for at this moment; None: nothing was begun."""
    _in_air: list[Piece] = field(default_factory=list)

    @property
    def has_gaps(self) -> bool:
        """Whether a piece of it can be asked for."""
        return self._gaps is None or bool(self._gaps)

    @property
    def is_in_air(self) -> bool:
        """Whether somebody asks for a piece of it."""
        return bool(self._in_air)

    @property
    def is_whole(self) -> bool:
        """Whether all of it is there."""
        return self._gaps == [] and not self._in_air

    def begin(self) -> None:
        """Make room in memory, and go on where an earlier time has ended."""
        if self._gaps is None:
            there = self.begun()
            self.data = bytearray(self.size_bytes)
            self.data[: len(there)] = there
            self._gaps = [range(len(there), self.size_bytes)]
            self.kept_bytes = len(there)

    def cut(self, most_bytes: int, now_s: float) -> Piece:
        """Return the next piece to ask for; there is a gap, and it has begun."""
        assert self._gaps
        gap = min(self._gaps, key=lambda one: one.start)
        self._gaps.remove(gap)
        if len(gap) > most_bytes:
            self._gaps.append(gap[most_bytes:])
            gap = gap[:most_bytes]
        piece = Piece(self, gap.start, gap.stop, gap.start, now_s, gap.start)
        self._in_air.append(piece)
        return piece

    def came(self, piece: Piece) -> None:
        """Say that a piece comes no further: its end has come, or it was broken off."""
        self._in_air.remove(piece)
        if piece.upto < piece.stop and self._gaps is not None:
            self._gaps.append(range(piece.upto, piece.stop))

    def was_wrong(self) -> None:
        """Ask for all of it anew, counting on nothing that came."""
        self.wrong += 1
        self.kept_bytes = 0
        self._gaps = [range(self.size_bytes)]

    def keep(self) -> None:
        """Keep what has come in a row from the first byte on, for another time."""
        if self.keep_beginning is None or (not self._gaps and not self._in_air):
            return
        ends = [gap.start for gap in self._gaps or ()]
        ends += [piece.upto for piece in self._in_air]
        came = memoryview(self.data)[: min(ends)]
        self.kept_bytes = self.keep_beginning(came, self.kept_bytes)
