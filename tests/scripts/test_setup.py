"""What set-up does to a machine: only what is missing, never its name resolution.

The package tools are stand-ins that write down how they were called; the rest is the real
script in a folder of its own, whose environment is already made and stamped.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

APT_GET = """#!/bin/bash
echo "$*" >>"$CALLS"
case "$*" in *-s*) echo "Inst ffmpeg (7:5.1)"; echo "$PLANNED" ;; esac
"""
DPKG_QUERY = """#!/bin/bash
for name in "$@"; do case $name in -*|*Status*) ;; *)
  [[ " $LACKING " == *" $name "* ]] || echo "installed $name" ;; esac; done
"""
STAND_INS = {
    "apt-get": APT_GET,
    "dpkg-query": DPKG_QUERY,
    "id": '#!/bin/bash\necho "${USER_ID:-0}"\n',
}


@dataclass
class Machine:
    """A project folder in which everything is installed, and its package tools."""

    project: Path
    calls: Path
    environment: dict[str, str]

    def setup(self, *options: str, **said: str) -> subprocess.CompletedProcess[str]:
        """Run the set-up with these options and environment."""
        return subprocess.run(
            [self.project / "scripts" / "setup", *options],
            env=self.environment | said,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    def asked_of_apt(self) -> list[str]:
        """Return the lines that apt was called with."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A machine whose apt and pip only write down what they are asked."""
    # A blank in the path: people keep such folders.
    project, tools = tmp_path / "our project", tmp_path / "tools"
    (project / "scripts").mkdir(parents=True)
    for name in (
        "scripts/setup",
        "setup.py",
        "requirements.txt",
        "requirements-dev.txt",
    ):
        shutil.copy(ROOT / name, project / name)
    tools.mkdir()
    for name, text in STAND_INS.items():
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)
    venv = project / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 0\n")
    (venv / "bin" / "python").chmod(0o755)
    (venv / "bin" / "pip").write_text(f"#!{venv}/bin/python\n")
    for lock in ("requirements", "requirements-dev"):
        parts = [(project / name).read_bytes() for name in (f"{lock}.txt", "setup.py")]
        stamp = hashlib.sha256(b"".join(parts)).hexdigest()
        (venv / f".{lock}.stamp").write_text(stamp + "\n")
    browser = project / "build" / "chromium-78" / "chromium"
    browser.parent.mkdir(parents=True)
    browser.write_text("#!/bin/sh\n")
    browser.chmod(0o755)
    calls = tmp_path / "calls"
    environment = {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "CALLS": str(calls),
        "PLANNED": "",
        "LACKING": "",
    }
    return Machine(project, calls, environment)


@pytest.mark.parametrize("options", [(), ("--light",), ("--tests",)])
def test_a_machine_that_has_everything_is_asked_for_nothing(machine, options):
    done = machine.setup(*options)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert machine.asked_of_apt() == []


def test_only_what_is_missing_is_installed_and_nothing_recommended(machine):
    done = machine.setup(LACKING="ffmpeg bubblewrap")

    assert done.returncode == 0, done.stderr
    update, plan, install = machine.asked_of_apt()
    assert "update" in update
    assert plan.startswith("-s")
    assert install.endswith("install bubblewrap ffmpeg")
    assert "--no-install-recommends" in install


def test_light_leaves_libreoffice_out(machine):
    assert machine.setup("--light", LACKING="libreoffice-impress-nogui").returncode == 0
    assert machine.asked_of_apt() == []


@pytest.mark.parametrize(
    "package", ["systemd-resolved", "libnss-mdns", "libnss-resolve", "avahi-daemon"]
)
def test_a_package_that_rewrites_name_resolution_stops_the_set_up(machine, package):
    done = machine.setup(LACKING="ffmpeg", PLANNED=f"Inst {package} (252)")

    assert done.returncode == 1
    assert package in done.stderr
    assert not any(call.startswith("-qq") for call in machine.asked_of_apt())


def test_a_person_without_root_is_told_the_line_to_run(machine):
    done = machine.setup(LACKING="poppler-utils", USER_ID="1000")

    assert done.returncode == 1
    assert "install --no-install-recommends poppler-utils" in done.stderr
    assert machine.asked_of_apt() == []


def test_a_person_without_root_goes_on_when_nothing_is_missing(machine):
    assert machine.setup(USER_ID="1000").returncode == 0


def test_a_changed_lock_is_installed_from_again(machine):
    with (machine.project / "requirements.txt").open("a") as lock:
        lock.write("# changed\n")
    assert "installing the Python packages" in machine.setup().stdout
    assert machine.setup().stdout == ""


def test_an_unknown_option_is_wrong_usage(machine):
    assert machine.setup("--fast").returncode == 2


@pytest.mark.parametrize("script", ["setup", "run", "test", "lock"])
def test_help_is_plain_words(script):
    done = subprocess.run(
        [ROOT / "scripts" / script, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert f"scripts/{script}" in done.stdout
    assert "#" not in done.stdout


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_a_lock_names_no_place_and_hashes_everything(name):
    text = (ROOT / name).read_text()
    pinned = [line for line in text.splitlines() if line and line[0] not in "# "]

    assert "://" not in text
    assert all("==" in line and line.endswith("\\") for line in pinned)
