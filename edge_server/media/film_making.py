"""A film or recording, and films inside a deck: what plays, and its small pictures."""

import time
from pathlib import Path
from typing import Any

from edge_server.errors import PermanentError
from edge_server.ground import disk, jobs, store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import progress
from edge_server.media import choose, pictures, transcode
from edge_server.media import probe as probing
from edge_server.media.probe import Probe
from edge_server.media.results import Results, fresh_folder
from edge_server.media.segments import Watch
from edge_server.media.slide_show import Clip
from edge_server.media.transcode import Made
from edge_server.records import renditions

PROGRESSED_EVERY_S = 10.0
FURTHER = 3.0
"""Room asked for before a conversion, as a multiple of the source."""


def render_film(box: Box, job: Job, source: Path, results: Results) -> None:
    """Make what plays of a film or recording, the main rendition first.

    Raises:
        PermanentError: It cannot be made; a further sound track's reason is in its row.
    """
    probe = probing.probe(source)
    plan = choose.choose(probe)
    scratch = store.scratch(box, job.kind, job.key)
    watch = watch_of(box, job, probe)
    needed = int(FURTHER * source.stat().st_size)
    if plan.serve:
        film, shown = transcode.describe(source, probe), source
        results.itself(
            renditions.MAIN, media_type_of(probe), **told_of(film), about=_about(probe)
        )
    else:
        with disk.reserve(box, f"{job.kind}/{job.key}", needed):
            film = transcode.main(source, probe, plan, scratch, watch)
        shown = results.add(
            renditions.MAIN,
            film.path,
            media_type_of(probe),
            **told_of(film),
            about=_about(probe),
        )
    _render_pictures_of(shown, scratch, results)
    for n, track in enumerate(plan.further if probe.picture else (), start=2):
        try:
            with disk.reserve(box, f"{job.kind}/{job.key}", needed):
                other = transcode.with_sound(
                    shown, source, probe, track, scratch, watch
                )
            results.add(
                f"sound-{n}/1",
                other.path,
                "video/mp4",
                **told_of(other),
                label=track.label,
            )
        except PermanentError as error:
            results.failed(f"sound-{n}/1", error)


def _render_pictures_of(film: Path, scratch: Path, results: Results) -> None:
    probe = probing.probe(film)
    poster = pictures.poster(film, probe, fresh_folder(scratch, "poster"))
    if poster is not None:
        results.add(renditions.POSTER, poster, "image/jpeg")
    strip = pictures.storyboard(film, probe, fresh_folder(scratch, "storyboard"))
    if strip is not None:
        results.add(renditions.STORYBOARD, strip[0], "image/jpeg", about=strip[1])


def render_clips(
    box: Box, job: Job, clips: list[Clip], scratch: Path, results: Results
) -> None:
    """Make the films and sounds inside a deck playable."""
    for clip in clips:
        profile = f"clip-{clip.page}-{clip.number}/1"
        try:
            probe = probing.probe(clip.path)
            plan = choose.choose(probe)
            if plan.serve:
                film = transcode.describe(clip.path, probe)
            else:
                folder = scratch / f"clip-{clip.page}-{clip.number}"
                folder.mkdir(exist_ok=True)
                needed = int(FURTHER * clip.path.stat().st_size)
                with disk.reserve(box, f"{job.kind}/{job.key}", needed):
                    film = transcode.main(
                        clip.path,
                        probe,
                        plan,
                        folder,
                        watch_of(box, job, probe),
                    )
        except PermanentError as error:
            results.failed(profile, error)
            continue
        results.add(profile, film.path, media_type_of(probe), **told_of(film))


def watch_of(box: Box, job: Job, probe: Probe) -> Watch:
    """Return how a conversion is followed: progress into the job's row, its stop asked."""
    note = progress(box, job)
    last_s = time.monotonic()

    def on_durable() -> None:
        nonlocal last_s
        if time.monotonic() - last_s >= PROGRESSED_EVERY_S:
            last_s = time.monotonic()
            with transaction(box.db) as tx:
                jobs.progressed(tx, job)

    return Watch(
        on_seconds=lambda seconds: note(seconds, probe.playable_s, "s"),
        on_durable=on_durable,
        should_stop=job.should_stop,
    )


def media_type_of(probe: Probe) -> str:
    """Return the media type of a file that plays as it is or was made to."""
    if probe.picture is not None:
        return "video/mp4"
    return "audio/mpeg" if probe.container == "mp3" else "audio/mp4"


def told_of(made: Made) -> dict[str, Any]:
    """Return what the row of a rendition tells of a film."""
    return {
        "duration_s": made.duration_s,
        "width": made.width,
        "height": made.height,
        "bitrate_kbps": made.bitrate_kbps,
    }


def _about(probe: Probe) -> dict[str, Any]:
    """What a page is to say of a source: that only a part of it could be played."""
    return {"damaged": True} if probe.damaged else {}
