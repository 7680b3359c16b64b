"""The picture of a film, encoded again in pieces that can be taken up at any frame.

First the picture alone is copied into a Matroska file, because only there does seeking
hit the very frame: straight from program streams and satellite recordings 35 of 1,500
frames were lost at six joins, from Matroska none [measured]. That costs 0.2 CPU-seconds
for a minute of film.

Every frame keeps its own time, so films with a varying frame rate come out as they are.
Pieces carry the film's absolute time plus `SHIFT_S`: times below zero, which B-frames have
at the beginning, do not exist in MPEG-TS.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError
from edge_server.ground import durable
from edge_server.guard.sandbox import Limits
from edge_server.media import probe as probing
from edge_server.media import runner
from edge_server.media.choose import PictureWork
from edge_server.media.encoders import Encoder, Quality
from edge_server.media.segments import Growing, Held, Watch, segment_options

TICKS_PER_S = 90_000
SHIFT_S = 10
PACKET_BYTES = 188


MAIN = Quality(crf=23, most_kbps=8000)
SMALL = Quality(crf=28, most_kbps=430)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A finished stream in the work folder."""

    path: Path
    begins_s: float
    """When it begins, from the beginning of its source."""


def filtered(stream: Any, work: PictureWork) -> Any:
    """Return the picture upright, progressive, with square pixels."""
    if work.deinterlace:
        # Frames not marked as interlaced pass: 0.35 CPU-seconds in 20 s of film at most.
        stream = stream.filter("bwdif", mode="send_frame", deint="interlaced")
    if work.frames_per_s is not None:
        rate = f"{work.frames_per_s.numerator}/{work.frames_per_s.denominator}"
        stream = stream.filter("fps", fps=rate)
    for turn in {90: ["clock"], 180: ["clock", "clock"], 270: ["cclock"]}.get(
        work.turn_degrees, []
    ):
        stream = stream.filter("transpose", dir=turn)
    return stream.filter("scale", work.width, work.height).filter("setsar", 1)


class PicturePieces:
    """Pieces of four seconds, each beginning with a key frame."""

    extension = "ts"
    seconds = 4

    def __init__(
        self,
        work: PictureWork,
        quality: Quality,
        encoder: Encoder,
        stream: str,
        source_begins_s: float,
    ) -> None:
        self.work = work
        self.quality = quality
        self.encoder = encoder
        self.stream = stream
        self.source_begins_s = source_begins_s

    def command(self, held: Held) -> Sequence[str]:
        """Go on with the frame after the last one that is held."""
        opened: dict[str, str | int | None] = {"noautorotate": None}
        if held.pieces:
            # Matroska counts in milliseconds: half of one behind the last frame is
            # before the next. ffmpeg counts -ss from the beginning of the file.
            after_s = held.last / TICKS_PER_S - SHIFT_S + 0.0005 - self.source_begins_s
            opened["ss"] = f"{max(after_s, 0):.6f}"
        output = ffmpeg.output(
            self.encoder.fed(filtered(runner.source(**opened)[self.stream], self.work)),
            f"/out/%06d.{self.extension}",
            **self.encoder.options(self.quality),
            **segment_options(self, "mpegts"),
            force_key_frames=f"expr:gte(t,n_forced*{self.seconds})",
            segment_format_options="mpegts_copyts=1",
            output_ts_offset=SHIFT_S,
            fps_mode="vfr",
            enc_time_base=-1,
            an=None,
            map_metadata=-1,
        )
        return runner.compiled(output, also=["-copyts", *self.encoder.opening])

    def done_s(self, held: Held, told_s: float) -> float:
        """Add what was held: with -copyts ffmpeg counts from the first time it told."""
        held_s = (held.last - held.first) / TICKS_PER_S if held.pieces else 0.0
        return held_s + told_s

    def fit(self, held: Held, piece: bytes, first_of_run: bool) -> tuple[Held, bytes]:
        """Note the times of the piece's frames; its bytes fit as they are."""
        times = frame_times(piece)
        if not times:
            return held, b""
        first = held.first if held.pieces else min(times)
        return replace(held, first=first, last=max(times)), piece


def frame_times(piece: bytes) -> list[int]:
    """Return the presentation times in a piece of MPEG-TS, in ticks of 1/90,000 s.

    Reads the heads of the PES packets of the one picture (ISO/IEC 13818-1, 2.4.3.6).
    """
    found: list[int] = []
    for at in range(0, len(piece) - PACKET_BYTES + 1, PACKET_BYTES):
        if not piece[at + 1] & 0x40:  # no packet of a frame begins here
            continue
        head = at + 4
        if piece[at + 3] & 0x20:
            head += 1 + piece[head]
        pes = piece[head : min(head + 14, at + PACKET_BYTES)]
        if (
            len(pes) == 14
            and pes[:3] == b"\0\0\1"
            and pes[3] & 0xF0 == 0xE0
            and pes[7] >> 7
        ):
            high, middle, low = pes[9], pes[10:12], pes[12:14]
            found.append(
                (high >> 1 & 7) << 30
                | (int.from_bytes(middle, "big") >> 1) << 15
                | int.from_bytes(low, "big") >> 1
            )
    return found


def encode_picture(
    folder: Path,
    source: Path,
    work: PictureWork,
    quality: Quality,
    *,
    encoder: Encoder,
    limits: Limits,
    watch: Watch,
) -> Encoded:
    """Encode the picture of a film into ``<folder>/picture.ts``.

    Args:
        folder: The job's work folder; a second call goes on from what is there.
        source: The film.
        work: What to do with which stream.
        quality: How well.
        encoder: What makes H.264 of it.
        limits: For each ffmpeg process.
        watch: How it is followed.
    """
    copied = _seekable(folder, source, work.index, limits, watch)
    picture = copied or source
    begins_s = probing.first_time_s(picture)
    stream = "v:0" if copied else str(work.index)
    pieces = PicturePieces(work, quality, encoder, stream, begins_s)
    made_by = repr((work, quality, encoder))
    growing = Growing(folder / "picture.ts", pieces, made_by)

    held = growing.run(picture, limits=limits, watch=watch, devices=encoder.shown())
    if not held.pieces:
        raise PermanentError("encode_failed", what="no frame can be decoded")
    first_s = held.first / TICKS_PER_S - SHIFT_S
    # The copy counts from the beginning of its source already.
    return Encoded(growing.path, first_s if copied else first_s - begins_s)


def _seekable(
    folder: Path, source: Path, index: int, limits: Limits, watch: Watch
) -> Path | None:
    """Return the picture alone in Matroska, with an index of its key frames.

    None for RealVideo, which ffmpeg writes into no other container: it is read, and
    sought, where it is.
    """
    whole, refused = folder / "source.mkv", folder / "source.not"
    if whole.is_file() or refused.is_file():
        return whole if whole.is_file() else None
    out = folder / "copying"
    durable.remove_tree(out)
    out.mkdir()
    output = ffmpeg.output(
        runner.source()[str(index)],
        "file:/out/source.mkv",
        format="matroska",
        codec="copy",
        map_metadata=-1,
    )
    finished = runner.run(
        runner.compiled(output),
        inputs={"input": source},
        out=out,
        limits=limits,
        should_stop=watch.should_stop,
    )
    if finished.exit_status != 0:
        refused.touch()
        return None
    durable.move(out / "source.mkv", whole)
    return whole
