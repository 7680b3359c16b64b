"""The samples in ``media_samples/`` are whole, small, and of every kind promised."""

import hashlib
import json
import subprocess
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from edge_server.guard import file_types
from sync.arrivals import contents_sheet, sidecar

FOLDER = Path(__file__).parents[1] / "media_samples"
LIBRARY, BAD = FOLDER / "library", FOLDER / "bad"
SHEETS = ("contents.", "catalogue.")
SUBTITLES = {".srt", ".ass", ".lrc"}


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def resources() -> list[Path]:
    """What a teacher would count: no sheets, no subtitles, a playlist's folder once."""
    return [
        path
        for path in files(LIBRARY)
        if not path.name.startswith(SHEETS) and path.suffix not in SUBTITLES | {".ts"}
    ]


def found(name: str) -> Path:
    """Return the one sample of this name."""
    return next(LIBRARY.rglob(name))


def probed(path: Path) -> list[dict[str, object]]:
    """Return the streams that ffprobe finds."""
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_streams", str(path)],
        capture_output=True, check=True,
    )  # fmt: skip
    streams: list[dict[str, object]] = json.loads(told.stdout)["streams"]
    return streams


def test_every_file_has_the_hash_that_is_written_down():
    said = {}
    for row in (FOLDER / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = row.split("  ", 1)
        said[name] = digest
    assert said == {
        path.relative_to(FOLDER).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for part in (LIBRARY, BAD)
        for path in files(part)
    }


def test_the_samples_stay_small():
    sizes = [path.stat().st_size for path in files(FOLDER)]
    assert sum(sizes) <= 12_000_000
    assert max(sizes) <= 2_000_000
    assert sum(path.stat().st_size for path in files(BAD)) <= 300_000


def test_there_are_two_grades_with_resources_of_every_kind():
    kinds = Counter(file_types.of(path, path.name).kind for path in resources())
    assert sum(kinds.values()) >= 24
    assert set(kinds) >= {
        "video", "audio", "slides", "document", "picture", "ebook", "html", "archive", "original",
    }  # fmt: skip
    for grade in ("三年级", "四年级"):
        subjects = {path.name for path in (LIBRARY / "小学" / grade).iterdir()}
        assert subjects == {"语文", "数学", "科学", "英语"}


@pytest.mark.parametrize(
    "suffix",
    [
        ".mp4", ".mpg", ".wmv", ".avi", ".flv", ".mkv", ".m3u8", ".mp3", ".wma", ".ogg",
        ".pptx", ".ppt", ".pdf", ".docx", ".doc", ".txt", ".md", ".xlsx", ".xls",
        ".jpg", ".png", ".bmp", ".epub", ".html", ".ggb", ".zip", *sorted(SUBTITLES),
    ],
)  # fmt: skip
def test_a_file_of_each_format_is_there(suffix):
    assert any(path.suffix == suffix for path in files(LIBRARY))


def test_three_volumes_have_their_contents():
    sheets = [path for path in files(LIBRARY) if path.name.startswith("contents.")]
    volumes = {}
    for path in sheets:
        read = contents_sheet.read(path, path.suffix[1:])
        assert read.problems == []
        (volume,) = read.volumes
        volumes[path.relative_to(LIBRARY).parts[1:3]] = volume
    assert set(volumes) == {("三年级", "语文"), ("三年级", "科学"), ("四年级", "数学")}
    chinese = volumes["三年级", "语文"]
    assert [unit.title for unit in chinese.units] == ["校园的早晨", "金秋", "童话"]


@pytest.mark.parametrize(
    "name", ["教研组分享/catalogue.xlsx", "手机拍的/catalogue.csv"]
)
def test_sidecars_name_files_that_are_there(name):
    path = LIBRARY / name
    read = sidecar.read(path, path.suffix[1:])
    assert read.problems == []
    assert {row.file for row in read.rows} == {
        other.name for other in path.parent.iterdir() if other != path
    }


def test_the_first_film_plays_as_it_is():
    film = found("山行 朗读.mp4")
    video, sound = probed(film)
    assert (video["codec_name"], video["pix_fmt"], sound["codec_name"]) == (
        "h264", "yuv420p", "aac",
    )  # fmt: skip
    data = film.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_a_film_speaks_two_languages():
    languages = [
        stream["tags"]["language"]
        for stream in probed(found("My classroom.mkv"))
        if stream["codec_type"] == "audio"
    ]
    assert languages == ["chi", "eng"]


def test_the_phone_film_lies_on_its_side():
    (video, _) = probed(found("VID_20260918_101502.mp4"))
    assert video["width"] > video["height"]
    assert video["side_data_list"][0]["rotation"] == -90


def test_the_answer_of_the_deck_waits_for_a_click():
    with zipfile.ZipFile(found("古诗三首 课件.pptx")) as deck:
        question = deck.read("ppt/slides/slide4.xml").decode()
        assert any(name.endswith(".mp3") for name in deck.namelist())
    assert question.count('nodeType="clickEffect"') == 2
    assert "因为" in question


def test_the_zip_has_names_in_gb18030_without_the_utf8_flag():
    with zipfile.ZipFile(found("乡土课程.zip")) as archive:
        entries = archive.infolist()
    assert len(entries) == 3
    assert not any(entry.flag_bits & 0x800 for entry in entries)
    names = [entry.filename.encode("cp437").decode("gb18030") for entry in entries]
    assert all(name.startswith("乡土课程/三年级/科学/") for name in names)
