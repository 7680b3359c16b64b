"""Still pictures: posters, the strip of small ones under a player, pictures for screens.

A poster is chosen among key frames by ffmpeg's ``thumbnail`` filter, which passes over
black and plain ones. The storyboard decodes key frames only: 77 times cheaper than the
whole film. Pictures that a TV may not show (BMP, TIFF, WebP, or larger than 1920 wide)
become a JPEG.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.guard import sandbox
from edge_server.media import runner
from edge_server.media.probe import Probe

POSTER_WIDTH = 640
SCREEN_WIDTH, SCREEN_HEIGHT = 1920, 1080
STRIP_WIDTH = 160
STRIP_MOST = 100
"""Pictures of a storyboard, ten in a row."""
STRIP_COLUMNS = 10
STRIP_EVERY_S = 5.0
JPEG_QUALITY = 4
"""ffmpeg's scale: 2 best, 31 worst."""
STILLS = (
    "image2",
    "jpeg_pipe",
    "png_pipe",
    "gif",
    "bmp_pipe",
    "tiff_pipe",
    "webp_pipe",
)
STILL_DECODERS = ("mjpeg", "png", "gif", "bmp", "tiff", "webp")
PIPES = {
    "jpeg": "jpeg_pipe",
    "png": "png_pipe",
    "gif": "gif",
    "bmp": "bmp_pipe",
    "tiff": "tiff_pipe",
    "webp": "webp_pipe",
}


def poster(source: Path, probe: Probe, out: Path) -> Path | None:
    """Make ``poster.jpg`` of a film, or of the cover inside a recording; None: no picture."""
    if probe.picture is None and probe.cover_index is None:
        return None
    if probe.picture is None:
        picture = runner.source()[str(probe.cover_index)]
    else:
        # Not from the very beginning, where titles fade in.
        begin_s = min(probe.playable_s * 0.1, 10.0)
        picture = runner.source(skip_frame="nokey", ss=f"{begin_s:.2f}")
        picture = picture[str(probe.picture.index)].filter("thumbnail", n=12)
    picture = picture.filter("scale", f"min({POSTER_WIDTH},iw)", -2)
    made = _jpeg(picture, "poster.jpg", {"input": source}, out)
    if (
        made is None and probe.picture is not None
    ):  # one key frame, before where we began
        first = runner.source()[str(probe.picture.index)]
        first = first.filter("scale", f"min({POSTER_WIDTH},iw)", -2)
        made = _jpeg(first, "poster.jpg", {"input": source}, out)
    return made


def storyboard(
    source: Path, probe: Probe, out: Path
) -> tuple[Path, dict[str, Any]] | None:
    """Make ``storyboard.jpg``: small pictures in rows; returns it and its geometry.

    The geometry: ``every_s`` between pictures, ``columns``, ``rows``, ``width`` and
    ``height`` of one in pixels, ``count``.
    """
    if probe.picture is None or probe.playable_s < 2 * STRIP_EVERY_S:
        return None
    every_s = max(STRIP_EVERY_S, probe.playable_s / STRIP_MOST)
    count = max(int(probe.playable_s / every_s), 1)
    rows = -(-count // STRIP_COLUMNS)
    shown = probe.picture.height * STRIP_WIDTH / probe.picture.width
    height = max(2, round(shown / 2) * 2)
    picture = runner.source(skip_frame="nokey")[str(probe.picture.index)]
    picture = picture.filter("fps", f"1/{every_s:.3f}")
    picture = picture.filter("scale", STRIP_WIDTH, height, flags="fast_bilinear")
    picture = picture.filter("tile", f"{STRIP_COLUMNS}x{rows}")
    made = _jpeg(picture, "storyboard.jpg", {"input": source}, out)
    if made is None:
        return None
    return made, {
        "every_s": round(every_s, 3),
        "columns": STRIP_COLUMNS,
        "rows": rows,
        "width": STRIP_WIDTH,
        "height": height,
        "count": count,
    }


def for_screens(source: Path, format: str, out: Path) -> Path | None:
    """Make ``picture.jpg`` of a still picture, at most 1920×1080; None: it cannot be read."""
    return _scaled(source, format, SCREEN_WIDTH, SCREEN_HEIGHT, "picture.jpg", out)


def small(source: Path, format: str, out: Path) -> Path | None:
    """Make ``poster.jpg`` of a still picture or a page; None: it cannot be read."""
    return _scaled(source, format, POSTER_WIDTH, POSTER_WIDTH, "poster.jpg", out)


def size_of(source: Path, format: str) -> tuple[int, int] | None:
    """Return width and height of a still picture in pixels, None: it cannot be read."""
    argv = ["ffprobe", "-v", "error", "-of", "csv=p=0", "-select_streams", "v:0"]
    argv += ["-show_entries", "stream=width,height", "-f", PIPES[format]]
    for name, value in _still_guard().items():
        argv += [f"-{name}", str(value)]
    finished = sandbox.run(
        [*argv, runner.INPUT], inputs={"input": source}, limits=runner.limits(0)
    )
    words = finished.output.decode("ascii", "replace").strip().rstrip(",").split(",")
    if finished.exit_status != 0 or len(words) < 2 or not words[0].isdigit():
        return None
    return int(words[0]), int(words[1])


def _scaled(
    source: Path, format: str, width: int, height: int, name: str, out: Path
) -> Path | None:
    picture = ffmpeg.input(runner.INPUT, format=PIPES[format], **_still_guard())["v:0"]
    picture = picture.filter(
        "scale",
        f"min({width},iw)",
        f"min({height},ih)",
        force_original_aspect_ratio="decrease",
    )
    return _jpeg(picture, name, {"input": source}, out)


def _still_guard() -> dict[str, str | int]:
    return runner.guarded(formats=STILLS, decoders=STILL_DECODERS)


def _jpeg(picture: Any, name: str, inputs: dict[str, Path], out: Path) -> Path | None:
    target: Sequence[str] = runner.compiled(
        ffmpeg.output(
            picture.filter("format", "yuvj420p"),
            name,
            vframes=1,
            format="image2",
            vcodec="mjpeg",
            **{"q:v": JPEG_QUALITY, "update": 1},
        )
    )
    finished = runner.run(target, inputs=inputs, out=out, limits=runner.limits(600))
    made = out / name
    if finished.exit_status != 0 or not made.is_file() or made.stat().st_size == 0:
        return None
    return made
