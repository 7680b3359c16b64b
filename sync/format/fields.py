"""Taking the fields of a map that a stranger wrote, each with its type and its bounds.

A field that is absent, or None, has its default, so writers leave out what says nothing; one that
is there must be of its type. Numbers stay below 2**53 (JSON) and text below a length, so
that no reader behind has to think of either. What nobody asked for is kept: it may be a
newer writer's.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeVar

from edge_server.errors import PermanentError, Value
from sync.format import tree

MOST_NUMBER = 2**53 - 1
MOST_TEXT = 10_000
"""Characters; the longest field there is, a note, is written by a person."""
MOST_DEPTH = 8
"""Of maps and lists in each other that are kept without being understood."""

T = TypeVar("T")


class Fields:
    """The fields of one map.

    Args:
        values: What stands where the map should stand.
        refusal: What is raised when something is not as it should be; it is given
            ``field`` and ``about``.
        about: Further values of the refusal.
    """

    def __init__(
        self, values: object, refusal: type[PermanentError], **about: Value
    ) -> None:
        self._refusal = refusal
        self._about = about
        if not isinstance(values, Mapping) or not all(type(k) is str for k in values):
            raise self.refuse("")
        self._values: dict[str, Any] = {
            name: value for name, value in values.items() if value is not None
        }

    def refuse(self, name: str) -> PermanentError:
        """Return the error that says that a field is not as it should be."""
        return self._refusal(**self._about, field=name)

    def has(self, name: str) -> bool:
        """Say whether a field is there."""
        return name in self._values

    def text(self, name: str, default: str | None = None) -> str:
        """Take text; without a default it must be there and not be empty."""
        found = self._take(name, str, default)
        if len(found) > MOST_TEXT or (default is None and not found):
            raise self.refuse(name)
        return found

    def text_or_none(self, name: str) -> str | None:
        """Take text that may be absent."""
        return self.text(name, "") if self.has(name) else None

    def whole(self, name: str, default: int | None = None, *, least: int = 0) -> int:
        """Take a whole number of at least ``least``."""
        found = self._take(name, int, default)
        if not least <= found <= MOST_NUMBER:
            raise self.refuse(name)
        return found

    def whole_or_none(self, name: str) -> int | None:
        """Take a whole number, zero or more, that may be absent."""
        return self.whole(name) if self.has(name) else None

    def real(self, name: str) -> float:
        """Take a number that is not negative, infinite or nothing."""
        found = self._values.pop(name, None)
        if type(found) not in (int, float) or not 0 <= found <= MOST_NUMBER:
            raise self.refuse(name)
        return float(found)

    def real_or_none(self, name: str) -> float | None:
        """Take a number that may be absent."""
        return self.real(name) if self.has(name) else None

    def yes(self, name: str) -> bool:
        """Take a yes or no; absent is no."""
        return self._take(name, bool, False)

    def data(self, name: str, default: bytes | None = None) -> bytes:
        """Take bytes."""
        return self._take(name, bytes, default)

    def sha256(self, name: str) -> str:
        """Take a SHA-256, 64 lower-case hex digits."""
        found = self._take(name, str, None)
        if not tree.is_sha256(found):
            raise self.refuse(name)
        return found

    def sha256_or_none(self, name: str) -> str | None:
        """Take a SHA-256 that may be absent."""
        return self.sha256(name) if self.has(name) else None

    def listed(self, name: str) -> list[Any]:
        """Take a list; absent is empty. Its elements are the caller's to check."""
        return self._take(name, list, [])

    def texts_listed(
        self, name: str, *, empty: bool = False, most: int = MOST_TEXT
    ) -> list[str]:
        """Take a list of text, of at most ``most`` characters each; absent is empty."""
        found = self.listed(name)
        if not all(type(one) is str and len(one) <= most for one in found):
            raise self.refuse(name)
        if not empty and not all(found):
            raise self.refuse(name)
        return found

    def numbers(self, name: str) -> list[int]:
        """Take a list of whole numbers, also negative ones; absent is empty."""
        found = self.listed(name)
        if not all(type(one) is int for one in found):
            raise self.refuse(name)
        return found

    def names(self) -> list[str]:
        """Return the names of the fields that nobody took yet."""
        return list(self._values)

    def maps(self, name: str) -> list["Fields"]:
        """Take a list of maps; absent is empty."""
        return [Fields(one, self._refusal, **self._about) for one in self.listed(name)]

    def map(self, name: str) -> "Fields":
        """Take a map that must be there."""
        return Fields(self._take(name, dict, None), self._refusal, **self._about)

    def plain(self, name: str) -> dict[str, Any]:
        """Take a map that could stand in JSON, `MOST_DEPTH` deep; absent is empty."""
        found = self._take(name, dict, {})
        if not _is_plain(found, MOST_DEPTH):
            raise self.refuse(name)
        return found

    def texts(self, name: str) -> dict[str, str]:
        """Take a map of text; absent is empty."""
        within = Fields(self.plain(name), self._refusal, **self._about)
        return {key: within.text(key, "") for key in within.names()}

    def rest(self) -> dict[str, Any]:
        """Take what nobody took: it may be a newer writer's."""
        found, self._values = self._values, {}
        if not _is_plain(found, MOST_DEPTH):
            raise self.refuse("")
        return found

    def _take(self, name: str, kind: type[T], default: T | None) -> T:
        found = self._values.pop(name, default)
        if type(found) is not kind:  # a bool is no whole number here
            raise self.refuse(name)
        return found


def _is_plain(value: object, depth: int) -> bool:
    if depth < 0:
        return False
    if isinstance(value, dict):
        return all(
            type(name) is str and _is_plain(one, depth - 1)
            for name, one in value.items()
        )
    if isinstance(value, list):
        return all(_is_plain(one, depth - 1) for one in value)
    if type(value) is float:
        return math.isfinite(value)
    if type(value) is int:
        return abs(value) <= MOST_NUMBER
    return value is None or type(value) in (str, bool)
