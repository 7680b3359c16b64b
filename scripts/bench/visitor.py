"""A person at the box, for the benches: gives the PIN, uploads, searches, looks at a page.

`Visitor` speaks HTTP as a phone does: cookies, forms, tokens. `watching` holds a page open
as a browser does: in Chromium when the project's environment has Playwright (it comes with
``scripts/setup --tests``), else by asking for what the page's own script asks for.
"""

import re
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

PIN = "27182845"
CHROMIUM = Path("/usr/bin/chromium")
CALM_S = 10.0
"""How often the page of the box's state asks while nothing moves: ``js/status.js``."""
SWITCHES = (
    "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip


class Visitor:
    """One phone.

    Args:
        port: Of a box on this machine.
    """

    def __init__(self, port: int) -> None:
        self._origin = f"http://127.0.0.1:{port}"
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._jar)
        )

    @property
    def cookies(self) -> str:
        """What it sends as ``Cookie``."""
        return "; ".join(f"{one.name}={one.value}" for one in self._jar)

    def get(self, path: str) -> str:
        """Return a page."""
        return self._ask(path)

    def set_pin(self, code: str) -> None:
        """Give the one-time code and set the PIN; the phone may upload from then on."""
        form = {"csrf": self._token("/signin"), "code": code}
        said = urlencode({**form, "new_pin": PIN, "again": PIN}).encode()
        self._ask("/signin", said, "application/x-www-form-urlencoded")

    def upload(self, path: Path) -> None:
        """Send one file with the form of the upload page."""
        token, line = self._token("/upload"), secrets.token_hex(16)
        body = (
            f'--{line}\r\nContent-Disposition: form-data; name="file";'
            f' filename="{path.name}"\r\nContent-Type: application/octet-stream\r\n\r\n'
        ).encode() + path.read_bytes()
        said = f"multipart/form-data; boundary={line}"
        end = f"\r\n--{line}--\r\n".encode()
        self._ask(f"/upload?csrf={token}", body + end, said)

    def search(self, words: str) -> str:
        """Return the page of hits."""
        return self._ask("/search?" + urlencode({"q": words}))

    def _token(self, path: str) -> str:
        found = re.search(r'csrf(?:=|" value=")([0-9a-f]+)', self._ask(path))
        if found is None:
            raise RuntimeError(f"{path} has no form")
        return found[1]

    def _ask(self, path: str, body: bytes | None = None, kind: str = "") -> str:
        headers = {"Origin": self._origin, **({"Content-Type": kind} if kind else {})}
        asked = urllib.request.Request(self._origin + path, body, headers)
        with self._opener.open(asked, timeout=60) as answer:
            return answer.read().decode()


@contextmanager
def watching(port: int, path: str) -> Iterator[str]:
    """Hold a page open while the block runs; gives what holds it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        playing = None
    else:
        playing = sync_playwright() if CHROMIUM.exists() else None
    if playing is None:
        with _asking(port, path):
            yield "a client that asks as the page does"
        return
    with playing as engines:
        browser = engines.chromium.launch(
            executable_path=str(CHROMIUM), args=list(SWITCHES)
        )
        browser.new_page().goto(f"http://127.0.0.1:{port}{path}")
        yield "Chromium"
        browser.close()


@contextmanager
def _asking(port: int, path: str) -> Iterator[None]:
    phone, stop = Visitor(port), threading.Event()
    phone.get(path)

    def ask() -> None:
        while not stop.wait(CALM_S):
            phone.get(f"{path}.json")

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    try:
        yield
    finally:
        stop.set()
        asking.join()
