"""Random bad weeks: in the end every event is in the ledger once, and in the sums once."""

import random

import pytest
from sqlalchemy import func, select

from sync.centre import ledger
from sync.centre.ledger import Asked, Ledger, schema
from sync.format.batch import Batch
from tests.sync.centre.conftest import Databases
from tests.sync.centre.telling import FILM, NOW, WEEK_S, Telling, anchor, join


class BadWeek:
    """Boxes, a centre, and a line between them that loses, doubles and reorders."""

    def __init__(self, databases: Databases, seed: int) -> None:
        self.random = random.Random(seed)
        self.databases = databases
        self.url = databases.new()
        self.book = ledger.open(self.url)
        self.book.prepare()
        self.boxes = join(self.book, "甲", "乙", "丙")
        self.told = [0] * len(self.boxes)
        self.on_the_way: list[tuple[Telling, Batch]] = []
        self.night = self.url
        self.backup()

    def live(self, moments: int) -> None:
        does = [
            *[self.use] * 8, *[self.send] * 12, *[self.arrive] * 12, *[self.resend] * 2,
            self.backup, self.restore,
        ]  # fmt: skip
        for _ in range(moments):
            self.random.choice(does)()

    def use(self) -> None:
        """A box notes what was used."""
        n = self.random.randrange(len(self.boxes))
        for _ in range(self.random.randrange(1, 30)):
            at = NOW - self.random.choice([0, WEEK_S])
            self.boxes[n].use(resource_id=f"{FILM}/{self.random.randrange(9)}", at=at)
            self.told[n] += 1

    def send(self) -> None:
        """A box sends from its last answer on; one in five never leaves."""
        box = self.random.choice(self.boxes)
        boots = anchor("boot-1", NOW - 60, self.random.choice(["floor", "signed"]))
        batch = box.batch(most=self.random.randrange(1, 40), boots=boots)
        if self.random.random() < 0.8:
            self.on_the_way.append((box, batch))

    def resend(self) -> None:
        """A box sends something older, as from a stick."""
        box = self.random.choice(self.boxes)
        first = self.random.randrange(1, max(box.links) + 2)
        self.on_the_way.append((box, box.batch(first=first, most=25)))

    def arrive(self) -> None:
        """Any batch on its way arrives, perhaps not for the last time; 3 of 10 answers
        are lost."""
        if not self.on_the_way:
            return
        n = self.random.randrange(len(self.on_the_way))
        box, batch = self.on_the_way[n]
        if self.random.random() < 0.8:
            del self.on_the_way[n]
        answer = self.book.take_batch(batch, at=NOW)
        if self.random.random() < 0.7:
            box.hear(answer)

    def backup(self) -> None:
        self.book.close()
        self.night = self.databases.copy(self.url)

    def restore(self) -> None:
        """The centre is what it was at the last backup."""
        self.book.close()
        self.url = self.databases.copy(self.night)
        self.book = ledger.open(self.url)

    def morning(self) -> Ledger:
        """The line is good again, and all have sent what they have."""
        for box in self.boxes:
            box.use()
            self.told[self.boxes.index(box)] += 1
            box.send_all(self.book)
        return self.book


@pytest.mark.parametrize("seed", range(6))
def test_nothing_is_lost_or_doubled_in_a_bad_week(databases, seed):
    week = BadWeek(databases, seed)
    week.live(250)
    book = week.morning()
    events, marks = schema.events, schema.marks
    with book._reading() as tx:
        held = tx.execute(
            select(events.c.point, func.count(), func.count(events.c.seq.distinct()))
            .group_by(events.c.point)
            .order_by(events.c.point)
        ).all()
        lives = tx.execute(select(func.count()).select_from(marks)).scalar_one()
    assert [tuple(row) for row in held] == [
        (n + 1, told, told) for n, told in enumerate(week.told)
    ]
    asked = Asked(NOW - 9 * WEEK_S, NOW)
    by_point = {use.key: use.opened for use in book.used("point", asked)}
    assert by_point == {n + 1: told for n, told in enumerate(week.told)}
    assert lives == len(week.boxes)
    assert all(point.forked_at is None for point in book.points())
    book.close()
