"""Events of boxes without a clock stand in their right week once their boot is known."""

import pytest
from sqlalchemy import select

from sync.centre.ledger import Asked, Ledger, schema
from tests.sync.centre.telling import NOW, WEEK_S, anchor, counted, join

LAST_WEEK = NOW - WEEK_S


def times(book: Ledger) -> list[tuple[float, int]]:
    """Return (UTC, trust) of each event."""
    events = schema.events
    with book._reading() as tx:
        found = tx.execute(select(events.c.at, events.c.trust).order_by(events.c.seq))
        return [(row.at, row.trust) for row in found]


def weeks(book: Ledger) -> dict[int, int]:
    """Return how many were opened by week, this one is 0."""
    asked = Asked(NOW - 9 * WEEK_S, NOW + 9 * WEEK_S)
    return {
        round((int(use.key) - NOW) // WEEK_S + 1): use.opened
        for use in book.used("week", asked)
        if use.opened
    }


def test_a_better_anchor_moves_events_of_its_boot_and_their_sums(book):
    (box,) = join(book, "向阳")
    for _ in range(3):
        box.tell("usage", '{"kind":"opened","grade":"三"}', at=LAST_WEEK)
    box.boot = "boot-2"
    box.use(at=LAST_WEEK)
    floor = anchor("boot-1", LAST_WEEK - 60, "floor")
    book.take_batch(box.batch(boots=floor), at=NOW)
    assert times(book) == [(LAST_WEEK, 1)] * 4
    assert weeks(book) == {-1: 4}

    box.acknowledged = 4
    signed = anchor("boot-1", NOW - 100, "signed")
    book.take_batch(box.batch(boots=signed), at=NOW)
    assert times(book) == [(NOW - 40, 3)] * 3 + [(LAST_WEEK, 1)]
    assert weeks(book) == {-1: 1, 0: 3}


def test_later_rows_of_a_boot_stand_on_its_best_anchor(book):
    (box,) = join(book, "向阳")
    box.use(at=LAST_WEEK)
    book.take_batch(box.batch(boots=anchor("boot-1", NOW - 100, "centre")), at=NOW)
    box.acknowledged = 1
    box.use(at=LAST_WEEK)
    book.take_batch(box.batch(), at=NOW)
    assert times(book) == [(NOW - 40, 4)] * 2


def test_a_worse_anchor_changes_nothing(book):
    (box,) = join(book, "向阳")
    box.use(at=LAST_WEEK)
    box.send_all(book)
    best = anchor("boot-1", NOW - 100, "centre")
    worse = anchor("boot-1", LAST_WEEK, "wall")
    for boots in (best, worse):
        book.take_batch(box.batch(boots=boots), at=NOW)
    assert times(book) == [(NOW - 40, 4)]
    assert weeks(book) == {0: 1}
    box.use(at=LAST_WEEK)
    book.take_batch(box.batch(boots=worse), at=NOW)
    assert times(book) == [(NOW - 40, 4)] * 2


@pytest.mark.parametrize(
    "at", [0.0, 1_000.0, NOW + 60 * WEEK_S, 4_000_000_000.0], ids=str
)
def test_a_time_that_cannot_be_is_the_time_of_hearing_until_it_is_mended(book, at):
    (box,) = join(book, "向阳")
    box.use(at=at)
    wall = anchor("boot-1", at, "wall")
    book.take_batch(box.batch(boots=wall), at=NOW)
    assert times(book) == [(NOW, 0)]
    box.acknowledged = 1
    signed = anchor("boot-1", LAST_WEEK - 60, "signed")
    book.take_batch(box.batch(boots=signed), at=NOW)
    assert times(book) == [(LAST_WEEK, 3)]
    assert weeks(book) == {-1: 1}


def test_an_anchor_that_cannot_be_is_not_believed(book):
    (box,) = join(book, "向阳")
    box.use(at=LAST_WEEK)
    box.send_all(book)
    for offset_s in (0.0, NOW + 60 * WEEK_S, 2.0**50):
        boots = anchor("boot-1", offset_s, "centre")
        book.take_batch(box.batch(boots=boots), at=NOW)
    assert times(book) == [(LAST_WEEK, 1)]
    good = anchor("boot-1", NOW - 100, "centre")
    book.take_batch(box.batch(boots=good), at=NOW)
    assert times(book) == [(NOW - 40, 4)]


def test_a_boot_of_two_lives_is_mended_in_both(book):
    (box,) = join(book, "向阳")
    box.use(at=LAST_WEEK)
    box.send_all(book)
    (again,) = [box.copy()]
    again.epoch, again.rows, again.links = "another life", [], {0: b""}
    again.acknowledged = 0
    again.use(at=LAST_WEEK)
    again.use(at=LAST_WEEK)
    again.send_all(book)
    assert weeks(book) == {-1: 3}
    book.take_batch(again.batch(boots=anchor("boot-1", NOW - 100, "signed")), at=NOW)
    assert weeks(book) == {0: 3}
    assert counted(book) == 3
