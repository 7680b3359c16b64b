"""Finds the words of the axes inside a name: 人教版数学四年级上册 holds four of them.

At each character the longest known spelling wins. Punctuation inside a spelling does not
count (三 年级, 人教版（PEP）), and a spelling never begins or ends inside a number or a
Latin word: 13年级 holds no 3年级, ``img3`` no G3. What stands for two axes at once
(高二上册, the name of one volume in the national tags) is read as the two.

Only the finding is here; how much a found word may be trusted is `placing`'s.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from edge_server.records import curriculum
from edge_server.records.curriculum import AXES, Axis, Value, fold

LONGEST_NAME = 400
"""Characters looked at; names in file systems are shorter, a hostile cell need not be."""

_MOST_PUNCTUATION = 3
_NUMERALS = frozenset("零〇一二两三四五六七八九十百0123456789")
SHORT_LATIN = 3
"""Latin codes this short (RJ, PE, new) are believed only beside another axis word."""

_HALF = re.compile(r"[\s\W_]{0,2}(?P<half>[上下])(?![一-鿿a-z0-9])", re.ASCII)
_HALF_GLUED = re.compile(r"(?P<half>[上下])")
_GRADE_AND_HALF = re.compile(r"(?P<grade>[一二三四五六七八九1-9])(?P<half>[上下])册?")
_EDITION_YEAR = re.compile(r"(?P<year>20\d\d)年?(?P<said>[新旧老]?)版")
_BRACKETED_YEAR = re.compile(r"(?<=\()(?P<year>20\d\d)(?P<said>)年?版?(?=\))")
_FIVE_FOUR = re.compile(r"(?:五[·•.]?四|5[·•.]?4)学?制")
_FIRST_NEW_YEAR = 2022
"""The curriculum standard that 新教材 follow is of 2022."""


@dataclass(frozen=True, slots=True)
class Found:
    """One axis word in a name."""

    start: int
    end: int
    """Half-open, in characters of the name."""
    value: Value | None
    """None: it says that the school counts five and four years (五·四学制)."""
    sure: bool = True
    """False where a bare year stands for new or old textbooks."""

    @property
    def axis(self) -> Axis | None:
        """The axis of the value."""
        return self.value.axis if self.value else None


@lru_cache(maxsize=4096)
def find(name: str) -> tuple[Found, ...]:
    """Return the axis words in ``name``, in order, never overlapping."""
    folded = fold(name[:LONGEST_NAME])
    if folded in ("上", "下"):
        return (Found(0, 1, _half(folded)),)  # a folder beside its like
    found: list[Found] = []
    index = 0
    while index < len(folded):
        if not folded[index].isalnum():
            index += 1
            continue
        here = _at(folded, index, found)
        found.extend(here)
        index = here[-1].end if here else index + 1
    return tuple(_believed(folded, found))


def _at(folded: str, start: int, before: list[Found]) -> list[Found]:
    """Return what begins at ``start``: one word, or a grade and its half."""
    if match := _EDITION_YEAR.match(folded, start):
        return [_edition_year(match)]
    after_edition = bool(before) and before[-1].axis == "edition"
    if after_edition and (match := _BRACKETED_YEAR.match(folded, start)):
        return [_edition_year(match)]
    if match := _FIVE_FOUR.match(folded, start):
        return [Found(start, match.end(), None)]
    if _inside(folded, start):
        return []
    free = start == 0 or not folded[start - 1].isalnum()
    glued = bool(before) and before[-1].end == start
    match = _GRADE_AND_HALF.match(folded, start)
    if match and (free or glued) and _ends_well(folded, match.end()):
        grade = curriculum.read("grade", match["grade"])
        middle = match.start("half")
        return [
            Found(start, middle, grade),
            Found(middle, match.end(), _half(match["half"])),
        ]
    word = _longest(folded, start)
    if word is None or word.axis != "grade":
        return [word] if word else []
    match = _HALF.match(folded, word.end)
    if match is None:
        match = _HALF_GLUED.match(folded, word.end)
        if match is None or not _ends_well(folded, match.end()):
            return [word]
    return [word, Found(match.start("half"), match.end(), _half(match["half"]))]


def _longest(folded: str, start: int) -> Found | None:
    spelled, skipped, best = "", 0, None
    for index in range(start, len(folded)):
        character = folded[index]
        if not character.isalnum():
            skipped += 1
            if skipped > _MOST_PUNCTUATION:
                break
            continue
        skipped = 0
        spelled += character
        if spelled not in _BEGINNINGS:
            break
        value = _SPELLINGS.get(spelled)
        if value and not _inside(folded, index + 1):
            best = Found(start, index + 1, value)
    return best


def _inside(folded: str, index: int) -> bool:
    """Say whether ``index`` cuts a number or a Latin word in two."""
    if not 0 < index < len(folded):
        return False
    left, right = folded[index - 1], folded[index]
    if left in _NUMERALS and right in _NUMERALS:
        return True
    if left.isdigit() and right.isalpha():
        return False  # a new word may follow a number: grade3english
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


def _ends_well(folded: str, end: int) -> bool:
    """Say whether a bare 上 or 下 may end here: 三上课 is no grade and no half."""
    if end >= len(folded) or not folded[end].isalnum():
        return True
    return folded.startswith(("第", "unit"), end) or _longest(folded, end) is not None


def _half(character: str) -> Value | None:
    return curriculum.read("volume", character)


def _edition_year(match: re.Match[str]) -> Found:
    said = match["said"]
    new = said == "新" if said else int(match["year"]) >= _FIRST_NEW_YEAR
    value = curriculum.by_slug("textbook_year", "xin" if new else "jiu")
    return Found(match.start(), match.end(), value, sure=bool(said))


def _believed(folded: str, found: list[Found]) -> Iterator[Found]:
    for word in found:
        spelled = folded[word.start : word.end]
        whole = len(spelled) == len(folded)
        short = spelled.isascii() and len(spelled) <= SHORT_LATIN
        if not short or whole or len(found) > 1 or word.axis == "grade":
            yield word


def _spellings() -> dict[str, Value]:
    """Return what is looked for: no single characters, nothing that reads as two axes."""
    every = {
        spelled: value
        for axis in AXES
        for spelled, value in curriculum.spellings(axis)
        if len(spelled) > 1
    }
    halves = {"上": "volume", "下": "volume"}

    def axis_of(spelled: str) -> str | None:
        return every[spelled].axis if spelled in every else halves.get(spelled)

    def is_two(spelled: str, axis: str) -> bool:
        if axis in ("stage", "grade"):
            return False  # 初中一年级 is one grade, not a stage and another grade
        for cut in range(1, len(spelled)):
            left, right = axis_of(spelled[:cut]), axis_of(spelled[cut:])
            if left and right and left != right:
                return True
        return False

    return {
        spelled: value
        for spelled, value in every.items()
        if not is_two(spelled, value.axis)
    }


_SPELLINGS = _spellings()
_BEGINNINGS = frozenset(
    spelled[:length] for spelled in _SPELLINGS for length in range(1, len(spelled) + 1)
)
