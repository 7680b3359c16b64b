"""From the county's folder to the school's library, over a real line of loopback."""

import hashlib
import random

import pytest

from edge_server.errors import TemporaryError
from edge_server.ground import store
from edge_server.ground.db import transaction
from edge_server.records import catalogue, textbooks, versions
from sync import courier
from sync.arrivals import deliveries, subscription, wants
from tests.boxes import make_box
from tests.sync.county import fetch, join, make_centre, served


@pytest.fixture
def centre(tmp_path):
    """A centre with nothing published."""
    return make_centre(tmp_path / "centre")


@pytest.fixture
def school(tmp_path):
    """A box that leaves converting out, for these tests are about arriving."""
    return make_box(tmp_path / "school", convert=False)


@pytest.fixture
def lessons(tmp_path):
    """Three files of two collections: small ones, and one of more than two chunks."""
    folder = tmp_path / "lessons"
    texts = folder / "小学" / "三年级" / "语文" / "上册"
    texts.mkdir(parents=True)
    (texts / "古诗.txt").write_text("床前明月光，疑是地上霜。" * 20, "utf-8")
    (texts / "生字.txt").write_text("天地人你我他" * 20, "utf-8")
    sums = folder / "小学" / "四年级" / "数学" / "上册"
    sums.mkdir(parents=True)
    (sums / "口算.gsp").write_bytes(random.Random(3).randbytes(9 << 20))
    return folder


@pytest.fixture
def fetched(centre, school, lessons):
    """The lessons are published and were fetched once; the centre can still be asked."""
    centre.add(lessons)
    centre.publish()
    with served(centre) as address:
        join(school, centre, address)
        fetch(school)
        yield


def test_what_the_county_publishes_is_in_the_library_byte_for_byte(
    centre, school, fetched
):
    there = {one.title: one for one in catalogue.newest(centre.box.db)}
    here = {one.title: one for one in catalogue.newest(school.db)}
    assert sorted(here) == sorted(there) == ["口算", "古诗", "生字"]
    for title, resource in here.items():
        assert not resource.own
        assert resource.place == there[title].place
        data = store.path_of(school, resource.main.object_id).read_bytes()
        assert hashlib.sha256(data).hexdigest() == there[title].main.object_id
    assert wants.left(school.db) == (0, 0)
    assert list((school.folder / "partial").iterdir()) == []
    (delivery,) = deliveries.newest(school.db)
    assert delivery.code is None


def test_a_second_look_fetches_nothing(school, fetched):
    fetch(school)
    newest, first = deliveries.newest(school.db)
    assert first.objects > 0
    assert (newest.objects, newest.bytes, newest.code) == (0, 0, None)


def test_a_changed_file_is_the_next_version_and_a_withdrawn_one_goes(
    centre, school, lessons, fetched
):
    before = {one.title: one for one in catalogue.newest(school.db)}
    path = next(lessons.rglob("古诗.txt"))
    path.write_text("春眠不觉晓", "utf-8")
    centre.add(lessons)
    withdraw(centre.box, "生字")
    centre.publish()
    fetch(school)
    after = {one.title: one for one in catalogue.newest(school.db)}
    assert sorted(after) == ["口算", "古诗"]
    assert after["口算"].version == before["口算"].version
    assert after["古诗"].version > before["古诗"].version
    assert "春眠" in store.path_of(school, after["古诗"].main.object_id).read_text()


def withdraw(box, title: str) -> None:
    """Take a resource out of the centre's library."""
    resource = next(one for one in catalogue.newest(box.db) if one.title == title)
    with transaction(box.db) as tx:
        versions.withdraw(tx, box.clock, resource.id)


def test_contents_travel_with_their_collection(centre, school, lessons):
    sheet = next(lessons.rglob("古诗.txt")).parent / "contents.csv"
    sheet.write_text("单元,课\n第一单元 秋天,1 古诗\n第一单元 秋天,2 生字\n", "utf-8")
    centre.add(lessons)
    assert textbooks.all_volumes(centre.box.db)
    centre.publish()
    with served(centre) as address:
        join(school, centre, address)
        fetch(school)
    assert textbooks.all_volumes(school.db) == textbooks.all_volumes(centre.box.db)


def test_a_delivery_that_the_power_cut_does_not_look_as_if_it_went_on(school):
    with transaction(school.db) as tx:
        deliveries.begin(tx, school.clock, "broadband")
    with transaction(school.db) as tx:
        deliveries.begin(tx, school.clock, "broadband")
    now, cut = deliveries.newest(school.db)
    assert (now.ended_at, now.code) == (None, None)
    assert cut.ended_at is not None
    assert cut.code == deliveries.CUT


def test_a_report_that_nobody_takes_keeps_no_lesson_away(centre, school, lessons):
    def report():
        raise TemporaryError("centre_unreachable", address="county", why="test")

    centre.add(lessons)
    centre.publish()
    with served(centre) as address:
        join(school, centre, address)
        fetch(school, report=report)
    assert catalogue.count(school.db) == 3


def test_the_county_hears_which_head_a_box_holds(centre, school, lessons):
    centre.add(lessons)
    centre.publish()
    with served(centre) as address:
        join(school, centre, address)
        assert courier.heartbeat(school)["head_version"] == 0
        fetch(school)
        held = courier.heartbeat(school)["head_version"]
        # A publish that touches nothing of this box's is held all the same.
        with transaction(school.db) as tx:
            taken = subscription.from_map({"grade": ["g3"]})
            subscription.put(tx, school.clock, taken, by="test")
        (lessons / "小学" / "四年级" / "数学" / "上册" / "新.txt").write_text(
            "新", "utf-8"
        )
        centre.add(lessons)
        centre.publish()
        fetch(school)
    assert courier.heartbeat(school)["head_version"] == held + 1


def change_a_little(lessons) -> bytes:
    """Put 1 kB into the middle of the large lesson; returns its bytes then."""
    path = next(lessons.rglob("口算.gsp"))
    data = path.read_bytes()
    changed = data[: 5 << 20] + random.Random(7).randbytes(1024) + data[5 << 20 :]
    path.write_bytes(changed)
    return changed


def test_of_a_file_that_changed_a_little_only_the_change_travels(
    centre, school, lessons, fetched
):
    changed = change_a_little(lessons)
    centre.add(lessons)
    centre.publish()
    fetch(school)
    there = {one.title: one for one in catalogue.newest(school.db)}["口算"]
    assert store.path_of(school, there.main.object_id).read_bytes() == changed
    newest, _ = deliveries.newest(school.db, 2)
    assert 1024 <= newest.bytes < 4096
    assert school.db.value("select count(*) from wanted_patches") == 0


def test_what_a_patch_does_not_make_is_fetched_whole(centre, school, lessons, fetched):
    old = {one.title: one for one in catalogue.newest(school.db)}["口算"]
    path = store.path_of(school, old.main.object_id)
    path.chmod(0o644)
    path.write_bytes(b"rotten" * 2_000_000)  # the disk has turned it
    changed = change_a_little(lessons)
    centre.add(lessons)
    centre.publish()
    fetch(school)
    fetch(school)
    there = {one.title: one for one in catalogue.newest(school.db)}["口算"]
    assert store.path_of(school, there.main.object_id).read_bytes() == changed
