"""Converting films: ours beside one plain ffmpeg run, and what it does to a page.

Run with ``python scripts/bench/transcode.py`` in the project's environment; about five
minutes (``--rounds 1 --seconds 20`` takes one).

* The main rendition of a 1080p film that has to be encoded, picture and sound: wall time
  from the first look at the file to the checked result, in turn with one ffmpeg process
  that has the same encoder options, the same priority and no sandbox. Ours also probes the
  source, measures its loudness, can be killed at any moment, and looks at its result.
* A film that plays everywhere: its main rendition must be the film itself.
* Pages of a box that runs, while nothing else happens and while it converts a film.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

import running
from bars import Bars

ROUNDS = 3
SECONDS = 60
PAGES = 200
PATIENCE_S = 600.0
FFMPEG = ("ffmpeg", "-v", "error", "-nostdin", "-y")
LOW = ("nice", "-n", "19", "ionice", "-c", "3")


def main() -> int:
    """Measure the rendition, then pages beside one; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument(
        "--seconds", type=int, default=SECONDS, help="length of the film"
    )
    said = parser.parse_args()
    bars = Bars("transcode")
    with tempfile.TemporaryDirectory(prefix="films-") as folder:
        source = lesson(Path(folder), said.seconds)
        compare(bars, source, Path(folder), said.rounds)
        beside_a_page(bars, source, Path(folder))
    return bars.close()


def lesson(folder: Path, seconds: int) -> Path:
    """Make a lesson: slides that change, a moving corner, camera noise, quiet speech."""
    path = folder / "lesson.mpg"
    picture = f"testsrc2=size=1920x1080:rate=25:duration={seconds},noise=alls=4:allf=t"
    speech = f"anoisesrc=color=brown:amplitude=0.05:duration={seconds}"
    subprocess.run(
        [
            *(*FFMPEG, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", speech),
            *("-c:v", "mpeg2video", "-q:v", "5", "-g", "15", "-bf", "2"),
            *("-c:a", "mp2", "-ac", "2", "-f", "vob", str(path)),
        ],
        check=True,
    )
    return path


def compare(bars: Bars, source: Path, folder: Path, rounds: int) -> None:
    """Take ours and one ffmpeg run in turn, and state the ratio of the medians."""
    ours: list[float] = []
    plain: list[float] = []
    for n in range(rounds):
        plain.append(timed(lambda: one_ffmpeg(source, folder / "plain.mp4")))
        ours.append(timed(lambda n=n: our_main(source, folder / f"work-{n}")))
    bars.note("main rendition, one ffmpeg run", median(plain), "s")
    bars.note("main rendition, ours", median(ours), "s")
    bars.at_most(
        "main rendition against one ffmpeg run", median(ours) / median(plain), 1.05, "x"
    )


def one_ffmpeg(source: Path, target: Path) -> None:
    """Encode with the options of `edge_server.media.picture`, in one process."""
    subprocess.run(
        [
            *(*LOW, *FFMPEG, "-i", str(source), "-map", "0:v:0", "-map", "0:a:0"),
            *("-vf", "bwdif=mode=send_frame:deint=interlaced,format=yuv420p"),
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "100"),
            *("-keyint_min", "25", "-profile:v", "high", "-maxrate", "8000k"),
            *("-bufsize", "16000k", "-c:a", "aac", "-b:a", "128k"),
            *("-movflags", "+faststart", str(target)),
        ],
        check=True,
    )


def our_main(source: Path, scratch: Path) -> None:
    """Make the main rendition as the step does."""
    from edge_server.media import transcode
    from edge_server.media.choose import choose
    from edge_server.media.probe import probe
    from edge_server.media.segments import Watch

    scratch.mkdir()
    found = probe(source)
    watch = Watch(lambda seconds: None, lambda: None, lambda: False)
    plan = choose(found)
    transcode.main(source, found, plan, scratch, watch)


def beside_a_page(bars: Bars, source: Path, folder: Path) -> None:
    """Measure pages of a running box, idle and while it converts."""
    plays = folder / "plays.mp4"
    one_ffmpeg_short(plays)
    with running.new_folder() as data, running.run(data) as box:
        running.command(data, "library", "add", str(plays))
        running.until(
            data, "select count(*) from renditions where profile = 'main/1'", PATIENCE_S
        )
        running.until(data, "select count(*) = 0 from jobs", PATIENCE_S)
        encoded = running.value(
            data,
            "select count(*) from renditions where profile = 'main/1'"
            " and object_id is not source_object_id",
        )
        bars.at_most("encodes of a film that plays", encoded, 0, "")
        idle = pages(box)
        dropped = data / "incoming" / source.name
        dropped.with_suffix(".part").write_bytes(source.read_bytes())
        dropped.with_suffix(".part").rename(dropped)
        converting = "select count(*) from jobs where kind = 'render' and done > 0"
        running.until(data, converting, PATIENCE_S)
        busy = pages(box)
        if running.value(data, converting) == 0:
            print("the film was done before the pages were; make it longer")
            busy = float("nan")
    bars.note("page p95, idle", idle, "ms")
    bars.note("page p95, converting", busy, "ms")
    bars.at_most("page p95 while converting", busy / idle, 2.0, "x idle")


def one_ffmpeg_short(target: Path) -> None:
    """Make a film that plays everywhere."""
    subprocess.run(
        [
            *(*FFMPEG, "-f", "lavfi", "-i", "testsrc2=size=640x360:rate=25:duration=4"),
            *("-f", "lavfi", "-i", "sine=duration=4", "-c:v", "libx264"),
            *("-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"),
            *("-movflags", "+faststart", str(target)),
        ],
        check=True,
    )


def pages(box: running.Running) -> float:
    """Return the 95th percentile of the time of a page, in milliseconds."""
    times = [timed(lambda: box.get("/library")) for _ in range(PAGES)]
    return quantiles(times, n=20)[-1] * 1000


def timed(work) -> float:
    """Return how many seconds some work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
