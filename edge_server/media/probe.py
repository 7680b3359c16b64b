"""What a delivered film or recording is, found by looking, not by its name.

Three looks. The boxes of an MP4 tell whether its index is there, whether it stands in
front, and whether the file is as long as the index says. ffprobe tells the streams. Then
the whole file is copied into nothing: a film cut off at 60 % still probes as perfect, and
even ffmpeg's exit status stays 0 for it, unless ``-xerror`` is given, which found every
broken file and no whole one. That pass also measures how long the film really is, which
many containers only guess. It costs about 0.2 CPU-seconds for a minute of film.
"""

import json
import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError, Refused
from edge_server.guard import mp4, sandbox
from edge_server.media import runner

_UNLISTED = re.compile(r"Codec \((\w{1,40})\) not on whitelist")
SAME_S = 0.5
"""Lengths that differ by less are the same."""
"""Of an MP4 on the outermost level; a fragmented film of hours has a few thousand."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The one moving picture of a film."""

    index: int
    """Number of the stream in its file."""
    codec: str
    profile: str
    level: int
    """H.264: ten times the level, 41 for 4.1."""
    pixels: str
    """ffmpeg's name of the pixel format: ``yuv420p``."""
    width: int
    height: int
    """As coded, before any turning or stretching."""
    aspect: Fraction
    """Width of one pixel divided by its height."""
    turned_degrees: int
    """Clockwise turn that a player has to make: 0, 90, 180 or 270."""
    frames_per_s: Fraction
    """On average; 0 when unknown."""
    interlaced: bool
    bits_per_s: int
    """On average; 0 when unknown."""


@dataclass(frozen=True, slots=True)
class Sound:
    """One sound track."""

    index: int
    codec: str
    profile: str
    channels: int
    rate_hz: int
    label: str | None
    """Title or language, as the file says it."""
    is_default: bool


@dataclass(frozen=True, slots=True)
class Probe:
    """A file that can be played, and what is in it."""

    container: str
    """ffmpeg's name of the demuxer, the first of several: ``mov``, ``matroska``."""
    size_bytes: int
    playable_s: float
    """How long it plays from beginning to end, measured."""
    damaged: bool
    """It ends before its index does, or breaks in the middle."""
    ready: bool
    """An MP4 whose index stands in front and which is not in fragments."""
    picture: Picture | None
    sounds: tuple[Sound, ...]
    cover_index: int | None
    """The stream of an embedded still picture."""


def probe(path: Path) -> Probe:
    """Look at a film or recording.

    Raises:
        Refused: ``not_media``: there is nothing in it; ``media_without_index``: an MP4 cut
            off before its index.
        PermanentError: ``media_unsupported``: a film of a kind that is not opened here.
    """
    size_bytes = path.stat().st_size
    boxes = mp4.boxes(path)
    if boxes is not None and not boxes.has_index:
        raise Refused("media_without_index", size_bytes=size_bytes)
    told = _ffprobe(path)
    streams = [stream for stream in told["streams"] if not _is_cover(stream)]
    covers = [stream for stream in told["streams"] if _is_cover(stream)]
    picture = _picture(streams, told, size_bytes)
    sounds = tuple(_sound(s) for s in _near(streams, told, picture, "audio"))
    if picture is None and not sounds:
        raise Refused("not_media", size_bytes=size_bytes)
    playable_s, broken = measure(path, told)
    said_s = _number(told["format"].get("duration"))
    if not broken and abs(said_s - playable_s) < SAME_S:
        playable_s = said_s  # the measured end leaves out the last frame's length
    container = str(told["format"]["format_name"]).split(",")[0]
    return Probe(
        container=container,
        size_bytes=size_bytes,
        playable_s=playable_s,
        damaged=broken or (boxes is not None and boxes.end_bytes > size_bytes),
        ready=boxes is not None and boxes.index_first and not boxes.in_fragments,
        picture=picture,
        sounds=sounds,
        cover_index=int(covers[0]["index"]) if covers else None,
    )


def measure(path: Path, told: Any = None) -> tuple[float, bool]:
    """Return how many seconds a file plays, and whether something in it is broken."""
    told = told or _ffprobe(path)
    guess_s = _number(told["format"].get("duration"))
    limits = runner.limits(guess_s, path.stat().st_size)
    for strict in (True, False):
        ends: list[float] = [0.0]
        # No -map of other streams: a broken timecode track does not spoil a film.
        argv = runner.compiled(
            ffmpeg.output(
                runner.source(), "-", format="null", codec="copy", sn=None, dn=None
            ),
            also=["-xerror"] if strict else [],
        )
        finished = runner.run(
            argv, inputs={"input": path}, limits=limits, on_seconds=ends.append
        )
        if finished.exit_status == 0:
            return ends[-1], not strict
    return ends[-1], True


def _ffprobe(path: Path) -> Any:
    options = runner.guarded() | {
        "probesize": runner.LOOK_BYTES,
        "analyzeduration": runner.LOOK_US,
    }
    argv = ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams"]
    argv += ["-show_programs"]
    for name, value in options.items():
        argv += [f"-{name}", str(value)]
    finished = sandbox.run(
        [*argv, runner.INPUT],
        inputs={"input": path},
        limits=runner.limits(0),
    )
    try:
        told = json.loads(finished.output)
    except ValueError:
        told = {}
    if unlisted := _UNLISTED.search(finished.errors):
        # A real film, which a computer may play: not the same as nothing.
        raise PermanentError("media_unsupported", codec=unlisted[1])
    if finished.exit_status != 0 or not told.get("streams") or not told.get("format"):
        raise Refused("not_media", size_bytes=path.stat().st_size)
    return told


def _is_cover(stream: Any) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _near(streams: Any, told: Any, picture: Picture | None, kind: str) -> list[Any]:
    """Return the streams of a kind, of the picture's own programme if there are any."""
    found = [stream for stream in streams if stream.get("codec_type") == kind]
    for programme in told.get("programs", ()):
        inside = {stream["index"] for stream in programme.get("streams", ())}
        if picture is not None and picture.index in inside:
            own = [stream for stream in found if stream["index"] in inside]
            return own or found
    return found


def _picture(streams: Any, told: Any, size_bytes: int) -> Picture | None:
    """Return the largest picture: a satellite recording may hold several programmes."""
    found = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video"
        and int(stream.get("width", 0)) > 0
        and int(stream.get("height", 0)) > 0
    ]
    if not found:
        return None
    best = max(found, key=lambda stream: stream["width"] * stream["height"])
    whole = _number(told["format"].get("duration"))
    guess = int(8 * size_bytes / whole) if whole > 0 else 0
    order = str(best.get("field_order", "unknown"))
    return Picture(
        index=int(best["index"]),
        codec=str(best.get("codec_name", "")),
        profile=str(best.get("profile", "")),
        level=int(best.get("level", 0)),
        pixels=str(best.get("pix_fmt", "")),
        width=int(best["width"]),
        height=int(best["height"]),
        aspect=_ratio(best.get("sample_aspect_ratio"), ":") or Fraction(1),
        turned_degrees=_turned(best),
        frames_per_s=_ratio(best.get("avg_frame_rate"), "/")
        or _ratio(best.get("r_frame_rate"), "/"),
        interlaced=order not in ("progressive", "unknown"),
        bits_per_s=int(_number(best.get("bit_rate"))) or guess,
    )


def _sound(stream: Any) -> Sound:
    tags = {name.lower(): str(value) for name, value in stream.get("tags", {}).items()}
    language = tags.get("language", "")
    label = tags.get("title") or ("" if language == "und" else language)
    return Sound(
        index=int(stream["index"]),
        codec=str(stream.get("codec_name", "")),
        profile=str(stream.get("profile", "")),
        channels=int(stream.get("channels", 0)),
        rate_hz=int(_number(stream.get("sample_rate"))),
        label=label[:80] or None,
        is_default=bool(stream.get("disposition", {}).get("default")),
    )


def _turned(stream: Any) -> int:
    """Return the clockwise turn; ffprobe tells it counter-clockwise."""
    for side in stream.get("side_data_list", ()):
        if "rotation" in side:
            return round(-_number(side["rotation"]) / 90) * 90 % 360
    return 0


def _ratio(text: Any, sign: str) -> Fraction:
    over, _, under = str(text or "").partition(sign)
    try:
        ratio = Fraction(int(over), int(under))
    except (ValueError, ZeroDivisionError):
        return Fraction(0)
    return max(ratio, Fraction(0))


def _number(text: Any) -> float:
    try:
        return float(text)
    except (TypeError, ValueError):
        return 0.0


def first_time_s(path: Path) -> float:
    """Return the time stamp at which a file of ours begins, in seconds."""
    return _number(_ffprobe(path)["format"].get("start_time"))
