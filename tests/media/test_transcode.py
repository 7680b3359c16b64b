"""From every kind of source to a film that plays on every screen, whatever interrupts."""

import multiprocessing
import os
import random
import signal
import time
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from edge_server.errors import PermanentError, Stopped
from edge_server.media import transcode
from edge_server.media.choose import choose
from edge_server.media.probe import probe
from edge_server.media.segments import Watch
from tests.media import films
from tests.media.films import facts, said


def watch(**changed) -> Watch:
    """Return a watch that hears nothing and never stops, but for what is changed."""
    quiet = {
        "on_seconds": lambda seconds: None,
        "on_durable": lambda: None,
        "should_stop": lambda: False,
    }
    return Watch(**(quiet | changed))


def made_of(path: Path, scratch: Path, **changed) -> transcode.Made:
    """Convert a film as the step does."""
    found = seen(path)
    scratch.mkdir(exist_ok=True)
    plan = choose(found)
    return transcode.main(path, found, plan, scratch, watch(**changed))


seen = cache(probe)
"""Sources do not change."""


def picture_facts(path: Path) -> dict[str, str]:
    """Return what ffprobe says of the first picture stream."""
    return next(s for s in facts(path)["streams"] if s["codec_type"] == "video")


def times(path: Path) -> list[float]:
    """Return the times of a film's frames, in order."""
    told = said(
        *("ffprobe", "-v", "error", "-select_streams", "v:0", "-of", "csv=p=0"),
        *("-show_entries", "frame=best_effort_timestamp_time", str(path)),
    )
    return [float(line.rstrip(",")) for line in told.split() if line.strip(",")]


NOT_SERVED = """
index-last.mp4 fragments.mp4 mpeg2.mpg dvd.vob vcd.dat interlaced.ts interlaced-h264.ts
divx.avi divx3.avi mp42.avi camera.avi media.wmv flash.flv flash-h264.flv real.rm hevc.mkv
ten-bit.mkv vp9.webm av1.mkv theora.ogv vfr.mkv turned.mp4 odd.avi wide-pixels.mp4 fast.mp4
large.mp4 upright.mp4 surround.mkv two-sounds.mkv music.aac music.flac voice.wav voice.aiff
voice.wma memo.amr
"""


@pytest.mark.parametrize("name", NOT_SERVED.split())
def test_every_kind_of_source_becomes_one_that_plays_everywhere(film, tmp_path, name):
    source = seen(film(name))
    made = made_of(film(name), tmp_path / "work")
    after = probe(made.path)
    again = choose(after)
    assert again.serve, again.why
    assert abs(after.playable_s - source.playable_s) < 0.2
    assert (after.picture is None) == (source.picture is None)
    assert len(after.sounds) == min(len(source.sounds), 1)


@pytest.mark.parametrize(
    "name",
    ["mpeg2.mpg", "interlaced.ts", "divx.avi", "media.wmv", "hevc.mkv", "real.rm"],
)
def test_no_frame_is_lost_or_doubled(film, tmp_path, name):
    made = made_of(film(name), tmp_path / "work")
    assert picture_facts(made.path)["nb_read_frames"] == "50"


def test_a_varying_frame_rate_stays_as_it_is(tmp_path):
    source = tmp_path / "vfr.mkv"
    films.film(
        r"-vf select=not(eq(mod(n\,7)\,3)),setpts=PTS+0.013*mod(N\,3)/TB"
        " -fps_mode vfr -c:v mpeg4 -c:a libmp3lame"
    )(source)
    before = times(source)
    after = times(made_of(source, tmp_path / "work").path)
    assert len(after) == len(before)
    drift = [b - a for a, b in zip(after, before, strict=True)]
    assert max(drift) - min(drift) < 0.002


def test_a_phone_film_is_turned_upright(film, tmp_path):
    made = made_of(film("turned.mp4"), tmp_path / "work")
    told = said(
        *("ffmpeg", "-i", str(made.path), "-i", str(film("turned.mp4"))),
        *("-lavfi", "[0:v][1:v]ssim", "-f", "null", "-"),
    )
    likeness = float(told.rsplit("All:", 1)[1].split()[0])
    assert (made.width, made.height) == (180, 320)
    assert likeness > 0.9


def test_fields_are_woven_into_whole_frames(film, tmp_path):
    made = made_of(film("interlaced.ts"), tmp_path / "work")
    assert picture_facts(made.path)["field_order"] == "progressive"


def test_picture_and_sound_stay_together(tmp_path):
    """The sound begins 0.5 s after the picture: so it must afterwards."""
    source = tmp_path / "late.mkv"
    films.ffmpeg(
        *("-f", "lavfi", "-i", films.PICTURE, "-itsoffset", "0.5"),
        *("-f", "lavfi", "-i", films.TONE, "-c:v", "mpeg4", "-c:a", "libmp3lame"),
        str(source),
    )
    made = made_of(source, tmp_path / "work")
    quiet = "silencedetect=n=-40dB:d=0.1"
    silence = said("ffmpeg", "-i", str(made.path), "-af", quiet, "-f", "null", "-")
    ends = float(silence.split("silence_end: ")[1].split()[0])
    assert abs(ends - 0.5) < 0.06
    assert abs(times(made.path)[0]) < 0.06


def loudness(path: Path) -> float:
    """Return the integrated loudness, in LUFS."""
    meter = "ebur128=framelog=verbose"
    told = said("ffmpeg", "-i", str(path), "-af", meter, "-f", "null", "-")
    return float(told.rsplit("I:", 1)[1].split()[0])


SOUNDS = {
    "whispered": "sine=frequency=440:duration=6,volume=-30dB",
    "shouted": "sine=frequency=440:duration=6,volume=15dB",
    "speech with a bang": (
        "aevalsrc='0.01*sin(2*PI*300*t)*(0.6+0.4*sin(9*t))+if(between(mod(t,2),1,1.004),"
        "0.9,0)':duration=6"
    ),
}


@pytest.mark.parametrize("case", SOUNDS)
def test_lessons_are_equally_loud_afterwards(tmp_path, case):
    source = tmp_path / "lesson.wav"
    films.film("-c:a pcm_s16le -ac 2", picture=None, tone=SOUNDS[case])(source)
    assert abs(loudness(source) - -18) > 1
    made = made_of(source, tmp_path / "work")
    assert abs(loudness(made.path) - -18) <= 1


def test_silence_is_not_made_loud(tmp_path):
    source = tmp_path / "room.wav"
    films.film(
        "-c:a pcm_s16le", picture=None, tone="anoisesrc=amplitude=0.0001:duration=3"
    )(source)
    made = made_of(source, tmp_path / "work")
    assert loudness(made.path) < -60


def test_two_equal_channels_are_kept_as_one_and_two_different_as_two(film, tmp_path):
    same, different = tmp_path / "same.wav", tmp_path / "different.wav"
    films.film("-c:a pcm_s16le -ac 2", picture=None)(same)
    films.ffmpeg(
        *("-f", "lavfi", "-i", films.TONE, "-f", "lavfi", "-i"),
        *(films.TONE.replace("440", "660"), "-lavfi", "[0:a][1:a]join=inputs=2"),
        str(different),
    )
    one = probe(made_of(same, tmp_path / "one").path)
    two = probe(made_of(different, tmp_path / "two").path)
    assert (one.sounds[0].channels, two.sounds[0].channels) == (1, 2)


def test_each_further_sound_gets_the_same_picture(film, tmp_path):
    found = seen(film("two-sounds.mkv"))
    plan = choose(found)
    main = made_of(film("two-sounds.mkv"), tmp_path / "work")
    other = transcode.with_sound(
        main.path,
        film("two-sounds.mkv"),
        found,
        plan.further[0],
        tmp_path / "work",
        watch(),
    )
    assert choose(probe(other.path)).serve
    assert frame_hashes(other.path, "v") == frame_hashes(main.path, "v")
    assert frame_hashes(other.path, "a") != frame_hashes(main.path, "a")


def frame_hashes(path: Path, kind: str) -> list[str]:
    """Return a hash of each decoded frame of one kind of stream."""
    told = said(
        *("ffmpeg", "-v", "error", "-i", str(path), "-map", f"0:{kind}"),
        *("-f", "framemd5", "-"),
    )
    return [line.split(",")[-1] for line in told.splitlines() if line[0] != "#"]


@pytest.mark.parametrize("name", ["cut.mp4", "cut.ts", "cut.avi"])
def test_what_is_left_of_a_film_cut_off_plays(film, tmp_path, name):
    found = seen(film(name))
    made = made_of(film(name), tmp_path / "work")
    after = probe(made.path)
    assert choose(after).serve
    assert after.playable_s > 0.3
    assert abs(after.playable_s - found.playable_s) < 0.5


def test_a_result_that_is_shorter_than_its_source_is_not_taken(film, tmp_path):
    found = seen(film("index-last.mp4"))
    longer = replace(found, playable_s=found.playable_s + 1)
    with pytest.raises(PermanentError) as refused:
        transcode.main(film("index-last.mp4"), longer, choose(found), tmp_path, watch())
    assert refused.value.reason == "result_too_short"


def test_the_small_one_is_small(film, tmp_path):
    source = tmp_path / "large.mp4"
    films.film(
        films.PLAYS, picture="testsrc2=size=1280x720:rate=25:duration=4,noise=alls=60"
    )(source)
    made = transcode.small(source, probe(source), tmp_path, watch())
    assert (made.width, made.height) == (640, 360)
    assert made.bitrate_kbps < 800
    assert choose(probe(made.path)).serve


@pytest.fixture(scope="module")
def long_film(tmp_path_factory) -> Path:
    """24 s of MPEG-2 that takes a few seconds to encode; 600 frames."""
    path = tmp_path_factory.mktemp("long") / "long.mpg"
    picture = "testsrc2=size=512x416:rate=25:duration=24,noise=alls=20:allf=t"
    films.film("-c:v mpeg2video -q:v 4 -bf 2 -c:a mp2 -ac 2 -f vob",
               picture=picture, tone="anoisesrc=duration=24:amplitude=0.1")(path)  # fmt: skip
    return path


def test_when_the_sound_cannot_be_made_the_picture_is_not_encoded_to_its_end(
    long_film, tmp_path, monkeypatch
):
    def fail(*args, **named):
        until = time.monotonic() + 60
        while not safe_bytes(tmp_path / "work"):
            assert time.monotonic() < until
            time.sleep(0.02)
        raise PermanentError("encode_failed", what="no sound can be decoded")

    monkeypatch.setattr(transcode.sound, "encode_sound", fail)
    with pytest.raises(PermanentError) as caught:
        made_of(long_film, tmp_path / "work")

    assert caught.value.values["what"] == "no sound can be decoded"
    assert '"whole": false' in (tmp_path / "work" / "picture.json").read_text()


def test_when_the_picture_cannot_be_made_the_sound_is_stopped(
    long_film, tmp_path, monkeypatch
):
    stopped = []

    def go_on(*args, watch, **named):
        while not watch.should_stop():
            time.sleep(0.02)
        stopped.append(True)
        raise Stopped

    def fail(*args, **named):
        raise PermanentError("encode_failed", what="no frame can be decoded")

    monkeypatch.setattr(transcode.sound, "encode_sound", go_on)
    monkeypatch.setattr(transcode.pictures, "encode_picture", fail)
    with pytest.raises(PermanentError) as caught:
        made_of(long_film, tmp_path / "work")

    assert (caught.value.values["what"], stopped) == ("no frame can be decoded", [True])


def encode(source: Path, scratch: Path, done: Path) -> None:
    done.write_text(str(made_of(source, scratch).path))


def test_killed_again_and_again_a_transcode_ends_with_every_frame(long_film, tmp_path):
    """kill -9 of the whole worker, four times, wherever it is."""
    scratch, done = tmp_path / "work", tmp_path / "done"
    chance = random.Random(7)
    progress: list[int] = []
    fork = multiprocessing.get_context("spawn")
    for _ in range(4):
        worker = fork.Process(target=encode, args=(long_film, scratch, done))
        worker.start()
        began = safe_bytes(scratch)
        until = time.monotonic() + 60
        while safe_bytes(scratch) == began and not done.exists():
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(chance.random())
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
        progress.append(safe_bytes(scratch))
    made = made_of(long_film, scratch)
    assert progress == sorted(progress)
    assert len(set(progress)) > 1
    shown = times(made.path)
    assert len(shown) == 600
    gaps = [round(b - a, 3) for a, b in pairwise(shown)]
    assert set(gaps) <= {0.039, 0.04, 0.041}
    assert abs(made.duration_s - probe(long_film).playable_s) < 0.2


def safe_bytes(scratch: Path) -> int:
    path = scratch / "picture.ts"
    return path.stat().st_size if path.exists() else 0


def test_asked_to_stop_it_ends_behind_a_piece_and_goes_on_there(long_film, tmp_path):
    scratch = tmp_path / "work"
    asked = []
    with pytest.raises(Stopped):
        made_of(
            long_film,
            scratch,
            on_seconds=lambda seconds: asked.append(seconds),
            should_stop=lambda: bool(asked) and asked[-1] > 0.5,
        )
    kept = safe_bytes(scratch)
    assert kept > 0
    told = []
    made = made_of(long_film, scratch, on_seconds=told.append)
    # The picture is told of first, and from where it stopped.
    assert next(seconds for seconds in told if seconds) > 3.5
    assert picture_facts(made.path)["nb_read_frames"] == "600"


def test_sound_that_was_interrupted_is_as_long_as_if_it_had_not_been(tmp_path):
    source = tmp_path / "talk.wav"
    films.film("-c:a pcm_s16le", picture=None,
               tone="anoisesrc=duration=400:amplitude=0.1:color=brown")(source)  # fmt: skip
    scratch = tmp_path / "work"
    asked = []
    with pytest.raises(Stopped):
        made_of(source, scratch, on_durable=lambda: asked.append(1),
                should_stop=lambda: bool(asked))  # fmt: skip
    assert (scratch / "sound.aac").stat().st_size > 100_000
    made = made_of(source, scratch)
    assert abs(made.duration_s - 400) < 0.1
    assert abs(loudness(made.path) - -18) <= 1


def test_another_command_does_not_go_on_with_old_pieces(film, tmp_path):
    scratch = tmp_path / "work"
    first = made_of(film("divx.avi"), scratch)
    second = made_of(film("turned.mp4"), scratch / "..")
    assert (first.width, second.width) == (320, 180)
