#!/usr/bin/env python3
"""Cut the power of a working box on a real ext4, at hundreds of moments.

    .venv/bin/python scripts/power_cuts.py --cuts 200
    .venv/bin/python scripts/power_cuts.py --cuts 30 --variant no-folder-sync --expect-damage

The box works for some seconds, ``serve``, ``work`` and ``receive`` all writing; then each
cut builds the disk as the power could have left it, mounts it, and holds it against every
promise that had been given (`tests/faults/crashlab.py`). Each tenth box then goes on working
until nothing is left to do. A variant leaves one flush out, and must be damaged.

Needs root, loop devices and FUSE; about 0.6 GB of memory. Exit status: 0 as expected, 1
not, 2 this machine cannot run it.
"""

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests import labs  # noqa: E402 - the project's folder is put in place first
from tests.faults import crashlab, publish  # noqa: E402 - as above

NEEDS = ("root", "loop", "fuse", "namespaces", "sandbox")


def main() -> int:
    """Cut the power as often as asked and print what came of it; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cuts", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=12.0, help="of recorded work")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--settle-every", type=int, default=10, metavar="CUTS")
    parser.add_argument(
        "--variant", choices=tuple(publish.VARIANTS), default=publish.GOOD
    )
    parser.add_argument("--expect-damage", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="for the first damage")
    parser.add_argument("--json", type=Path, metavar="FILE", help="for all figures")
    said = parser.parse_args()
    if reason := labs.why_not(NEEDS):
        print(f"not run: {reason}", file=sys.stderr)
        return 2
    crashlab.in_own_namespace()
    result = crashlab.run(
        crashlab.Campaign(
            cuts=said.cuts,
            variant=said.variant,
            seconds=said.seconds,
            seed=said.seed,
            settle_every=said.settle_every,
            keep=said.keep,
        ),
        on_cut=_show,
    )
    if sys.stderr.isatty():
        print(file=sys.stderr)
    print("\n".join(result.lines()))
    if said.json:
        said.json.write_text(result.as_json() + "\n", "utf-8")
    return 0 if (result.clean < result.cuts) is said.expect_damage else 1


def _show(number: int) -> None:
    if sys.stderr.isatty():
        print(f"\rcut {number}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
