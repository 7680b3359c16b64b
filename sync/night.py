"""What happens when a link is there: look for a new head, fetch what is wanted, report.

One thread of ``receive`` asks a few times a minute whether it is time: somebody tapped
现在就取, or the window of the night is open. One `once` is a *delivery*: its row says when
it began, what it brought and why it ended, which is what a teacher reads in the morning.
Everything it does may be cut anywhere and is taken up by the next.
"""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from edge_server.errors import EdgeError, PermanentError
from edge_server.ground import clock
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from sync import link
from sync.arrivals import deliveries, head, receipts, wants
from sync.format import root_index, tree, trust
from sync.format.root_index import RootIndex, ShardRef
from sync.link import Bucket, Policy
from sync.receivers.broadband import AnswerWrong, Broadband

LOOK_EVERY_S = 900.0
"""Between two looks while the window is open."""
POLL_S = 1.0
MERGED_WITHIN_S = 120.0
"""How long announced shards may take to be merged before fetching begins anyway."""
MOST_METADATA_BYTES = 1 << 20
SHARDS_AT_ONCE = 4
"""Each costs a round trip, 0.6 s of a satellite."""

log = logging.getLogger(__name__)


def run(box: Box, report: Callable[[], object], stop: threading.Event) -> None:
    """Fetch whenever it is time, until told to stop.

    Args:
        box: The box; this process holds its receive lock.
        report: Sends what the county has not acknowledged.
        stop: Ends it.
    """
    with transaction(box.db) as tx:
        deliveries.end_cut(tx, box.clock)
    looked_s = float("-inf")
    while not stop.wait(POLL_S):
        asked = deliveries.asked(box.db)
        wished = asked > deliveries.answered(box.db)
        if not wished and time.monotonic() - looked_s < LOOK_EVERY_S:
            continue
        policy = link.policy(box.db)
        window = policy.now(box.clock.moment().at)
        if head.centre(box.db) is None or not (wished or window):
            continue
        looked_s = time.monotonic()
        rate = 0 if wished or window is None else window.bytes_per_s

        def is_over(policy: Policy = policy, wished: bool = wished) -> bool:
            """Return whether to stop: told to, or its hours are over."""
            closed = not wished and policy.now(box.clock.moment().at) is None
            return closed or stop.is_set()

        try:
            once(box, Bucket(rate), report, is_over)
        except EdgeError as error:
            log.warning("fetching ended before its time: %s", error)
        except Exception:  # a fault of ours must not end all nights to come
            log.exception("fetching failed")
        if wished:
            with transaction(box.db) as tx:
                deliveries.answer(tx, box.clock, asked)


def once(
    box: Box,
    bucket: Bucket,
    report: Callable[[], object],
    should_stop: Callable[[], bool],
) -> None:
    """Report, look for a new head, fetch what is wanted, report again.

    Raises:
        EdgeError: Why it ended before its time; the delivery's row says so too.
    """
    centre = head.centre(box.db)
    if centre is None:
        raise PermanentError("no_centre")
    with transaction(box.db) as tx:
        delivery = deliveries.begin(tx, box.clock, "broadband")
    road = Broadband(centre.tree, bucket)
    error: Exception | None = None
    _report(box, report)
    try:
        look(box, road)
        _until_merged(box, should_stop)
        before, _ = wants.left(box.db)
        road.fetch(box, should_stop)
        log.info("fetched %s of %d objects", road.fetched, before)
    except Exception as caught:
        error = caught
        raise
    finally:
        road.close()
        with transaction(box.db) as tx:
            deliveries.end(
                tx,
                box.clock,
                delivery,
                size_bytes=road.fetched.bytes,
                objects=road.fetched.parcels,
                error=error,
            )
    _report(box, report)


def _report(box: Box, report: Callable[[], object]) -> None:
    """Report, receipts too; courseware may be had although nobody takes the report."""
    with transaction(box.db) as tx:
        receipts.write(tx, box.clock)
    try:
        report()
    except EdgeError as error:
        log.warning("the county did not take the report: %s", error)


def look(box: Box, road: Broadband) -> RootIndex:
    """Fetch and verify the newest head and the shards that the box subscribes to.

    Raises:
        Refused: The head is forged or older than what was taken already.
        TemporaryError: The line, or a file that the head names, is not there.
    """
    centre = head.centre(box.db)
    if centre is None:
        raise PermanentError("no_centre")
    first = _together(road, (tree.TIMESTAMP, centre.trust.next_root))

    def get(name: str) -> bytes | None:
        return first[name] if name in first else road.get(name, MOST_METADATA_BYTES)

    # A new root counts at once, whatever comes of the rest: a revoked key stays revoked.
    followed = trust.follow_roots(get, centre.trust)
    _keep_trust(box, followed, centre.trust)
    verified = trust.verify_head(
        get, followed, now_at=clock.told_at(box.db, box.clock), offline=False
    )
    data = head.read_root_index(box, verified.root_index_id)
    if data is None:
        name = tree.index_name(verified.root_index_id)
        data = road.get(name, verified.root_index_bytes)
        if data is None or hashlib.sha256(data).hexdigest() != verified.root_index_id:
            raise AnswerWrong(name=name, status=200)
        index = root_index.decode(data)
        head.put_root_index(box, data)
    else:
        index = root_index.decode(data)
    _keep_trust(box, verified.state, followed)
    missing = head.missing(box, index)
    with ThreadPoolExecutor(SHARDS_AT_ONCE) as threads:
        for ref, data in zip(
            missing, threads.map(lambda ref: _shard(road, ref), missing), strict=True
        ):
            head.put_shard(box, ref, data)
    return index


def _shard(road: Broadband, ref: ShardRef) -> bytes:
    name = tree.index_name(ref.shard_id)
    data = road.get(name, ref.size_bytes)
    if data is None:
        raise AnswerWrong(name=name, status=404)
    return data


def _keep_trust(box: Box, state: trust.State, before: trust.State) -> None:
    if state != before:
        with transaction(box.db) as tx:
            head.keep_trust(tx, state)


def _together(road: Broadband, names: tuple[str, ...]) -> dict[str, bytes | None]:
    """Ask for several small files at once: one round trip of a satellite for all."""
    with ThreadPoolExecutor(len(names)) as threads:
        return dict(
            zip(
                names,
                threads.map(lambda name: road.get(name, MOST_METADATA_BYTES), names),
                strict=True,
            )
        )


def _until_merged(box: Box, should_stop: Callable[[], bool]) -> None:
    """Wait for `work` to merge what was announced, so that the most urgent comes first."""
    ends_s = time.monotonic() + MERGED_WITHIN_S
    while (
        box.db.value(
            "select 1 from jobs where kind = 'announce' and state <> 'aside' limit 1"
        )
        and time.monotonic() < ends_s
        and not should_stop()
    ):
        time.sleep(0.1)
