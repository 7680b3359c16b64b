"""From a film as delivered to one that every screen plays: the main rendition and others.

Picture and sound go their own ways, since usually only one of them is wrong, and are put
together by copying at the end. The result is accepted only if it plays as long as its
source: ffmpeg ends with status 0 on truncated input and half-written output alike.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import PermanentError, Stopped
from edge_server.ground import durable
from edge_server.guard.sandbox import Limits
from edge_server.media import encoders, runner, sound
from edge_server.media import picture as pictures
from edge_server.media import probe as probing
from edge_server.media.choose import (
    PictureWork,
    Plan,
    SoundWork,
    fitted,
    sound_work,
    thinned,
)
from edge_server.media.encoders import Encoder, Quality
from edge_server.media.picture import TICKS_PER_S, Encoded
from edge_server.media.probe import Probe, Sound
from edge_server.media.segments import Watch

SAME_S = 0.5
"""A result whose length differs more from its source is not accepted."""
SMALL_WIDTH, SMALL_HEIGHT = 640, 360


@dataclass(frozen=True, slots=True)
class Made:
    """A playable file and what a page wants to know of it."""

    path: Path
    duration_s: float
    width: int | None
    height: int | None
    bitrate_kbps: int
    """Average over the whole file."""


def main(source: Path, probe: Probe, plan: Plan, scratch: Path, watch: Watch) -> Made:
    """Make the main rendition of a film or recording that does not play as it is.

    Args:
        source: The film.
        probe: What it is.
        plan: What is to be done, not ``serve``.
        scratch: The job's work folder.
        watch: How it is followed.

    Raises:
        Stopped: Asked to stop; finished segments stay in ``scratch``.
        PermanentError: ``encode_failed``, ``copy_failed``, ``result_too_short``.
    """

    def make(encoder: Encoder) -> Made:
        parts = _Parts(source, probe, scratch, watch, encoder)
        streams = parts.streams(plan.picture, pictures.MAIN, plan.sound, sound.KBPS)
        return parts.joined(streams, probe.playable_s)

    return _made(make)


def small(source: Path, probe: Probe, scratch: Path, watch: Watch) -> Made:
    """Make a small rendition for weak Wi-Fi: 360 lines, about 500 kbit/s.

    Args:
        source: A film that plays: the main rendition.
        probe: What it is.
        scratch: The job's work folder.
        watch: How it is followed.
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

    def make(encoder: Encoder) -> Made:
        parts = _Parts(source, probe, scratch, watch, encoder)
        first = [replace(sound_work(one), encode=True) for one in probe.sounds[:1]]
        streams = parts.streams(
            work, pictures.SMALL, first[0] if first else None, sound.SMALL_KBPS
        )
        return parts.joined(streams, probe.playable_s)

    return _made(make)


def _made(make: Callable[[Encoder], Made]) -> Made:
    """Make it in hardware where there is any, and in software where that fails."""
    encoder = encoders.encoder()
    try:
        return make(encoder)
    except PermanentError:
        if encoder == encoders.SOFTWARE:
            raise
        made = make(encoders.SOFTWARE)
        encoders.give_up(encoder)  # only now is it known that the film was not to blame
        return made


def with_sound(
    main_file: Path,
    source: Path,
    probe: Probe,
    track: Sound,
    scratch: Path,
    watch: Watch,
) -> Made:
    """Make the main rendition with another sound track; its picture is copied."""
    folder = scratch / f"track-{track.index}"
    folder.mkdir(exist_ok=True)
    parts = _Parts(source, probe, folder, watch, encoders.SOFTWARE)
    parts.inputs["main"] = main_file
    picture = ffmpeg.input("file:/in/main", **runner.guarded())["v:0"]
    streams = [picture, parts.sound(sound_work(track), sound.KBPS, watch)]
    return parts.joined(streams, probe.playable_s)


class _Parts:
    """The streams of a film in the making, and what they are read from."""

    def __init__(
        self, source: Path, probe: Probe, folder: Path, watch: Watch, encoder: Encoder
    ) -> None:
        self.source = source
        self.probe = probe
        self.folder = folder
        self.watch = watch
        self.encoder = encoder
        self.limits: Limits = runner.limits(probe.playable_s, source.stat().st_size)
        self.inputs: dict[str, Path] = {"input": source}
        self.options: dict[str, str] = {}

    def streams(
        self,
        picture: PictureWork | None,
        quality: Quality,
        heard: SoundWork | None,
        kbps: dict[int, int],
    ) -> list[Any]:
        """Return picture and sound, encoded first where they must be, side by side.

        The sound fits into what x264 leaves idle. When one fails, the other is stopped.
        """
        if picture is None or heard is None:
            made = (
                [] if picture is None else [self.picture(picture, quality, self.watch)]
            )
            return (
                made if heard is None else [*made, self.sound(heard, kbps, self.watch)]
            )
        failed = threading.Event()
        watch = replace(
            self.watch, should_stop=lambda: failed.is_set() or self.watch.should_stop()
        )

        def stop_picture(ended: Future[Any]) -> None:
            if ended.exception() is not None:
                failed.set()

        # Progress is the picture's, which takes longer.
        unseen = replace(watch, on_seconds=lambda seconds: None)
        with ThreadPoolExecutor(1) as beside:
            sound_of_it = beside.submit(self.sound, heard, kbps, unseen)
            sound_of_it.add_done_callback(stop_picture)
            try:
                picture_of_it = self.picture(picture, quality, watch)
            except BaseException as error:
                failed.set()
                if isinstance(error, Stopped) and (why := sound_of_it.exception()):
                    raise why from error
                raise
            return [picture_of_it, sound_of_it.result()]

    def picture(self, work: PictureWork, quality: Quality, watch: Watch) -> Any:
        """Return the picture, encoded first where it must be."""
        if not work.encode:
            return runner.source()[str(work.index)]
        encoded = pictures.encode_picture(
            self.folder,
            self.source,
            work,
            quality,
            encoder=self.encoder,
            limits=self.limits,
            watch=watch,
        )
        frames_per_s = work.frames_per_s or self._frames_per_s()
        # Without a length of its own the last frame would be cut off by the edit list.
        self.options["bsf:v"] = (
            f"setts=pts=PTS:dts=DTS:duration={round(TICKS_PER_S / frames_per_s)}"
        )
        return self._read(encoded, "picture", "mpegts")["v:0"]

    def _frames_per_s(self) -> Fraction:
        picture = self.probe.picture
        return (picture.frames_per_s if picture else Fraction(0)) or Fraction(25)

    def sound(self, work: SoundWork, kbps: dict[int, int], watch: Watch) -> Any:
        """Return a sound track, encoded and evened first where it must be encoded."""
        if not work.encode:
            return runner.source()[str(work.index)]
        encoded = sound.encode_sound(
            self.folder, self.source, work, kbps, limits=self.limits, watch=watch
        )
        return self._read(encoded, "sound", "aac")["a:0"]

    def _read(self, encoded: Encoded, name: str, container: str) -> Any:
        self.inputs[name] = encoded.path
        return ffmpeg.input(
            f"file:/in/{name}",
            format=container,
            itsoffset=f"{encoded.begins_s:.6f}",
            **runner.guarded(formats=(container,)),
        )

    def joined(self, streams: list[Any], wanted_s: float) -> Made:
        """Copy the streams into one MP4 with its index in front, and look at it.

        Raises:
            PermanentError: ``copy_failed``; ``result_too_short``: it does not play as
                long as its source and is not to be used.
        """
        out = self.folder / "joined"
        durable.remove_tree(out)
        out.mkdir()
        output = ffmpeg.output(
            *streams,
            "file:/out/film.mp4",
            codec="copy",
            format="mp4",
            movflags="+faststart",
            map_metadata=-1,
            map_chapters=-1,
            **self.options,
        )
        finished = runner.run(
            runner.compiled(output),
            inputs=self.inputs,
            out=out,
            limits=self.limits,
            should_stop=self.watch.should_stop,
        )
        runner.must(finished, "copy_failed")
        made = probing.probe(out / "film.mp4")
        # What can be decoded of a damaged film is all there is.
        if not self.probe.damaged and abs(made.playable_s - wanted_s) >= SAME_S:
            raise PermanentError(
                "result_too_short",
                wanted_s=round(wanted_s, 1),
                made_s=round(made.playable_s, 1),
            )
        return describe(out / "film.mp4", made)


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
