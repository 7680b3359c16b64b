"""Cuts a name into segments and says how far the axis words in each are to be believed.

A segment is what stands between two pieces of punctuation; English words beside each
other are one. What else it holds decides:

=====================  ================================  =========================
beside axis words      example                           then
=====================  ================================  =========================
nothing, or packaging  三上语文, 人教版教材（全套）      believed, and no title
what kind of thing     三年级语文期末试卷                believed, stays a title
other words            张老师三年级语文, 语文园地        a guess if the words are
                                                         two axes, or a grade
=====================  ================================  =========================

Who reads the segments decides what to do with a title or a guess.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from edge_server.records import axis_words, headings
from edge_server.records.axis_words import Found
from edge_server.records.curriculum import fold

_SEPARATORS = frozenset(
    " \t\r\n　_-–—―+,，、;；:：.。()（）[]【】《》〈〉「」“”\"'|~～&#@!！?？·•/\\"
)
_YEAR = (
    r"(?:20[0-9]{2}|[0-9]{2})(?:-[0-9]{2,4})?(?:学年度?|年)(?:第[一二]学期|[春秋]季?)?"
)
_PACKAGING = re.compile(
    rf"(?:{_YEAR}|20[0-9]{{2}}[春秋]季?|[0-9]{{1,4}}|义务教育|教育部|审定|教科书|教材|课本|课程|课标"
    r"|标准|同步|全套|全册|全集|合集|大全|资源包?|素材库?|教学|电子版?|学科|系列|配套|国家|中小学"
    r"|智慧教育|智慧|平台|年级|复式|六三制|新|版|全|的)++"
)
"""What people wrap around the name of a book; possessive, so that no name is slow."""

Beside = Literal["nothing", "kind", "other"]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a name, with the axis words in it."""

    start: int
    end: int
    """Half-open, in characters of the name."""
    words: tuple[Found, ...]
    beside: Beside
    """What stands beside the axis words: nothing that matters, words that tell what
    kind of thing it is, or other words."""


@lru_cache(maxsize=1024)  # the files of a folder share all names but the last
def cut(name: str) -> tuple[Segment, ...]:
    """Cut ``name`` where it is punctuated, but never inside an axis word."""
    found = axis_words.find(name)
    inside = bytearray(len(name))
    for word in found:
        inside[word.start : word.end] = b"\1" * (word.end - word.start)
    cuts = [
        index
        for index, character in enumerate(name)
        if character in _SEPARATORS
        and not inside[index]
        and not _joins_latin(name, index)
    ]
    folded = fold(name)
    segments = []
    for start, end in zip([-1, *cuts], [*cuts, len(name)], strict=True):
        if end - start > 1:
            words = tuple(w for w in found if start < w.start and w.end <= end)
            beside = _beside(folded, inside, start + 1, end)
            segments.append(Segment(start + 1, end, words, beside))
    return tuple(segments)


def _beside(folded: str, inside: bytearray, start: int, end: int) -> Beside:
    other = "".join(
        " " if inside[index] else folded[index] for index in range(start, end)
    ).split()
    if all(_PACKAGING.fullmatch(words) for words in other):
        return "nothing"
    if all(
        _PACKAGING.fullmatch(words)
        for part in other
        for words in headings.without_kinds(part).split()
    ):
        return "kind"
    return "other"


def runs(words: Sequence[Found]) -> list[list[Found]]:
    """Group axis words that follow each other without a gap."""
    runs: list[list[Found]] = []
    for word in words:
        if runs and runs[-1][-1].end == word.start:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs


def tells(name: str, run: list[Found]) -> bool:
    """Say whether axis words among others mean what they say: two axes, or 三年级."""
    if len({word.axis for word in run}) > 1:
        return True
    return run[0].axis == "grade" and name[run[0].start : run[0].end].endswith("级")


def _joins_latin(name: str, index: int) -> bool:
    """Say whether the character stands inside English words: they are one segment."""
    around = name[index - 1 : index] + name[index + 1 : index + 2]
    return len(around) == 2 and around.isascii() and around.isalpha()
