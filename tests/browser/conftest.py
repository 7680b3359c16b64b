"""A school, served for real on loopback, and a real browser that may go nowhere else."""

import socket
import subprocess
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from edge_server.records import catalogue
from indexer import fulltext
from indexer.passages import Passage
from indexer.postings import Entry
from tests.boxes import PIN, make_teacher
from tests.web.filled import fill
from tests.web.school import School
from web.app import create_app
from web.limits import Limits
from web.offload import OffloadWorker

ARTIFACTS = Path(__file__).parents[1] / "artifacts"
CHROMIUM = "/usr/bin/chromium"
PHONE, LAPTOP = (360, 740), (1366, 768)
SEEN = [(PHONE, "zh"), (PHONE, "en"), (LAPTOP, "zh")]
"""How each page is looked at: what fits a phone in English fits a laptop, too."""
SEEN_IDS = ["phone-zh", "phone-en", "laptop-zh"]
FILM_S = 24


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Start Debian's own Chromium, which goes nowhere by itself."""
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "args": [
            "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
            "--font-render-hinting=none", "--autoplay-policy=no-user-gesture-required",
            "--disable-background-networking", "--disable-component-update",
            "--mute-audio",
        ],
    }  # fmt: skip


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> bytes:
    """A film that plays everywhere, with something moving and a tone."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi",
         "-i", f"gradients=s=640x360:r=12:d={FILM_S}:speed=0.02:c0=0xcfe3d4:c1=0x2f7a4f",
         "-f", "lavfi", "-i", f"sine=f=330:d={FILM_S}", "-c:v", "libx264", "-preset",
         "ultrafast", "-pix_fmt", "yuv420p", "-g", "24", "-c:a", "aac",
         "-movflags", "+faststart", str(path)],
        check=True,
    )  # fmt: skip
    return path.read_bytes()


class Served:
    """A school behind its address."""

    def __init__(self, school: School, port: int) -> None:
        self.school = school
        self.origin = f"http://127.0.0.1:{port}"
        self.found = school.found

    def resource(self, name: str) -> str:
        """Return the address of one of `found`."""
        return f"{self.origin}/resource/{self.found[name].id_on_disk}"

    def events(self, kind: str) -> list:
        """Return the usage events of a kind."""
        return self.school.box.db.all(
            "select * from usage_events where kind = ?", (kind,)
        )


@pytest.fixture(scope="module")
def served(tmp_path_factory, film):
    """A filled school whose words are indexed, behind a real port."""
    school = School(tmp_path_factory.mktemp("served") / "box")
    school.found = fill(school, film)
    make_teacher(school.box)
    words = fulltext.open_words(school.box.folder)
    for one in catalogue.newest(school.box.db, 100):
        text = [
            Passage(
                f"{one.title}。早晨，从山坡上，从坪坝里，走来了许多小学生。", page=1
            )
        ]
        fulltext.keep_text(words, one.main.object_id, text)
        fulltext.index(
            words,
            Entry(one.id, one.version, one.title, objects=(one.main.object_id,)),
        )
    words.close()
    listener = socket.create_server(("127.0.0.1", 0))
    worker = OffloadWorker(create_app(school.box, development=True), listener, Limits())
    thread = threading.Thread(target=worker.run)
    thread.start()
    yield Served(school, listener.getsockname()[1])
    worker.stop()
    thread.join()
    school.box.db.close()


class Watch:
    """What a page said and asked for."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.outside: list[str] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:", "about:")):
            self.outside.append(request.url)

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


@pytest.fixture
def open_page(browser: Browser, served):
    """Open a page as a phone or a laptop does; nothing it asks may leave the machine."""
    contexts: list[BrowserContext] = []
    watched: list[Watch] = []

    def opened(address="/", size=LAPTOP, lang="zh", **more) -> Page:
        phone = size == PHONE
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            is_mobile=phone,
            has_touch=phone,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **more,
        )
        contexts.append(context)
        context.add_cookies([{"name": "lang", "value": lang, "url": served.origin}])
        page = context.new_page()
        page.set_default_timeout(8000)
        page.watch = Watch(page, served.origin)
        watched.append(page.watch)
        page.goto(address if address.startswith("http") else served.origin + address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [url for watch in watched for url in watch.outside] == []


def sign_in(page: Page, served: Served) -> None:
    """Give the PIN on the page that asks for it, and go on to the upload."""
    page.goto(served.origin + "/signin?back=/upload")
    page.fill("#pin", PIN)
    page.click("main .btn")
    page.wait_for_url("**/upload")
