"""Frames and voices become a film in whatever container a teacher may bring.

A film is a function of time: it is asked for the picture at each 25th of a second and the
answer goes straight into ffmpeg. `FORMATS` names the encoders; the first plays everywhere
as it is, the others are what lies on old discs and phones.
"""

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import music
from .canvas import Canvas
from .narration import Cue, Line, speak

FPS = 25
H264 = ("-c:v", "libx264", "-preset", "slow", "-crf", "28", "-pix_fmt", "yuv420p",
        "-profile:v", "main", "-level", "3.1", "-g", "125")  # fmt: skip
AAC = ("-c:a", "aac", "-b:a", "56k", "-ac", "1", "-ar", "44100")
FORMATS: dict[str, tuple[str, ...]] = {
    "mp4": (*H264, *AAC, "-movflags", "+faststart"),
    "mp4-late-index": (*H264, *AAC),
    "mpg": ("-c:v", "mpeg2video", "-b:v", "430k", "-maxrate", "900k", "-bufsize", "1M",
            "-g", "15", "-bf", "2", "-c:a", "mp2", "-b:a", "96k", "-ar", "44100", "-f", "vob"),
    "wmv": ("-c:v", "wmv2", "-b:v", "220k", "-g", "100", "-c:a", "wmav2", "-b:a", "48k",
            "-ar", "44100"),
    "avi": ("-c:v", "mpeg4", "-vtag", "DX50", "-q:v", "7", "-g", "100", "-c:a", "libmp3lame",
            "-b:a", "56k", "-ar", "44100"),
    "flv": ("-c:v", "flv1", "-q:v", "7", "-g", "100", "-c:a", "libmp3lame", "-b:a", "56k",
            "-ar", "44100"),
    "mkv": ("-c:v", "libx265", "-preset", "medium", "-crf", "30", "-pix_fmt", "yuv420p",
            "-x265-params", "log-level=error", *AAC),
    "m3u8": (*H264, *AAC, "-f", "hls", "-hls_time", "8", "-hls_list_size", "0",
             "-hls_playlist_type", "vod"),
}  # fmt: skip

Paint = Callable[[float, Sequence[Cue]], Canvas]
"""Paints the picture at a moment, in seconds, with the words spoken then."""
Scene = Callable[[tuple[int, int]], Paint]
"""Draws what never moves once, in so many pixels, and returns the painter of a moment."""


@dataclass(frozen=True, slots=True)
class Film:
    """What is shown and said."""

    title: str
    size: tuple[int, int]
    """Width and height in pixels."""
    scene: Scene
    lines: Sequence[Line]
    seed: int
    """Chooses the tune."""
    lead_s: float = 1.6
    tail_s: float = 1.8
    second_voice: Sequence[Line] = field(default=())
    """The same lines in another language: a second sound track."""
    musical: bool = True


def ffmpeg(*arguments: str, feed: bool = False) -> "subprocess.Popen[bytes]":
    """Start ffmpeg with the settings that make files repeatable."""
    return subprocess.Popen(
        ["nice", "ffmpeg", "-v", "error", "-y", *arguments],
        stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
    )


def run(*arguments: str) -> None:
    """Run ffmpeg to its end."""
    if ffmpeg(*arguments).wait():
        raise SystemExit(f"ffmpeg: {arguments}")


def mixed(voice: Path, tune: Path | None, target: Path) -> Path:
    """Write the voice at a school's loudness (-18 LUFS) with the tune below it."""
    even = (
        "highpass=f=90,acompressor=threshold=-20dB:ratio=2.5,loudnorm=I=-18:TP=-2:LRA=9"
    )
    if tune:
        run("-i", str(voice), "-i", str(tune), "-filter_complex",
            f"[0]{even}[a];[1]volume=-9dB,lowpass=f=3500[b];"
            "[a][b]amix=inputs=2:duration=first:normalize=0",
            "-ar", "44100", str(target))  # fmt: skip
    else:
        run("-i", str(voice), "-af", even, "-ar", "44100", str(target))
    return target


def soundtrack(film: Film, work: Path) -> tuple[list[Path], list[Cue], float]:
    """Speak the film; return its sound tracks, the cues and the length in seconds."""
    tracks: list[Path] = []
    cues: list[Cue] = []
    seconds = 0.0
    for n, lines in enumerate(filter(None, (film.lines, film.second_voice))):
        voice = work / f"voice{n}.wav"
        heard = speak(lines, voice, lead_s=film.lead_s, tail_s=film.tail_s)
        length = heard[-1].end_s + lines[-1].pause_s + film.tail_s
        tune = None
        if film.musical:
            tune = work / f"tune{n}.wav"
            music.tune(length, tune, seed=film.seed)
        tracks.append(mixed(voice, tune, work / f"track{n}.wav"))
        if not cues:
            cues, seconds = heard, length
    return tracks, cues, seconds


def make(
    film: Film, form: str, target: Path, work: Path, *, share: float = 1.0
) -> list[Cue]:
    """Write ``film`` as ``form`` and return its cues; ``share`` < 1 draws it smaller."""
    work.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    tracks, cues, seconds = soundtrack(film, work)
    width, height = (round(v * share / 2) * 2 for v in film.size)
    paint = film.scene((width, height))
    inputs = [part for track in tracks for part in ("-i", str(track))]
    maps = [part for n in range(len(tracks)) for part in ("-map", f"{n + 1}:a")]
    if len(tracks) == 2:
        maps += ["-metadata:s:a:0", "language=chi", "-metadata:s:a:0", "title=普通话",
                 "-metadata:s:a:1", "language=eng", "-metadata:s:a:1", "title=English"]  # fmt: skip
    coder = ffmpeg(
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}", "-r", str(FPS),
        "-i", "-", *inputs, "-map", "0:v", *maps, "-metadata", f"title={film.title}",
        "-fflags", "+bitexact", "-flags", "+bitexact", "-threads", "2",
        *FORMATS[form], "-t", f"{seconds:.2f}", str(target), feed=True,
    )  # fmt: skip
    assert coder.stdin
    for n in range(round(seconds * FPS)):
        coder.stdin.write(paint(n / FPS, cues).finished().tobytes())
    coder.stdin.close()
    if coder.wait():
        raise SystemExit(f"ffmpeg: {target}")
    return cues
