"""Which H.264 encoder this machine really has, and how it is asked.

ffmpeg lists encoders of hardware that is not there, and they fail with a file of no bytes;
so one is used only after it has encoded a few frames here, in the sandbox, with the options
of the real work. Asked once a process, 0.3 to 0.4 s for each that is not there [measured].
Where a film fails in hardware and not in software, the hardware is not used again until
the next start.

A device is opened as the user the sandbox runs as: a box whose service belongs to the
groups ``render`` and ``video`` can; one that root starts by hand cannot, and uses x264.
"""

import logging
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg

from edge_server.errors import EdgeError
from edge_server.media import probe as probing
from edge_server.media import runner

log = logging.getLogger(__name__)

DEVICES = Path("/dev")
TRY_S = 0.4
HIGH = 100
"""H.264's profile_idc of High (ITU-T H.264, A.2.4): some encoders know no names."""


@dataclass(frozen=True, slots=True)
class Quality:
    """How good a picture is to be."""

    crf: int
    """Constant quality of x264, lower is better."""
    most_kbps: int


@dataclass(frozen=True, slots=True)
class Encoder:
    """One encoder of ffmpeg."""

    name: str
    devices: str = ""
    """Pattern of the device files below /dev that it needs; empty for software."""
    opening: tuple[str, ...] = ()
    """Global options that open the device."""
    on_device: bool = False
    """It takes only frames that lie in the device's own memory."""

    def options(self, quality: Quality) -> dict[str, str | int]:
        """Return ffmpeg's output options for a picture of this quality.

        ``veryfast`` is the knee: faster presets leave out what makes a lesson with a
        noisy camera small (9 to 20 times the bytes), slower ones cost 30 to 100 % more
        for one point of VMAF [measured]. A key frame every 4 s keeps seeks short.
        """
        common: dict[str, str | int] = {
            "c:v": self.name,
            "maxrate": f"{quality.most_kbps}k",
            "bufsize": f"{2 * quality.most_kbps}k",
            "g": 100,
        }
        if self.devices:  # hardware knows no constant quality
            return common | {"b:v": f"{quality.most_kbps // 2}k", "profile:v": HIGH}
        return common | {
            "profile:v": "high",
            "preset": "veryfast",
            "crf": quality.crf,
            "keyint_min": 25,
        }

    def fed(self, picture: Any) -> Any:
        """Return a picture in the form and the memory that this encoder takes."""
        if self.on_device:
            return picture.filter("format", "nv12").filter("hwupload")
        return picture.filter("format", "nv12" if self.devices else "yuv420p")

    def shown(self) -> list[Path]:
        """Return the device files that the sandbox must show."""
        return sorted(DEVICES.glob(self.devices)) if self.devices else []


SOFTWARE = Encoder("libx264")
HARDWARE = (
    Encoder(
        "h264_vaapi",
        devices="dri",
        opening=("-vaapi_device", "/dev/dri/renderD128"),
        on_device=True,
    ),
    Encoder("h264_qsv", devices="dri"),
    Encoder("h264_v4l2m2m", devices="video1[0-9]"),
)
"""In the order in which they are tried."""

_given_up: set[str] = set()


def encoder() -> Encoder:
    """Return the encoder to use."""
    return next(
        (one for one in HARDWARE if one.name not in _given_up and works(one)), SOFTWARE
    )


def give_up(failed: Encoder) -> None:
    """Use a piece of hardware no more until the next start."""
    log.warning("%s failed where x264 did not; it is not used any more", failed.name)
    _given_up.add(failed.name)


@cache
def works(one: Encoder) -> bool:
    """Tell whether an encoder makes a film here; tries it once, really."""
    if one.devices and not one.shown():
        return False
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        drawn = f"testsrc2=size=640x360:rate=25:duration={TRY_S}"
        output = ffmpeg.output(
            one.fed(ffmpeg.input(drawn, format="lavfi")["v:0"]),
            "file:/out/try.mp4",
            format="mp4",
            **one.options(Quality(crf=28, most_kbps=2000)),
        )
        try:
            finished = runner.run(
                runner.compiled(output, also=one.opening),
                inputs={},
                out=out,
                limits=runner.limits(10),
                devices=one.shown(),
            )
            if finished.exit_status != 0:
                return False
            picture = probing.probe(out / "try.mp4").picture
        except EdgeError:
            return False
        return picture is not None and (picture.width, picture.height) == (640, 360)
