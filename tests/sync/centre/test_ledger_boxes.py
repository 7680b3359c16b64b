"""Who may speak for a point: codes for one use, one live box, keys that can be taken away."""

import threading

import pytest

from edge_server.errors import PermanentError, Refused
from sync.centre import ledger
from sync.centre.ledger import Ledger, Point
from tests.sync.centre.telling import NOW, Telling, counted, join

DAY_S = 86_400.0
KEY, OTHER_KEY = b"k" * 32, b"o" * 32


def point(book: Ledger, name: str, code: str, at: float = NOW) -> int:
    """Return a point with a code."""
    ((id, _),) = book.put_points([Point(name)], at=at)
    book.add_codes({id: code}, at=at)
    return id


def test_a_box_joins_with_the_code_of_its_point(book):
    id = point(book, "向阳小学教学点", "AAAA1111")
    joined = book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=NOW)
    assert (joined.point, joined.about.name) == (id, "向阳小学教学点")
    box = book.box("1" * 32)
    assert (box.public_key, box.point, box.counter) == (KEY, id, 0)
    assert book.points()[0].box_id == "1" * 32


def test_the_same_box_that_asks_again_is_answered_the_same(book):
    point(book, "向阳", "AAAA1111")
    answers = [
        book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=NOW + n)
        for n in range(3)
    ]
    assert answers[0] == answers[1] == answers[2]
    assert book.point(answers[0].point).boxes[0].enrolled_at == NOW


@pytest.mark.parametrize(
    ("box_id", "key"), [("2" * 32, KEY), ("1" * 32, OTHER_KEY)], ids=["box", "key"]
)
def test_nobody_else_uses_a_code_again(book, box_id, key):
    point(book, "向阳", "AAAA1111")
    book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=NOW)
    with pytest.raises(Refused, match="code_used"):
        book.enrol(secret="AAAA1111", box_id=box_id, public_key=key, at=NOW)
    assert book.points()[0].box_id == "1" * 32
    assert book.box("1" * 32).public_key == KEY


def test_two_boxes_with_one_code_at_once_one_joins(book):
    point(book, "向阳", "AAAA1111")
    said = []

    def enrol(box_id: str) -> None:
        try:
            book.enrol(secret="AAAA1111", box_id=box_id, public_key=KEY, at=NOW)
            said.append("joined")
        except Refused as error:
            said.append(error.reason)

    threads = [threading.Thread(target=enrol, args=[c * 32]) for c in "1234"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["code_used"] * 3 + ["joined"]


def test_a_code_that_nobody_made_opens_nothing(book):
    point(book, "向阳", "AAAA1111")
    with pytest.raises(Refused, match="code_unknown"):
        book.enrol(secret="BBBB2222", box_id="1" * 32, public_key=KEY, at=NOW)


def test_a_code_expires_after_60_days(book):
    point(book, "甲", "AAAA1111")
    point(book, "乙", "BBBB2222")
    late = NOW + 60 * DAY_S
    book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=late)
    with pytest.raises(Refused, match="code_expired"):
        book.enrol(secret="BBBB2222", box_id="2" * 32, public_key=KEY, at=late + 1)


def test_a_new_code_ends_the_one_before(book):
    id = point(book, "向阳", "AAAA1111")
    book.add_codes({id: "BBBB2222"}, at=NOW)
    with pytest.raises(Refused, match="code_unknown"):
        book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=NOW)
    book.enrol(secret="BBBB2222", box_id="1" * 32, public_key=KEY, at=NOW)


def test_no_code_is_made_for_a_point_that_does_not_exist(book):
    id = point(book, "向阳", "AAAA1111")
    with pytest.raises(PermanentError, match="point_unknown"):
        book.add_codes({id: "BBBB2222", id + 1: "CCCC3333"}, at=NOW)
    book.enrol(secret="AAAA1111", box_id="1" * 32, public_key=KEY, at=NOW)


def test_a_box_that_joins_again_goes_on_where_it_was(book):
    (box,) = join(book, "向阳")
    box.use()
    box.send_all(book)
    book.hear(box.box_id, 7, at=NOW)
    book.add_codes({1: "BBBB2222"}, at=NOW)
    book.enrol(secret="BBBB2222", box_id=box.box_id, public_key=OTHER_KEY, at=NOW + 1)
    assert book.box(box.box_id).public_key == OTHER_KEY
    assert book.box(box.box_id).counter == 7
    box.use()
    assert box.send_all(book) == 1
    assert counted(book) == 2


def test_a_new_box_takes_the_name_and_the_figures_of_the_one_it_replaces(book):
    (old,) = join(book, "向阳")
    old.use()
    old.send_all(book)
    book.add_codes({1: "BBBB2222"}, at=NOW)
    joined = book.enrol(
        secret="BBBB2222", box_id="e" * 32, public_key=KEY, at=NOW + DAY_S
    )
    assert (joined.about.name, joined.replaced) == ("向阳", (old.box_id,))
    new = Telling("e" * 32)
    new.use()
    new.send_all(book)
    assert counted(book) == 2

    assert book.box(old.box_id).revoked_at == NOW + DAY_S
    book.note_refused(old.box_id, at=NOW + 2 * DAY_S)
    seen = book.point(1).seen
    assert (seen.box_id, seen.refused_at) == ("e" * 32, NOW + 2 * DAY_S)
    assert [box.box_id for box in book.point(1).boxes] == ["e" * 32, old.box_id]


def test_a_box_that_moves_leaves_its_figures_where_they_were_made(book):
    one, two = join(book, "甲", "乙")
    one.use()
    one.send_all(book)
    assert book.move(one.box_id, 2, at=NOW) == (two.box_id,)
    one.use()
    one.use()
    one.send_all(book)
    by_point = {
        use.key: use.opened for use in book.used("point", ledger.Asked(NOW, NOW))
    }
    assert by_point == {1: 1, 2: 2}
    assert {seen.id: seen.box_id for seen in book.points()} == {1: None, 2: one.box_id}


def test_a_revoked_box_may_join_again_with_a_new_code(book):
    (box,) = join(book, "向阳")
    book.revoke(box.box_id, at=NOW)
    with pytest.raises(Refused, match="code_used"):
        book.enrol(secret="SECRET1", box_id=box.box_id, public_key=KEY, at=NOW)
    book.add_codes({1: "BBBB2222"}, at=NOW)
    book.enrol(secret="BBBB2222", box_id=box.box_id, public_key=KEY, at=NOW)
    box.use()
    box.send_all(book)
    assert counted(book) == 1


def test_a_call_that_is_played_again_is_not_heard(book):
    (box,) = join(book, "向阳")
    assert [book.hear(box.box_id, n, at=NOW) for n in (5, 5, 4, 6, 6)] == [
        True, False, False, True, False,
    ]  # fmt: skip
    assert book.box(box.box_id).counter == 6


def test_what_does_not_exist_is_said_so(book):
    with pytest.raises(PermanentError, match="box_unknown"):
        book.revoke("1" * 32, at=NOW)
    with pytest.raises(PermanentError, match="point_unknown"):
        book.close_point(7)
    with pytest.raises(PermanentError, match="point_unknown"):
        book.point(7)
    assert book.box("1" * 32) is None
