"""Reads what an outbox row tells of; what is not understood is kept as it came.

A box of a newer program may send kinds and fields that this centre does not know, and a
damaged one may send anything. Neither may stop the rows behind it: a box sends in order
and would try the same batch every night. So nothing here refuses. What does not fit the
columns (a number beyond bounds, half a surrogate pair, NUL, which PostgreSQL takes in no
text) makes the row one that is kept as bytes and not counted.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge_server.records.usage import KINDS, MOST_PLAYED_S

_MOST_CHARACTERS = 2_000
_MOST_INT4 = 2**31 - 1


@dataclass(slots=True)  # one an event: frozen, making it takes seven times as long
class Told:
    """A row as the columns of `events` hold it."""

    kind: str
    """One of `usage.KINDS` when it counts; else the outbox row's own kind."""
    resource_id: str | None = None
    version: int | None = None
    page: int | None = None
    position_s: float | None = None
    seconds: float | None = None
    """Really played."""
    words: str | None = None
    grade: str | None = None
    class_name: str | None = None
    screen: str | None = None
    body: bytes | None = None
    """The JSON as it came, when the columns do not hold all of it."""

    @property
    def counts(self) -> bool:
        """Whether it is a use that sums are made of."""
        return self.kind in KINDS


def read(kind: str, body: str) -> Told:
    """Return what a row of an outbox tells of.

    Args:
        kind: The row's kind: ``usage``, ``receipt`` …
        body: Its JSON text.
    """
    told = _usage(body) if kind == "usage" else None
    if told is None:
        # A kind of ours that is no use's must not pass for one.
        plain = kind if kind not in KINDS and is_text(kind) else "?"
        return Told(plain, body=body.encode("utf-8", "surrogatepass"))
    return told


def _usage(body: str) -> Told | None:
    """Return a usage event, None when the columns cannot hold what it says."""
    said = as_map(body)
    if said.get("kind") not in KINDS:
        return None
    told = Told(said["kind"])
    odd = "\\u" in body  # only an escape can give what a database refuses
    for name, value in said.items():
        known = _FIELDS.get(name)
        if known is None:
            if name not in _LEFT_OUT:
                told.body = body.encode("utf-8", "surrogatepass")
        elif value is not None:
            column, types, most = known
            if type(value) not in types:
                return None
            if types is _TEXT:
                if len(value) > most or (odd and not is_text(value)):
                    return None
            elif not 0 <= value <= most:  # NaN neither
                return None
            setattr(told, column, value)
    return told


def as_map(body: str) -> Mapping[str, Any]:
    """Return the object that JSON text holds; empty when it holds none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def whole(value: object) -> int | None:
    """Return a whole number that a column can hold, None for anything else."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < 2**62 else None


def finite(value: object) -> float | None:
    """Return a number that is one, None for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def is_text(value: object) -> bool:
    """Whether a text column can hold it: bounded, no NUL, no half surrogate pair."""
    if not isinstance(value, str) or len(value) > _MOST_CHARACTERS or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


_TEXT, _WHOLE, _REAL = (str,), (int,), (float, int)
_FIELDS: Mapping[str, tuple[str, tuple[type, ...], float]] = {
    "resource_id": ("resource_id", _TEXT, _MOST_CHARACTERS),
    "version": ("version", _WHOLE, _MOST_INT4),
    "page": ("page", _WHOLE, _MOST_INT4),
    "position_s": ("position_s", _REAL, 1e9),
    "played_s": ("seconds", _REAL, MOST_PLAYED_S),
    "words": ("words", _TEXT, _MOST_CHARACTERS),
    "grade": ("grade", _TEXT, _MOST_CHARACTERS),
    "class_name": ("class_name", _TEXT, _MOST_CHARACTERS),
    "screen": ("screen", _TEXT, _MOST_CHARACTERS),
}
"""Fields of `usage.Event`: the column that keeps each, the types it takes, and the longest
text or the highest number."""
_LEFT_OUT = {"kind", "visit", "at"}
"""Read above, or not kept: `at` travels beside the body, `visit` has done its work."""
