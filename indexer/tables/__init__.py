"""The tables behind search: which characters count as one, and how they are read.

Made by `scripts/make_search_tables.py` from OpenCC and pypinyin, so that a box needs
neither. ``fold.txt``: 9,300 characters that become another (traditional to simplified,
wide to narrow, capital to small). ``readings.txt``: the commonest reading of 27,000
characters. ``phrases.txt``: 3,400 short phrases that are read otherwise (长城, 成长).

Folding is needed by every search and read at the first; readings and phrases only by
indexing and by the second look of a search that found nothing. A file is read once in a
process, 20 ms for all three.
"""

import hashlib
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent
_NAMES = ("fold.txt", "readings.txt", "phrases.txt")


@cache
def fold() -> dict[int, str]:
    """Return code point to folded character, the shape `str.translate` wants."""
    return {ord(character): value for value, character in _pairs("fold.txt")}


@cache
def readings() -> dict[str, str]:
    """Return each character's commonest reading: letters only, u for ü."""
    return {character: value for value, character in _pairs("readings.txt")}


@cache
def phrases() -> dict[str, list[str]]:
    """Return phrases of 2 to 4 characters that are not read one by one."""
    found = {}
    for line in _text("phrases.txt").split("\n"):
        word, *syllables = line.split(" ")
        found[word] = syllables
    return found


@cache
def digest() -> str:
    """Return a hash of the tables: an index made with others must be made again."""
    whole = hashlib.blake2b(digest_size=8)
    for name in _NAMES:
        whole.update((_FOLDER / name).read_bytes())
    return whole.hexdigest()


def _text(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _pairs(name: str) -> list[tuple[str, str]]:
    # A line is value, tab, characters; the value may itself be a blank.
    return [
        (value, character)
        for value, characters in (
            line.split("\t", 1) for line in _text(name).split("\n")
        )
        for character in characters
    ]
