"""The steps of arriving, in the shape the worker knows; what follows is the pipeline's."""

from collections.abc import Callable, Iterable

from edge_server.errors import PermanentError, Refused
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.records import catalogue, versions
from sync import enrol
from sync.arrivals import announce as announcing
from sync.arrivals import brought, descriptions, enrolment, joined, offers, sheets_in
from sync.arrivals import keep as keeping
from sync.arrivals import take as taking
from sync.arrivals.joined import Joiner


def take(box: Box, job: Job) -> WriteDown:
    """Take an offered file: into the store, or apart when it is an archive, or refused."""
    offer = offers.get(box.db, job.key)
    if offer is None:
        return _nothing
    inside = store.scratch_of(box, job.kind, job.key)
    return taking.take_file(box, offer, inside, job.together, job.urgency)


attach = take
"""Subtitles: the same step, asked for as a kind of its own so that films come first."""


def describe(box: Box, job: Job) -> WriteDown:
    """Read a sidecar or a table of contents; gives the resources that it describes."""
    offer = offers.get(box.db, job.key)
    if offer is None:
        return _nothing
    inside = store.scratch_of(box, job.kind, job.key)
    try:
        return sheets_in.read(box, offer, inside)
    except (Refused, PermanentError) as error:
        return brought.refuse(box, offer, inside, error)


def joining(playlist: Joiner, disc: Joiner) -> Callable[[Box, Job], WriteDown]:
    """Return the step that makes one file of a folder that is one film.

    Args:
        playlist: Joins a downloader's folder: ``(box, job, folder, out) -> files``.
        disc: The same for a copied DVD or VCD.
    """

    def join(box: Box, job: Job) -> WriteDown:
        """Join an offered folder and offer what came of it."""
        offer = offers.get(box.db, job.key)
        if offer is None:
            return _nothing
        scratch = store.scratch(box, job.kind, job.key)
        inside = scratch / "offered"
        try:
            joiner = playlist if offer.shape == "playlist" else disc
            return joined.join(box, job, offer, inside, scratch / "out", joiner)
        except PermanentError as error:
            return brought.refuse(box, offer, inside, error)

    return join


def redescribe(box: Box, job: Job) -> WriteDown:
    """Give a resource another version when sidecar or contents now say otherwise."""
    resource = catalogue.newest_version(box.db, job.key)
    if resource is None or resource.state not in ("shown", "waiting"):
        return _nothing
    about = descriptions.again(box, resource)
    if about == resource.about:
        return _nothing
    new = taking.version_of(box, resource, resource.parts, about)
    return taking.write_version(box, new, job.together)


def catalogue_step(box: Box, job: Job) -> WriteDown:
    """Show the newest version of a resource whose objects are all here."""
    return lambda tx: show(box, tx, job.key)


def show(box: Box, tx: Tx, resource_id: str) -> Iterable[str]:
    """Do `catalogue_step` in the transaction that records a resource's last object."""
    return versions.make_visible(tx, box.clock, resource_id)


def enrol_step(box: Box, job: Job) -> WriteDown:
    """Join the county centre whose address and code somebody typed on a page."""
    wish = enrolment.asked(box.db)
    if wish is None or not wish.code:
        return _nothing
    try:
        enrol.join(box, wish.address, wish.code)
    except PermanentError:
        with transaction(box.db) as tx:
            enrolment.was_refused(tx, box.clock, wish)
        raise

    def write_down(tx: Tx) -> Iterable[str]:
        enrolment.was_done(tx, wish)
        return ()

    return write_down


announce = announcing.announce
"""Merge a verified shard into the catalogue, and want its objects."""
keep = keeping.keep
"""Take what came by itself into the store."""
unpack = keeping.unpack
"""Take what is wanted of a pack into the store."""
patch = keeping.patch
"""Make an object from an older one, and take it into the store."""


def _nothing(tx: Tx) -> Iterable[str]:
    return ()
