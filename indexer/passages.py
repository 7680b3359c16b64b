"""What was read out of a file: passages, each with the place a teacher can be led to.

Kept as one body of text and a list of where in it each passage begins, so that a hit is
looked for in one string and its page or second found by bisection.
"""

import json
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of text from one place: a slide, a page, a chapter, a subtitle."""

    text: str
    page: int | None = None
    """Counted from 1: slide, page of a PDF, place in the spine of an e-book."""
    at_s: float | None = None
    """Seconds from the beginning of the video or sound."""


Text = Sequence[Passage]
"""All of a file, in reading order; empty when it holds no words."""


@dataclass(frozen=True, slots=True)
class Body:
    """A text as it is kept."""

    text: str
    """The passages, a line end between two of them."""
    marks: str
    """JSON: ``[[offset, page, at_s], …]``, one for each passage, ascending."""

    def passages(self) -> list[Passage]:
        """Return the passages again."""
        marks = json.loads(self.marks)
        ends = [*(offset - 1 for offset, _, _ in marks), len(self.text)][1:]
        return [
            Passage(self.text[offset:end], page, at_s)
            for (offset, page, at_s), end in zip(marks, ends, strict=True)
        ]

    def place_at(self, offset: int) -> tuple[int | None, float | None]:
        """Return page and second of the passage that holds this character."""
        marks = json.loads(self.marks)
        found = bisect_right(marks, offset, key=lambda mark: mark[0]) - 1
        return (marks[found][1], marks[found][2]) if found >= 0 else (None, None)


def body(text: Text) -> Body:
    """Return a text in the form in which it is kept."""
    marks: list[tuple[int, int | None, float | None]] = []
    offset = 0
    for passage in text:
        marks.append((offset, passage.page, passage.at_s))
        offset += len(passage.text) + 1
    return Body("\n".join(passage.text for passage in text), json.dumps(marks))
