"""A laboratory that cannot run is named with its reason; anything else that is skipped
fails the run."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

INNER_CONFTEST = """
import sys
sys.path.insert(0, {root!r})
from tests.conftest import *
from tests import labs
labs.NEEDS["moon"] = lambda: "this machine has none"
labs.NEEDS["air"] = lambda: None
"""


def run(folder: Path, tests: str, *options: str) -> tuple[int, list[str]]:
    """Run made-up tests under the rules of this folder; return exit status and lines."""
    (folder / "conftest.py").write_text(INNER_CONFTEST.format(root=str(ROOT)))
    (folder / "test_inner.py").write_text("import pytest\n" + tests)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout.splitlines()


LAB = "@pytest.mark.lab('air', 'moon')\ndef test_tide(): raise SystemError\n"


@pytest.mark.parametrize(
    "options", [(), ("-n", "2")], ids=["alone", "in two processes"]
)
def test_a_lab_without_its_need_is_named_in_the_last_line(tmp_path, options):
    status, lines = run(tmp_path, f"def test_a(): pass\n{LAB}", *options)

    assert status == 0
    assert lines[-1] == "Not run: 1 in test_inner.py. moon: this machine has none"


def test_all_makes_a_lab_that_was_not_run_a_failure(tmp_path):
    assert run(tmp_path, f"def test_a(): pass\n{LAB}", "--all")[0] == 1


def test_a_lab_with_its_needs_is_run(tmp_path):
    test = "@pytest.mark.lab('air')\ndef test_wind(): assert False\n"
    assert run(tmp_path, test)[0] == 1


def test_any_other_skip_fails_the_run(tmp_path):
    status, lines = run(tmp_path, "def test_a(): pytest.skip('no time')\n")

    assert status == 1
    assert lines[-1].endswith("skipped, which is a failure: no time")


def test_a_need_that_nobody_knows_is_an_error(tmp_path):
    assert run(tmp_path, "@pytest.mark.lab('luck')\ndef test_a(): pass\n")[0] == 1


def test_a_connection_to_another_machine_is_an_error(tmp_path):
    reach = (
        "import socket\ndef test_a(): socket.create_connection(('192.0.2.1', 80), 1)\n"
    )
    status, lines = run(tmp_path, reach)

    assert status == 1
    assert any("a test reaches out to 192.0.2.1" in line for line in lines)
