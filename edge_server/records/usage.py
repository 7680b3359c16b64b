"""What is used: events by class and lesson, never by pupil.

An event and its outbox row are one transaction. Screens say them in batches and may say
one twice when an answer was lost, so each carries the id of its page view and a number;
what is already here is passed over.
"""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from sqlite3 import Row

from edge_server.ground.clock import Clock
from edge_server.ground.db import Db, Tx
from edge_server.records import outbox

KINDS = ("opened", "played", "page", "finished", "downloaded", "searched", "cast")
VISIT = re.compile(r"[A-Za-z0-9_-]{8,64}")
MOST_PLAYED_S = 3600.0
"""One event tells of at most an hour: a page reports every half minute."""
WEEK_S = 604_800
MONDAY_S = 345_600
"""Monday, 5 January 1970, 00:00 UTC; weeks here begin in China's night (UTC+8)."""
CHINA_S = 8 * 3600


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that was done with a resource, or a search."""

    kind: str
    """One of `KINDS`."""
    visit: str
    """Random id of one page view and the event's number in it: ``<id>-<n>``."""
    resource_id: str | None = None
    version: int | None = None
    page: int | None = None
    position_s: float | None = None
    """Where in it, from its start."""
    played_s: float | None = None
    """Seconds really played since the event before."""
    words: str | None = None
    """Of a search."""
    grade: str | None = None
    class_name: str | None = None
    screen: str | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """Sums of one week."""

    began_at: float
    """UTC of its Monday, 00:00 in China."""
    opened: int
    played_s: float
    pages: int
    finished: int
    downloaded: int
    searched: int
    cast: int
    resources: int
    """Different ones that were opened."""


def record(tx: Tx, clock: Clock, events: Sequence[Event]) -> int:
    """Write events and their outbox rows; returns how many were new.

    Raises:
        ValueError: An event is of no known kind or its visit is no id.
    """
    new = 0
    for event in events:
        if event.kind not in KINDS or not VISIT.fullmatch(event.visit):
            raise ValueError(f"not a usage event: {event.kind!r}")
        moment = clock.moment()
        played_s = event.played_s
        if played_s is not None:
            played_s = min(max(played_s, 0.0), MOST_PLAYED_S)
        if not tx.execute(
            "insert into usage_events (kind, resource_id, version, page, position_s,"
            " played_s, words, grade, class, screen, visit, boot, since_boot_s, at,"
            " noted_s) select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"
            " where not exists (select 1 from usage_events where visit = ?)",
            (
                event.kind, event.resource_id, event.version, event.page,
                event.position_s, played_s, event.words, event.grade, event.class_name,
                event.screen, event.visit, moment.boot, moment.since_boot_s, moment.at,
                clock(), event.visit,
            ),
        ):  # fmt: skip
            continue
        body = {k: v for k, v in asdict(event).items() if v is not None}
        body["at"] = round(moment.at, 3)
        outbox.add(tx, clock, "usage", body)
        new += 1
    return new


def week_began_at(at: float) -> float:
    """Return the UTC second at which the week of ``at`` began in China."""
    return at - (at + CHINA_S - MONDAY_S) % WEEK_S


def weeks(db: Db, *, now_at: float, most: int = 8) -> list[Week]:
    """Return the sums of the last weeks, this one first, empty ones included."""
    this = week_began_at(now_at)
    first = this - (most - 1) * WEEK_S
    found = {
        row["n"]: row
        for row in db.all(
            "select cast((at - :first) / :week as integer) n,"
            " sum(kind = 'opened') opened, sum(coalesce(played_s, 0)) played_s,"
            " sum(kind = 'page') pages, sum(kind = 'finished') finished,"
            " sum(kind = 'downloaded') downloaded, sum(kind = 'searched') searched,"
            " sum(kind = 'cast') cast,"
            " count(distinct iif(kind = 'opened', resource_id, null)) resources"
            " from usage_events where at >= :first and at < :end group by n",
            {"first": first, "week": WEEK_S, "end": this + WEEK_S},
        )
    }
    return [_week(first + n * WEEK_S, found.get(n)) for n in range(most - 1, -1, -1)]


def fold_older(tx: Tx, before_s: float, limit: int) -> int:
    """Turn events from before a running time into monthly sums; returns how many, for slices."""
    rows = tx.all(
        # Running time grows with the id, so only the first ones need looking at.
        "select id from (select id, noted_s from usage_events order by id limit ?)"
        " where noted_s < ?",
        (limit, before_s),
    )
    for row in rows:
        tx.execute(
            "insert into usage_months select strftime('%Y-%m', at + :china, 'unixepoch'),"
            " kind, coalesce(resource_id, ''), 1, coalesce(played_s, 0)"
            " from usage_events where id = :id"
            " on conflict do update set events = events + 1,"
            " played_s = played_s + excluded.played_s",
            {"china": CHINA_S, "id": row["id"]},
        )
        tx.execute("delete from usage_events where id = ?", (row["id"],))
    return len(rows)


def lately(db: Db, limit: int = 12) -> list[tuple[str, float | None, int | None]]:
    """Return (resource id, last position in s, last page) of what was used last."""
    rows = db.all(
        "select resource_id, position_s, page, max(id) from (select * from usage_events"
        " where resource_id is not null order by id desc limit 2000)"
        " group by resource_id order by max(id) desc limit ?",
        (limit,),
    )
    return [(row["resource_id"], row["position_s"], row["page"]) for row in rows]


def _week(began_at: float, row: Row | None) -> Week:
    if row is None:
        return Week(began_at, 0, 0.0, 0, 0, 0, 0, 0, 0)
    return Week(
        began_at=began_at,
        opened=row["opened"],
        played_s=row["played_s"],
        pages=row["pages"],
        finished=row["finished"],
        downloaded=row["downloaded"],
        searched=row["searched"],
        cast=row["cast"],
        resources=row["resources"],
    )
