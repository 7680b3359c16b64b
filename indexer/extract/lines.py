"""Lines as they are indexed: Chinese words made whole, blanks made plain."""

import re

from indexer.analysis import HAN

# Radicals stand for characters in the text of some PDF files; folding makes them so.
_CHINESE = f"[\u2e80-\u2fdf{HAN}]"
_SPLIT = re.compile(f"(?<={_CHINESE})[ \t\u00a0\u3000]+(?={_CHINESE})")
_BROKEN = re.compile(f"(?<={_CHINESE})\\s+(?={_CHINESE})")
_BLANKS = re.compile("[^\\S\n]+")
_EMPTY = re.compile(" ?\n[ \n]*")


def tidy(text: str) -> str:
    """Return text with single blanks, no empty lines, and ``静 夜 思`` as one word."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    # Blanks first: then a line end has at most one before it, and a million blanks
    # cost no more than a million letters.
    lines = _EMPTY.sub("\n", _BLANKS.sub(" ", lines))
    return _SPLIT.sub("", lines).strip()


def unbreak(page: str) -> str:
    """Return the text of a page whose lines end anywhere, in the middle of words too.

    A PDF does not say where a paragraph ends, so between two Chinese characters line
    ends go as well.
    """
    return tidy(_BROKEN.sub("", page))
