"""A school whose one resource is looked after."""

import pytest

from tests.web.school import School, place


@pytest.fixture
def school(tmp_path):
    """An empty school."""
    return School(tmp_path)


@pytest.fixture
def poem(school):
    """A resource that teachers see."""
    where = place("g3", "yuwen")
    return school.add("古诗三首", "document", "txt", "床前明月光".encode() * 999, where)
