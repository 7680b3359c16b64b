"""A school and a browser without a window: Flask's client, behind the media."""

import shutil

import pytest
from werkzeug.test import Client

from tests.web.filled import fill
from tests.web.school import School
from web import app as application
from web.site import open_site


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """An empty and a filled school, to be copied: making one takes a quarter second."""
    folder = tmp_path_factory.mktemp("schools")
    found = {}
    for name in ("empty", "filled"):
        school = School(folder / name)
        found[name] = fill(school) if name == "filled" else {}
        school.box.db.close()
    return folder, found


@pytest.fixture
def school(request, tmp_path, made_once):
    """A school, an empty one unless the test asks for ``filled``."""
    folder, found = made_once
    name = "filled" if "filled" in request.fixturenames else "empty"
    shutil.copytree(folder / name, tmp_path / "box")
    school = School.open(tmp_path / "box")
    school.found = found[name]
    yield school
    school.box.db.close()


@pytest.fixture
def filled(school):
    """A school with a bit of everything; ``filled.found`` has some of it by name."""
    return school


@pytest.fixture
def site(school):
    """What the pages of the school share."""
    site = open_site(school.box)
    yield site
    site.words.close()


@pytest.fixture
def client(school):
    """A phone that visits the school."""
    return Visit(Client(application.create_app(school.box)))


class Visit:
    """A phone on the LAN: it keeps its cookies and says where its forms come from."""

    HOST = "192.168.1.5:8080"
    PHONE = "192.168.1.20"

    def __init__(self, client):
        self.client = client

    def get(self, address, **more):
        """Ask for a page as the phone would."""
        headers = {"Host": self.HOST, **more.pop("headers", {})}
        return self.client.get(
            address,
            headers=headers,
            environ_base={"REMOTE_ADDR": self.PHONE},
            buffered=True,
            **more,
        )

    def post(self, address, data=None, *, token=True, origin=f"http://{HOST}", **more):
        """Send a form as a page of ours would, with its token."""
        headers = {"Host": self.HOST, **more.pop("headers", {})}
        if origin is not None:
            headers["Origin"] = origin
        if token and isinstance(data, dict):
            data = {"csrf": self.token(), **data}
        return self.client.post(
            address,
            data=data,
            headers=headers,
            environ_base={"REMOTE_ADDR": self.PHONE},
            **more,
        )

    def token(self, page="/signin"):
        """Return the token of a form on a page."""
        text = self.get(page).text
        for mark in ('name="csrf" value="', "?csrf="):
            if mark in text:
                return text.split(mark)[1][:40]
        raise AssertionError(f"no form on {page}")

    def speak(self, lang):
        """Choose a language."""
        self.get(f"/lang?lang={lang}&back=/")

    def sign_in(self, pin):
        """Give the PIN, which must be the right one."""
        answer = self.post("/signin", {"pin": pin, "back": "/upload"})
        assert answer.status_code == 302, answer.text
        return answer
