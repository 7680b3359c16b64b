"""Reads what an outbox row tells of; what is not understood is kept as it came.

A box of a newer program may send kinds and fields that this centre does not know, and a
damaged one may send anything. Neither may stop the rows behind it: a box sends in order
and would try the same batch every night. So nothing here refuses. What does not fit the
columns (a number beyond bounds, half a surrogate pair, NUL, which PostgreSQL takes in no
text) makes the row one that is kept as bytes and not counted.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from edge_server.records.usage import KINDS, MOST_PLAYED_S

_MOST_CHARACTERS = 2_000
_INT4 = 2**31


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
            continue
        column, fits = known
        if value is not None:
            if not fits(value) or (
                odd and isinstance(value, str) and not is_text(value)
            ):
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


def whole(value: object, *, most: int = 2**62) -> int | None:
    """Return a whole number that a column can hold, None for anything else."""
    fits = isinstance(value, int) and not isinstance(value, bool)
    return value if fits and 0 <= value < most else None  # type: ignore[operator,return-value] # `fits` has looked


def finite(value: object) -> float | None:
    """Return a number that is one, None for anything else."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) < 1e15 and math.isfinite(value) else None


def _is_short(value: object) -> bool:
    return isinstance(value, str) and len(value) <= _MOST_CHARACTERS


def is_text(value: object) -> bool:
    """Whether a text column can hold it: bounded, no NUL, no half surrogate pair."""
    if not isinstance(value, str) or len(value) > _MOST_CHARACTERS or "\0" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_int4(value: object) -> bool:
    return whole(value, most=_INT4) is not None


def _is_number(value: object) -> bool:
    return finite(value) is not None


def _is_played(value: object) -> bool:
    number = finite(value)
    return number is not None and 0 <= number <= MOST_PLAYED_S


_FIELDS: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "resource_id": ("resource_id", _is_short),
    "version": ("version", _is_int4),
    "page": ("page", _is_int4),
    "position_s": ("position_s", _is_number),
    "played_s": ("seconds", _is_played),
    "words": ("words", _is_short),
    "grade": ("grade", _is_short),
    "class_name": ("class_name", _is_short),
    "screen": ("screen", _is_short),
}
"""Fields of `usage.Event` by the column that keeps them, and what each column takes."""
_LEFT_OUT = {"kind", "visit", "at"}
"""Read above, or not kept: `at` travels beside the body, `visit` has done its work."""
