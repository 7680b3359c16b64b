"""A county whose points are in every state, made once and copied."""

import shutil

import pytest

from edge_server.ground.box import open_box
from sync.centre import books, keys
from tests.sync.county import Centre
from tests.web.centre.county import County, close, fill, make_county, visit


@pytest.fixture(scope="session")
def made_county(tmp_path_factory):
    """A filled county's folder, closed; with the ids in it."""
    folder = tmp_path_factory.mktemp("county") / "centre"
    county = make_county(folder)
    fill(county)
    close(county)
    return folder, county.points, county.boxes


@pytest.fixture
def county(made_county, tmp_path):
    """A county with points in every state."""
    folder, points, boxes = made_county
    shutil.copytree(folder, tmp_path / "centre", symlinks=True)
    box = open_box(tmp_path / "centre")
    centre = Centre(box, keys.chain(box.folder)[0])
    opened = County(centre, books.open_ledger(box), dict(points), dict(boxes))
    yield opened
    close(opened)


@pytest.fixture
def empty_county(tmp_path):
    """A county without points."""
    made = make_county(tmp_path / "empty")
    yield made
    close(made)


@pytest.fixture
def desk(county):
    """A browser that has signed in at the desk."""
    return visit(county)
