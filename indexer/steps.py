"""The steps of this room: read an object, index a resource, make the index again.

Words are committed to words.db first and the job ends second, so a step that was cut off
runs again and changes nothing. What can be read of a resource never keeps its title from
being found: a file that is locked or damaged is indexed without its text, and its reason
stands beside the empty text.
"""

import logging
from collections.abc import Callable, Iterable
from functools import cache, partial
from pathlib import Path

from edge_server.errors import PermanentError, TemporaryError
from edge_server.ground import jobs, store
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.ground.jobs import Job
from edge_server.ground.worker import WriteDown
from edge_server.records import catalogue, renditions
from edge_server.records.catalogue import Part, Resource
from indexer import described, fulltext
from indexer.extract import FROM_PDF, READERS
from indexer.extract.child import extract as read_file
from indexer.fulltext import Words
from indexer.passages import Passage
from indexer.postings import WordsDamaged
from indexer.rebuilding import Rebuilding

log = logging.getLogger(__name__)

_READABLE = frozenset(READERS) | FROM_PDF
_ROLES = ("main", "subtitle")
"""Parts whose words belong to the resource."""
_PIECE_S = 1.0
"""A rebuild lets what waits in its lane come between after so long."""


def extract(box: Box, job: Job) -> WriteDown:
    """Read the words out of an object; gives the resources to index again."""
    words = words_of(box.folder)
    for part in _parts_of(box.db, job.key):
        _write(box, words, partial(_read, box, words, part))

    def write_down(tx: Tx) -> Iterable[str]:
        return catalogue.resources_using(tx, job.key)  # none: withdrawn while we read

    return write_down


def index(box: Box, job: Job) -> WriteDown:
    """Make a resource found as teachers see it now, or no longer found."""
    words = words_of(box.folder)
    resource = catalogue.shown_resource(box.db, job.key)
    _write(box, words, partial(_index, box, words, job.key, resource))
    return _nothing_follows


def rebuild(box: Box, job: Job, then: Callable[[], None]) -> WriteDown:
    """Do a piece of making words.db again; asks for another until it is done.

    Args:
        box: The box.
        job: The piece.
        then: Called when it is done: what was not carried over, `reconcile` finds.
    """
    done = _rebuilding(words_of(box.folder)).piece(_PIECE_S, job.should_stop)
    if done:
        then()

    def write_down(tx: Tx) -> Iterable[str]:
        return () if done else (job.key,)

    return write_down


def problem(box: Box) -> str | None:
    """Return why words.db must be made again before anything is written to it, or None."""
    return words_of(box.folder).problem


def reconcile(box: Box, db: Db) -> list[str]:
    """Return the ids of the resources whose words are not what the catalogue says.

    To be asked at the start of the process that writes and after a rebuild, and each of
    them to be indexed: resources words.db lacks or has in another version, ones that are
    no longer shown, and ones with a part that was never read.
    """
    words = words_of(box.folder)
    fulltext.tidy(words)
    fulltext.forget_texts(words, _readable_objects(db))
    return _lacking(words, db)


@cache
def words_of(folder: Path) -> Words:
    """Return the one index of this process for a data folder."""
    return fulltext.open_words(folder)


@cache
def _rebuilding(words: Words) -> Rebuilding:
    return Rebuilding(words)


def _write(box: Box, words: Words, write: Callable[[], None]) -> None:
    """Write to the index; one that turns out to be damaged is to be made again first.

    Raises:
        WordsDamaged: It is; this job is tried again later.
    """
    if words.problem is not None:
        raise WordsDamaged(file=words.db.path.name)
    try:
        write()
    except WordsDamaged as damage:
        log.warning("words.db is to be made again: %s", damage)
        words.distrust()
        with transaction(box.db) as tx:
            jobs.enqueue(tx, "rebuild", "all", now=box.clock(), urgency=jobs.SOON)
        raise


def _index(box: Box, words: Words, resource_id: str, resource: Resource | None) -> None:
    if resource is None:
        fulltext.remove(words, resource_id)
        return
    parts = [part for part in resource.parts if part.role in _ROLES]
    for part in parts:
        if fulltext.length_of_text(words, part.object_id) is None:
            try:
                _read(box, words, part)
            except TemporaryError as error:
                # Found by its title until the next start, which looks again.
                log.warning("%s is indexed without its text: %s", resource_id, error)
    objects = [part.object_id for part in parts if part.format in _READABLE]
    fulltext.index(words, described.entry(resource, objects))


def _read(box: Box, words: Words, part: Part) -> None:
    """Keep the words of one part; those of an object never change once there are any."""
    if part.format not in _READABLE:
        return
    if fulltext.length_of_text(words, part.object_id):
        return
    text, problem = _read_file(store.path_of(box, part.object_id), part.format)
    if not text and (pdf := _made_pdf(box, part.object_id)):
        text, problem = _read_file(pdf, "pdf")
    fulltext.keep_text(words, part.object_id, text, problem)


def _read_file(path: Path, format: str) -> tuple[list[Passage], str | None]:
    """Return the passages of a file, and the code of the reason if there are none."""
    try:
        return read_file(path, format), None
    except PermanentError as error:
        log.info("no words in %s: %s", path.name, error)
        return [], error.reason


def _made_pdf(box: Box, object_id: str) -> Path | None:
    """Return the PDF that was made of a document, once there is one."""
    made = renditions.of(box.db, object_id).get(renditions.PDF)
    if made is None or made.object_id is None:
        return None
    return store.path_of(box, made.object_id)


def _parts_of(db: Db, object_id: str) -> list[Part]:
    """Return how the resources that use an object call it; one format is enough."""
    using = catalogue.many(db, catalogue.resources_using(db, object_id))
    found = {
        part.format: part
        for resource in using.values()
        for part in resource.parts
        if part.object_id == object_id and part.role in _ROLES
    }
    return list(found.values())[:1]


def _readable_objects(db: Db) -> set[str]:
    return {
        row["object_id"]
        for row in db.all(
            "select distinct p.object_id, p.format from parts p join versions v"
            " using (resource_id, version) where v.state = 'shown'"
        )
        if row["format"] in _READABLE
    }


def _lacking(words: Words, db: Db) -> list[str]:
    shown = set(catalogue.shown_versions(db))
    indexed = set(fulltext.indexed_versions(words).items())
    unread = _readable_objects(db) - fulltext.texts_held(words)
    lacking = {resource_id for resource_id, _ in shown ^ indexed}
    for object_id in unread:
        lacking.update(catalogue.resources_using(db, object_id))
    return sorted(lacking)


def _nothing_follows(tx: Tx) -> Iterable[str]:
    return ()
