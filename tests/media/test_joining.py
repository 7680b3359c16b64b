"""Folders that are one film: a downloader's m3u8 with its pieces, a DVD, a VCD."""

import shutil
from pathlib import Path

import pytest

from edge_server.errors import PermanentError
from edge_server.ground.jobs import Job
from edge_server.media import discs, playlists
from edge_server.media.choose import choose
from edge_server.media.probe import probe
from tests.media import films

JOB = Job(1, "join", "x")


@pytest.fixture(scope="session")
def downloaded(tmp_path_factory) -> Path:
    """A playlist and five pieces of a film of ten seconds."""
    folder = tmp_path_factory.mktemp("hls")
    films.ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=10"),
        *("-f", "lavfi", "-i", "sine=frequency=440:duration=10"),
        *(films.H264.split() + films.AAC.split()),
        *("-g", "50", "-hls_time", "2", "-hls_playlist_type", "vod"),
        *(
            "-hls_segment_filename",
            str(folder / "seg%d.ts"),
            str(folder / "index.m3u8"),
        ),
    )
    return folder


@pytest.fixture
def folder(downloaded, tmp_path) -> Path:
    return Path(shutil.copytree(downloaded, tmp_path / "lesson"))


@pytest.fixture
def joined(box, tmp_path):
    """Join a folder, as the step does."""
    out = tmp_path / "out"
    out.mkdir()
    return lambda folder, join=playlists.join: list(join(box, JOB, folder, out))


def edited(folder: Path, old: str, new: str) -> None:
    """Replace a text in the folder's playlist."""
    path = folder / "index.m3u8"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


def test_pieces_become_one_mp4_without_encoding(joined, folder, tmp_path):
    (made,) = joined(folder)
    found = probe(made)
    assert choose(found).serve
    assert abs(found.playable_s - 10) < 0.2
    frames = films.facts(made)["streams"][0]["nb_read_frames"]
    assert frames == "250"


def test_ten_pieces_are_joined_in_the_playlists_order_not_by_name(
    joined, folder, tmp_path
):
    for n in range(5):
        (folder / f"seg{n}.ts").rename(folder / f"{9 - n}.ts")
        edited(folder, f"seg{n}.ts", f"{9 - n}.ts")
    (made,) = joined(folder)
    assert abs(probe(made).playable_s - 10) < 0.2


def test_addresses_in_a_playlist_name_the_files_that_lie_beside_it(
    joined, folder, tmp_path
):
    edited(folder, "seg1.ts", "https://cdn.example.org/a/seg1.ts?token=1")
    edited(folder, "seg2.ts", "/storage/emulated/0/Download/seg2.ts")
    (made,) = joined(folder)
    assert abs(probe(made).playable_s - 10) < 0.2


def test_nothing_outside_the_folder_is_read(joined, folder, tmp_path):
    secret = tmp_path / "secret.ts"
    (folder / "seg3.ts").rename(secret)
    edited(folder, "seg3.ts", "../secret.ts")
    with pytest.raises(PermanentError) as refused:
        joined(folder)
    assert refused.value.reason == "playlist_incomplete"
    (folder / "secret.ts").symlink_to(secret)
    with pytest.raises(PermanentError) as refused:
        joined(folder)
    assert refused.value.reason == "playlist_outside"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('#EXT-X-KEY:METHOD=AES-128,URI="key.key"', "playlist_encrypted"),
        ("missing.ts", "playlist_incomplete"),
        ("..", "playlist_outside"),
    ],
)
def test_what_cannot_be_a_whole_film_is_refused_with_its_reason(
    joined, folder, tmp_path, line, code
):
    edited(folder, "#EXT-X-ENDLIST", f"{line}\n#EXT-X-ENDLIST")
    with pytest.raises(PermanentError) as refused:
        joined(folder)
    assert refused.value.reason == code


def test_a_film_in_fragments_is_joined_behind_its_head(joined, tmp_path):
    folder = tmp_path / "lesson"
    folder.mkdir()
    films.ffmpeg(
        *("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25:duration=6"),
        *(*films.H264.split(), "-g", "50", "-hls_time", "2"),
        *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"),
        str(folder / "index.m3u8"),
    )
    (made,) = joined(folder)
    assert choose(probe(made)).serve
    assert abs(probe(made).playable_s - 6) < 0.2


def test_a_dvd_becomes_one_film_a_title(joined, film, tmp_path):
    disc = tmp_path / "VIDEO_TS"
    disc.mkdir()
    whole = film("dvd.vob").read_bytes()
    cut = len(whole) // 2 // 2048 * 2048
    (disc / "VTS_01_0.VOB").write_bytes(whole[:2048])
    (disc / "VTS_01_1.VOB").write_bytes(whole[:cut])
    (disc / "VTS_01_2.VOB").write_bytes(whole[cut:])
    (disc / "vts_02_1.vob").write_bytes(film("mpeg2.mpg").read_bytes())
    (disc / "VIDEO_TS.IFO").write_bytes(b"x" * 2048)
    made = joined(disc, discs.join)
    assert [path.name for path in made] == ["01.mkv", "02.mkv"]
    assert abs(probe(made[0]).playable_s - 2) < 0.2
    assert probe(made[0]).picture.aspect != 1
    assert abs(probe(made[1]).playable_s - 2) < 0.2


def sectors(stream: bytes) -> bytes:
    """Wrap a VCD's stream as Windows copies it from the disc: RIFF, raw sectors."""
    packs = [stream[at : at + 2324] for at in range(0, len(stream), 2324)]
    raw = b"".join(
        b"\0" + b"\xff" * 10 + b"\0" + bytes(12) + pack.ljust(2324, b"\0") + bytes(4)
        for pack in packs
    )
    length = len(raw).to_bytes(4, "little")
    return b"RIFF" + length + b"CDXAfmt " + bytes(20) + b"data" + length + raw


@pytest.mark.parametrize("wrapped", [False, True], ids=["as is", "in raw sectors"])
def test_a_vcd_becomes_one_film_a_track(joined, film, tmp_path, wrapped):
    disc = tmp_path / "MPEGAV"
    disc.mkdir()
    stream = film("vcd.dat").read_bytes()
    data = sectors(stream) if wrapped else stream
    (disc / "AVSEQ01.DAT").write_bytes(data)
    (made,) = joined(disc, discs.join)
    assert probe(made).picture.codec == "mpeg1video"
    assert abs(probe(made).playable_s - 2) < 0.2


def test_an_empty_disc_is_said_to_be_empty(joined, tmp_path):
    (tmp_path / "VIDEO_TS").mkdir()
    with pytest.raises(PermanentError) as refused:
        joined(tmp_path / "VIDEO_TS", discs.join)
    assert refused.value.reason == "disc_empty"
