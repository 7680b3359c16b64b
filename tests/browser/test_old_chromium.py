"""The pages in Chromium 78, which is what panels and old televisions still run.

``scripts/old_chromium`` fetches it; where it is not there, these tests are named as not
run. It is spoken to over two pipes: Playwright's own protocol is too new for it.
"""

import base64
import json
import os
import select
import signal
import time
from pathlib import Path

import pytest

from tests.browser.conftest import ARTIFACTS
from tests.conftest import LAB

PROGRAM = Path(__file__).parents[2] / "build" / "chromium-78" / "chromium"


class OldChromium:
    """One page of an old Chromium."""

    def __init__(self, folder: Path) -> None:
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        flags = [
            "--headless", "--no-sandbox", "--single-process", "--no-zygote",
            "--disable-gpu", "--hide-scrollbars", "--window-size=1366,768",
            "--autoplay-policy=no-user-gesture-required", "--mute-audio",
            f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank",
        ]  # fmt: skip
        self._pid = os.posix_spawn(
            PROGRAM,
            [str(PROGRAM), *flags],
            os.environ,
            file_actions=[  # it reads from descriptor 3 and writes to 4
                (os.POSIX_SPAWN_DUP2, to_browser, 3),
                (os.POSIX_SPAWN_DUP2, from_browser, 4),
                (os.POSIX_SPAWN_OPEN, 2, "/dev/null", os.O_WRONLY, 0),
            ],
        )
        os.close(to_browser)
        os.close(from_browser)
        self._rest, self._asked, self._session = b"", 0, None
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self.ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, **params):
        """Send a command of the DevTools protocol; returns its result."""
        self._asked += 1
        message = {"id": self._asked, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                ready, _, _ = select.select([self._in], [], [], 20)
                assert ready, f"no answer to {method}"
                self._rest += os.read(self._in, 1 << 16)
            text, self._rest = self._rest.split(b"\0", 1)
            told = json.loads(text)
            if told.get("method") == "Runtime.exceptionThrown":
                self.complaints.append(json.dumps(told["params"])[:500])
            if told.get("id") == self._asked:
                assert "error" not in told, told
                return told["result"]

    def open(self, url: str) -> None:
        """Go to an address and wait until it has loaded."""
        self.ask("Page.navigate", url=url)
        self.until(
            "document.readyState === 'complete' && location.href !== 'about:blank'"
        )

    def value(self, expression: str):
        """Return what an expression is on the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)[
            "result"
        ].get("value")

    def until(self, expression: str, most_s: float = 10) -> None:
        """Wait until an expression is true on the page."""
        end = time.monotonic() + most_s
        while not self.value(expression):
            assert time.monotonic() < end, f"never happened: {expression}"
            time.sleep(0.1)

    def key(self, key: str) -> None:
        """Press a key by its DOM name."""
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key)

    def close(self) -> None:
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._in)
        os.close(self._out)


@pytest.fixture
def old(tmp_path):
    """The old browser with a profile of its own; a script's error fails the test."""
    if not PROGRAM.is_file():
        pytest.skip(LAB + "Chromium 78: scripts/old_chromium has not fetched it")
    browser = OldChromium(tmp_path / "profile")
    yield browser
    browser.close()
    assert browser.complaints == []


def test_a_film_plays_with_our_bar(served, old):
    old.open(served.resource("film"))
    old.until("!document.querySelector('.ctl').hidden")
    assert " / " in old.value("document.querySelector('[data-time]').textContent")
    old.value("document.querySelector('.start').click()")
    old.until("document.querySelector('video').currentTime > 1")
    old.key("k")
    old.until("document.querySelector('video').paused")
    end = time.monotonic() + 8
    while not served.events("opened"):
        assert time.monotonic() < end, "the usage event never came"
        time.sleep(0.1)


def test_the_bar_of_a_film_shows_what_is_under_the_mouse(served, old):
    old.open(served.resource("film"))
    old.until("!document.querySelector('.ctl').hidden")
    old.until("document.querySelector('video').readyState >= 1")
    box = "document.querySelector('[data-seek]').getBoundingClientRect()"
    x, y = old.value(f"{box}.left + {box}.width / 2"), old.value(f"{box}.top + 12")
    end = time.monotonic() + 8
    while old.value("document.querySelector('[data-peek]').hidden"):
        assert time.monotonic() < end, "the peek never came"
        x += 1
        old.ask("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        time.sleep(0.1)
    assert old.value("document.querySelector('[data-peek] span').offsetWidth") == 160


def test_slides_turn(served, old):
    old.open(served.resource("deck"))
    old.until("document.querySelectorAll('.strip img[src]').length > 1")
    old.key("ArrowRight")
    old.key("PageDown")
    old.until("document.querySelector('[data-picture]').src.endsWith('0002-02.jpg')")


def test_a_book_is_shown_without_its_scripts(served, old):
    old.open(served.resource("book"))
    assert old.value("document.querySelector('iframe').sandbox.length") == 0
    assert old.value("document.title").startswith("小故事")


@pytest.mark.parametrize("name", ["home", "library", "film", "deck", "status"])
def test_a_page_is_laid_out_as_in_new_engines(served, old, name):
    address = {"home": "/", "library": "/library", "status": "/status"}.get(name)
    old.open(served.origin + address if address else served.resource(name))
    time.sleep(0.5)
    ARTIFACTS.mkdir(exist_ok=True)
    picture = old.ask("Page.captureScreenshot")["data"]
    (ARTIFACTS / f"{name}-chromium78.png").write_bytes(base64.b64decode(picture))
    assert old.value("document.documentElement.scrollWidth") <= 1366
    top = "getComputedStyle(document.querySelector('.rail')).width"
    assert old.value(top) == "256px"
    assert (
        old.value("document.querySelector('main').getBoundingClientRect().left") == 256
    )
