"""The centre's book of what its points said: points, boxes, marks, events and their sums.

The one part of the centre that grows beyond one machine: ``<data>/ledger.db``, or
PostgreSQL, through SQLAlchemy Core. Nothing of SQLAlchemy leaves this package: outside
there is a `Ledger` and frozen dataclasses. One test suite runs on both databases.

* `schema`: the tables. `book`: the `Ledger`, whose methods are one transaction each.
* `points`, `boxes`: who there is, and which key speaks for it.
* `batches`: what a box sends; `bodies`, `times`, `sums` are its parts.
* `desk`, `use`: what the desk reads. `growth`: what is let go.
"""

from sync.centre.ledger.book import Ledger, open, url_of
from sync.centre.ledger.boxes import BoxRow, Enrolled
from sync.centre.ledger.desk import (
    BoxSeen,
    Heartbeat,
    Hole,
    OnePoint,
    PointSeen,
    Receipt,
)
from sync.centre.ledger.points import Point
from sync.centre.ledger.use import Asked, Use

__all__ = [
    "Asked",
    "BoxRow",
    "BoxSeen",
    "Enrolled",
    "Heartbeat",
    "Hole",
    "Ledger",
    "OnePoint",
    "Point",
    "PointSeen",
    "Receipt",
    "Use",
    "open",
    "url_of",
]
