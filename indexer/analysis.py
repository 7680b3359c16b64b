"""Text into tokens and pinyin keys: what indexing and searching must do alike.

A run of Chinese characters is cut into its pairs, then its last character alone:
``静夜思`` gives ``静夜 夜思 思``. So no dictionary decides what can be found (recall is
1.000 by construction), a phrase of pairs is an exact phrase, and ``"字"*`` finds every
place of one character. Latin words and numbers are whole words.

Everything is folded first by one table, character to character, so an offset in the
folded text is an offset in the text. The price is a little too much found: 乾 = 干 and
後 = 后. Pinyin is read from the text as it stands, or 乾隆 would become *ganlong*.

A change of what any function here returns is a change of `schema.SCHEMA`: words go out of
the index only by being made again exactly as they went in.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from indexer import tables

# 々 〇 and □ (a lost character in old verse) belong to a run of Chinese too.
HAN = "\u3005\u3007\u25a1\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
LONGEST_WORD = 40
"""Letters kept of a Latin word or number, and characters of a title run read as pinyin."""
KEY_SYLLABLES = 8
_RUN = re.compile(f"([{HAN}]+)|[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Run:
    """An unbroken stretch of Chinese, or of Latin letters and digits, already folded."""

    text: str
    start: int
    """Offset in the text it was found in."""
    end: int
    han: bool


def fold(text: str) -> str:
    """Return ``text`` of the same length with everything that counts as one made one."""
    return text.translate(tables.fold())


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of a text in order; all other characters only separate them."""
    for found in _RUN.finditer(fold(text)):
        han = found[1] is not None
        yield Run(
            found[0] if han else found[0][:LONGEST_WORD],
            found.start(),
            found.end(),
            han,
        )


def pairs(run: str) -> list[str]:
    """Return the neighbouring characters of a Chinese run, two by two."""
    return list(map(str.__add__, run, run[1:]))


def tokens(text: str) -> str:
    """Return what is indexed of a text, separated by blanks."""
    out: list[str] = []
    for found in _RUN.finditer(fold(text)):
        run = found[0]
        if found[1] is None:
            out.append(run[:LONGEST_WORD])
        else:
            out += map(str.__add__, run, run[1:])
            out.append(run[-1])
    return " ".join(out)


def key(text: str) -> str:
    """Return a title as suggestions know it: its runs without anything between them."""
    return "".join(found[0] for found in _RUN.finditer(fold(text)))


def syllables(run: str) -> list[str]:
    """Return the reading of each character of an *unfolded* Chinese run.

    The longest known phrase decides (长城 is *chang cheng*, 成长 *cheng zhang*). It is
    looked up as it stands and folded: the known phrases are simplified, so 長安 is found
    only folded. A character without a reading gives "".
    """
    first, phrases = tables.readings(), tables.phrases()
    out: list[str] = []
    while len(out) < len(run):
        for length in (4, 3, 2):
            word = run[len(out) : len(out) + length]
            known = phrases.get(word) or phrases.get(fold(word))
            if known and len(known) == length:
                out += known
                break
        else:
            out.append(first.get(run[len(out)], ""))
    return out


def pinyin_keys(text: str) -> list[str]:
    """Return what may be typed for a title: its pinyin and initials from each character on.

    ``静夜思`` gives jingyesi, jys, yesi, ys, si, s: each is found by any of its
    beginnings. At most eight syllables a key; nothing for Latin words.
    """
    keys: dict[str, None] = {}
    for run in _chinese(text):
        read = syllables(run)
        for start in range(len(read)):
            part = read[start : start + KEY_SYLLABLES]
            keys["".join(part)] = None
            keys["".join(syllable[:1] for syllable in part)] = None
    keys.pop("", None)
    return list(keys)


def spellings(text: str) -> tuple[str, str]:
    """Return a whole title in pinyin and in initials, Latin words as they are."""
    full: list[str] = []
    initials: list[str] = []
    for found in _RUN.finditer(fold(text)):
        if found[1] is None:
            full.append(found[0])
            initials.append(found[0])
        else:
            read = syllables(text[found.start() : found.end()][:LONGEST_WORD])
            full += read
            initials += [syllable[:1] for syllable in read]
    return "".join(full), "".join(initials)


def typed_pinyin(letters: str) -> str:
    """Return letters as our keys spell them: v after n and l is the ü of most keyboards."""
    return re.sub("([nl])v", r"\1u", letters)


def _chinese(text: str) -> Iterator[str]:
    """Yield the Chinese runs of a text unfolded, each cut at 40 characters."""
    for found in _RUN.finditer(fold(text)):
        if found[1] is not None:
            yield text[found.start() : found.end()][:LONGEST_WORD]
