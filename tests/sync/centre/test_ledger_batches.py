"""No event is lost and none counts twice, whatever happens between box and centre."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from edge_server.errors import PermanentError
from edge_server.records.curriculum import Place
from sync.centre import ledger
from sync.centre.ledger import Asked, Ledger, batches, schema, sums
from tests.sync.centre.telling import FILM, NOW, Telling, counted, join


def rows_held(book: Ledger) -> list[tuple[int, int, str, bytes | None]]:
    """Return (mark, seq, kind, body) of each event that the ledger keeps."""
    events = schema.events
    with book._reading() as tx:
        found = tx.execute(
            select(events.c.mark, events.c.seq, events.c.kind, events.c.body).order_by(
                events.c.mark, events.c.seq
            )
        )
        return [tuple(row) for row in found]


def test_a_night_of_use_is_kept_and_counted(book):
    (box,) = join(book, "向阳小学教学点")
    for n in range(300):
        box.use(("opened", "page", "played")[n % 3], page=n, played_s=2.5)
    answer = book.take_batch(box.batch(), at=NOW)
    assert (answer.verdict, answer.upto_seq, answer.now_at) == ("have", 300, NOW)
    assert len(rows_held(book)) == 300
    (week,) = book.used("week", Asked(NOW, NOW))
    assert (week.opened, week.pages, week.played_s, week.points) == (100, 100, 750, 1)


def test_the_same_batch_twice_counts_once(book):
    (box,) = join(book, "向阳")
    for _ in range(5):
        box.use()
    for _ in range(2):
        assert book.take_batch(box.batch(first=1), at=NOW).upto_seq == 5
    assert len(rows_held(book)) == counted(book) == 5


def test_of_an_overlapping_batch_only_the_new_rows_are_taken(book):
    (box,) = join(book, "向阳")
    for _ in range(400):
        box.use()
    book.take_batch(box.batch(first=1, most=300), at=NOW)
    assert book.take_batch(box.batch(first=200, most=200), at=NOW).upto_seq == 399
    assert len(rows_held(book)) == counted(book) == 399


def test_a_gap_is_answered_with_what_is_here_and_nothing_is_taken(book):
    (box,) = join(book, "向阳")
    for _ in range(30):
        box.use()
    book.take_batch(box.batch(first=1, most=10), at=NOW)
    answer = book.take_batch(box.batch(first=21), at=NOW)
    assert (answer.verdict, answer.upto_seq) == ("gap", 10)
    assert counted(book) == 10
    box.hear(answer)
    box.send_all(book)
    assert counted(book) == 30


def test_a_wholly_old_batch_is_answered_with_its_own_end(book):
    (box,) = join(book, "向阳")
    for _ in range(30):
        box.use()
    box.send_all(book)
    answer = book.take_batch(box.batch(first=1, most=10), at=NOW)
    assert (answer.verdict, answer.upto_seq) == ("have", 10)


def test_rows_that_the_box_keeps_no_longer_are_written_down_as_a_hole(book):
    (box,) = join(book, "向阳")
    for _ in range(30):
        box.use()
    book.take_batch(box.batch(first=1, most=10), at=NOW)
    box.drop_before(16)
    box.acknowledged = 20
    box.send_all(book)
    assert counted(book) == 25
    (hole,) = book.point(1).holes
    assert (hole.first_seq, hole.last_seq) == (11, 15)
    assert (hole.box_id, hole.epoch) == (box.box_id, box.epoch)


@pytest.mark.parametrize("most", [2_000, 7, 1])
@pytest.mark.parametrize("common", [0, 1, 20, 99])
def test_two_boxes_from_one_image_part_at_the_last_row_both_have(book, common, most):
    (one,) = join(book, "向阳")
    for _ in range(common):
        one.use("opened")
    if common > 10:
        one.send_all(book)
    other = one.copy()
    for n in range(60):
        one.use("page", page=n)
        other.use("finished", position_s=n)
    one.send_all(book, most=most)
    epoch = other.epoch
    other.send_all(book, most=most)
    assert other.epoch != epoch
    assert len(other.rows) == 60
    assert (counted(book, "opened"), len(rows_held(book))) == (common, common + 120)
    assert (counted(book, "pages"), counted(book, "finished")) == (60, 60)
    assert book.points()[0].forked_at == NOW


@pytest.mark.parametrize("most", [2_000, 7, 1])
@pytest.mark.parametrize("believed", [21, 40, 60])
def test_a_box_that_believes_too_much_was_taken_is_led_back(book, believed, most):
    """Its rows were taken by a centre that has since become an older copy of itself."""
    (one,) = join(book, "向阳")
    for _ in range(20):
        one.use("opened")
    other = one.copy()
    for n in range(60):
        one.use("page", page=n)
        other.use("finished", position_s=n)
    one.send_all(book)
    other.acknowledged = believed
    other.send_all(book, most=most)
    assert (counted(book, "opened"), len(rows_held(book))) == (20, 140)
    assert (counted(book, "pages"), counted(book, "finished")) == (60, 60)


def test_a_box_that_parted_before_all_it_keeps_begins_anew_there(book):
    (one,) = join(book, "向阳")
    other = one.copy()
    for n in range(40):
        one.use("page", page=n)
        other.use("finished", position_s=n)
    one.send_all(book)
    other.drop_before(31)
    other.send_all(book)
    assert (counted(book, "pages"), counted(book, "finished")) == (40, 10)


def test_a_new_life_of_the_database_has_numbers_of_its_own(book):
    (box,) = join(book, "向阳")
    box.use()
    box.send_all(book)
    again = Telling(box.box_id)
    again.use()
    again.use()
    again.send_all(book)
    assert counted(book) == 3


def test_many_threads_with_one_batch_write_it_once(book):
    (box,) = join(book, "向阳")
    for _ in range(50):
        box.use()
    batch = box.batch()
    answers = []

    def send() -> None:
        answers.append(book.take_batch(batch, at=NOW).upto_seq)

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [50] * 6
    assert len(rows_held(book)) == counted(book) == 50


def test_boxes_of_different_points_at_once_lose_nothing(book):
    boxes = join(book, *"甲乙丙丁")
    films = [f"{FILM}/{n}" for n in range(40)]
    for n, box in enumerate(boxes):
        for film in films[n:] + films[:n]:
            box.use(resource_id=film)
    threads = [
        threading.Thread(target=box.send_all, args=[book], kwargs={"most": 9})
        for box in boxes
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [box.acknowledged for box in boxes] == [40] * 4
    assert len(rows_held(book)) == counted(book) == 160
    assert {use.points for use in book.used("resource", Asked(NOW, NOW))} == {4}


@pytest.mark.parametrize("where", ["events", "sums"])
def test_what_fails_in_the_middle_changes_nothing(databases, monkeypatch, where):
    class Cut(BaseException):
        pass

    def cut(*args: object, **more: object) -> None:
        raise Cut

    book = ledger.open(
        databases.new(), places=lambda ids: {FILM: Place(subject="语文")}
    )
    book.prepare()
    (box,) = join(book, "向阳")
    box.use("searched", resource_id=None, words="小学生")
    book.take_batch(box.batch(), at=NOW)
    box.use()
    with monkeypatch.context() as power:
        if where == "events":
            power.setattr(batches.dialects, "append", cut)
        else:
            power.setattr(sums, "upsert", cut)
        with pytest.raises(Cut):
            book.take_batch(box.batch(first=2), at=NOW + 5)
    assert (len(rows_held(book)), book.points()[0].heard_at) == (1, NOW)
    assert book.take_batch(box.batch(first=2), at=NOW + 5).upto_seq == 2
    (use,) = book.used("subject", Asked(NOW, NOW, subject="语文"))
    assert use.opened == 1
    book.close()


def test_nobody_unknown_or_revoked_is_listened_to(book):
    (box,) = join(book, "向阳")
    box.use()
    with pytest.raises(PermanentError, match="box_unknown"):
        book.take_batch(Telling("f" * 32).batch(), at=NOW)
    book.revoke(box.box_id, at=NOW)
    with pytest.raises(PermanentError, match="box_revoked"):
        book.take_batch(box.batch(), at=NOW)
    assert rows_held(book) == []


def test_a_damaged_name_is_refused_before_a_database_stumbles_over_it(book):
    (box,) = join(book, "向阳")
    box.boot = "boot\0"
    box.use()
    with pytest.raises(PermanentError, match="document_damaged"):
        book.take_batch(box.batch(), at=NOW)


NOT_UNDERSTOOD = {
    "a kind of a newer program": ("lesson", '{"register":1}'),
    "a use of a newer program": ("usage", '{"kind":"drawn","resource_id":"x"}'),
    "a use's kind as the row's": ("opened", '{"kind":"opened"}'),
    "no JSON": ("usage", '{"kind":"opened"'),
    "no object": ("usage", "[]"),
    "no kind": ("usage", "{}"),
    "a kind that is a list": ("usage", '{"kind":[]}'),
    "NUL": ("usage", '{"kind":"searched","words":"\\u0000"}'),
    "half a surrogate pair": ("usage", '{"kind":"searched","words":"\\ud800"}'),
    "a page beyond bounds": ("usage", '{"kind":"page","page":3000000000}'),
    "a page that is a truth": ("usage", '{"kind":"page","page":true}'),
    "played for a year": ("usage", '{"kind":"played","played_s":31000000}'),
    "played for never": ("usage", '{"kind":"played","played_s":NaN}'),
    "a place without end": ("usage", '{"kind":"played","position_s":Infinity}'),
    "a grade that is a number": ("usage", '{"kind":"opened","grade":3}'),
    "a word without end": (
        "usage",
        json.dumps({"kind": "searched", "words": "长" * 9000}),
    ),
}


@pytest.mark.parametrize("case", NOT_UNDERSTOOD)
def test_what_is_not_understood_is_kept_as_it_came_and_not_counted(book, case):
    kind, body = NOT_UNDERSTOOD[case]
    (box,) = join(book, "向阳")
    box.tell(kind, body)
    box.use()
    box.send_all(book)
    held = rows_held(book)
    assert held[0][2] in (kind, "?")
    assert bytes(held[0][3] or b"").decode() == body
    uses = book.used("week", Asked(NOW, NOW))
    assert [use.opened for use in uses] == [1]
    assert sum(use.pages + use.searched + use.played_s for use in uses) == 0


def test_a_field_of_a_newer_program_is_kept_beside_what_counts(book):
    (box,) = join(book, "向阳")
    row = box.use(mood="嬉")
    box.send_all(book)
    assert counted(book) == 1
    assert bytes(rows_held(book)[0][3] or b"").decode() == row.body


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(["usage", "receipt", "x"]),
    st.dictionaries(
        st.sampled_from(
            ["kind", "resource_id", "page", "words", "grade", "played_s", "version",
             "collection_id", "at", "mehr"]
        ),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text()
        | st.sampled_from(["opened", "played", "searched"]),
    )
    | st.text(st.characters(exclude_categories=["Cs"])),
)  # fmt: skip
def test_no_row_can_keep_those_behind_it_from_coming(book, kind, said):
    body = said if isinstance(said, str) else json.dumps(said)
    with book._reading() as tx:
        n = tx.execute(select(func.count()).select_from(schema.points)).scalar_one()
    (box,) = join(book, f"点 {n}")
    box.tell(kind, body)
    box.use()
    assert box.send_all(book) == 1
    assert book.point(n + 1).seen.used_at == NOW


def test_searches_keep_their_words(book: Ledger):
    (box,) = join(book, "向阳")
    box.use("searched", resource_id=None, words="圆的面积")
    box.send_all(book)
    with book._reading() as tx:
        assert tx.execute(select(schema.events.c.words)).scalar_one() == "圆的面积"
    (week,) = book.used("week", Asked(NOW, NOW))
    assert week.searched == 1


def test_receipts_say_what_a_point_holds(book: Ledger):
    (box,) = join(book, "向阳")
    for version in (3, 4):
        said = {"collection_id": "xiaoxue.g3.yuwen", "version": version}
        box.tell("receipt", json.dumps(said))
    box.tell("receipt", '{"collection_id":7}')
    box.send_all(book)
    (receipt,) = book.point(1).receipts
    assert (receipt.collection_id, receipt.version) == ("xiaoxue.g3.yuwen", 4)
