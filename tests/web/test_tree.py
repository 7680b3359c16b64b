"""The upper tree is read again after any change, and only then."""

import pytest

from edge_server.ground import db as ground_db
from edge_server.ground.db import transaction
from edge_server.records import shelves, versions
from tests.web.school import School, place
from web import tree


@pytest.fixture
def school(tmp_path):
    return School(tmp_path / "box")


def test_the_upper_tree_is_kept_until_something_changes(school, monkeypatch):
    school.add("静夜思", "document", "txt", b"moon", place("g3", "yuwen"))
    db, read = school.box.db, shelves.subjects
    asked = []
    monkeypatch.setattr(shelves, "subjects", lambda db: asked.append(1) or read(db))

    assert [tree.above(db).resources for _ in range(3)] == [1, 1, 1]
    assert len(asked) == 1


@pytest.mark.parametrize("who", ["this process", "another"])
def test_a_change_of_anybodys_is_seen_at_once(school, who):
    poem = school.add("静夜思", "document", "txt", b"moon", place("g3", "yuwen"))
    assert tree.above(school.box.db).resources == 1

    writer = school.box.db
    if who == "another":
        writer = ground_db.open(school.box.db.path)
    with transaction(writer) as tx:
        versions.withdraw(tx, school.box.clock, poem.id)

    assert tree.above(school.box.db).resources == 0
    if who == "another":
        writer.close()
