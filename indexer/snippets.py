"""The words around a hit, with what was searched for marked.

FTS5's own snippet gives nothing on an index without a copy of the text. Ours looks in the
text as it is first, then folds it step by step only as far as needed: folding twenty
whole texts cost more than the search.
"""

import re
from collections.abc import Sequence

from edge_server.ground.db import Db
from indexer import analysis
from indexer.postings import body_of

WIDTH = 90
"""Characters of a snippet, about two lines on a phone."""
_STEP = 1500

Pieces = list[tuple[str, bool]]
"""A text in pieces; True marks what was searched for. Not escaped for any language."""
Place = tuple[int | None, float | None]
"""Page and second."""


def mark(text: str, words: Sequence[str]) -> Pieces:
    """Return a short text, such as a title, with the folded ``words`` marked."""
    pattern = _pattern(words)
    if pattern is None or not text:
        return [(text, False)] if text else []
    pieces: Pieces = []
    end = 0
    for found in pattern.finditer(analysis.fold(text)):
        if found.start() > end:
            pieces.append((text[end : found.start()], False))
        pieces.append((text[found.start() : found.end()], True))
        end = found.end()
    if end < len(text):
        pieces.append((text[end:], False))
    return pieces


def of_texts(
    db: Db, object_ids: Sequence[str], words: Sequence[str]
) -> tuple[Pieces, Place]:
    """Return a snippet out of the texts of a resource, and where it stands.

    Without a hit in any text it is the beginning of the first one, at no place.
    """
    pattern = _pattern(words)
    beginning = ""
    for object_id in object_ids:
        body = body_of(db, object_id)
        if body is None or not body.text:
            continue
        beginning = beginning or body.text[:WIDTH]
        at = None if pattern is None else _first(body.text, pattern)
        if at is not None:
            start = max(0, at - WIDTH // 3)
            window = body.text[start : start + WIDTH]
            return mark(_flat(window), words), body.place_at(at)
    return mark(_flat(beginning), ()), (None, None)


def _first(text: str, pattern: re.Pattern[str]) -> int | None:
    """Return where the first of the words stands."""
    found = pattern.search(text)
    if found:
        return found.start()
    for start in range(0, len(text), _STEP):
        folded = analysis.fold(text[start : start + _STEP + analysis.LONGEST_WORD])
        if found := pattern.search(folded):
            return start + found.start()
    return None


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    if not words:
        return None
    return re.compile(
        "|".join(
            # A Latin word is found by its beginning, so it is marked there only.
            rf"(?<![a-z0-9]){re.escape(word)}" if word.isascii() else re.escape(word)
            for word in sorted(words, key=len, reverse=True)
        )
    )


def _flat(text: str) -> str:
    return re.sub(r"\s", " ", text)
