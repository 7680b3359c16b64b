"""Who issues: a school by its box's id, a county by its first root of trust."""

from edge_server.ground.db import transaction
from edge_server.records import identity
from tests.boxes import make_box

COUNTY = "ab" * 32


def test_a_school_issues_under_the_id_of_its_box(tmp_path):
    box = make_box(tmp_path)
    assert identity.issuer(box.db) == identity.box_id(box.db)


def test_a_county_issues_under_its_first_root_whatever_comes_later(tmp_path):
    box = make_box(tmp_path)
    for issuer in (COUNTY, "cd" * 32):
        with transaction(box.db) as tx:
            identity.become_issuer(tx, box.clock, issuer)
    assert identity.issuer(box.db) == COUNTY
    assert identity.box_id(box.db) != COUNTY
