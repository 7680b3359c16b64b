"""What the desk reads, and how the ledger is made, kept small and found unreachable."""

import pytest
from sqlalchemy import event, func, select, update

from edge_server.errors import PermanentError, TemporaryError
from edge_server.records.curriculum import Place
from sync.centre import ledger
from sync.centre.ledger import Asked, Ledger, Point, schema
from sync.centre.ledger.growth import EVENTS_LAST_S
from tests.sync.centre.telling import NOW, WEEK_S, counted, join

DAY_S = 86_400.0


def test_all_points_are_one_query_with_what_each_last_said(book):
    book.put_points(
        [
            Point("乙", "3", "第二中心校", "东镇"),
            Point("甲", "2", "第一中心校", "东镇"),
        ],
        at=NOW,
    )
    (box,) = join(book, "丙")
    box.use(at=NOW - 3600)
    said = {"at": NOW + 90, "head_version": 12, "disk_free_bytes": 38 * 10**9}
    book.take_batch(box.batch(heartbeat={"at": 1.0, "failing": 1}), at=NOW - DAY_S)
    book.take_batch(box.batch(heartbeat=said), at=NOW)
    asked = []
    event.listen(book._engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    seen = book.points()
    assert len([sql for sql in asked if sql.lower().startswith("select")]) == 1
    assert [point.about.name for point in seen] == ["丙", "甲", "乙"]
    first, second, _ = seen
    assert (first.heard_at, first.used_at) == (NOW, NOW - 3600)
    beat = first.heartbeat
    assert (beat.skew_s, beat.head_version, beat.disk_free_bytes) == (
        90,
        12,
        38 * 10**9,
    )
    assert beat.said == said
    assert (second.box_id, second.heartbeat, second.heard_at) == (None, None, None)


def test_a_heartbeat_a_day_is_kept_whatever_it_says(book):
    (box,) = join(book, "向阳")
    strange = {"at": "later", "head_version": -3, "disk_free_bytes": 1.5, "why": "\0"}
    for hour in range(72):
        said = {**strange, "hour": hour}
        book.take_batch(box.batch(heartbeat=said), at=NOW + hour * 3600)
    days = book.point(1).heartbeats
    assert [day.day for day in days] == [f"2026-12-{n}" for n in (26, 25, 24, 23)]
    assert days[0].said["hour"] == 71
    assert (days[0].skew_s, days[0].head_version, days[0].disk_free_bytes) == (
        None, None, None,
    )  # fmt: skip


def test_a_closed_point_says_so(book):
    join(book, "向阳")
    book.close_point(1)
    assert book.points()[0].closed
    book.close_point(1, closed=False)
    assert not book.points()[0].closed


PLACES = {
    "c/1": Place(stage="小学", grade="三", subject="语文"),
    "c/2": Place(stage="小学", grade="四", subject="数学"),
}


def used_a_little(databases) -> Ledger:
    """Return a ledger in which two points used two films and a book of their own."""
    book = ledger.open(
        databases.new(),
        places=lambda ids: {id: PLACES[id] for id in ids if id in PLACES},
    )
    book.prepare()
    one, two = join(book, "甲", "乙")
    book.put_points([Point("甲", centre_school="第一")], at=NOW)
    one.use(resource_id="c/1")
    one.use("played", resource_id="c/1", played_s=600.0)
    one.use(resource_id="c/1", grade="五", at=NOW - WEEK_S)
    two.use(resource_id="c/2")
    two.use(resource_id="c/2")
    two.use(resource_id="own/3")
    two.use("searched", resource_id=None, words="圆")
    for box in (one, two):
        box.send_all(book)
    return book


def test_use_is_told_by_whatever_the_desk_asks(databases):
    book = used_a_little(databases)
    both = Asked(NOW - WEEK_S, NOW)

    def opened(by: ledger.use.By, asked: Asked = both) -> list[tuple[object, int]]:
        return [(use.key, use.opened) for use in book.used(by, asked) if use.opened]

    assert opened("subject") == [("数学", 2), ("语文", 2), ("", 1)]
    assert opened("stage") == [("小学", 4), ("", 1)]
    assert opened("grade") == [("四", 2), ("", 1), ("三", 1), ("五", 1)]
    assert opened("resource") == [("c/1", 2), ("c/2", 2), ("own/3", 1)]
    assert [n for _, n in opened("week")] == [1, 4]
    assert opened("point", Asked(NOW, NOW)) == [(2, 3), (1, 1)]
    assert opened("resource", Asked(NOW, NOW, point=2, subject="数学")) == [("c/2", 2)]
    assert opened("point", Asked(NOW, NOW, grade="三", stage="小学")) == [(1, 1)]
    (top,) = book.used("resource", both, limit=1)
    assert (top.key, top.played_s, top.points) == ("c/1", 600.0, 1)
    book.close()


def test_a_resource_that_moved_is_counted_where_it_is_now(databases):
    book = used_a_little(databases)
    book.describe({"c/1": Place(subject="数学"), "never used": Place()})
    assert {u.key: u.opened for u in book.used("subject", Asked(NOW, NOW))} == {
        "数学": 3,
        "": 1,
    }
    book.close()


def test_use_of_one_centre_school_is_that_of_its_points(book):
    one, two = join(book, "甲", "乙")
    book.put_points([Point("丙", centre_school="第一")], at=NOW)
    with book._writing() as tx:
        tx.execute(update(schema.points).where(schema.points.c.id == 2)
                   .values(centre_school="第一"))  # fmt: skip
    for box in (one, two, two):
        box.use()
        box.send_all(book)
    asked = Asked(NOW, NOW, centre_school="第一")
    assert [use.opened for use in book.used("week", asked)] == [2]


def test_events_leave_after_13_months_and_sums_stay(book):
    (box,) = join(book, "向阳")
    for n in range(20):
        box.use(at=NOW + n * DAY_S)
        box.send_all(book, at=NOW + n * DAY_S)
    later = NOW + EVENTS_LAST_S + 10.5 * DAY_S
    assert [book.forget(at=later, limit=7) for _ in range(3)] == [7, 4, 0]
    with book._reading() as tx:
        assert tx.execute(select(func.min(schema.events.c.seq))).scalar_one() == 12
    assert counted(book) == 20
    answer = book.take_batch(box.batch(first=1), at=later)
    assert (answer.verdict, answer.upto_seq) == ("have", 20)
    answer = book.take_batch(box.batch(first=1, most=5), at=later)
    assert (answer.verdict, answer.upto_seq) == ("have", 5)
    assert counted(book) == 20


def test_old_codes_leave(book):
    join(book, "向阳")
    book.add_codes({1: "UNUSED22"}, at=NOW)
    book.forget(at=NOW + 61 * DAY_S)
    with book._reading() as tx:
        assert tx.execute(select(func.count()).select_from(schema.codes)).scalar() == 0


def test_a_ledger_of_a_newer_program_is_left_alone(book):
    book.prepare()
    with book._writing() as tx:
        tx.execute(update(schema.made_with).values(number=schema.NUMBER + 1))
    with pytest.raises(PermanentError, match="ledger_too_new"):
        book.prepare()


@pytest.mark.parametrize(
    "url", ["sqlite:////nowhere/l.db", "postgresql://x@/y?host=/no"]
)
def test_a_ledger_that_cannot_be_reached_may_be_tried_later(url):
    book = ledger.open(url)
    with pytest.raises(TemporaryError, match="ledger_unreachable"):
        book.points()
    book.close()


def test_points_that_are_said_again_are_changed_not_doubled(book):
    said = [
        Point(
            "向阳小学教学点",
            "2144000001",
            "大田中心校",
            "大田镇",
            "李老师",
            "13800000000",
        ),
        Point("红星教学点", None, "大田中心校"),
    ]
    assert [what for _, what in book.put_points(said, at=NOW)] == ["new", "new"]
    again = [
        Point("向阳教学点", "2144000001", "大田中心校"),
        Point("红星教学点", "2144000002", "大田中心校"),
        Point("红星教学点", None, "大田中心校"),
        Point("红星教学点", "2144000009", "大田中心校"),
    ]
    done = book.put_points(again, at=NOW)
    assert [what for _, what in done] == ["changed", "changed", "same", "new"]
    first = book.point(done[0][0]).seen.about
    assert (first.name, first.phone) == ("向阳教学点", "13800000000")
    assert len(book.points()) == 3
