"""A box joins its county and reports: a real centre, real TLS, a real ledger."""

import secrets

import pytest

from edge_server.ground.db import transaction
from edge_server.records import identity, outbox, usage
from edge_server.records.usage import Event
from sync import calling, courier, enrol
from sync.arrivals import head
from tests.boxes import make_box
from tests.sync.county import code_for, fetch, listening, make_centre, served


def use(box, count: int) -> None:
    """Have something been searched for so often."""
    with transaction(box.db) as tx:
        events = [
            Event("searched", visit=f"visit-{secrets.token_hex(8)}", words="古诗")
            for _ in range(count)
        ]
        assert usage.record(tx, box.clock, events) == count


@pytest.fixture
def centre(tmp_path):
    """A centre with nothing published."""
    return make_centre(tmp_path / "centre")


@pytest.fixture
def school(tmp_path):
    """A box that has not joined."""
    return make_box(tmp_path / "school")


def test_a_box_joins_and_its_use_is_in_the_countys_book(centre, school):
    with listening(centre) as (address, book):
        joined = enrol.join(school, address, code_for(centre, book, "向阳小学教学点"))
        assert joined.point == "向阳小学教学点"
        assert head.centre(school.db) == joined
        use(school, 5)
        assert courier.send(school) == 5
        assert outbox.waiting(school.db) == 0
        (seen,) = book.points()
        assert seen.heard_at is not None
        assert seen.heartbeat is not None


def test_a_code_is_for_one_box_and_one_county(centre, school, tmp_path):
    other = make_box(tmp_path / "other")
    with listening(centre) as (address, book):
        code = code_for(centre, book, "向阳")
        enrol.join(school, address, code)
        enrol.join(school, address, code)  # the answer was lost: asked again
        with pytest.raises(Exception, match="code_used"):
            enrol.join(other, address, code)
        strange = make_centre(tmp_path / "strange")
        with listening(strange) as (theirs, _), pytest.raises(enrol.AuthorityUnfit):
            enrol.join(other, theirs, code_for(centre, book, "红旗"))


def test_another_authority_is_not_spoken_to(centre, school, tmp_path):
    strange = make_centre(tmp_path / "strange")
    with listening(centre) as (address, book):
        enrol.join(school, address, code_for(centre, book, "向阳"))
    with listening(strange) as (address, _):
        with transaction(school.db) as tx:
            tx.execute("update centre set address = ?", (f"https://{address}",))
        use(school, 1)
        with pytest.raises(calling.CentreUnreachable):
            courier.send(school)
    assert outbox.waiting(school.db) == 1


def test_a_revoked_box_is_not_heard_and_keeps_what_it_has_to_say(centre, school):
    with listening(centre) as (address, book):
        enrol.join(school, address, code_for(centre, book, "向阳"))
        book.revoke(identity.box_id(school.db), at=centre.box.clock.moment().at)
        use(school, 2)
        with pytest.raises(Exception, match="box_revoked"):
            courier.send(school)
    assert outbox.waiting(school.db) == 2


def test_a_box_restored_from_an_older_copy_jumps_over_its_calls(centre, school):
    with listening(centre) as (address, book):
        enrol.join(school, address, code_for(centre, book, "向阳"))
        use(school, 3)
        courier.send(school)
        with transaction(school.db) as tx:
            tx.execute("update centre set counter = 0")
        use(school, 3)
        assert courier.send(school) == 3


def test_the_county_knows_which_collections_a_point_holds_whole(
    centre, school, tmp_path
):
    lesson = tmp_path / "课件" / "三年级" / "语文" / "上册"
    lesson.mkdir(parents=True)
    (lesson / "古诗.txt").write_text("床前明月光", "utf-8")
    centre.add(tmp_path / "课件")
    centre.publish()
    with served(centre) as tree, listening(centre) as (address, book):
        enrol.join(school, address, code_for(centre, book, "向阳"))
        with transaction(school.db) as tx:
            tx.execute("update centre set tree = ?", (tree,))

        def held():
            (seen,) = book.points()
            return [one.version for one in book.point(seen.id).receipts]

        fetch(school, report=lambda: courier.send(school))
        fetch(school, report=lambda: courier.send(school))  # what was kept meanwhile
        assert held() == [1]
        (lesson / "生字.txt").write_text("天地人", "utf-8")
        centre.add(tmp_path / "课件")
        centre.publish()
        assert held() == [1]
        fetch(school, report=lambda: courier.send(school))
        fetch(school, report=lambda: courier.send(school))
        assert held() == [2]
        waiting = school.db.value("select count(*) from outbox where kind = 'receipt'")
        assert waiting == 2  # each was said once
