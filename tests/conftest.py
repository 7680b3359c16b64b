"""What every test may use, and what holds for all of them.

A test stays on this machine: a TCP connection to anywhere else is an error. A test is
run or it is named: only a laboratory (`tests.labs`) may be left out, and then the last
lines say so.
"""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from edge_server.ground.box import Box
from tests import labs

# Two busy cores say nothing about the speed of code; with CI set hypothesis takes its own
# profile, which also makes each run alike.
if "CI" not in os.environ:
    hypothesis.settings.register_profile("here", deadline=None)
    hypothesis.settings.load_profile("here")

LAB = "lab: "
"""Begins the reason of each skip that is allowed."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--all",
        action="store_true",
        help="a laboratory that this machine cannot run is a failure",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", f"lab(*needs): needs, from {', '.join(labs.NEEDS)}"
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    needs = [need for mark in item.iter_markers("lab") for need in mark.args]
    if reason := labs.why_not(needs):
        pytest.skip(LAB + reason)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    left_out = not_run(session.config)
    forbidden = [reason for reason in left_out if not reason.startswith(LAB)]
    if forbidden or (left_out and session.config.getoption("--all")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say what was not run after everything else, even after pytest's own summary."""
    out = config.get_terminal_writer()
    for reason, tests in sorted(not_run(config).items()):
        lab = reason.startswith(LAB)
        why = (
            reason.removeprefix(LAB)
            if lab
            else f"skipped, which is a failure: {reason}"
        )
        out.line(f"Not run: {len(tests)} in {', '.join(sorted(set(tests)))}. {why}")


def not_run(config: pytest.Config) -> dict[str, list[str]]:
    """Return the files of the tests that were left out, a name for each, by reason."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    found: dict[str, list[str]] = {}
    for report in reporter.stats.get("skipped", ()) if reporter else ():
        reason = report.longrepr[2].removeprefix("Skipped: ")
        found.setdefault(reason, []).append(report.nodeid.split("::")[0])
    return found


@pytest.fixture(autouse=True)
def stay_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse TCP connections that leave: no test may need a network, no code may use one."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        inet = self.family in (socket.AF_INET, socket.AF_INET6)
        if inet and self.type & socket.SOCK_STREAM:
            host = str(address[0])
            own = host.startswith("127.") or host in ("localhost", "::1", "0.0.0.0", "")
            assert own or host in own_addresses(), f"a test reaches out to {host}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def own_addresses() -> set[str]:
    """Return the addresses of this machine: a box is also called by its LAN address."""
    import ifaddr  # comes with zeroconf

    return {
        str(ip.ip if ip.is_IPv4 else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what the person who runs the tests has set for a box of their own."""
    for name in [name for name in os.environ if name.startswith("EDGE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A prepared box in a folder of its own."""
    from tests.boxes import make_box

    made = make_box(tmp_path / "data")
    yield made
    made.db.close()


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a small MP4 that plays everywhere as it is."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
            *("-i", "testsrc=size=320x180:rate=25:duration=2", "-f", "lavfi"),
            *("-i", "sine=frequency=440:duration=2", "-c:v", "libx264"),
            *("-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-ac", "2"),
            *("-movflags", "+faststart", str(path)),
        ],
        check=True,
    )
    return path
