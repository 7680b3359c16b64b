"""From a film as delivered to one that every screen plays: the main rendition and others.

Picture and sound go their own ways, since usually only one of them is wrong, and are put
together by copying at the end. The result is accepted only if it plays as long as its
source: ffmpeg ends with status 0 on truncated input and half-written output alike.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError
from edge_server.media import probe as probing
from edge_server.media import runner, segments, sound
from edge_server.media.choose import (
    PictureWork,
    Plan,
    SoundWork,
    fitted,
    sound_work,
    thinned,
)
from edge_server.media.probe import Probe, Sound
from edge_server.media.segments import Segment

SAME_S = 0.5
"""A result whose length differs more from its source is not accepted."""
SAME_PART = 0.02
"""Or, for containers that only guess their length, this part of it."""
SMALL_WIDTH, SMALL_HEIGHT = 640, 360


@dataclass(frozen=True, slots=True)
class Watch:
    """How a long conversion is followed and stopped."""

    on_seconds: Callable[[float], None]
    on_durable: Callable[[], None]
    should_stop: Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Made:
    """A playable file and what a page wants to know of it."""

    path: Path
    duration_s: float
    width: int | None
    height: int | None
    bitrate_kbps: int
    """Average over the whole file."""


def main(
    source: Path, probe: Probe, plan: Plan, scratch: Path, watch: Watch, encoder: str
) -> Made:
    """Make the main rendition of a film or recording that does not play as it is.

    Args:
        source: The film.
        probe: What it is.
        plan: What is to be done, not ``serve``.
        scratch: The job's work folder.
        watch: How it is followed.
        encoder: ffmpeg's name of the H.264 encoder.

    Raises:
        Stopped: Asked to stop; finished segments stay in ``scratch``.
        PermanentError: ``encode_failed``, ``copy_failed``, ``result_too_short``.
    """
    picture = plan.picture
    pieces = None
    if picture is not None and picture.encode:
        pieces = segments.encode(
            source,
            picture,
            segments.MAIN_QUALITY,
            scratch,
            duration_s=probe.playable_s,
            encoder=encoder,
            on_seconds=watch.on_seconds,
            on_durable=watch.on_durable,
            should_stop=watch.should_stop,
        )
    made = _put_together(
        source, probe, pieces, picture.index if picture else None, plan.sound, scratch,
        watch,
    )  # fmt: skip
    return _accept(made, probe.playable_s)


def small(
    source: Path, probe: Probe, scratch: Path, watch: Watch, encoder: str
) -> Made:
    """Make a small rendition for weak Wi-Fi: 360 lines, about 500 kbit/s.

    Args:
        source: A film that plays: the main rendition.
        probe: What it is.
        scratch: The job's work folder.
        watch: How it is followed.
        encoder: ffmpeg's name of the H.264 encoder.
    """
    if probe.picture is None:
        raise ValueError("no picture to make smaller")
    width, height = fitted(probe.picture, SMALL_WIDTH, SMALL_HEIGHT)
    work = PictureWork(
        index=probe.picture.index,
        encode=True,
        deinterlace=False,
        turn_degrees=0,
        width=width,
        height=height,
        frames_per_s=thinned(probe.picture.frames_per_s, width, height),
    )
    pieces = segments.encode(
        source,
        work,
        segments.SMALL_QUALITY,
        scratch,
        duration_s=probe.playable_s,
        encoder=encoder,
        on_seconds=watch.on_seconds,
        on_durable=watch.on_durable,
        should_stop=watch.should_stop,
    )
    track = None
    if probe.sounds:
        first = probe.sounds[0]
        track = SoundWork(first.index, True, 44_100, 1)
    made = _put_together(source, probe, pieces, None, track, scratch, watch)
    return _accept(made, probe.playable_s)


def with_sound(
    main_file: Path,
    source: Path,
    probe: Probe,
    track: Sound,
    scratch: Path,
    watch: Watch,
) -> Made:
    """Make the main rendition with another sound track; its picture is copied."""
    out = _out(scratch, f"track-{track.index}")
    work = sound_work(track)
    encoded = sound.encode(
        source,
        replace(work, encode=True),
        out,
        duration_s=probe.playable_s,
        should_stop=watch.should_stop,
    )
    picture = ffmpeg.input("file:/in/main", **runner.guarded())["v:0"]
    heard = ffmpeg.input("file:/in/sound", **runner.guarded())["a:0"]
    runner.must(
        runner.run(
            runner.compiled(_muxed([picture, heard], "film.mp4")),
            inputs={"main": main_file, "sound": encoded},
            out=out,
            limits=runner.limits(probe.playable_s, main_file.stat().st_size),
            should_stop=watch.should_stop,
        ),
        "copy_failed",
    )
    return _accept(out / "film.mp4", probe.playable_s)


def join(parts: list[Path], target_folder: Path, name: str) -> Path:
    """Join pieces of one stream (``.ts``, ``.VOB``) into one MP4 or MKV by copying.

    The pieces are read as one long file, which is what both formats allow.
    """
    whole = target_folder / "whole"
    with whole.open("xb") as out:
        for part in parts:
            with part.open("rb") as piece:
                while step := piece.read(1 << 20):
                    out.write(step)
    result = target_folder / name
    form = "mp4" if result.suffix == ".mp4" else "matroska"
    runner.must(
        runner.run(
            # By kinds: a programme stream holds navigation packets that no container takes.
            runner.compiled(
                ffmpeg.output(
                    runner.source()["v"],
                    runner.source()["a?"],
                    name,
                    c="copy",
                    format=form,
                    map_metadata=-1,
                    **({"movflags": "+faststart"} if form == "mp4" else {}),
                )
            ),
            inputs={"input": whole},
            out=target_folder,
            limits=runner.limits(0, whole.stat().st_size),
        ),
        "copy_failed",
    )
    whole.unlink()
    return result


def _put_together(
    source: Path,
    probe: Probe,
    pieces: list[Segment] | None,
    picture_index: int | None,
    track: SoundWork | None,
    scratch: Path,
    watch: Watch,
) -> Path:
    """Copy picture and sound into one MP4 with its index in front."""
    out = _out(scratch, "film")
    inputs: dict[str, Path] = {"input": source}
    streams: list[Any] = []
    if pieces is not None:
        (out / "segments.txt").write_text(
            segments.joined_list(pieces, scratch), "ascii"
        )
        inputs |= {"segments": scratch, "list": out / "segments.txt"}
        options = runner.guarded(formats=("concat", "mpegts"))
        # The picture begins where it began beside its sound; segments count from nought.
        indexed = scratch / "picture.mkv"
        offset = max(probing.first_time_s(indexed), 0.0) if indexed.exists() else 0.0
        streams.append(
            ffmpeg.input(
                "file:/in/list", format="concat", safe=0, itsoffset=f"{offset:.6f}",
                **options,
            )["v:0"]
        )  # fmt: skip
    elif picture_index is not None:
        streams.append(runner.source()[str(picture_index)])
    if track is not None and track.encode:
        inputs["sound"] = sound.encode(
            source,
            track,
            out,
            duration_s=probe.playable_s,
            on_seconds=None if pieces else watch.on_seconds,
            should_stop=watch.should_stop,
        )
        streams.append(ffmpeg.input("file:/in/sound", **runner.guarded())["a:0"])
    elif track is not None:
        streams.append(runner.source()[str(track.index)])
    name = "film.mp4" if probe.picture is not None else "sound.m4a"
    runner.must(
        runner.run(
            runner.compiled(_muxed(streams, name)),
            inputs=inputs,
            out=out,
            limits=runner.limits(probe.playable_s, source.stat().st_size),
            should_stop=watch.should_stop,
        ),
        "copy_failed",
    )
    return out / name


def _muxed(streams: list[Any], name: str) -> Any:
    return ffmpeg.output(
        *streams,
        name,
        c="copy",
        format="mp4",
        movflags="+faststart",
        map_metadata=-1,
        map_chapters=-1,
        **{"bsf:a": "aac_adtstoasc"} if len(streams) > 1 or name == "sound.m4a" else {},
    )


def _accept(path: Path, wanted_s: float) -> Made:
    """Return a result that plays as long as it should.

    Raises:
        PermanentError: ``result_too_short``: it is not to be used.
    """
    probe = probing.probe(path)
    differs_s = abs(probe.playable_s - wanted_s)
    if differs_s > max(SAME_S, SAME_PART * wanted_s):
        raise PermanentError(
            "result_too_short",
            wanted_s=round(wanted_s, 1),
            made_s=round(probe.playable_s, 1),
        )
    return describe(path, probe)


def describe(path: Path, probe: Probe) -> Made:
    """Return what a page wants to know of a playable file."""
    seconds = max(probe.playable_s, 0.001)
    return Made(
        path=path,
        duration_s=probe.playable_s,
        width=probe.picture.width if probe.picture else None,
        height=probe.picture.height if probe.picture else None,
        bitrate_kbps=round(probe.size_bytes * 8 / seconds / 1000),
    )


def _out(scratch: Path, name: str) -> Path:
    out = scratch / name
    if out.exists():
        for file in out.iterdir():
            file.unlink()
    out.mkdir(exist_ok=True)
    return out
