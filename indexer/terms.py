"""Runs of a query as expressions of FTS5, which has to find what `analysis.tokens` put in.

Every token is quoted, and only letters, digits and Chinese get this far, so nothing that
was typed can be taken for a part of the expression.
"""

from indexer import analysis
from indexer.analysis import Run

MOST_CHARACTERS = 200
MOST_TERMS = 8
"""Common characters joined by OR cost 12 ms each at 50,000 resources."""

WORDS = "{title author about text}"
"""Where words are looked for: without it an ``s`` would match filters and pinyin."""
TITLES = "{title author py facet}"
"""What is searched when a search of everything takes too long."""
NARROW = "{title author}"
"""Where one character is looked for first."""


def term(run: Run, columns: str = WORDS) -> str:
    """Return the expression for one run: an exact phrase, or the beginning of a word."""
    if run.han and len(run.text) > 1:
        return f'{columns}: "{" ".join(analysis.pairs(run.text))}"'
    if run.text.isdigit():
        return f'{columns}: "{run.text}"'
    here = f'{columns}: "{run.text}"*'
    # Not for one letter: every title has a syllable that begins with it.
    if columns == WORDS and run.text.isalpha() and not run.han and len(run.text) > 1:
        return f'({here} OR py: "{analysis.typed_pinyin(run.text)}"*)'
    return here


def phrase(runs: list[Run], columns: str = WORDS) -> str:
    """Return the expression for runs that must follow each other, as they are indexed.

    In the index each Chinese run ends with its last character alone, so a phrase crosses
    from run to run; the text may go on behind the last one.
    """
    tokens = " ".join(
        " ".join([*analysis.pairs(run.text), run.text[-1]]) if run.han else run.text
        for run in runs
    )
    last = runs[-1]
    if last.han and len(last.text) > 1:
        return f'{columns}: "{tokens.rsplit(" ", 1)[0]}"'
    return f'{columns}: "{tokens}"' + ("*" if last.han else "")
