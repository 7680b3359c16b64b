"""What a file is, found by looking: every kind of source, whole, cut off and hostile."""

import socket
import threading
from fractions import Fraction
from pathlib import Path

import ffmpeg
import pytest

from edge_server.errors import PermanentError
from edge_server.guard import mp4
from edge_server.media import runner
from edge_server.media.probe import probe
from tests.media import films

SEEN = {
    "mpeg2.mpg": ("mpeg", "mpeg2video", "mp2"),
    "dvd.vob": ("mpeg", "mpeg2video", "ac3"),
    "pcm.vob": ("mpeg", "mpeg2video", "pcm_dvd"),
    "vcd.dat": ("mpeg", "mpeg1video", "mp2"),
    "interlaced.ts": ("mpegts", "mpeg2video", "mp2"),
    "interlaced-h264.ts": ("mpegts", "h264", "aac"),
    "divx.avi": ("avi", "mpeg4", "mp3"),
    "divx3.avi": ("avi", "msmpeg4v3", "mp3"),
    "mp42.avi": ("avi", "msmpeg4v2", "pcm_u8"),
    "camera.avi": ("avi", "mjpeg", "pcm_s16le"),
    "media.wmv": ("asf", "wmv2", "wmav2"),
    "media7.wmv": ("asf", "wmv1", "wmav1"),
    "flash.flv": ("flv", "flv1", "mp3"),
    "flash-h264.flv": ("flv", "h264", "aac"),
    "flash-speech.flv": ("flv", "flv1", "nellymoser"),
    "real.rm": ("rm", "rv20", "ac3"),
    "hevc.mkv": ("matroska", "hevc", "ac3"),
    "ten-bit.mkv": ("matroska", "h264", "flac"),
    "vp8.webm": ("matroska", "vp8", "vorbis"),
    "vp9.webm": ("matroska", "vp9", "opus"),
    "av1.mkv": ("matroska", "av1", "eac3"),
    "surround-dts.mkv": ("matroska", "h264", "dts"),
    "theora.ogv": ("ogg", "theora", "vorbis"),
    "silent.mp4": ("mov", "h264", None),
    "music.mp3": ("mp3", None, "mp3"),
    "music.aac": ("aac", None, "aac"),
    "music.flac": ("flac", None, "flac"),
    "music.ogg": ("ogg", None, "vorbis"),
    "voice.wav": ("wav", None, "pcm_s16le"),
    "voice24.wav": ("wav", None, "pcm_s24le"),
    "voice32.wav": ("wav", None, "pcm_s32le"),
    "voice-float.wav": ("wav", None, "pcm_f32le"),
    "voice.aiff": ("aiff", None, "pcm_s16be"),
    "voice24.aiff": ("aiff", None, "pcm_s24be"),
    "recorder.wav": ("wav", None, "adpcm_ima_wav"),
    "recorder-ms.wav": ("wav", None, "adpcm_ms"),
    "telephone.wav": ("wav", None, "pcm_alaw"),
    "telephone-us.wav": ("wav", None, "pcm_mulaw"),
    "lossless.m4a": ("mov", None, "alac"),
    "voice.wma": ("asf", None, "wmav2"),
    "memo.amr": ("amr", None, "amr_nb"),
    "memo-wide.amr": ("amr", None, "amr_wb"),
}


@pytest.mark.parametrize("name", SEEN)
def test_every_kind_of_source_is_recognised_and_measured(film, name):
    found = probe(film(name))

    picture = found.picture.codec if found.picture else None
    sound = found.sounds[0].codec if found.sounds else None
    assert (found.container, picture, sound) == SEEN[name]
    assert not found.damaged
    assert abs(found.playable_s - 2) < 0.15


def test_a_phone_film_tells_its_turn(film):
    assert probe(film("turned.mp4")).picture.turned_degrees == 270


def test_wide_pixels_and_fields_are_seen(film):
    assert probe(film("wide-pixels.mp4")).picture.aspect == Fraction(64, 45)
    assert probe(film("interlaced.ts")).picture.interlaced
    assert probe(film("interlaced-h264.ts")).picture.interlaced
    assert not probe(film("plays.mp4")).picture.interlaced


def test_sound_tracks_are_named_by_title_else_by_language(film):
    labels = [sound.label for sound in probe(film("two-sounds.mkv")).sounds]
    assert labels == ["zho", "English"]


@pytest.mark.parametrize("name", ["covered.mp3", "covered-png.mp3"])
def test_a_cover_is_not_a_film(film, name):
    found = probe(film(name))
    assert found.picture is None
    assert found.cover_index == 1


@pytest.mark.parametrize(
    ("name", "ready"),
    [("plays.mp4", True), ("index-last.mp4", False), ("fragments.mp4", False)],
)
def test_where_the_index_stands_is_seen(film, name, ready):
    assert probe(film(name)).ready is ready


@pytest.mark.parametrize("name", ["cut.mp4", "cut.ts", "cut.avi"])
def test_a_film_cut_off_is_damaged_and_its_playable_length_is_measured(film, name):
    found = probe(film(name))
    assert found.damaged
    assert 0.3 < found.playable_s < 1.5


def test_a_film_cut_off_before_its_index_is_to_be_fetched_again(film):
    with pytest.raises(PermanentError) as refused:
        probe(film("cut-no-index.mp4"))
    assert refused.value.reason == "media_without_index"


def test_what_is_not_media_is_said_so(tmp_path):
    for name, data in {"noise": bytes(range(256)) * 99, "empty": b""}.items():
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(PermanentError) as refused:
            probe(path)
        assert refused.value.reason == "not_media"


LISTS = {
    "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n",
    "concat": "ffconcat version 1.0\nfile {}\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">'
    "<Period><AdaptationSet><Representation><BaseURL>{}</BaseURL>"
    "</Representation></AdaptationSet></Period></MPD>",
}


@pytest.mark.parametrize("kind", LISTS)
def test_a_list_that_calls_itself_a_film_opens_nothing(tmp_path, film, kind):
    """Plain ffprobe opens what a playlist named .mp4 names, local files and URLs."""
    called = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for target in (
            film("plays.mp4"),
            f"http://127.0.0.1:{server.getsockname()[1]}/",
        ):
            path = tmp_path / "film.mp4"
            path.write_text(LISTS[kind].format(target), "utf-8")
            with pytest.raises(PermanentError) as refused:
                probe(path)
            assert refused.value.reason == "not_media"
        try:
            server.accept()
            called.set()
        except TimeoutError:
            pass
    assert not called.is_set()


def test_a_rare_decoder_is_not_there_to_be_attacked(tmp_path):
    path = tmp_path / "rare.avi"
    films.film("-c:v magicyuv -pix_fmt gbrp", tone=None)(path)
    assert "not on whitelist" in decoded(path)


def test_a_huge_frame_is_not_decoded(tmp_path):
    path = tmp_path / "huge.avi"
    huge = "color=size=8000x6000:rate=1:duration=1"
    films.film("-c:v mjpeg -pix_fmt yuvj420p", picture=huge, tone=None)(path)
    assert decoded(path) != ""


WAV = b"\x01\x00\x44\xac"
"""One channel, 44,100 Hz: what follows the codec's number in a WAV."""
RM = b"\x7d\x00\x00\x00\x00\x10"
"""32,000 Hz: what follows the size of a sub-packet in a RealMedia file."""

WITHOUT_ENCODER = {
    # ffmpeg writes no RealVideo 3 or 4, no Cook or Sipro, no Windows Media 9, no On2
    # VP6. So a header is made to name them over other data: damaged, but asked for.
    "rv30": ("real.rm", {b"RV20": b"RV30"}),
    "rv40": ("real.rm", {b"RV20": b"RV40"}),
    "sipr": ("real.rm", {b"dnet": b"sipr"}),
    "cook": ("real.rm", {b"dnet": b"cook", b"\0\0\0\0" + RM: b"\0\x80\0\0" + RM}),
    "wmapro": ("voice.wav", {b"\x01\x00" + WAV: b"\x62\x01" + WAV}),
    "wmv3": ("media.wmv", {b"WMV2": b"WMV3"}),
    "vc1": ("media.wmv", {b"WMV2": b"WVC1"}),
    "vp6f": ("mp42.avi", {b"MP42": b"VP6F"}),
}


@pytest.mark.parametrize("codec", WITHOUT_ENCODER)
def test_codecs_that_nobody_can_write_here_reach_their_decoder(film, tmp_path, codec):
    name, changes = WITHOUT_ENCODER[codec]
    data = film(name).read_bytes()
    for old, new in changes.items():
        assert old in data
        data = data.replace(old, new)
    path = tmp_path / name
    path.write_bytes(data)
    said = decoded(path)
    assert "not on whitelist" not in said
    assert f"[{codec} @" in said or "Error while opening decoder" in said


def decoded(path: Path) -> str:
    """Decode a file with our lists; return what ffmpeg complained of."""
    output = ffmpeg.output(runner.source(), "-", format="null")
    finished = runner.run(
        runner.compiled(output), inputs={"input": path}, limits=runner.limits(2)
    )
    return finished.errors


def test_every_decoder_of_the_lists_has_a_test():
    """The names of decoders differ from those of codecs in a few places."""
    own = {"msmpeg4v3": "msmpeg4", "flv1": "flv", "av1": "libdav1d", "mp3": "mp3float"}
    own |= {"dts": "dca", "amr_nb": "amrnb", "amr_wb": "amrwb"}
    tested = {own.get(c, c) for _, *codecs in SEEN.values() for c in codecs if c}
    tested |= set(WITHOUT_ENCODER) | {"png", "mjpeg"}  # covers and DivX beside them
    assert tested == {*runner.VIDEO_DECODERS, *runner.SOUND_DECODERS}


def test_every_demuxer_of_the_lists_has_a_test():
    tested = {container for container, *_ in SEEN.values()}
    assert tested == set(runner.FORMATS)


def test_boxes_of_something_else_are_none(tmp_path, film):
    assert mp4.boxes(film("hevc.mkv")) is None
    path = tmp_path / "short"
    path.write_bytes(b"\0\0\0\x08ftyp")
    assert mp4.boxes(path).has_index is False
