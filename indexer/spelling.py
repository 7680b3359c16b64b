"""What was probably meant, asked only when what was typed found nothing.

Homophones are the commonest slip of a pinyin keyboard: 京夜思 for 静夜思. The pinyin of what
was typed is looked up among the titles, and the title that answers names the correction.
For Latin words all words one edit away are looked up in the index itself (5 ms), the
commonest wins.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from edge_server.ground.db import Db
from indexer import analysis
from indexer.analysis import Run
from indexer.terms import MOST_CHARACTERS, MOST_TERMS, WORDS, term

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_MOST_PAIRS = 16
_NEAREST = 4


@dataclass(frozen=True, slots=True)
class Other:
    """Another way to look for what was typed."""

    match: str
    words: tuple[str, ...]
    """What to mark."""
    corrected: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """What a title says was meant."""

    text: str | None
    words: tuple[str, ...]


def ways(db: Db, typed: str) -> Iterator[tuple[str, Other]]:
    """Yield (name, other way), the strictest first; each is worked out when asked for."""
    typed = typed[:MOST_CHARACTERS]
    runs = list(analysis.runs(typed))[:MOST_TERMS]
    if not runs:
        return
    chinese = [run for run in runs if run.han and len(run.text) > 1]
    sounds = [_sound(typed, run) for run in runs]
    if chinese and all(sounds):
        yield "sound", Other(" AND ".join(sounds), ())
    slip = _slip(db, typed, runs)
    if slip is not None:
        yield "slip", slip
    pairs = [pair for run in chinese for pair in analysis.pairs(run.text)][:_MOST_PAIRS]
    # One character or a number alone would bring half the library.
    latin = [run for run in runs if not run.han and not run.text.isdigit()]
    latin = [run for run in latin if len(run.text) > 1]
    if len(pairs) + len(latin) > 1:
        some = [*(f'{WORDS}: "{pair}"' for pair in pairs), *map(term, latin)]
        yield "some", Other(" OR ".join(some), (*pairs, *(run.text for run in latin)))


def same_sound(typed: str, titles: Sequence[str]) -> Meant:
    """Return what was typed, each Chinese run as a title with the same sound writes it."""
    text, words = typed, []
    for run in reversed(list(analysis.runs(typed))):
        if not run.han:
            continue
        sound = analysis.syllables(typed[run.start : run.end])
        for title in titles:
            if (meant := _window(title, sound)) is not None:
                text = text[: run.start] + meant + text[run.end :]
                words.append(analysis.fold(meant))
                break
    return Meant(text if text != typed else None, tuple(words))


def _sound(typed: str, run: Run) -> str:
    if not run.han or len(run.text) == 1:
        return term(run)
    read = analysis.syllables(typed[run.start : run.end])[: analysis.KEY_SYLLABLES]
    return f'py: "{"".join(read)}"*' if all(read) else ""


def _window(title: str, sound: list[str]) -> str | None:
    """Return the part of a title that is read so."""
    for run in analysis.runs(title):
        if run.han:
            raw = title[run.start : run.end]
            read = analysis.syllables(raw)
            for start in range(len(read) - len(sound) + 1):
                if read[start : start + len(sound)] == sound:
                    return raw[start : start + len(sound)]
    return None


def _slip(db: Db, typed: str, runs: list[Run]) -> Other | None:
    """Return the query with each unknown Latin word as the known ones near it."""
    terms, words, text, changed = [], [], typed, False
    for run in reversed(runs):
        near = _near(db, run.text) if run.text.isascii() and run.text.isalpha() else []
        if near:
            text = text[: run.start] + near[0] + text[run.end :]
            quoted = " OR ".join(f'"{word}"' for word in near)
            terms.append(f"{WORDS}: ({quoted})")
            words += near
            changed = True
        else:
            terms.append(term(run))
            words.append(run.text)
    return Other(" AND ".join(terms), tuple(words), text) if changed else None


def _near(db: Db, word: str) -> list[str]:
    """Return indexed words one edit away, commonest first; none if the word is known."""
    if not 3 < len(word) <= analysis.LONGEST_WORD:
        return []
    cut = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    near = {word}
    near |= {a + b[1:] for a, b in cut if b}
    near |= {a + c + b for a, b in cut for c in _LETTERS}
    near |= {a + b[1] + b[0] + b[2:] for a, b in cut if len(b) > 1}
    near |= {a + c + b[1:] for a, b in cut if b for c in _LETTERS}
    rows = db.all(
        f"select term, sum(doc) n from vocabulary where term in ({','.join('?' * len(near))})"
        " and col in ('title', 'author', 'about', 'text')"
        f" group by term order by n desc, term limit {_NEAREST}",
        sorted(near),
    )
    found = [row["term"] for row in rows]
    return [] if word in found else found
