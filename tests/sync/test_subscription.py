"""What a box takes of the county's courseware, and how much room that needs."""

import random
from dataclasses import replace

import pytest

from edge_server.ground.db import transaction
from edge_server.records import catalogue, curriculum
from sync.arrivals import coming, offered, subscription, wants
from sync.arrivals.subscription import Subscription
from tests.boxes import make_box, run_until_idle
from tests.sync.county import announce, fetch, join, make_centre, served

THIRD, FOURTH = (curriculum.read("grade", name).id for name in ("三年级", "四年级"))
LARGE_BYTES = 300_000


@pytest.fixture(scope="module")
def county(tmp_path_factory):
    """The address of a county that publishes two grades, and who serves it."""
    folder = tmp_path_factory.mktemp("county")
    lessons = folder / "lessons"
    texts = lessons / "小学" / "三年级" / "语文" / "上册"
    texts.mkdir(parents=True)
    (texts / "古诗.txt").write_text("床前明月光" * 20, "utf-8")
    sums = lessons / "小学" / "四年级" / "数学" / "上册"
    sums.mkdir(parents=True)
    (sums / "口算.gsp").write_bytes(random.Random(3).randbytes(LARGE_BYTES))
    (sums / "笔算.txt").write_text("一加一" * 20, "utf-8")
    centre = make_centre(folder / "centre")
    centre.add(lessons)
    centre.publish()
    with served(centre) as address:
        yield centre, address


@pytest.fixture
def school(tmp_path, county):
    """A box that knows what there is and holds nothing of it."""
    box = make_box(tmp_path / "school", convert=False)
    join(box, *county)
    announce(box, county[1])
    return box


def take(box, **axes) -> None:
    """Change what the box takes, and let `work` see to it."""
    with transaction(box.db) as tx:
        subscription.put(tx, box.clock, Subscription(**axes), by="老师")
    run_until_idle(box)


def to_come(box) -> list[str]:
    """Return the titles of what is on its way."""
    return sorted(one.resource.title for one in coming.nearest(box.db, 10))


def test_what_is_no_longer_taken_is_no_longer_fetched_and_comes_back(school):
    assert to_come(school) == ["口算", "古诗", "笔算"]
    take(school, grade=(THIRD,))
    assert to_come(school) == ["古诗"]
    assert wants.left(school.db)[0] == 1
    take(school, most_bytes=LARGE_BYTES - 1)
    assert to_come(school) == ["古诗", "笔算"]
    take(school, kinds=("original",))
    assert to_come(school) == ["口算"]
    take(school)
    assert to_come(school) == ["口算", "古诗", "笔算"]
    assert coming.count(school.db) == 3


def test_what_has_come_stays_when_it_is_no_longer_taken(school):
    fetch(school)
    take(school, grade=(THIRD,))
    assert sorted(one.title for one in catalogue.newest(school.db)) == [
        "口算", "古诗", "笔算",
    ]  # fmt: skip


def test_a_choice_says_how_much_room_it_needs_beside_what_is_here(school):
    index = offered.newest(school)
    everything = offered.need(school.db, index, Subscription())
    third = offered.need(school.db, index, Subscription(grade=(THIRD,)))
    fourth = offered.need(school.db, index, Subscription(grade=(FOURTH,)))
    assert everything.here_bytes == 0
    assert everything.total_bytes == third.total_bytes + fourth.total_bytes
    assert fourth.total_bytes > LARGE_BYTES > third.total_bytes > 0

    take(school, grade=(FOURTH,))
    fetch(school)
    assert offered.need(school.db, index, Subscription(grade=(FOURTH,))) == replace(
        fourth, here_bytes=fourth.total_bytes
    )
    moved = offered.need(school.db, index, Subscription(grade=(THIRD,)))
    assert moved.to_come_bytes == third.total_bytes  # grade 4 makes no room for it


def test_a_box_that_has_not_looked_knows_of_nothing(tmp_path):
    assert offered.newest(make_box(tmp_path / "new")) is None


def test_what_a_teacher_needs_tonight_comes_first(school):
    before = [one.resource.title for one in coming.nearest(school.db, 10)]
    assert before[-1] == "口算"  # the largest
    last = coming.nearest(school.db, 10)[-1].resource
    with transaction(school.db) as tx:
        assert coming.sooner(tx, last.id_on_disk) == last
    first = coming.nearest(school.db, 1)[0]
    assert (first.resource, first.urgency) == (last, 0)
    assert wants.next_parcels(school.db, 1)[0].urgency == 0

    fetch(school)
    with transaction(school.db) as tx:
        assert coming.sooner(tx, last.id_on_disk) is None  # it is here
        assert coming.sooner(tx, "0" * 32) is None
