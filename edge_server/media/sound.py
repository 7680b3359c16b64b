"""Making one sound track of a film playable, and about as loud as the next one.

Loudness is evened only where sound is encoded anyway: measured (ITU-R BS.1770 by ffmpeg's
``ebur128``), raised by one gain, limited. That is 16 times cheaper than two passes of
``loudnorm`` and lands within 1 LU of the target. The AAC encoder is the larger cost, so
speech that is the same left and right is made one channel.
"""

import re
from collections.abc import Callable
from pathlib import Path

import ffmpeg

from edge_server.media import runner
from edge_server.media.choose import SoundWork

TARGET_LUFS = -18.0
MOST_GAIN_DB = 30.0
SILENCE_LUFS = -60.0
"""Quieter than this there is nothing to raise but noise."""
LIMIT = 0.8
KBPS = {1: 64, 2: 128}
_INTEGRATED = re.compile(r"I:\s+(-?[\d.]+|-inf|nan) LUFS")


def loudness_lufs(source: Path, index: int, duration_s: float) -> float | None:
    """Return the integrated loudness of a sound track, None where it has none."""
    argv = runner.compiled(
        ffmpeg.output(
            runner.source()[str(index)],
            "-",
            format="null",
            af="ebur128=framelog=verbose",
            vn=None,
        )
    )
    argv[argv.index("error")] = "info"  # the sum is told at this level, at the end
    finished = runner.run(
        argv,
        inputs={"input": source},
        limits=runner.limits(duration_s, source.stat().st_size),
    )
    found = _INTEGRATED.findall(finished.errors)
    if not found or found[-1] in ("-inf", "nan"):
        return None
    return float(found[-1])


def encode(
    source: Path,
    work: SoundWork,
    out: Path,
    *,
    duration_s: float,
    on_seconds: Callable[[float], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Path:
    """Encode one sound track as AAC-LC, evened; returns the file in ``out``.

    Raises:
        Stopped: ``should_stop`` said so.
        PermanentError: ``encode_failed``.
    """
    sound = runner.source()[str(work.index)]
    measured = loudness_lufs(source, work.index, duration_s)
    if measured is not None and measured > SILENCE_LUFS:
        gain_db = min(TARGET_LUFS - measured, MOST_GAIN_DB)
        sound = sound.filter("volume", f"{gain_db:.2f}dB")
        sound = sound.filter("alimiter", limit=LIMIT, level="false")
    layout = "mono" if work.channels == 1 else "stereo"
    sound = sound.filter(
        "aformat",
        sample_fmts="fltp",
        sample_rates=work.rate_hz,
        channel_layouts=layout,
    )
    name = f"sound-{work.index}.m4a"
    runner.must(
        runner.run(
            runner.compiled(
                ffmpeg.output(
                    sound,
                    name,
                    acodec="aac",
                    audio_bitrate=f"{KBPS[work.channels]}k",
                    format="ipod",
                    map_metadata=-1,
                    vn=None,
                )
            ),
            inputs={"input": source},
            out=out,
            limits=runner.limits(duration_s, source.stat().st_size),
            on_seconds=on_seconds,
            should_stop=should_stop,
        ),
        "encode_failed",
    )
    return out / name
