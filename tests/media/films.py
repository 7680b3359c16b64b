"""Small real films of every kind that courseware comes in, made by ffmpeg on demand.

Two seconds each, most of 320×180, with a moving picture and a tone.
"""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

PICTURE = "testsrc2=size=320x180:rate=25:duration=2"
TONE = "sine=frequency=440:sample_rate=44100:duration=2"
H264 = "-c:v libx264 -preset ultrafast -pix_fmt yuv420p"
AAC = "-c:a aac -b:a 64k"


def film(
    options: str, *, picture: str | None = PICTURE, tone: str | None = TONE
) -> Callable[[Path], None]:
    """Return a maker: picture and tone through ffmpeg with these output options."""

    def make(path: Path) -> None:
        graphs = [graph for graph in (picture, tone) if graph]
        inputs = [word for graph in graphs for word in ("-f", "lavfi", "-i", graph)]
        ffmpeg(*inputs, *options.split(), str(path))

    return make


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg to its end; it must succeed."""
    subprocess.run(
        ["ffmpeg", "-v", "error", "-nostdin", "-y", *arguments],
        check=True,
        stdin=subprocess.DEVNULL,
    )


def said(program: str, *arguments: str) -> str:
    """Return all that ffmpeg or ffprobe says."""
    done = subprocess.run(
        [program, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    return done.stdout + done.stderr


def cut(source: str, part: float) -> Callable[[Path], None]:
    """Return a maker of the first part of another film, as an interrupted copy leaves it."""

    def make(path: Path) -> None:
        whole = path.with_name(source)
        if not whole.exists():
            FILMS[source](whole)
        data = whole.read_bytes()
        path.write_bytes(data[: int(len(data) * part)])

    return make


def turned(path: Path) -> None:
    """A phone held upright: coded lying, with a matrix that players must turn it by."""
    lying = path.with_name("lying.mp4")
    film(f"{H264} {AAC}")(lying)
    ffmpeg(
        *("-i", str(lying), "-c", "copy", "-metadata:s:v:0", "rotate=90"),
        *("-movflags", "+faststart", str(path)),
    )


def two_sounds(path: Path) -> None:
    ffmpeg(
        *("-f", "lavfi", "-i", PICTURE, "-f", "lavfi", "-i", TONE),
        *("-f", "lavfi", "-i", TONE.replace("440", "880")),
        *("-map", "0", "-map", "1", "-map", "2", *H264.split(), *AAC.split()),
        *("-metadata:s:a:0", "language=zho", "-metadata:s:a:1", "language=eng"),
        *("-metadata:s:a:1", "title=English", str(path)),
    )


def with_cover(kind: str) -> Callable[[Path], None]:
    """Return a maker of a song with a still picture inside."""

    def make(path: Path) -> None:
        cover = path.with_name(f"{path.name}.{kind}")
        ffmpeg("-f", "lavfi", "-i", PICTURE, "-frames:v", "1", str(cover))
        ffmpeg(
            *("-f", "lavfi", "-i", TONE, "-i", str(cover), "-map", "0", "-map", "1"),
            *("-c:a", "libmp3lame", "-c:v", "copy", "-disposition:v", "attached_pic"),
            str(path),
        )

    return make


def phone_memo(head: bytes, frame_bytes: int) -> Callable[[Path], None]:
    """Return a maker of two seconds of a phone's voice memo; ffmpeg writes no AMR."""

    def make(path: Path) -> None:
        path.write_bytes(head + (b"\x04" + bytes(frame_bytes)) * 100)

    return make


PLAYS = f"{H264} {AAC} -movflags +faststart"

FILMS: dict[str, Callable[[Path], None]] = {
    "plays.mp4": film(PLAYS),
    "index-last.mp4": film(f"{H264} {AAC}"),
    "fragments.mp4": film(f"{H264} {AAC} -movflags frag_keyframe+empty_moov"),
    "mpeg2.mpg": film("-c:v mpeg2video -bf 2 -c:a mp2 -f vob"),
    "dvd.vob": film(
        "-c:v mpeg2video -aspect 16:9 -c:a ac3 -f vob",
        picture="testsrc2=size=352x288:rate=25:duration=2",
    ),
    "vcd.dat": film(
        "-target pal-vcd", picture="testsrc2=size=352x288:rate=25:duration=2"
    ),
    "pcm.vob": film(
        "-c:v mpeg2video -c:a pcm_dvd -ar 48000 -ac 2 -f vob",
    ),
    "interlaced.ts": film(
        "-vf interlace -flags +ilme+ildct -c:v mpeg2video -c:a mp2",
        picture="testsrc2=size=352x288:rate=50:duration=2",
    ),
    "interlaced-h264.ts": film(
        f"-vf interlace -flags +ilme+ildct {H264} {AAC}",
        picture="testsrc2=size=352x288:rate=50:duration=2",
    ),
    "divx.avi": film("-c:v mpeg4 -vtag DIVX -bf 2 -c:a libmp3lame"),
    "divx3.avi": film("-c:v msmpeg4 -c:a libmp3lame"),
    "mp42.avi": film("-c:v msmpeg4v2 -c:a pcm_u8 -ar 22050"),
    "camera.avi": film("-c:v mjpeg -pix_fmt yuvj420p -c:a pcm_s16le"),
    "media.wmv": film("-c:v wmv2 -c:a wmav2"),
    "media7.wmv": film("-c:v wmv1 -c:a wmav1"),
    "flash.flv": film("-c:v flv -c:a libmp3lame"),
    "flash-h264.flv": film(f"{H264} {AAC}"),
    "flash-speech.flv": film("-c:v flv -c:a nellymoser -ar 22050"),
    "real.rm": film(
        "-c:v rv20 -c:a ac3 -b:a 64k -ar 32000",
        picture="testsrc2=size=352x288:rate=25:duration=2",
    ),
    "hevc.mkv": film(
        "-c:v libx265 -preset ultrafast -x265-params log-level=none -c:a ac3"
    ),
    "ten-bit.mkv": film(
        "-c:v libx264 -preset ultrafast -pix_fmt yuv420p10le -c:a flac"
    ),
    "vp8.webm": film("-c:v libvpx -deadline realtime -cpu-used 8 -c:a libvorbis"),
    "vp9.webm": film("-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -c:a libopus"),
    "av1.mkv": film("-c:v libsvtav1 -preset 12 -c:a eac3"),
    "theora.ogv": film("-c:v libtheora -c:a libvorbis"),
    "vfr.mkv": film(
        rf"-vf select=not(eq(mod(n\,7)\,3)),setpts=PTS+0.013*mod(N\,3)/TB -fps_mode vfr {PLAYS}"
    ),
    "turned.mp4": turned,
    "silent.mp4": film(PLAYS, tone=None),
    "odd.avi": film(
        "-vf scale=319:179,format=yuv420p,setsar=1 -c:v mpeg4 -c:a libmp3lame",
    ),
    "wide-pixels.mp4": film(f"-vf setsar=64/45 {PLAYS}"),
    "fast.mp4": film(PLAYS, picture="testsrc2=size=320x180:rate=120:duration=2"),
    "large.mp4": film(
        f"{PLAYS} -crf 40", picture="color=c=teal:size=2560x1440:rate=5:duration=2"
    ),
    "upright.mp4": film(
        f"{PLAYS} -crf 40", picture="color=c=teal:size=1080x1920:rate=5:duration=2"
    ),
    "surround.mkv": film(f"{H264} -c:a ac3 -ac 6"),
    "surround-dts.mkv": film(f"{H264} -c:a dca -strict -2 -ac 6"),
    "two-sounds.mkv": two_sounds,
    "music.mp3": film("-c:a libmp3lame", picture=None),
    "music.m4a": film(f"{AAC} -movflags +faststart", picture=None),
    "music.aac": film(AAC, picture=None),
    "music.flac": film("-c:a flac", picture=None),
    "music.ogg": film("-c:a libvorbis", picture=None),
    "voice.wav": film("-c:a pcm_s16le", picture=None),
    "voice24.wav": film("-c:a pcm_s24le", picture=None),
    "voice32.wav": film("-c:a pcm_s32le", picture=None),
    "voice-float.wav": film("-c:a pcm_f32le", picture=None),
    "recorder.wav": film("-c:a adpcm_ima_wav", picture=None),
    "recorder-ms.wav": film("-c:a adpcm_ms", picture=None),
    "voice.aiff": film("-c:a pcm_s16be", picture=None),
    "voice24.aiff": film("-c:a pcm_s24be", picture=None),
    "telephone.wav": film("-c:a pcm_alaw", picture=None),
    "telephone-us.wav": film("-c:a pcm_mulaw", picture=None),
    "lossless.m4a": film("-c:a alac", picture=None),
    "voice.wma": film("-c:a wmav2", picture=None),
    "memo.amr": phone_memo(b"#!AMR\n", 12),
    "memo-wide.amr": phone_memo(b"#!AMR-WB\n", 17),
    "covered.mp3": with_cover("jpg"),
    "covered-png.mp3": with_cover("png"),
    "cut.mp4": cut("plays.mp4", 0.6),
    "cut-no-index.mp4": cut("index-last.mp4", 0.6),
    "cut.ts": cut("interlaced.ts", 0.6),
    "cut.avi": cut("divx.avi", 0.6),
    "cut.mp3": cut("music.mp3", 0.6),
}


SHOW = ("-show_format", "-show_streams")


def facts(path: Path) -> dict[str, list[dict[str, str]]]:
    """Return what plain ffprobe says of a file, for tests to compare with."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-count_frames", *SHOW, str(path)],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    found: dict[str, list[dict[str, str]]] = json.loads(told.stdout)
    return found
