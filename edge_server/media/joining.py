"""Pieces of one stream become one file by copying: MPEG-TS, fragments, VOBs of a title.

All of these are formats that may be cut anywhere and put end to end, so the pieces are
read as one long file. Only picture and sound are taken over: a DVD's navigation packets
fit into no other container.
"""

from collections.abc import Sequence
from pathlib import Path

import ffmpeg

from edge_server.ground import disk
from edge_server.ground.box import Box
from edge_server.ground.jobs import Job
from edge_server.media import runner

STEP_BYTES = 1 << 20
LEAST_BYTES_PER_S = 50_000
"""Of a film: how long a file of unknown length may be, for the time limits."""


def join(box: Box, job: Job, parts: Sequence[Path], out: Path, name: str) -> Path:
    """Join pieces into ``<out>/<name>``, an ``.mp4`` or an ``.mkv``.

    Raises:
        DiskFull: There is no room for it twice.
        Stopped: The job was asked to stop.
        PermanentError: ``copy_failed``.
    """
    size_bytes = sum(part.stat().st_size for part in parts)
    with disk.reserve(box, f"{job.kind}/{job.key}", 3 * size_bytes):
        whole = out / "whole"
        with whole.open("wb") as joined:
            for part in parts:
                with part.open("rb") as piece:
                    while step := piece.read(STEP_BYTES):
                        joined.write(step)
        options: dict[str, str] = {"format": "matroska"}
        if name.endswith(".mp4"):
            options = {"format": "mp4", "movflags": "+faststart"}
        source = runner.source()
        output = ffmpeg.output(
            source["v"],
            source["a?"],
            f"file:/out/{name}",
            codec="copy",
            map_metadata=-1,
            **options,
        )
        finished = runner.run(
            runner.compiled(output),
            inputs={"input": whole},
            out=out,
            limits=runner.limits(size_bytes / LEAST_BYTES_PER_S, size_bytes),
            should_stop=job.should_stop,
        )
        runner.must(finished, "copy_failed")
        whole.unlink()
    return out / name
