"""Boxes as the ledger sees them: they keep numbered rows and send them until answered."""

import json
import uuid
from dataclasses import replace

from edge_server.records import outbox
from sync.centre.ledger import Asked, Ledger, Point
from sync.format import batch
from sync.format.batch import Batch, Boot, Row
from sync.format.calls import BatchAnswer

NOW = 1_798_000_000.0
"""A Wednesday's noon in December 2026, in China."""
WEEK_S = 7 * 86_400.0
FILM = f"{'ab' * 32}/小学/三年级/语文/5 大青树下的小学.mp4"


class Telling:
    """A box: its outbox, and the courier that goes on from the last answer.

    Args:
        box_id: 32 hex digits.
    """

    def __init__(self, box_id: str) -> None:
        self.box_id = box_id
        self.epoch = str(uuid.uuid4())
        self.boot = "boot-1"
        self.rows: list[Row] = []
        self.links: dict[int, bytes] = {0: b""}
        self.acknowledged = 0

    def copy(self) -> "Telling":
        """Return the box that wakes up from an image of this one."""
        made = Telling(self.box_id)
        made.epoch, made.boot = self.epoch, self.boot
        made.rows, made.links = list(self.rows), dict(self.links)
        made.acknowledged = self.acknowledged
        return made

    def use(self, kind: str = "opened", *, at: float = NOW, **said: object) -> Row:
        """Note a use, of `FILM` where nothing else is said."""
        said = {"kind": kind, "resource_id": FILM, "visit": f"visit-{kind}-1"} | said
        return self.tell("usage", json.dumps(said, ensure_ascii=False), at=at)

    def tell(
        self, kind: str, body: str, *, at: float = NOW, since_boot_s: float = 60.0
    ) -> Row:
        """Write a row of the outbox."""
        seq = max(self.links) + 1
        row = Row(seq, kind, body, self.boot, since_boot_s, at)
        self.rows.append(row)
        self.links[seq] = outbox.link(self.links[seq - 1], body)
        return row

    def drop_before(self, seq: int) -> None:
        """Keep rows no longer, as after 60 days of use."""
        self.rows = [row for row in self.rows if row.seq >= seq]

    def batch(
        self, first: int | None = None, most: int = 2_000, **more: object
    ) -> Batch:
        """Return rows as they reach the centre, from ``first`` on or the next ones."""
        begin = self.acknowledged + 1 if first is None else first
        oldest = self.rows[0].seq if self.rows else begin
        begin = max(begin, oldest)
        rows = [row for row in self.rows if row.seq >= begin][:most]
        heartbeat = more.pop("heartbeat", None)
        boots = more.pop("boots", ())
        assert not more
        return batch.decode(
            batch.encode(
                self.box_id, self.epoch, begin, self.links[begin - 1], rows,
                boots, heartbeat,  # type: ignore[arg-type] # given by name above
                nothing_before=begin == oldest,
            )
        )  # fmt: skip

    def hear(self, answer: BatchAnswer) -> None:
        """Go on as the courier does."""
        if answer.verdict == "have":
            self.acknowledged = max(self.acknowledged, answer.upto_seq)
        elif answer.verdict == "gap":
            self.acknowledged = answer.upto_seq
        else:
            self._begin_epoch(answer.upto_seq)

    def send_all(self, book: Ledger, *, most: int = 2_000, at: float = NOW) -> int:
        """Send until the centre has everything; returns how many calls it took."""
        for calls in range(1, 1_000):
            self.hear(book.take_batch(self.batch(most=most), at=at))
            if self.acknowledged == max(self.links):
                return calls
        raise AssertionError("the centre never has everything")

    def _begin_epoch(self, common: int) -> None:
        after = [row for row in self.rows if row.seq > common]
        self.epoch, self.acknowledged = str(uuid.uuid4()), 0
        self.rows, self.links = [], {0: b""}
        for row in after:
            again = self.tell(row.kind, row.body)
            self.rows[-1] = replace(row, seq=again.seq)


def join(book: Ledger, *names: str) -> list[Telling]:
    """Return a box for each point, enrolled."""
    done = book.put_points([Point(name) for name in names], at=NOW)
    book.add_codes({id: f"SECRET{id}" for id, _ in done}, at=NOW)
    boxes = []
    for id, _ in done:
        box = Telling(f"{id:032x}")
        book.enrol(
            secret=f"SECRET{id}", box_id=box.box_id, public_key=b"k" * 32, at=NOW
        )
        boxes.append(box)
    return boxes


def counted(book: Ledger, kind: str = "opened") -> int:
    """Return how many events of a kind the sums hold."""
    weeks = book.used("week", Asked(NOW - 60 * WEEK_S, NOW + 60 * WEEK_S))
    return sum(getattr(week, kind) for week in weeks)


def anchor(boot: str, offset_s: float, trust: str) -> tuple[Boot, ...]:
    """Return what a batch says of one boot."""
    return (Boot(boot, offset_s, trust),)
