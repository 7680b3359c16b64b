"""The sound of a film: as loud as every other lesson, AAC, in pieces that can be resumed.

Lessons recorded at −39 LUFS make a teacher turn the TV up, and the next one shouts. Where
sound is encoded anyway it is brought to −18 LUFS: measured once (EBU R 128), then one gain
and a limiter for the peaks. That costs 15 CPU-seconds for an hour, a sixteenth of ffmpeg's
two-pass ``loudnorm``, and does not pump [measured].

The AAC encoder itself is the dear part (159 CPU-seconds for an hour of stereo), so a
lesson whose two channels are the same is kept as one.

AAC frames overlap. A run that goes on begins `RUN_IN` frames early and throws those away,
so that the joint cannot be heard; all before it is decoded again, which is cheap.
"""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError
from edge_server.ground import durable
from edge_server.guard.sandbox import Limits
from edge_server.media import runner
from edge_server.media.choose import SoundWork
from edge_server.media.picture import Encoded
from edge_server.media.segments import Growing, Held, Watch, segment_options

TARGET_LUFS = -18.0
SILENCE_LUFS = -55.0
"""Quieter than this there is nothing but the hiss of an empty room to make louder."""
LIMIT = "0.8"
"""Of full scale, −1.9 dB: room for what AAC adds to a peak."""
FRAME_SAMPLES = 1024
RUN_IN = 4
ONE_OF_TWO_LU = 3.01
"""One channel alone counts as half as loud (BS.1770)."""
OVER_DB = 1.0
"""Peaks lifted this far over full scale leave the limiter something to take away."""
NEAR_LU = 0.5
MOST_CORRECTIONS = 3
SAME_CHANNELS_DB = -60.0
"""A difference of left and right below this is rounding."""
KBPS = {1: 64, 2: 128}
SMALL_KBPS = {1: 48, 2: 64}


@dataclass(frozen=True, slots=True)
class Loudness:
    """What a measuring pass found."""

    lufs: float
    """Integrated, −70 for silence."""
    peak_db: float
    """Largest sample, below full scale."""
    same_channels: bool


@dataclass(frozen=True, slots=True)
class Evened:
    """What is done to a sound."""

    gain_db: float
    channels: int


def prepared(work: SoundWork, channels: int) -> Any:
    """Return a sound without gaps, from time 0, at the rate of the result.

    One channel of a sound of two is the left one: those that are made one are equal.
    """
    layout = "mono" if work.channels == 1 else "stereo"
    stream = runner.source()[str(work.index)]
    stream = stream.filter("aresample", **{"async": 1, "first_pts": 0})
    stream = stream.filter("aformat", sample_rates=work.rate_hz, channel_layouts=layout)
    if channels < work.channels:
        stream = stream.filter("channelmap", "FL-FC", channel_layout="mono")
    return stream


def louder(stream: Any, gain_db: float) -> Any:
    """Return a sound with a gain, its peaks held below the limit."""
    stream = stream.filter("volume", f"{gain_db:.2f}dB")
    return stream.filter("alimiter", limit=LIMIT, level="false")


def measure(
    source: Path,
    work: SoundWork,
    even: Evened,
    *,
    limits: Limits,
    should_stop: Callable[[], bool],
) -> Loudness:
    """Measure how loud a sound is with what is to be done to it."""
    stream = prepared(work, even.channels)
    if even.gain_db:
        stream = louder(stream, even.gain_db)
    outputs: list[Any] = []
    if even.channels == 2:
        split = stream.filter_multi_output("asplit")
        stream = split[0]
        left_right = split[1].filter_multi_output("channelsplit", "stereo")
        side = ffmpeg.filter(
            [left_right[0], left_right[1]], "amix", inputs=2, weights="1 -1"
        )
        outputs.append(ffmpeg.output(side.filter("volumedetect"), "-", format="null"))
    heard = stream.filter("ebur128", peak="sample", framelog="verbose")
    outputs.append(ffmpeg.output(heard, "-", format="null"))
    argv = runner.compiled(*outputs)
    argv[argv.index("error")] = "info"  # the filters tell what they found as messages
    finished = runner.run(
        argv, inputs={"input": source}, limits=limits, should_stop=should_stop
    )
    runner.must(finished, "encode_failed")
    return _read(finished.errors)


def _read(told: str) -> Loudness:
    lufs = re.findall(r"^\s+I:\s+(-?[\d.]+) LUFS", told, re.MULTILINE)
    peak = re.findall(r"^\s+Peak:\s+(-?[\d.]+) dBFS", told, re.MULTILINE)
    side = re.findall(r"max_volume: (-?[\d.]+) dB", told)
    return Loudness(
        lufs=float(lufs[-1]) if lufs else -70.0,
        peak_db=float(peak[-1]) if peak else -70.0,
        same_channels=bool(side) and float(side[-1]) < SAME_CHANNELS_DB,
    )


def evened(
    folder: Path,
    source: Path,
    work: SoundWork,
    *,
    limits: Limits,
    should_stop: Callable[[], bool],
) -> Evened:
    """Decide on gain and channels; what was measured is kept for the next try."""
    path = folder / "loudness.json"
    if path.is_file():
        told = json.loads(path.read_text("utf-8"))
        if told.pop("work") == repr(work):
            return Evened(**told)
    result = Evened(0.0, work.channels)
    found = measure(source, work, result, limits=limits, should_stop=should_stop)
    lufs = found.lufs
    if found.same_channels:
        result = replace(result, channels=1)
        lufs -= ONE_OF_TWO_LU
    if found.lufs > SILENCE_LUFS:
        result = replace(result, gain_db=TARGET_LUFS - lufs)
        if found.peak_db + result.gain_db > OVER_DB:
            # The limiter takes so much that the result is looked at again.
            result = _corrected(source, work, result, limits, should_stop)
    told = {"work": repr(work), **asdict(result)}
    durable.write(path, json.dumps(told).encode())
    return result


def _corrected(
    source: Path,
    work: SoundWork,
    even: Evened,
    limits: Limits,
    should_stop: Callable[[], bool],
) -> Evened:
    for _ in range(MOST_CORRECTIONS):
        heard = measure(source, work, even, limits=limits, should_stop=should_stop)
        missing_lu = TARGET_LUFS - heard.lufs
        if abs(missing_lu) < NEAR_LU:
            break
        even = replace(even, gain_db=even.gain_db + missing_lu)
    return even


class SoundPieces:
    """Pieces of a minute, cut between AAC frames."""

    extension = "aac"
    seconds = 60

    def __init__(self, work: SoundWork, even: Evened, kbps: int) -> None:
        self.work = work
        self.even = even
        self.kbps = kbps

    def command(self, held: Held) -> Sequence[str]:
        """Go on with the frame after the last one that is held, and a few before it."""
        stream = prepared(self.work, self.even.channels)
        stream = louder(stream, self.even.gain_db)
        if held.pieces:
            first_sample = max(held.last - RUN_IN, 0) * FRAME_SAMPLES
            stream = stream.filter("atrim", start_sample=first_sample)
        output = ffmpeg.output(
            stream,
            f"/out/%06d.{self.extension}",
            **{"c:a": "aac", "b:a": f"{self.kbps}k"},
            **segment_options(self, "adts"),
            vn=None,
            map_metadata=-1,
        )
        return runner.compiled(output)

    def done_s(self, held: Held, told_s: float) -> float:
        """Return what is told: what is trimmed away before it counts too."""
        return told_s

    def fit(self, held: Held, piece: bytes, first_of_run: bool) -> tuple[Held, bytes]:
        """Count frames; drop the run-in at the joint."""
        frames = adts_frames(piece)
        known = max(held.last, 0)
        if first_of_run and held.pieces:
            frames = frames[min(RUN_IN, known) :]
        return replace(held, last=known + len(frames)), b"".join(frames)


def adts_frames(piece: bytes) -> list[bytes]:
    """Cut a piece of ADTS into its frames (ISO/IEC 13818-7, 6.2)."""
    frames: list[bytes] = []
    at = 0
    while at + 7 <= len(piece) and piece[at] == 0xFF and piece[at + 1] & 0xF0 == 0xF0:
        length = (piece[at + 3] & 3) << 11 | piece[at + 4] << 3 | piece[at + 5] >> 5
        if length < 7:
            break
        frames.append(piece[at : at + length])
        at += length
    return frames


def encode_sound(
    folder: Path,
    source: Path,
    work: SoundWork,
    kbps: dict[int, int],
    *,
    limits: Limits,
    watch: Watch,
) -> Encoded:
    """Encode one sound track into ``<folder>/sound.aac``, evened.

    Args:
        folder: The job's work folder; a second call goes on from what is there.
        source: The film or recording.
        work: What to do with which stream.
        kbps: Bit rate for one channel and for two.
        limits: For each ffmpeg process.
        watch: How it is followed.
    """
    should_stop = watch.should_stop
    even = evened(folder, source, work, limits=limits, should_stop=should_stop)
    pieces = SoundPieces(work, even, kbps[even.channels])
    made_by = repr((work, even, kbps[even.channels]))
    growing = Growing(folder / "sound.aac", pieces, made_by)
    held = growing.run(source, limits=limits, watch=watch)
    if held.last < 1:
        raise PermanentError("encode_failed", what="no sound can be decoded")
    # The encoder's first frame is made of silence before the beginning.
    return Encoded(growing.path, -FRAME_SAMPLES / work.rate_hz)
