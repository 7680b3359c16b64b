"""One fetch of a box, as `receive` does it, without a report to the centre.

``python content_plane.py FOLDER``; ``edge-server work`` runs beside it. Prints how many
seconds passed until everything is in the store and its resources are shown.
"""

import argparse
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT))

from edge_server.cli.opening import opened  # noqa: E402 - the path is set first
from sync import night  # noqa: E402 - as above
from sync.link import Bucket  # noqa: E402 - as above

ARRIVING = (
    "select exists (select 1 from jobs where state <> 'aside'"
    " and kind in ('announce', 'keep', 'unpack', 'patch', 'catalogue'))"
    " or exists (select 1 from wants)"
)


def main() -> None:
    """Fetch once, wait until it is taken in, print the seconds."""
    with opened(argparse.Namespace(data=Path(sys.argv[1]))) as box:
        began = time.monotonic()
        night.once(box, Bucket(), lambda: None, lambda: False)
        while box.db.value(ARRIVING):
            time.sleep(0.02)
        print(time.monotonic() - began)


if __name__ == "__main__":
    main()
