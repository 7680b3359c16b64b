"""A box joins its county and reports: a real centre, real TLS, a real ledger."""

import secrets
from contextlib import contextmanager

import pytest

from edge_server.ground.db import transaction
from edge_server.records import identity, outbox, usage
from edge_server.records.usage import Event
from sync import calling, courier, enrol
from sync.arrivals import head
from sync.centre import books, certificates
from sync.centre.ledger import Point
from sync.format import codes
from tests.boxes import make_box
from tests.sync.county import make_centre
from web.machine.calls import MachineCalls
from web.machine.tls import TlsServer


def nothing(environ, start_response):
    """Answer as a desk without pages."""
    start_response("404 Not Found", [("Content-Length", "0")])
    return []


@contextmanager
def listening(centre):
    """Hear boxes as the centre's `serve` does; gives address and ledger."""
    book = books.open_ledger(centre.box)
    book.prepare()
    app = MachineCalls(nothing, centre.box, book, lambda host: "http://here/published")
    at = centre.box.clock.moment().at
    certificate = certificates.server_certificate(
        centre.box.folder, ["127.0.0.1"], now_at=at
    )
    server = TlsServer(app, "127.0.0.1", 0, certificate)
    server.start()
    try:
        yield f"127.0.0.1:{server.port}", book
    finally:
        server.stop()
        book.close()


def code_for(centre, book, name: str) -> str:
    """Return a one-time code for a point."""
    at = centre.box.clock.moment().at
    ((point, _),) = book.put_points([Point(name)], at=at)
    code = codes.make_code(certificates.authority(centre.box.folder))
    book.add_codes({point: code.secret}, at=at)
    return str(code)


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
