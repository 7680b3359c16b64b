"""A short slice of ``scripts/power_cuts.py``, which cuts 200 times.

It runs as a command, because the laboratory needs a mount namespace of its own.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
LAB = ("root", "loop", "fuse", "namespaces", "sandbox")


def cut(folder, *said):
    """Run the laboratory; returns its exit status and what it has to tell."""
    figures = folder / "figures.json"
    done = subprocess.run(
        [
            *(sys.executable, str(PROJECT / "scripts" / "power_cuts.py")),
            *("--json", str(figures), *said),
        ],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert figures.is_file(), done.stderr
    return done.returncode, json.loads(figures.read_text("utf-8"))


@pytest.mark.lab(*LAB)
def test_no_promise_is_broken_by_a_power_cut(tmp_path):
    status, told = cut(tmp_path, *("--cuts", "8", "--seconds", "8", "--seed", "7"))

    assert (status, told["damage"]) == (0, {})
    assert told["clean"] == told["cuts"] == 8
    assert told["acks"] > 0


@pytest.mark.lab(*LAB)
def test_a_box_that_leaves_one_flush_out_is_damaged(tmp_path):
    """The laboratory sees what it is there to see."""
    status, told = cut(
        tmp_path,
        *("--cuts", "6", "--seconds", "8", "--seed", "7"),
        *("--variant", "no-file-sync", "--expect-damage"),
    )

    assert status == 0
    assert told["clean"] < told["cuts"]
