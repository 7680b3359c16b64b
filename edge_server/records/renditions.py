"""What was made from an object for a use, keyed by (source object, profile).

A profile names what and how, with the number of the command that makes it, so a better
command makes a new rendition instead of quietly replacing one: ``main/1`` (plays on every
screen, source size), ``mp4-360/1``, ``sound-<n>/1``, ``vtt/1``, ``pages-1920/1``,
``pdf/1``, ``chapters/1``, ``poster/1``, ``storyboard/1``, ``clip-<slide>-<n>/1``. A source
that already plays everywhere is its own ``main/1``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from sqlite3 import Row
from typing import Any

from edge_server.errors import Value
from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx

MAIN = "main/1"
SMALL = "mp4-360/1"
VTT = "vtt/1"
PAGES = "pages-1920/1"
PDF = "pdf/1"
CHAPTERS = "chapters/1"
POSTER = "poster/1"
STORYBOARD = "storyboard/1"


@dataclass(frozen=True, slots=True)
class Rendition:
    """A playable form, page pictures, a poster; or why it could not be made."""

    source_object_id: str
    profile: str
    object_id: str | None
    """SHA-256 of the file, 64 lower-case hex digits; None: it could not be made."""
    media_type: str = ""
    duration_s: float | None = None
    """What can really be played, which a truncated source makes shorter."""
    width: int | None = None
    """Pixels."""
    height: int | None = None
    bitrate_kbps: int | None = None
    """Average over the whole file, video and sound together; None for pictures."""
    pages: int | None = None
    """Slides or pages, however many pictures they became."""
    label: str | None = None
    """Language or title of a sound track."""
    about: Mapping[str, Any] = field(default_factory=dict)
    """What a screen needs besides, as JSON: the geometry of a storyboard, pictures of
    each page (``{"pictures": [["0001.jpg"], ["0002.jpg", "0002-02.jpg"]]}``), titles of
    chapters (``{"titles": ["…"], "cut": false}``)."""
    code: str | None = None
    """Why it could not be made: a key of `edge_server.language`."""
    values: Mapping[str, Value] = field(default_factory=dict)


def record(tx: Tx, clock: Clock, rendition: Rendition) -> None:
    """Write a rendition whose object is kept; a second time it takes the first's place."""
    tx.execute(
        "insert into renditions (source_object_id, profile, object_id, media_type, code,"
        " detail, duration_s, width, height, bitrate_kbps, pages, label, about, made_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " on conflict (source_object_id, profile) do update set"
        " object_id = excluded.object_id, media_type = excluded.media_type,"
        " code = excluded.code, detail = excluded.detail,"
        " duration_s = excluded.duration_s, width = excluded.width,"
        " height = excluded.height, bitrate_kbps = excluded.bitrate_kbps,"
        " pages = excluded.pages, label = excluded.label, about = excluded.about,"
        " made_at = excluded.made_at",
        (
            rendition.source_object_id,
            rendition.profile,
            rendition.object_id,
            rendition.media_type,
            rendition.code,
            json.dumps(dict(rendition.values), ensure_ascii=False),
            rendition.duration_s,
            rendition.width,
            rendition.height,
            rendition.bitrate_kbps,
            rendition.pages,
            rendition.label,
            json.dumps(dict(rendition.about), ensure_ascii=False),
            clock.moment().at,
        ),
    )


def failed(
    tx: Tx,
    clock: Clock,
    source_object_id: str,
    profile: str,
    code: str,
    values: Mapping[str, Value] | None = None,
) -> None:
    """Write down that a rendition cannot be made here, and why."""
    record(
        tx,
        clock,
        Rendition(source_object_id, profile, None, code=code, values=values or {}),
    )


def announce(tx: Tx, rendition: Rendition) -> None:
    """Write down a rendition that the county centre made and whose object is to come.

    `arrived` makes it one of this box's; until then nobody makes it here.
    """
    tx.execute(
        "insert or replace into announced_renditions values"
        " (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            rendition.source_object_id, rendition.profile, rendition.object_id,
            rendition.media_type, rendition.duration_s, rendition.width,
            rendition.height, rendition.bitrate_kbps, rendition.pages, rendition.label,
            json.dumps(dict(rendition.about), ensure_ascii=False),
        ),
    )  # fmt: skip


def is_announced(db: Db, source_object_id: str) -> bool:
    """Return whether the centre has made renditions of an object that are to come."""
    return (
        db.value(
            "select 1 from announced_renditions where source_object_id = ? limit 1",
            (source_object_id,),
        )
        is not None
    )


def arrived(tx: Tx, clock: Clock, object_id: str) -> list[str]:
    """Record the announced renditions that are this object; returns their sources."""
    rows = tx.all(
        "select * from announced_renditions where object_id = ?", (object_id,)
    )
    for row in rows:
        record(tx, clock, _announced(row))
    tx.execute("delete from announced_renditions where object_id = ?", (object_id,))
    return [row["source_object_id"] for row in rows]


def of(db: Db, source_object_id: str) -> dict[str, Rendition]:
    """Return the renditions of an object by profile, failed ones too."""
    return of_many(db, [source_object_id]).get(source_object_id, {})


def of_many(
    db: Db, source_object_ids: Sequence[str], profiles: Sequence[str] = ()
) -> dict[str, dict[str, Rendition]]:
    """Return the renditions of several objects: {source: {profile: rendition}}."""
    found: dict[str, dict[str, Rendition]] = {}
    rows = db.all(
        "select * from renditions where source_object_id in"
        " (select value from json_each(?)) and (? = '[]' or profile in"
        " (select value from json_each(?)))",
        (json.dumps(list(source_object_ids)), *[json.dumps(list(profiles))] * 2),
    )
    for row in rows:
        found.setdefault(row["source_object_id"], {})[row["profile"]] = _of(row)
    return found


def forget(tx: Tx, source_object_id: str) -> None:
    """Remove the rows of a source that is gone; its files are the sweep's."""
    tx.execute("delete from renditions where source_object_id = ?", (source_object_id,))


def _of(row: Row) -> Rendition:
    return replace(
        _announced(row), code=row["code"], values=json.loads(row["detail"] or "{}")
    )


def _announced(row: Row) -> Rendition:
    """Return what both tables tell of a rendition."""
    return Rendition(
        source_object_id=row["source_object_id"],
        profile=row["profile"],
        object_id=row["object_id"],
        media_type=row["media_type"],
        duration_s=row["duration_s"],
        width=row["width"],
        height=row["height"],
        bitrate_kbps=row["bitrate_kbps"],
        pages=row["pages"],
        label=row["label"],
        about=json.loads(row["about"]),
    )
