"""A batch: rows of the outbox on their way to the county centre.

Rows of one epoch, their numbers without a gap. The chain is not told: the centre makes it
again from ``chain_before`` and the bodies, which therefore come out byte for byte. What
they share is told once (`columns`): a night of 300 events takes 15 bytes an event when a
page view has eight, and 31 when each is a page view of its own.

The batch also carries what the box knows by now of the boots that its rows, and earlier
ones, were written in: one better guess of when a boot began mends the time of all of its
rows at the centre too. And a heartbeat: how the box is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.format import columns, documents
from sync.format.documents import DocumentDamaged
from sync.format.fields import Fields

KIND = "batch"
NUMBER = 1
MOST_ROWS = 2000
MOST_BODIES_BYTES = 1 << 20
"""Of all bodies together."""
MOST_BYTES = 2 << 20
"""Unpacked."""
CHAIN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the outbox."""

    seq: int
    kind: str
    body: str
    """JSON text as it is stored."""
    boot: str
    """The kernel's boot id."""
    since_boot_s: float
    """To the millisecond."""
    at: float
    """Unix seconds, UTC, as good as the box knows it now; to the millisecond."""


@dataclass(frozen=True, slots=True)
class Boot:
    """What the box knows of one of its boots, as in `ground.clock`."""

    id: str
    offset_s: float
    """UTC minus the seconds since boot."""
    trust: str
    """How far ``offset_s`` is trusted: ``floor``, ``wall`` …"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one epoch of one box."""

    box_id: str
    epoch: str
    first_seq: int
    """Of the first row; without rows, of the next one there will be."""
    chain_before: bytes
    """Chain of the row before the first; empty before row 1."""
    rows: tuple[Row, ...] = ()
    boots: tuple[Boot, ...] = ()
    heartbeat: Mapping[str, Any] | None = None
    """How the box is; None: not told this time."""
    nothing_before: bool = False
    """The box keeps no rows before the first any more: what the centre lacks is lost."""

    @property
    def last_seq(self) -> int:
        """Number of the last row; ``first_seq - 1`` without rows."""
        return self.first_seq + len(self.rows) - 1


def how_many(bodies: Iterable[str]) -> int:
    """Return how many of the first rows, by their bodies, fit into one batch."""
    size = n = 0
    for body in bodies:
        size += len(body.encode())
        if n == MOST_ROWS or size > MOST_BODIES_BYTES:
            break
        n += 1
    return n


def encode(
    box_id: str,
    epoch: str,
    first_seq: int,
    chain_before: bytes,
    rows: Sequence[Row],
    boots: Sequence[Boot] = (),
    heartbeat: Mapping[str, Any] | None = None,
    *,
    nothing_before: bool = False,
) -> bytes:
    """Return the bytes of a batch; see `Batch` for what the arguments are.

    Raises:
        ValueError: There is a gap in the rows, or more of them than fit (`how_many`).
    """
    if [row.seq for row in rows] != list(range(first_seq, first_seq + len(rows))):
        raise ValueError(f"a gap in the rows from {first_seq} on")
    if how_many(row.body for row in rows) != len(rows):
        raise ValueError(f"{len(rows)} rows are too much for one batch")
    since = [round(row.since_boot_s * 1000) for row in rows]
    began = [round(row.at * 1000) - ms for row, ms in zip(rows, since, strict=True)]
    return documents.encode(
        KIND,
        NUMBER,
        {
            "box_id": box_id,
            "epoch": epoch,
            "first_seq": first_seq,
            "chain_before": chain_before,
            "kind": columns.pack([row.kind for row in rows]),
            "boot": columns.pack([row.boot for row in rows]),
            "since_boot_ms": columns.pack(since),
            "began_ms": columns.pack(began),
            "bodies": columns.pack_bodies([row.body for row in rows]),
            "boots": [
                {"id": boot.id, "offset_s": boot.offset_s, "trust": boot.trust}
                for boot in boots
            ],
            "heartbeat": heartbeat,
            "nothing_before": nothing_before,
        },
    )


def decode(data: bytes) -> Batch:
    """Read a batch.

    Raises:
        DocumentDamaged: It is no batch, or more than fits into one.
        DocumentTooNew: Its number is above the one known here.
    """
    _, body = documents.decode(data, KIND, most_bytes=MOST_BYTES, newest=NUMBER)
    taken = Fields(body, DocumentDamaged, kind=KIND)
    chain_before = taken.data("chain_before")
    first_seq = taken.whole("first_seq", least=1)
    if len(chain_before) != (CHAIN_BYTES if first_seq > 1 else 0):
        raise taken.refuse("chain_before")
    return Batch(
        box_id=taken.text("box_id"),
        epoch=taken.text("epoch"),
        first_seq=first_seq,
        chain_before=chain_before,
        rows=tuple(_rows(taken, first_seq)),
        boots=tuple(
            Boot(one.text("id"), one.real("offset_s"), one.text("trust"))
            for one in taken.maps("boots")
        ),
        heartbeat=taken.plain("heartbeat") if taken.has("heartbeat") else None,
        nothing_before=taken.yes("nothing_before"),
    )


def _rows(taken: Fields, first_seq: int) -> Iterator[Row]:
    bodies = columns.unpack_bodies(
        taken.map("bodies"), most=MOST_ROWS, most_bytes=MOST_BODIES_BYTES
    )
    kinds, boots = (columns.unpack_texts(taken.map(name)) for name in ("kind", "boot"))
    since, began = (
        columns.unpack_wholes(taken.map(name)) for name in ("since_boot_ms", "began_ms")
    )
    told = [len(column) for column in (bodies, kinds, boots, since, began)]
    if min(told) != max(told):
        raise taken.refuse("bodies")
    return (
        Row(
            seq=first_seq + n,
            kind=kinds[n],
            body=body,
            boot=boots[n],
            since_boot_s=since[n] / 1000,
            at=(began[n] + since[n]) / 1000,
        )
        for n, body in enumerate(bodies)
    )
