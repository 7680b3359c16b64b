"""What happens when a link is there: look for a new head, fetch what is wanted, report.

One thread of ``receive`` asks a few times a minute whether it is time: somebody tapped
现在就取, or the window of the night is open. One `once` is a *delivery*: its row says when
it began, what it brought and why it ended, which is what a teacher reads in the morning.
Everything it does may be cut anywhere and is taken up by the next.
"""

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from edge_server.errors import EdgeError, PermanentError
from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx, transaction
from edge_server.records import settings
from sync.arrivals import head, wants
from sync.format import root_index, tree, trust
from sync.format.root_index import RootIndex
from sync.link import Bucket, policy_of
from sync.receivers.broadband import AnswerWrong, Broadband

ASKED = "fetch_asked"
"""Setting: how often somebody asked to fetch now; more than `ANSWERED`: do it."""
ANSWERED = "fetch_answered"
WINDOWS = "link_windows"
LOOK_EVERY_S = 900.0
"""Between two looks while the window is open."""
POLL_S = 1.0
MERGED_WITHIN_S = 120.0
"""How long announced shards may take to be merged before fetching begins anyway."""
MOST_METADATA_BYTES = 1 << 20
KEPT_DELIVERIES = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One time the box fetched."""

    id: int
    began_at: float
    """UTC, seconds, like ``ended_at``."""
    ended_at: float | None
    bytes: int
    objects: int
    code: str | None
    """Why it ended before its time; None: it did not."""


def ask(tx: Tx, box: Box, *, by: str) -> int:
    """Have the box fetch now, whatever the hour; returns the number of this wish."""
    number = int(settings.get(tx, ASKED, 0)) + 1
    settings.put(tx, box.clock, ASKED, number, by=by)
    return number


def answered(db: Db) -> int:
    """Return the number of the last wish that was done."""
    return int(settings.get(db, ANSWERED, 0))


def deliveries(db: Db, most: int = 10) -> list[Delivery]:
    """Return the newest deliveries, the newest first."""
    return [
        Delivery(
            id=row["id"],
            began_at=row["began_at"],
            ended_at=row["ended_at"],
            bytes=row["bytes"],
            objects=row["objects"],
            code=row["code"],
        )
        for row in db.all("select * from deliveries order by id desc limit ?", (most,))
    ]


def run(box: Box, report: Callable[[], object], stop: threading.Event) -> None:
    """Fetch whenever it is time, until told to stop.

    Args:
        box: The box; this process holds its receive lock.
        report: Sends what the county has not acknowledged.
        stop: Ends it.
    """
    looked_s = float("-inf")
    while not stop.wait(POLL_S):
        asked = int(settings.get(box.db, ASKED, 0))
        wished = asked > answered(box.db)
        if not wished and time.monotonic() - looked_s < LOOK_EVERY_S:
            continue
        window = policy_of(settings.get(box.db, WINDOWS)).now(box.clock.moment().at)
        if head.centre(box.db) is None or not (wished or window):
            continue
        looked_s = time.monotonic()
        rate = 0 if wished or window is None else window.bytes_per_s
        try:
            once(box, Bucket(rate), report, stop.is_set)
        except EdgeError as error:
            log.warning("fetching ended before its time: %s", error)
        except Exception:
            log.exception("fetching failed")
        if wished:
            with transaction(box.db) as tx:
                settings.put(tx, box.clock, ANSWERED, asked, by="receive")


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
        delivery = tx.insert(
            "insert into deliveries (channel, began_at) values ('broadband', ?)",
            (box.clock.moment().at,),
        )
        tx.execute(
            "delete from deliveries where id <= ?", (delivery - KEPT_DELIVERIES,)
        )
    road = Broadband(centre.tree, bucket)
    error: Exception | None = None
    count = total = 0
    try:
        report()
        look(box, road)
        _until_merged(box, should_stop)
        before, _ = wants.left(box.db)
        fetched = road.fetch(box, should_stop)
        count, total = fetched.parcels, fetched.bytes
        log.info("fetched %d parcels, %d bytes of %d objects", count, total, before)
    except Exception as caught:
        error = caught
        raise
    finally:
        road.close()
        with transaction(box.db) as tx:
            tx.execute(
                "update deliveries set ended_at = ?, bytes = ?, objects = ?, code = ?,"
                " detail = ? where id = ?",
                (
                    box.clock.moment().at, total, count, _code(error), _detail(error),
                    delivery,
                ),
            )  # fmt: skip
    report()


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

    verified = trust.verify(
        get, centre.trust, now_at=box.clock.moment().at, offline=False
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
    if verified.state != centre.trust:
        with transaction(box.db) as tx:
            head.keep_trust(tx, verified.state)
    for ref in head.missing(box, index):
        name = tree.index_name(ref.shard_id)
        shard = road.get(name, ref.size_bytes)
        if shard is None:
            raise AnswerWrong(name=name, status=404)
        head.put_shard(box, ref, shard)
    return index


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


def _code(error: Exception | None) -> str | None:
    if error is None:
        return None
    return error.reason if isinstance(error, EdgeError) else "unexpected"


def _detail(error: Exception | None) -> str:
    values = error.values if isinstance(error, EdgeError) else {}
    return json.dumps(dict(values), ensure_ascii=False)
