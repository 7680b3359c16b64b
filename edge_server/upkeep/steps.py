"""The steps of upkeep, in the shape the worker knows."""

from collections.abc import Iterable

from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.upkeep import sweep as sweeping


def sweep(box: Box, job: Job) -> WriteDown:
    """Sweep once; when a slice was full, ask for another."""
    swept = sweeping.sweep(box)
    more = (
        max(swept.versions, swept.objects, swept.orphans, swept.events)
        >= sweeping.SLICE
    )

    def write_down(tx: Tx) -> Iterable[str]:
        return (job.key,) if more else ()

    return write_down
