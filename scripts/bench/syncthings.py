"""Syncthing beside the others: it needs a half of itself at the centre, and keeps running.

Both halves know only each other: no discovery, no relays, nothing told to anybody.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import peers

from tests.netlab import BOX_ADDRESS, CENTRE_ADDRESS, Places

KEY = "bench"
PORT = 22000
CONFIG = """<configuration version="36">
<folder id="heap" path="{path}" type="{kind}" rescanIntervalS="3600"
 fsWatcherEnabled="false">{devices}</folder>
{addresses}
<gui enabled="true"><address>127.0.0.1:8384</address><apikey>{key}</apikey></gui>
<options>
<listenAddress>tcp://0.0.0.0:{port}</listenAddress>
<globalAnnounceEnabled>false</globalAnnounceEnabled>
<localAnnounceEnabled>false</localAnnounceEnabled>
<relaysEnabled>false</relaysEnabled><natEnabled>false</natEnabled>
<urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled>
<startBrowser>false</startBrowser><autoUpgradeIntervalH>0</autoUpgradeIntervalH>
</options></configuration>
"""


class Syncthing:
    """Both halves, in folders of their own.

    Args:
        places: Where they run.
        heap: What is carried.
        target: Where to.
        own: Their settings.
    """

    def __init__(self, places: Places, heap: Path, target: Path, own: Path) -> None:
        self._places = places
        self._heap = heap
        self._target = target
        self._homes = (own / "centre", own / "box")
        target.mkdir(parents=True, exist_ok=True)
        ids = []
        for home in self._homes:
            home.mkdir(parents=True)
            _tell("syncthing", "generate", f"--home={home}", "--no-default-folder")
            ids.append(_tell("syncthing", "--device-id", f"--home={home}").strip())
        devices = "".join(f'<device id="{one}"/>' for one in ids)
        addresses = "".join(
            f'<device id="{one}"><address>tcp://{at}:{PORT}</address></device>'
            for one, at in zip(ids, (CENTRE_ADDRESS, BOX_ADDRESS), strict=True)
        )
        for home, path, kind in zip(
            self._homes, (heap, target), ("sendonly", "receiveonly"), strict=True
        ):
            (path / ".stfolder").mkdir(exist_ok=True)
            (home / "config.xml").write_text(
                CONFIG.format(
                    path=path, kind=kind, devices=devices, addresses=addresses,
                    key=KEY, port=PORT,
                )
            )  # fmt: skip

    @contextmanager
    def centre(self) -> Iterator[None]:
        """Have the centre's half run, with all of the heap known to it."""
        with self._running(self._places.at_centre, self._homes[0]):
            self.rescan()
            yield

    @contextmanager
    def box(self) -> Iterator["subprocess.Popen[bytes]"]:
        """Have the box's half run."""
        with self._running(self._places.at_box, self._homes[1]) as process:
            yield process

    def rescan(self) -> None:
        """Have the centre look at its files now; waits for it."""
        ends = time.monotonic() + peers.PATIENCE_S
        while time.monotonic() < ends:
            done = subprocess.run(
                self._places.at_centre(
                    *("curl", "-sf", "-X", "POST", "-H", f"X-API-Key: {KEY}"),
                    "http://127.0.0.1:8384/rest/db/scan?folder=heap",
                ),
                check=False, stdout=subprocess.DEVNULL,
            )  # fmt: skip
            if done.returncode == 0:
                return
            time.sleep(0.2)
        raise TimeoutError("syncthing does not answer")

    def until_same(self) -> bool:
        """Wait until the box has all of it; returns whether it came in time."""
        expected = {
            path.relative_to(self._heap): path.stat()
            for path in self._heap.rglob("*")
            if path.is_file()
        }
        ends = time.monotonic() + peers.PATIENCE_S
        while time.monotonic() < ends:
            if all(self._has(inside, stat) for inside, stat in expected.items()):
                return True
            time.sleep(0.1)
        return False

    def _has(self, inside: Path, stat: object) -> bool:
        try:
            mine = (self._target / inside).stat()
        except FileNotFoundError:
            return False
        wanted = (stat.st_size, int(stat.st_mtime))  # type: ignore[attr-defined]  # os.stat_result
        return (mine.st_size, int(mine.st_mtime)) == wanted

    @contextmanager
    def _running(self, at: object, home: Path) -> Iterator["subprocess.Popen[bytes]"]:
        words = ("syncthing", "serve", f"--home={home}", "--no-browser", "--no-restart")
        process = subprocess.Popen(
            at(*words),  # type: ignore[operator]  # a method of Places
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()


def _tell(*words: str) -> str:
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout
