"""The journey of a resource: every step, what follows it, and what recurs.

Steps on content are keyed by object, for nothing can change beneath them; steps on meaning
are keyed by resource. A step does not know what follows it; this page does. In each lane a
kind that stands earlier goes first among equally urgent jobs, so sheets are read before
the files they describe, and the small rendition is made when nothing else is to do.
"""

from collections.abc import Iterable
from dataclasses import replace

from edge_server.errors import Refused
from edge_server.ground import jobs
from edge_server.ground.box import Box
from edge_server.ground.config import COUNTY_CENTRE, Config
from edge_server.ground.db import Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import Every, Step, WriteDown
from edge_server.media import discs as media_discs
from edge_server.media import playlists as media_playlists
from edge_server.media import steps as media_steps
from edge_server.upkeep import steps as upkeep_steps
from indexer import steps as index_steps
from sync import steps as sync_steps
from sync.arrivals import set_aside
from sync.centre import publish as centre_publish
from sync.centre import sign as centre_sign

OFFER, OBJECT, RESOURCE, ALL = "offer", "object", "resource", "all"
COLLECTION, PACK, PATCH = "collection", "pack", "patch"
BATCH = 50
SLICE = 500


def reconcile(box: Box) -> None:
    """Ask for what words.db lacks, in slices: it may be all there is.

    `work` does so at its start. A file that has to be made again is made again first.
    """
    if index_steps.problem(box) is not None:
        with transaction(box.db) as tx:
            jobs.enqueue(tx, "rebuild", "all", now=box.clock(), urgency=jobs.SOON)
        return
    lacking = index_steps.reconcile(box, box.db)
    for start in range(0, len(lacking), SLICE):
        with transaction(box.db) as tx:
            for resource_id in lacking[start : start + SLICE]:
                jobs.enqueue(tx, "index", resource_id, now=box.clock())


def rebuild(box: Box, job: Job) -> WriteDown:
    """Do a piece of making words.db again, then ask for another, or for what it lacks."""
    return index_steps.rebuild(box, job, lambda: reconcile(box))


def render(box: Box, job: Job) -> WriteDown:
    """Make what plays of an object; one that holds nothing is set aside after all."""
    try:
        return media_steps.render(box, job)
    except Refused as error:
        write_down = set_aside.after_all(box, job.key, error)

    def no_longer_found(tx: Tx) -> Iterable[str]:
        for resource_id in write_down(tx):
            jobs.enqueue(tx, "index", resource_id, now=box.clock())
        return ()

    return no_longer_found


STEPS = (
    # an offer: somebody dropped or sent it; in the end the store has it
    Step("describe", sync_steps.describe, on=OFFER, gives=RESOURCE, lane="bytes", then=("redescribe",)),
    Step("take", sync_steps.take, on=OFFER, gives=RESOURCE, lane="bytes", then=("catalogue",), batch=BATCH),
    Step("attach", sync_steps.attach, on=OFFER, gives=RESOURCE, lane="bytes", then=("catalogue",)),
    Step("join", sync_steps.joining(media_playlists.join, media_discs.join), on=OFFER, lane="heavy"),
    # a resource: teachers see it
    Step("redescribe", sync_steps.redescribe, on=RESOURCE, then=("catalogue",), batch=BATCH),
    Step("catalogue", sync_steps.catalogue_step, on=RESOURCE, gives=OBJECT, then=("render", "pages", "extract"), batch=BATCH, at_once=sync_steps.show),
    # a county centre: this box belongs to it
    Step("enrol", sync_steps.enrol_step, on=ALL, lane="bytes"),
    # a shard, an object or a pack of the county: announced, then here
    Step("announce", sync_steps.announce, on=COLLECTION, lane="bytes"),
    Step("keep", sync_steps.keep, on=OBJECT, gives=RESOURCE, lane="bytes", then=("catalogue",), batch=BATCH),
    Step("unpack", sync_steps.unpack, on=PACK, gives=RESOURCE, lane="bytes", then=("catalogue",)),
    Step("patch", sync_steps.patch, on=PATCH, gives=RESOURCE, lane="bytes", then=("catalogue",)),
    # an object: screens can show it, its words can be found
    Step("render", render, on=OBJECT, lane="heavy", then=("small",), worth=media_steps.is_rendered),
    Step("pages", media_steps.pages, on=OBJECT, lane="heavy", then=("extract",), worth=media_steps.has_pages),
    Step("small", media_steps.small, on=OBJECT, lane="heavy"),
    Step("extract", index_steps.extract, on=OBJECT, gives=RESOURCE, lane="bytes", then=("index",)),
    Step("index", index_steps.index, on=RESOURCE, lane="bytes", batch=BATCH),
    Step("rebuild", rebuild, on=ALL, lane="bytes", then=("rebuild",)),
    # the county: boxes can fetch it
    Step("publish", centre_publish.publish, on=ALL, lane="bytes", then=("sign",)),
    Step("sign", centre_sign.sign, on=ALL, lane="bytes"),
    Step("resign", centre_sign.resign, on=ALL, lane="bytes"),
    # what nobody asks for
    Step("sweep", upkeep_steps.sweep, on=ALL, lane="bytes", then=("sweep",)),
)  # fmt: skip
EVERY = (Every("sweep", hours=24),)
EVERY_AT_A_CENTRE = (*EVERY, Every("resign", hours=24))
CONVERTING = ("render", "pages", "small")


def steps_of(config: Config) -> tuple[Step, ...]:
    """Return the steps of one place: a centre may leave converting to its boxes."""
    if config.convert:
        return STEPS
    return tuple(
        replace(step, then=tuple(kind for kind in step.then if kind not in CONVERTING))
        for step in STEPS
    )


def every_of(config: Config) -> tuple[Every, ...]:
    """Return what recurs in one place."""
    return EVERY_AT_A_CENTRE if config.role == COUNTY_CENTRE else EVERY
