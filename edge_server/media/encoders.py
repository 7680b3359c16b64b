"""Which H.264 encoder this machine really has.

ffmpeg lists encoders of hardware that is not there, and they fail with a file of no bytes;
so one is used only after it has encoded a few frames here. Asked once a process; after a
failure in earnest it is not used again until the next start.
"""

import tempfile
from functools import cache
from pathlib import Path

from edge_server.errors import EdgeError
from edge_server.media import runner

SOFTWARE = "libx264"
HARDWARE = ("h264_v4l2m2m",)
"""Those that take frames from ordinary memory. The sandbox shows no device until it is
taught to, so here the test encode has always ended in software."""


@cache
def encoder() -> str:
    """Return ffmpeg's name of the encoder to use."""
    for name in HARDWARE:
        if any(Path("/dev").glob("video1[0-9]")) and _works(name):
            return name
    return SOFTWARE


def _works(name: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        argv = [
            *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
            *("-i", "testsrc2=size=640x360:rate=25:duration=0.4"),
            *(
                "-c:v",
                name,
                "-pix_fmt",
                "yuv420p",
                "-b:v",
                "1M",
                "-f",
                "mp4",
                "try.mp4",
            ),
        ]
        try:
            finished = runner.run(argv, inputs={}, out=out, limits=runner.limits(10))
        except EdgeError:
            return False
        made = out / "try.mp4"
        return (
            finished.exit_status == 0 and made.is_file() and made.stat().st_size > 1000
        )
