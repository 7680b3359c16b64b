"""Make the tables that search reads: folding and pinyin, as small text files.

    python scripts/make_search_tables.py [--check]

The knowledge comes from OpenCC (Apache-2.0: traditional to simplified) and pypinyin (MIT:
readings and phrases). Both are needed here only: a box reads the three files of
`indexer/tables/`, about 230 KB, and neither package (54 MB in memory with phrases).
``--check`` writes nothing and says by its exit status whether the files are what this
script makes.

Kept out: readings of characters beyond the basic plane (no title of a lesson has one) and
phrases whose every reading is the character's first one, 43,000 of 47,000.
"""

import argparse
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import opencc
from pypinyin.phrases_dict import phrases_dict
from pypinyin.pinyin_dict import pinyin_dict

TABLES = Path(__file__).resolve().parent.parent / "indexer" / "tables"
FIRST, LAST = 0x41, 0x33480
"""From A to the end of the CJK extensions."""
LONGEST_PHRASE = 4


def main() -> int:
    """Write the tables that changed, or only compare; returns the exit status."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    arguments.add_argument("--check", action="store_true")
    check = arguments.parse_args().check
    changed = []
    for name, made in make().items():
        path = TABLES / name
        if path.exists() and path.read_text(encoding="utf-8") == made:
            continue
        changed.append(name)
        if not check:
            path.write_text(made, encoding="utf-8")
    print("changed:", ", ".join(changed) or "nothing")
    return 1 if check and changed else 0


def make() -> dict[str, str]:
    """Return the text of each table by the name of its file."""
    first = {
        chr(code): bare(readings.split(",")[0])
        for code, readings in pinyin_dict.items()
        if code <= 0xFFFF
    }
    return {
        "fold.txt": grouped(folding()),
        "readings.txt": grouped(first),
        "phrases.txt": "\n".join(
            f"{word} {' '.join(syllables)}"
            for word, syllables in sorted(phrases(first).items())
        ),
    }


def folding() -> dict[str, str]:
    """Return what each character becomes; those that stay are not in it."""
    characters = [chr(n) for n in range(FIRST, LAST) if not 0xD800 <= n < 0xE000]
    # One conversion for all: a line holds one character, so nothing is read as a phrase.
    simplified = opencc.OpenCC("t2s").convert("\n".join(map(plain, characters)))
    return {
        character: folded
        for character, folded in zip(characters, simplified.split("\n"), strict=True)
        if character != folded and len(folded) == 1
    }


def plain(character: str) -> str:
    """Compatibility form, lower case, Latin without its marks; never another length."""
    normal = unicodedata.normalize("NFKC", character).lower()
    if len(normal) != 1:
        return character
    base = unicodedata.normalize("NFD", normal)[0]
    return base if base.isascii() and base.isalpha() else normal


def phrases(first: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the short phrases in which a character is not read as it is alone."""
    found = {}
    for word, readings in phrases_dict.items():
        if 2 <= len(word) <= LONGEST_PHRASE:
            syllables = [bare(reading[0]) for reading in readings]
            if syllables != [first.get(character) for character in word]:
                found[word] = syllables
    return found


def bare(syllable: str) -> str:
    """Write a syllable as it is typed: no tone, and u for ü as on every second keyboard."""
    letters = unicodedata.normalize("NFD", syllable)
    return "".join(c for c in letters if c.isascii() and c.isalpha())


def grouped(table: Mapping[str, str]) -> str:
    """Write one line for each value, ``value<TAB>all its characters``."""
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for character, value in table.items():
        groups[value].append(character)
    return "\n".join(
        f"{value}\t{''.join(sorted(groups[value]))}" for value in sorted(groups)
    )


if __name__ == "__main__":
    sys.exit(main())
