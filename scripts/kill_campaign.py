#!/usr/bin/env python3
"""kill -9 of any process of a working box, at random moments; then nothing may be amiss.

    .venv/bin/python scripts/kill_campaign.py --kills 200 --seed 1

While files arrive, are converted and indexed and lessons are used, ``serve``, ``work``,
``receive``, their parent and whatever converts are killed one after another and started
again (`tests/faults/killing.py`). After each, no converter may stay that nobody waits for.
At the end, once the box has come to rest: no visible resource without its whole files, no
acknowledged usage event lost, no job stuck or blamed, every file in the library and found
by a search.

200 kills take about 12 minutes on two cores. Exit status: 0 every promise was kept, 1 one
was broken.
"""

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from tests.faults import killing  # noqa: E402 - the project's folder is put in place first


def main() -> int:
    """Kill as often as asked and print what came of it; returns the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--pause", type=float, default=2.5, metavar="SECONDS", help="between two kills"
    )
    parser.add_argument("--keep", type=Path, metavar="DIR", help="work there, leave it")
    said = parser.parse_args()
    result = killing.run(
        killing.Campaign(said.kills, said.seed, said.pause, keep=said.keep),
        on_kill=_show,
    )
    print("\n".join(result.lines()))
    return 1 if result.damage else 0


def _show(number: int, who: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{number:4} {who:10}", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
