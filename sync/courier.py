"""What carries the outbox to the county: batches, signed, answered by a number.

Only what the centre answers for is noted as acknowledged; everything else is sent again,
and the centre passes over what it has. A heartbeat rides along, also when there is
nothing else to say.
"""

from collections.abc import Mapping
from typing import Any

from edge_server.errors import PermanentError
from edge_server.ground import clock, disk, jobs
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from edge_server.records import identity, outbox, refusals
from sync import enrol
from sync.arrivals import head, wants
from sync.calling import Caller
from sync.format import batch, calls, signing
from sync.format.calls import BatchAnswer

MOST_STEPS_BACK = 40
"""How often the centre may say that it lacks earlier rows before the box gives up."""


def send(box: Box) -> int:
    """Send all that the centre has not acknowledged; returns how many rows it has now.

    Raises:
        PermanentError: ``no_centre``; or the centre refuses: the box is revoked.
        TemporaryError: The centre cannot be reached.
    """
    centre = head.centre(box.db)
    if centre is None:
        raise PermanentError("no_centre")
    caller = Caller(centre.address, centre.authority)
    sent = 0
    try:
        told: Mapping[str, Any] | None = heartbeat(box)
        rows = outbox.next_rows(box.db, batch.MOST_ROWS)
        if not rows:
            _send(box, caller, [], heartbeat=told)
        steps_back = 0
        while rows:
            rows = rows[: batch.how_many([row.body for row in rows])]
            epoch, first, last = rows[0].epoch, rows[0].seq, rows[-1].seq
            answer = _send(box, caller, rows, heartbeat=told)
            told = None
            if answer.verdict == "have" and answer.upto_seq >= first:
                with transaction(box.db) as tx:
                    outbox.acknowledge(tx, box.clock, epoch, min(answer.upto_seq, last))
                sent += len(rows)
                rows = outbox.next_rows(box.db, batch.MOST_ROWS)
                continue
            steps_back += 1
            if steps_back > MOST_STEPS_BACK:
                raise PermanentError("outbox_not_taken", upto=answer.upto_seq)
            if answer.verdict == "forked":
                with transaction(box.db) as tx:
                    outbox.begin_anew(tx, box.clock, epoch, answer.upto_seq)
                rows = outbox.next_rows(box.db, batch.MOST_ROWS)
            else:
                rows = outbox.rows_after(
                    box.db, epoch, answer.upto_seq, batch.MOST_ROWS
                )
    finally:
        caller.close()
    return sent


def heartbeat(box: Box) -> dict[str, Any]:
    """Return how the box is, for the county's page."""
    counted = jobs.counts(box.db)
    objects, left_bytes = wants.left(box.db)
    centre = head.centre(box.db)
    return {
        "at": box.clock.moment().at,
        "head_version": centre.trust.version if centre else 0,
        "disk_free_bytes": disk.free_bytes(box.folder),
        "disk_bytes": disk.total_bytes(box.folder),
        "failing": counted.get("aside", 0),
        "refused": refusals.count(box.db),
        "wanted_objects": objects,
        "wanted_bytes": left_bytes,
        "name": box.config.name,
    }


def _send(
    box: Box,
    caller: Caller,
    rows: list[outbox.Row],
    *,
    heartbeat: Mapping[str, Any] | None,
) -> BatchAnswer:
    epoch = rows[0].epoch if rows else outbox.epoch(box.db)
    first_seq = rows[0].seq if rows else outbox.mark(box.db, epoch) + 1
    boots = {boot.id: boot for boot in clock.boots(box.db)}
    spoken_of = {box.clock.boot, *(row.boot for row in rows)}
    body = batch.encode(
        identity.box_id(box.db),
        epoch,
        first_seq,
        outbox.chain_at(box.db, epoch, first_seq - 1),
        [
            batch.Row(
                seq=row.seq,
                kind=row.kind,
                body=row.body,
                boot=row.boot,
                since_boot_s=row.since_boot_s,
                at=boots[row.boot].offset_s + row.since_boot_s,
            )
            for row in rows
        ],
        [
            batch.Boot(boot.id, boot.offset_s, boot.trust)
            for boot in boots.values()
            if boot.id in spoken_of
        ],
        heartbeat,
    )
    answer = _post(box, caller, body)
    with transaction(box.db) as tx:
        clock.learn(tx, box.clock, answer.now_at, "centre")
    return answer


def _post(box: Box, caller: Caller, body: bytes) -> BatchAnswer:
    """Post a batch; a counter that the centre has seen already is jumped over, once."""
    for _ in range(2):
        with transaction(box.db) as tx:
            counter = head.next_counter(tx)
        signature = signing.sign(
            enrol.key(box), identity.box_id(box.db), "POST", calls.BATCH, counter, body
        )
        try:
            return BatchAnswer.from_json(caller.post(calls.BATCH, body, signature))
        except PermanentError as error:
            if error.reason != "call_repeated":
                raise
            seen = error.values.get("counter")
            if not isinstance(seen, int):
                raise
            with transaction(box.db) as tx:
                head.jump_counter(tx, seen)
    raise PermanentError("call_repeated")
