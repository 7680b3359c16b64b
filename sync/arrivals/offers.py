"""An offer: a new file with a description, in no shard. What a receiver hands over.

Folder, upload and command line all end in `add`, which writes the offer and the job that
takes it in one transaction: after that the file is `work`'s, and nothing else moves it.
Which job depends on what a name can tell: sheets are read before the files they describe,
subtitles after the film they belong to, folders that are really one film are joined first.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePosixPath
from sqlite3 import Row

from edge_server.ground import jobs
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from sync.arrivals import contents_sheet, sidecar

SUBTITLE_SUFFIXES = (".srt", ".vtt", ".ass", ".ssa", ".lrc")


@dataclass(frozen=True, slots=True)
class Said:
    """What the sender said of a file; what is empty is read from elsewhere."""

    title: str = ""
    replaces: str = ""
    """Id on disk of the resource whose new version this is."""
    place: Mapping[str, str | int | None] = field(default_factory=dict)
    """Columns of a `Place`."""
    tags: str = ""
    source: str = ""
    note: str = ""
    out_of: str = ""
    """Of what came out of an archive: its path with the archive's whole name as a folder,
    ``三年级/课件.rar/1.mp4``; nobody says it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """One file, or one folder that is one film, waiting to be taken."""

    id: str
    """Random, 32 hex digits."""
    channel: str
    file: str
    """Where it lies, below the data folder."""
    path: str
    """Below the watched or uploaded root, with forward slashes."""
    shape: str
    """``file``, ``playlist`` or ``disc``."""
    said: Said
    size_bytes: int
    offered_at: float
    """UTC, seconds."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def own_path(self) -> str:
        """What makes its resource another than all others: 课件.zip is not 课件.rar."""
        return self.said.out_of or self.path


def new_id() -> str:
    """Return an id for an offer."""
    return secrets.token_hex(16)


def add(
    tx: Tx,
    clock: Clock,
    *,
    channel: str,
    file: str,
    path: str,
    size_bytes: int,
    shape: str = "file",
    said: Said | None = None,
    offer_id: str | None = None,
    urgency: int = jobs.LATER,
) -> str | None:
    """Hand a durable file over; returns the offer's id, None if it is offered already.

    Args:
        tx: The transaction.
        clock: The box's clock.
        channel: Who brings it.
        file: Where it lies, below the data folder; durable.
        path: Its path below the root that was watched, added or uploaded.
        size_bytes: Its length, of all files of a folder.
        shape: ``file``, or a folder that is one film: ``playlist``, ``disc``.
        said: What the sender said of it.
        offer_id: Its id, when the sender needed one beforehand.
        urgency: Whether a person waits for it.
    """
    offer_id = offer_id or new_id()
    if not tx.execute(
        "insert into offers values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing",
        (
            offer_id, channel, file, path, shape,
            "{}" if said is None else json.dumps(asdict(said), ensure_ascii=False),
            size_bytes, clock.moment().at,
        ),
    ):  # fmt: skip
        return None
    jobs.enqueue(tx, job_kind(path, shape), offer_id, now=clock(), urgency=urgency)
    return offer_id


def job_kind(path: str, shape: str) -> str:
    """Return the kind of job that takes an offer, by what its name tells."""
    name = PurePosixPath(path).name
    if shape != "file":
        return "join"
    if sidecar.is_sidecar_name(name) or contents_sheet.is_contents_name(name):
        return "describe"
    if name.lower().endswith(SUBTITLE_SUFFIXES):
        return "attach"
    return "take"


def get(db: Db, offer_id: str) -> Offer | None:
    """Return an offer, or None: it was taken."""
    row = db.one("select * from offers where id = ?", (offer_id,))
    return None if row is None else _of(row)


def of_file(db: Db, file: str) -> bool:
    """Return whether the file at a place below the data folder is offered already."""
    return db.value("select 1 from offers where file = ?", (file,)) is not None


def all_waiting(db: Db, limit: int = 200) -> list[Offer]:
    """Return the offers that are not taken yet, the oldest first."""
    rows = db.all("select * from offers order by offered_at limit ?", (limit,))
    return [_of(row) for row in rows]


def count(db: Db) -> int:
    """Return how many offers wait."""
    return int(db.value("select count(*) from offers"))


def remove(tx: Tx, offer_id: str) -> None:
    """End an offer: its file is in the store, or refused, or gone."""
    tx.execute("delete from offers where id = ?", (offer_id,))


def _of(row: Row) -> Offer:
    return Offer(
        id=row["id"],
        channel=row["channel"],
        file=row["file"],
        path=row["path"],
        shape=row["shape"],
        said=Said(**json.loads(row["about"])),
        size_bytes=row["size_bytes"],
        offered_at=row["offered_at"],
    )
