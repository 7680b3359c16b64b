"""A box that somebody asks to join from a page: `work` does it, and says why it cannot."""

import pytest

from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.records import settings
from sync.arrivals import enrolment, head
from sync.arrivals.enrolment import Asked
from tests.boxes import make_box, run_until_idle
from tests.sync.county import code_for, listening, make_centre


@pytest.fixture(scope="module")
def centre(tmp_path_factory):
    """A centre with nothing published."""
    return make_centre(tmp_path_factory.mktemp("centre"))


@pytest.fixture
def school(tmp_path):
    """A box that has not joined."""
    return make_box(tmp_path / "school")


def wish(box, address: str, code: str) -> None:
    """Type an address and a code, and let `work` join."""
    with transaction(box.db) as tx:
        enrolment.ask(tx, box.clock, Asked(address, code), by="老师")
    run_until_idle(box)


def test_a_wish_leads_to_the_county_and_its_code_is_forgotten(centre, school):
    with listening(centre) as (address, book):
        wish(school, address, code_for(centre, book, "红旗教学点"))
    assert head.centre(school.db).point == "红旗教学点"
    assert jobs.rows(school.db) == []
    assert enrolment.asked(school.db) is None
    assert settings.get(school.db, enrolment.SETTING) is None


def test_a_code_that_is_refused_is_forgotten_and_the_address_kept(centre, school):
    with listening(centre) as (address, book):
        code = code_for(centre, book, "东风教学点")
        wish(make_box(school.folder.parent / "other"), address, code)
        wish(school, address, code)
        (job,) = jobs.rows(school.db)
        assert (job.kind, job.state, job.code) == ("enrol", "aside", "code_used")
        assert enrolment.asked(school.db) == Asked(address, "")
        assert head.centre(school.db) is None

        wish(school, address, code_for(centre, book, "向阳教学点"))
        assert head.centre(school.db).point == "向阳教学点"


def test_a_centre_that_does_not_answer_is_asked_again(centre, school):
    code = "0000-0000-0000-0000"
    wish(school, "127.0.0.1:9", code)
    (job,) = jobs.rows(school.db)
    assert (job.state, job.code) == ("queued", "centre_unreachable")
    assert enrolment.asked(school.db) == Asked("127.0.0.1:9", code)
    with listening(centre) as (address, book):
        wish(school, address, code_for(centre, book, "长安教学点"))
    assert head.centre(school.db).point == "长安教学点"


def test_what_is_typed_meanwhile_is_not_forgotten_with_what_was_refused(school):
    older, newer = Asked("a", "1"), Asked("b", "2")
    with transaction(school.db) as tx:
        enrolment.ask(tx, school.clock, newer, by="老师")
        enrolment.was_refused(tx, school.clock, older)
        enrolment.was_done(tx, older)
    assert enrolment.asked(school.db) == newer
