"""How the last nights went, in lessons."""

from datetime import datetime

import pytest

from edge_server.errors import Refused
from edge_server.ground.db import transaction
from edge_server.language.say import BEIJING
from edge_server.records import catalogue, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place
from sync.arrivals import deliveries, mornings
from tests.boxes import make_box


@pytest.fixture
def school(tmp_path):
    """A box of no county: rows are written as a night leaves them."""
    return make_box(tmp_path / "school")


def announced(box, name: str, lesson: str | None) -> str:
    """Write a resource of the county that is to come; returns its id."""
    resource = Resource(
        id=f"county/{name}", id_on_disk=catalogue.disk_id(f"county/{name}"), version=1,
        state="waiting", own=False, kind="video", format="mp4",
        about=Description(name, Place(grade="g", lesson=lesson)), path=name,
        channel="county", size_bytes=5, arrived_at=box.clock.moment().at,
        parts=(Part("main", "0" * 64, name, "mp4", "video/mp4"),),
    )  # fmt: skip
    with transaction(box.db) as tx:
        versions.add_version(tx, box.clock, resource)
    return resource.id


def show(box, resource_id: str) -> None:
    """Have a resource be whole."""
    with transaction(box.db) as tx:
        tx.execute(
            "update versions set state = 'shown', changed_s = ? where resource_id = ?",
            (box.clock(), resource_id),
        )


def deliver(box, error: Exception | None = None, *, ends: bool = True) -> None:
    """Write a delivery of just now."""
    with transaction(box.db) as tx:
        number = deliveries.begin(tx, box.clock, "broadband")
        if ends:
            deliveries.end(tx, box.clock, number, size_bytes=9, objects=1, error=error)


def test_a_night_is_told_in_lessons_not_in_files(school):
    film, slides, poem = (
        announced(school, name, lesson)
        for name, lesson in (("film", "观潮"), ("slides", "观潮"), ("poem", "古诗"))
    )
    song = announced(school, "song", None)
    deliver(school)
    assert mornings.nights(school)[0].left == 3
    show(school, film)
    show(school, poem)
    (night,) = mornings.nights(school)
    assert (night.came, night.left) == (1, 2)  # of 观潮 the slides are to come
    show(school, slides)
    show(school, song)
    (night,) = mornings.nights(school)
    assert (night.came, night.left, night.under_way) == (3, 0, False)


def test_the_last_delivery_of_a_night_says_why_it_ended(school):
    deliver(school, Refused("head_forged", file="snapshot"))
    (night,) = mornings.nights(school)
    assert (night.code, night.values) == ("head_forged", {"file": "snapshot"})
    deliver(school, ends=False)
    (night,) = mornings.nights(school)
    assert (night.code, night.under_way) == (None, True)


def test_nights_go_from_noon_to_noon_by_a_clock_that_may_be_mended(school):
    deliver(school)
    show(school, announced(school, "film", "观潮"))
    before = mornings.noon_before(school.clock.moment().at)
    with transaction(school.db) as tx:  # it believed that it is three weeks ago
        tx.execute("update boots set offset_s = offset_s + ?", (21 * 86_400,))
        tx.execute("update deliveries set began_at = began_at + ?", (21 * 86_400,))
    (night,) = mornings.nights(school)
    assert night.came == 1
    assert night.noon_at == before + 21 * 86_400


@pytest.mark.parametrize(
    ("at", "noon"),
    [
        ("2026-11-25 12:00", "2026-11-25 12:00"),
        ("2026-11-25 22:10", "2026-11-25 12:00"),
        ("2026-11-26 05:59", "2026-11-25 12:00"),
        ("2026-11-26 11:59", "2026-11-25 12:00"),
    ],
)
def test_the_noon_before_a_moment_is_chinas(at, noon):
    def utc(text: str) -> float:
        return datetime.fromisoformat(text).replace(tzinfo=BEIJING).timestamp()

    assert mornings.noon_before(utc(at)) == utc(noon)
