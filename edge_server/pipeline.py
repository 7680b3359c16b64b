"""The journey of a resource: every step, what follows it, and what recurs.

Steps on content are keyed by object, for nothing can change beneath them; steps on meaning
are keyed by resource. A step does not know what follows it; this page does. In each lane a
kind that stands earlier goes first among equally urgent jobs, so sheets are read before
the files they describe, and the small rendition is made when nothing else is to do.
"""

from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import Every, Step, WriteDown
from edge_server.media import discs as media_discs
from edge_server.media import playlists as media_playlists
from edge_server.media import steps as media_steps
from edge_server.upkeep import steps as upkeep_steps
from indexer import steps as index_steps
from sync import steps as sync_steps

OFFER, OBJECT, RESOURCE, ALL = "offer", "object", "resource", "all"
BATCH = 50
SLICE = 500


def reconcile(box: Box) -> None:
    """Ask for what words.db lacks, in slices: it may be all there is.

    `work` does so at its start.
    """
    lacking = index_steps.reconcile(box, box.db)
    for start in range(0, len(lacking), SLICE):
        with transaction(box.db) as tx:
            for resource_id in lacking[start : start + SLICE]:
                jobs.enqueue(tx, "index", resource_id, now=box.clock())


def rebuild(box: Box, job: Job) -> WriteDown:
    """Make words.db again, and ask for what it lacks then."""
    write_down = index_steps.rebuild(box, job)
    reconcile(box)
    return write_down


STEPS = (
    # an offer: somebody dropped or sent it; in the end the store has it
    Step("describe", sync_steps.describe, on=OFFER, gives=RESOURCE, lane="bytes", then=("redescribe",)),
    Step("take", sync_steps.take, on=OFFER, gives=RESOURCE, lane="bytes", then=("catalogue",), batch=BATCH),
    Step("attach", sync_steps.attach, on=OFFER, gives=RESOURCE, lane="bytes", then=("catalogue",)),
    Step("join", sync_steps.joining(media_playlists.join, media_discs.join), on=OFFER, lane="heavy"),
    # a resource: teachers see it
    Step("redescribe", sync_steps.redescribe, on=RESOURCE, then=("catalogue",), batch=BATCH),
    Step("catalogue", sync_steps.catalogue_step, on=RESOURCE, gives=OBJECT, then=("render", "pages", "extract"), batch=BATCH),
    # an object: screens can show it, its words can be found
    Step("render", media_steps.render, on=OBJECT, lane="heavy", then=("small",), worth=media_steps.is_rendered),
    Step("pages", media_steps.pages, on=OBJECT, lane="heavy", then=("extract",), worth=media_steps.has_pages),
    Step("small", media_steps.small, on=OBJECT, lane="heavy"),
    Step("extract", index_steps.extract, on=OBJECT, gives=RESOURCE, lane="bytes", then=("index",)),
    Step("index", index_steps.index, on=RESOURCE, lane="bytes", batch=BATCH),
    Step("rebuild", rebuild, on=ALL, lane="bytes"),
    # what nobody asks for
    Step("sweep", upkeep_steps.sweep, on=ALL, lane="bytes", then=("sweep",)),
)  # fmt: skip
EVERY = (Every("sweep", hours=24),)
