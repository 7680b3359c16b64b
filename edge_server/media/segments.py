"""A long encode that may be killed at any moment and goes on where it was.

One ffmpeg process writes the whole stream in short pieces (`-f segment`), which costs no
more than writing it in one: 0.98 to 1.00 of the CPU time [measured]. Whenever ffmpeg has
listed a piece, it is appended to one growing file, synced, and only then counted::

    <work>/picture.ts        what is safe, cut back to its counted length at each start
    <work>/picture.json      that length, and where the next run has to begin
    <work>/picture.parts/    pieces of the running process; thrown away at each start

So a kill loses the piece that was being written (4 s of film, 60 s of sound), and a power
cut no more: what is counted was synced first. Pieces are MPEG-TS for the picture, because
MP4 and Matroska pieces shift everything behind a join by two frames, and ADTS for sound,
where any number of frames is a file.

`Growing` is the machine; what differs between picture and sound (`Pieces`) is how a piece
is cut to fit its predecessor and where to go on.
"""

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from edge_server.ground import durable
from edge_server.guard.sandbox import Limits
from edge_server.media import runner


@dataclass(frozen=True, slots=True)
class Watch:
    """How a long conversion is followed and stopped."""

    on_seconds: Callable[[float], None]
    """Told how many seconds of film are done."""
    on_durable: Callable[[], None]
    """Called whenever something is safe that the next try need not do again."""
    should_stop: Callable[[], bool]
    """True ends it at the next good moment."""


@dataclass(frozen=True, slots=True)
class Held:
    """What of a stream is safe."""

    made_by: str
    """Which command makes it; another command starts from nothing."""
    size_bytes: int = 0
    pieces: int = 0
    first: int = 0
    """Of the picture: time of the first frame, in ticks of 1/90,000 s."""
    last: int = -1
    """Of the picture: time of the last frame in ticks; of sound: number of frames."""
    whole: bool = False


class Pieces(Protocol):
    """What a growing stream consists of."""

    extension: str
    seconds: int
    """Length of a piece."""

    def command(self, held: Held) -> Sequence[str]:
        """Return the ffmpeg command that goes on after what is held.

        It writes ``/out/<number>.<extension>`` and lists them in ``/out/list.csv``.
        """

    def done_s(self, held: Held, told_s: float) -> float:
        """Return how much of the film is done, in seconds, once ffmpeg tells a time.

        Args:
            held: What this run of ffmpeg went on after.
            told_s: What it tells.
        """

    def fit(self, held: Held, piece: bytes, first_of_run: bool) -> tuple[Held, bytes]:
        """Return the new state (size and number are counted by `Growing`) and the bytes."""


class Growing:
    """One stream that grows piece by piece.

    Args:
        path: The growing file; its state and pieces lie beside it.
        pieces: What it consists of.
        made_by: Whatever the result depends on besides the source.
    """

    def __init__(self, path: Path, pieces: Pieces, made_by: str) -> None:
        self.path = path
        self.pieces = pieces
        self.state = path.with_suffix(".json")
        self.parts = path.with_suffix(".parts")
        self.held = self._take_up(made_by)

    def run(
        self,
        source: Path,
        *,
        limits: Limits,
        watch: Watch,
        devices: Sequence[Path] = (),
    ) -> Held:
        """Encode until the stream is whole.

        Args:
            source: The file that the command reads as ``/in/input``.
            limits: For the process.
            watch: How it is followed. Asked to stop, it ends once the next piece is
                safe.
            devices: That the command needs.

        Raises:
            Stopped: It was asked to; what is counted stays.
            PermanentError: ``encode_failed``.
        """
        if self.held.whole:
            return self.held
        durable.remove_tree(self.parts)
        self.parts.mkdir()
        taken: list[str] = []
        begins = self.held
        asked_at: list[int] = []

        def on_seconds(seconds: float) -> None:
            if self._append(taken):
                watch.on_durable()
            watch.on_seconds(self.pieces.done_s(begins, seconds))

        def stop_after_piece() -> bool:
            if not watch.should_stop():
                return False
            self._append(taken)
            asked_at.append(len(taken))
            return len(taken) > asked_at[0]

        finished = runner.run(
            self.pieces.command(self.held),
            inputs={"input": source},
            out=self.parts,
            limits=limits,
            on_seconds=on_seconds,
            should_stop=stop_after_piece,
            devices=devices,
        )
        self._append(taken)
        runner.must(finished, "encode_failed")
        self._count(replace(self.held, whole=True))
        durable.remove_tree(self.parts)
        return self.held

    def _take_up(self, made_by: str) -> Held:
        held = Held(made_by)
        if self.state.is_file():
            told = Held(**json.loads(self.state.read_text("utf-8")))
            if told.made_by == made_by:
                held = told
        # Bytes behind the counted ones were being appended when the power went.
        with self.path.open("ab") as file:
            file.truncate(held.size_bytes)
        return held

    def _append(self, taken: list[str]) -> bool:
        """Take over the pieces that were listed since the last look."""
        new = self._listed()[len(taken) :]
        for name in new:
            piece = self.parts / name
            held, data = self.pieces.fit(self.held, piece.read_bytes(), not taken)
            with self.path.open("ab") as file:
                file.write(data)
            durable.sync_file(self.path)
            size_bytes = self.held.size_bytes + len(data)
            self._count(replace(held, size_bytes=size_bytes, pieces=held.pieces + 1))
            piece.unlink()
            taken.append(name)
        return bool(new)

    def _listed(self) -> list[str]:
        """Return the names in ffmpeg's list; a half-written last line is left out."""
        path = self.parts / "list.csv"
        if not path.is_file():
            return []
        lines = path.read_text("utf-8").splitlines(keepends=True)
        whole = [line for line in lines if line.endswith("\n")]
        return [row[0] for row in csv.reader(whole) if row]

    def _count(self, held: Held) -> None:
        durable.write(self.state, json.dumps(asdict(held)).encode())
        self.held = held


def segment_options(pieces: Pieces, container: str) -> dict[str, str | int]:
    """Return the output options that write pieces and list each one as it ends."""
    return {
        "format": "segment",
        "segment_format": container,
        "segment_time": pieces.seconds,
        # A key frame a hair before the boundary begins the next piece.
        "segment_time_delta": "0.02",
        "segment_list": "/out/list.csv",
        "segment_list_type": "csv",
        "segment_list_flags": "+live",
    }
