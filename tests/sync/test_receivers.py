"""One suite for every road by which something new arrives: folder, upload, command line.

What a road brings must become the same resource, once, whatever happens on the way.
"""

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from edge_server.errors import PermanentError, Stopped
from edge_server.ground import store
from edge_server.records import catalogue, refusals, shelves
from sync.arrivals import offers, take
from sync.arrivals.offers import Said
from sync.receivers import upload
from sync.receivers.folder import FolderReceiver
from tests.boxes import run_arrivals

BAD = Path(__file__).parents[2] / "media_samples" / "bad"
TEXT = "春眠不觉晓，处处闻啼鸟。".encode()


def by_folder(box, files: dict[str, bytes]) -> None:
    """Drop files into the watched folder and let it look twice."""
    for name, data in files.items():
        path = box.folder / "incoming" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    receiver = FolderReceiver(box, still_s=0.0)
    receiver.scan()
    receiver.scan()


def by_upload(box, files: dict[str, bytes]) -> None:
    """Upload files one by one."""
    for name, data in files.items():
        offer_id, folder = upload.place_for(box)
        (folder / "file").write_bytes(data)
        upload.offer(box, offer_id, folder / "file", name, Said())


def by_command_line(box, files: dict[str, bytes]) -> None:
    """Add files as `library add` does."""
    root = box.folder.parent / "给盒子的"
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    for top in sorted(root.iterdir()):
        upload.add_tree(box, top, list(upload.find(top)), on_bytes=lambda n: None)
    shutil.rmtree(root)


ROADS = (by_folder, by_upload, by_command_line)


@pytest.fixture(params=ROADS, ids=lambda road: road.__name__)
def bring(request):
    """Each of the roads."""
    return request.param


def titles(box):
    return sorted(resource.title for resource in catalogue.newest(box.db, 100))


def test_what_arrives_is_the_schools_own_and_its_bytes_are_kept(box, bring):
    bring(box, {"春晓.txt": TEXT})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.own
    assert resource.title == "春晓"
    assert store.path_of(box, resource.main.object_id).read_bytes() == TEXT
    assert box.db.value("select origin from objects") == "own"
    assert offers.count(box.db) == 0


def test_the_same_bytes_twice_make_one_object(box, bring):
    bring(box, {"春晓.txt": TEXT, "又一份.txt": TEXT})
    run_arrivals(box)

    assert titles(box) == ["又一份", "春晓"]
    assert box.db.value("select count(*) from objects") == 1


def test_the_same_file_again_changes_nothing(box, bring):
    for _ in range(2):
        bring(box, {"春晓.txt": TEXT})
        run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.version == 1


def test_a_changed_file_becomes_a_new_version_of_the_same_resource(box, bring):
    bring(box, {"春晓.txt": TEXT})
    run_arrivals(box)
    bring(box, {"春晓.txt": TEXT + "夜来风雨声。".encode()})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.version == 2
    states = [
        row[0] for row in box.db.all("select state from versions order by version")
    ]
    assert states == ["old", "shown"]


def test_two_versions_at_once_lose_neither(box, bring):
    bring(box, {"春晓.txt": TEXT})
    bring(box, {"春晓.txt": TEXT + b"2"})
    run_arrivals(box)
    bring(box, {"春晓.txt": TEXT + b"2"})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert store.path_of(box, resource.main.object_id).read_bytes() == TEXT + b"2"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("空.mp4", b"", "empty_file"),
        (
            "病毒.jpg",
            b"MZ\x90\x00" + b"\0" * 60 + b"PE\0\0" + b"\0" * 200,
            "is_program",
        ),
        (
            "山行 朗读.mp4",
            (BAD / "truncated_no_index.mp4").read_bytes(),
            "media_without_index",
        ),
        ("山行 朗读.mp4", (BAD / "random_bytes.mp4").read_bytes(), "not_media"),
    ],
)
def test_what_is_refused_is_kept_aside_with_its_reason(box, bring, name, data, code):
    bring(box, {name: data, "春晓.txt": TEXT})
    run_arrivals(box)

    (refusal,) = refusals.newest(box.db)
    assert refusal.code == code
    assert (box.folder / "refused" / refusal.file).read_bytes() == data
    assert titles(box) == ["春晓"]
    assert offers.count(box.db) == 0


def test_cut_between_store_and_rows_nothing_is_lost(box, bring, monkeypatch):
    bring(box, {"春晓.txt": TEXT})

    def cut(*args, **kwargs):
        raise Stopped()

    with monkeypatch.context() as power:
        power.setattr(take, "write_version", cut)
        run_arrivals(box, until_idle=False)
    assert catalogue.count(box.db) == 0

    run_arrivals(box)
    assert titles(box) == ["春晓"]


def test_subtitles_belong_to_the_film_beside_them_in_either_order(
    box, bring, film: Path
):
    srt = "1\n00:00:01,000 --> 00:00:02,000\n床前明月光\n".encode("gb18030")
    bring(box, {"静夜思.zh.srt": srt})
    run_arrivals(box)
    bring(box, {"静夜思.mp4": film.read_bytes()})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.kind == "video"
    assert [(p.role, p.language) for p in resource.parts] == [
        ("main", None),
        ("subtitle", "zh-CN"),
    ]

    bring(box, {"静夜思.srt": srt + b"\n"})
    run_arrivals(box)
    (resource,) = catalogue.newest(box.db)
    assert len([p for p in resource.parts if p.role == "subtitle"]) == 2


def test_folder_names_say_where_it_belongs(tmp_path, box):
    by_folder(
        box, {"小学/三年级/语文/统编版/上册/第一单元/1 大青树下的小学/朗读.txt": TEXT}
    )
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.place.lesson == "大青树下的小学"
    assert (resource.place.unit_no, resource.place.lesson_no) == (1, 1)
    assert resource.place.grade is not None


def test_a_sidecar_wins_over_folder_names_before_and_after_its_files(box):
    sheet = "文件,标题,年级,学科,编号\n朗读.txt,老师的朗读,四年级,数学,r-7\n"
    by_folder(box, {"三年级/语文/catalogue.csv": sheet.encode("gb18030")})
    by_folder(box, {"三年级/语文/朗读.txt": TEXT})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.title == "老师的朗读"
    assert resource.id.endswith("/r-7")
    fourth = resource.place.grade

    later = "文件,标题,年级\n朗读.txt,再改一次,三年级\n"
    by_folder(box, {"三年级/语文/catalogue.csv": later.encode()})
    run_arrivals(box)
    assert titles(box) == ["再改一次"]
    assert catalogue.newest(box.db)[0].place.grade != fourth


def test_contents_name_the_lessons_and_leave_empty_places(box):
    rows = (
        "年级,学科,版本,册次,单元,课序,课,课时\n"
        "三年级,语文,统编版,上册,第一单元,1,大青树下的小学,2\n"
        "三年级,语文,统编版,上册,第一单元,2,花的学校,2\n"
    )
    by_folder(box, {"三年级/语文/统编版/上册/第一单元/第1课 朗读.txt": TEXT})
    run_arrivals(box)
    by_folder(box, {"contents.csv": rows.encode("utf-8-sig")})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.place.lesson == "大青树下的小学"
    assert resource.about.placed == "number"
    volume = {axis: getattr(resource.place, axis) for axis in shelves.AXES}
    lessons = {
        title: sum(kinds.values())
        for (_, _, title, _), kinds in shelves.lessons(box.db, volume).items()
    }
    assert lessons == {"大青树下的小学": 1, "花的学校": 0}


def test_what_is_still_being_written_is_left_alone(box):
    path = box.folder / "incoming" / "慢.txt"
    receiver = FolderReceiver(box, still_s=0.0)
    with path.open("wb") as writing:
        writing.write(TEXT)
        writing.flush()
        receiver.scan()
        assert receiver.scan()[0] == 0
    receiver.scan()

    assert offers.count(box.db) == 1


def test_unfinished_files_and_litter_are_no_resources(box):
    by_folder(
        box,
        {
            "下载中.mp4.part": TEXT,
            "~$教案.docx": TEXT,
            ".春晓.txt.Ab12Cd": TEXT,
            "Thumbs.db": TEXT,
            ".DS_Store": TEXT,
            "._春晓.txt": TEXT,
            "x.crdownload": TEXT,
        },
    )

    assert offers.count(box.db) == 0


def test_litter_in_an_archive_is_not_a_resource_either(box, bring):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("第一课/春晓.txt", TEXT)
        archive.writestr("__MACOSX/第一课/春晓.txt", b"what a Mac knows of it")
        archive.writestr("第一课/@eaDir/春晓.txt", b"what a disk station knows of it")
    bring(box, {"古诗.zip": data.getvalue()})
    run_arrivals(box)

    (resource,) = catalogue.newest(box.db)
    assert resource.path.endswith("第一课/春晓.txt")
    assert store.path_of(box, resource.main.object_id).read_bytes() == TEXT


def test_links_are_not_followed(box, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_bytes(TEXT)
    (box.folder / "incoming" / "看.txt").symlink_to(secret)
    by_folder(box, {})

    assert offers.count(box.db) == 0
    assert secret.read_bytes() == TEXT


def test_a_downloaders_folder_is_offered_as_one_film(box):
    by_folder(box, {"第3课/index.m3u8": b"#EXTM3U\n", "第3课/0.ts": b"G" * 188})

    (offer,) = offers.all_waiting(box.db)
    assert offer.shape == "playlist"


def test_no_room_adds_nothing(box, tmp_path, monkeypatch):
    from edge_server.ground import disk

    (tmp_path / "大.txt").write_bytes(TEXT)
    monkeypatch.setattr(disk, "free_bytes", lambda path: 1)
    found = list(upload.find(tmp_path / "大.txt"))
    with pytest.raises(Exception) as error:
        upload.add_tree(box, tmp_path / "大.txt", found, on_bytes=lambda n: None)

    assert error.value.reason == "disk_full"
    assert offers.count(box.db) == 0
    assert not isinstance(error.value, PermanentError)
