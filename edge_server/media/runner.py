"""How ffmpeg is called: what it may read, and within which limits.

Commands are built with ffmpeg-python as lists of fixed words and numbers, and run by
`edge_server.guard.sandbox`. Nothing that a stranger wrote becomes an option: a source is
always ``file:/in/input``, and only whole numbers and words of ours are passed.

The lists name what courseware comes in. A demuxer that opens other files (hls, concat,
dash, image lists) is not there to be asked, because a playlist renamed to ``.mp4`` reads
any file of the machine even with ``-protocol_whitelist file``; a decoder that no source
needs is not there to be attacked. Every name below has its test in ``tests/media``.

ffmpeg-python only writes the command: its own ``run`` has no time limit and stops for
ever once 64 KB of messages are waiting.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError, Stopped
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Finished, Limits

INPUT = "file:/in/input"
"""Where a converter finds its one source."""

FORMATS = (
    "mov", "matroska", "mpegts", "mpeg", "avi", "flv", "asf", "rm",
    "mp3", "wav", "aac", "ogg", "flac", "amr", "aiff",
)  # fmt: skip
"""Demuxers: files only, none that names other files."""

VIDEO_DECODERS = (
    "h264", "hevc", "mpeg4", "msmpeg4v2", "msmpeg4", "mpeg1video", "mpeg2video",
    "wmv1", "wmv2", "wmv3", "vc1", "flv", "vp6f", "rv20", "rv30", "rv40",
    "vp8", "vp9", "theora", "libdav1d", "mjpeg", "png",
)  # fmt: skip
SOUND_DECODERS = (
    "aac", "mp3float", "mp2", "ac3", "eac3", "dca", "wmav1", "wmav2", "wmapro",
    "cook", "sipr", "nellymoser", "amrnb", "amrwb", "opus", "vorbis", "flac",
    "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_dvd",
    "pcm_s16be", "pcm_s24be",
    "pcm_alaw", "pcm_mulaw", "adpcm_ms", "adpcm_ima_wav", "alac",
)  # fmt: skip

MOST_PIXELS = 40_000_000
"""Of one frame: a 750 kB PNG can ask for 800 MB."""
LOOK_BYTES = 20_000_000
"""How far into a file streams are looked for; satellite recordings begin in the middle."""
LOOK_US = 10_000_000


def guarded(
    formats: Sequence[str] = FORMATS,
    decoders: Sequence[str] = (*VIDEO_DECODERS, *SOUND_DECODERS),
) -> dict[str, str | int]:
    """Return the input options that every source is opened with."""
    return {
        "protocol_whitelist": "file",
        "format_whitelist": ",".join(formats),
        "codec_whitelist": ",".join(decoders),
        "max_pixels": MOST_PIXELS,
    }


def source(**options: str | int | None) -> Any:
    """Return the stranger's file ``/in/input`` as an ffmpeg-python input."""
    return ffmpeg.input(
        INPUT,
        **guarded(),
        probesize=LOOK_BYTES,
        analyzeduration=LOOK_US,
        # Containers that leave timestamps out (AVI, program streams) get them made.
        fflags="+genpts",
        **options,
    )


def compiled(*outputs: Any, also: Sequence[str] = ()) -> list[str]:
    """Return the argument list for one or more outputs.

    Args:
        outputs: What `ffmpeg.output` returned.
        also: Further global options.
    """
    head = ["ffmpeg", "-v", "error", "-nostdin", *also]
    joined = outputs[0] if len(outputs) == 1 else ffmpeg.merge_outputs(*outputs)
    argv: list[str] = ffmpeg.compile(joined, cmd=head, overwrite_output=True)
    return argv


def limits(duration_s: float, source_bytes: int = 0, memory_mb: int = 2000) -> Limits:
    """Return what a converter may use for so much film.

    The times are for the slowest box at 1080p (a third of real time) beside other work;
    memory is address space, of which the threads' stacks are the largest part.

    Args:
        duration_s: Length of the film; an unknown one counts as nothing.
        source_bytes: Its size, of which the largest output is a multiple.
        memory_mb: Address space in megabytes.
    """
    return Limits(
        cpu_s=int(300 + 40 * duration_s),
        wall_s=600 + 40 * duration_s,
        memory_bytes=memory_mb * 1_000_000,
        file_bytes=int(500_000_000 + 2 * source_bytes + 2_000_000 * duration_s),
    )


def run(
    argv: Sequence[str],
    *,
    inputs: Mapping[str, Path],
    out: Path | None = None,
    limits: Limits,
    on_seconds: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    devices: Sequence[Path] = (),
) -> Finished:
    """Run one ffmpeg command in the sandbox; its exit status is the caller's to judge.

    Args:
        argv: From `compiled`.
        inputs: Files or folders, read-only at ``/in/<name>``.
        out: The folder ``/out``, the working directory.
        limits: See `limits`.
        on_seconds: Told about once a second how many seconds of film are done.
        should_stop: True ends it.
        devices: Of the machine that it may open.

    Raises:
        Stopped: ``should_stop`` said so.
    """

    def on_line(line: str) -> None:
        seconds = out_time_s(line)
        if seconds is not None and on_seconds is not None:
            on_seconds(seconds)

    asked = ["-progress", "pipe:1", "-nostats", "-stats_period", "1"]
    try:
        return sandbox.run(
            [argv[0], *asked, *argv[1:]],
            inputs=inputs,
            out=out,
            limits=limits,
            on_line=on_line,
            should_stop=should_stop,
            devices=devices,
        )
    except sandbox.Stopped as error:
        # The guard knows no jobs; the worker gives the try back for this one only.
        raise Stopped from error


def out_time_s(line: str) -> float | None:
    """Read one line of ``-progress``; None for lines that do not tell the time.

    ``out_time_ms`` holds microseconds too, and both may say ``N/A``.
    """
    name, _, value = line.strip().partition("=")
    if name != "out_time_us":
        return None
    try:
        return max(int(value) / 1e6, 0.0)
    except ValueError:
        return None


def must(finished: Finished, code: str) -> None:
    """Raise a `PermanentError` when a converter failed.

    Args:
        finished: What it left.
        code: Which sentence tells of it; ``what`` is its last message.
    """
    if finished.exit_status != 0:
        raise PermanentError(code, what=last_words(finished))


def last_words(finished: Finished) -> str:
    """Return the last message of a converter, bounded, for the technician."""
    lines = [line.strip() for line in finished.errors.splitlines() if line.strip()]
    return (lines[-1] if lines else f"exit status {finished.exit_status}")[:200]
