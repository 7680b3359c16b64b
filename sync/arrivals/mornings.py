"""How the last nights went: what a teacher reads in the morning.

A night goes from noon to noon, in China's time. It is told in lessons, not in files: a
lesson has come when nothing of it is to come any more. When a resource was shown is
written in running time, so a box whose clock was mended later tells its nights rightly.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edge_server.errors import Value
from edge_server.ground import clock
from edge_server.ground.box import Box
from edge_server.ground.db import Db
from sync.arrivals import deliveries

MOST_DELIVERIES = 300
NIGHT_S = 86_400.0
NOON_S = 12 * 3600.0
CHINA_S = 8 * 3600.0

_LESSON = (
    "stage, grade, subject, edition, textbook_year, volume, unit, unit_no, lesson,"
    " lesson_no, iif(lesson is null and lesson_no is null, resource_id, null)"
)
"""What names a lesson; what belongs to none is one by itself."""

Lesson = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class Night:
    """What one night brought."""

    noon_at: float
    """UTC, seconds: the noon before it."""
    came: int
    """Lessons that are whole."""
    left: int = 0
    """Lessons of which something is still to come; of the newest night only."""
    code: str | None = None
    """Why the last delivery of the night ended before its time."""
    values: Mapping[str, Value] = field(default_factory=dict)
    under_way: bool = False


def nights(box: Box, most: int = 5) -> list[Night]:
    """Return the last nights in which the box fetched, the newest first."""
    db = box.db
    last: dict[float, deliveries.Delivery] = {}
    for one in deliveries.newest(db, MOST_DELIVERIES):
        last.setdefault(noon_before(one.began_at), one)
    newest = sorted(last, reverse=True)[:most]
    if not newest:
        return []
    waiting = _waiting(db)
    came = _came(box, newest[-1])
    return [
        Night(
            noon_at=noon,
            came=len(came.get(noon, set()) - waiting),
            left=len(waiting) if noon == newest[0] else 0,
            code=last[noon].code,
            values=last[noon].values,
            under_way=last[noon].ended_at is None,
        )
        for noon in newest
    ]


def noon_before(at: float) -> float:
    """Return the noon, in China, before a moment; both in UTC seconds."""
    return at - (at + CHINA_S - NOON_S) % NIGHT_S


def _waiting(db: Db) -> set[Lesson]:
    return {
        tuple(row)
        for row in db.all(
            f"select distinct {_LESSON} from versions where state = 'waiting'"
            " and channel = 'county'"
        )
    }


def _came(box: Box, since: float) -> dict[float, set[Lesson]]:
    """Return the lessons of which something was shown, by the noon before."""
    utc = clock.utc_of_running(box.db)
    now_s = box.clock()
    since_s = now_s - (utc(now_s) - since)  # or earlier, for it was off now and then
    found: dict[float, set[Lesson]] = {}
    for row in box.db.all(
        f"select {_LESSON}, changed_s from versions where state = 'shown'"
        " and channel = 'county' and changed_s >= ?",
        (since_s,),
    ):
        *lesson, changed_s = row
        shown_at = utc(changed_s)
        if shown_at >= since:
            found.setdefault(noon_before(shown_at), set()).add(tuple(lesson))
    return found
