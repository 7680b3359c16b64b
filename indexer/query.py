"""What a person typed into what FTS5 understands.

Whoosh's parser reads it and gives a tree; walking the tree writes a MATCH expression. FTS5
alone raises on a lone quote, ``AND`` or ``-x``; Whoosh's parser alone raises on 4 % of
random input (``" NOT  OR "``). Together with the plain way below they take anything:
what cannot be understood as operators is searched as words, all of them together.

Understood: words, ``"exact phrases"``, AND OR NOT in capitals, brackets, and ``标题:``
or ``作者:`` before a word; full-width signs as a Chinese keyboard types them.

Whoosh costs 0.1 s and 15 MB at import, so `search` imports this module at its first use.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from whoosh import fields, qparser, query
from whoosh.analysis import RegexTokenizer

from indexer import analysis
from indexer.analysis import Run
from indexer.terms import MOST_CHARACTERS, MOST_TERMS, WORDS, phrase, term

_COLUMNS = {"any": WORDS, "title": "{title}", "author": "{author}"}
_ALIASES = {"title": ["标题"], "author": ["作者"]}
_KEYBOARD = str.maketrans("（）：＊　“”「」『』＂", "():* " + '"' * 7)
_OPERATORS = re.compile(r"\b(?:AND|OR|NOT|ANDNOT|ANDMAYBE|REQUIRE)\b")


@dataclass(slots=True)
class Compiled:
    """A query in the language of FTS5."""

    match: str = ""
    """Empty when nothing that was typed can be found: FTS5 refuses an empty MATCH."""
    words: list[str] = field(default_factory=list)
    """Folded runs that were asked for, to be marked in what is shown."""
    terms: int = 0
    """How many expressions it has, those behind NOT included."""
    strict: bool = False
    """Quotes, operators or a column were typed: then nothing looser is looked for."""


class _NotOurs(Exception):
    """The tree holds what FTS5 cannot say, or too much of it."""


def compile_query(typed: str) -> Compiled:
    """Return a MATCH that FTS5 takes, for anything a person can type."""
    typed = typed.translate(_KEYBOARD)[:MOST_CHARACTERS]
    found = Compiled()
    try:
        # normalize=False: a quoted Chinese run would become a plain word otherwise.
        found.match = _walk(_parser().parse(typed, normalize=False), found, marked=True)
    except (_NotOurs, IndexError, AssertionError, RecursionError):
        # All but the first are Whoosh's own, on input such as "NOT OR".
        found.match = ""
    return found if found.match else _plain(typed)


@cache
def _parser() -> qparser.QueryParser:
    whole = fields.TEXT(
        analyzer=RegexTokenizer(r"\S+")
    )  # the tree keeps what was typed
    return qparser.QueryParser(
        "any",
        fields.Schema(**dict.fromkeys(_COLUMNS, whole)),
        plugins=[
            qparser.WhitespacePlugin(),
            qparser.PhrasePlugin(),
            qparser.PrefixPlugin(),
            qparser.GroupPlugin(),
            qparser.FieldsPlugin(),
            qparser.FieldAliasPlugin(_ALIASES),
            qparser.OperatorsPlugin(),
        ],
    )


def _plain(typed: str) -> Compiled:
    found = Compiled()
    for run in analysis.runs(_OPERATORS.sub(" ", typed)):
        if len(found.words) == MOST_TERMS:
            break
        if run.text not in found.words:
            found.words.append(run.text)
            found.terms += 1
            found.match += (" AND " if found.match else "") + term(run)
    return found


def _walk(tree: query.Query, found: Compiled, *, marked: bool) -> str:
    """Return the expression of a tree, "" when nothing in it can be found."""
    if tree is query.NullQuery:
        return ""
    match tree:
        case query.And():
            yes = [
                _walk(part, found, marked=marked)
                for part in tree
                if not isinstance(part, query.Not)
            ]
            no = [
                _walk(part.query, found, marked=False)
                for part in tree
                if isinstance(part, query.Not)
            ]
            return _but_not(" AND ".join(filter(None, yes)), no, found)
        case query.Or():
            found.strict = True
            parts = [_walk(part, found, marked=marked) for part in tree]
            return f"({' OR '.join(filter(None, parts))})" if any(parts) else ""
        case query.AndNot():
            return _but_not(
                _walk(tree.a, found, marked=marked),
                [_walk(tree.b, found, marked=False)],
                found,
            )
        case query.Term() | query.Prefix() if tree.fieldname in _COLUMNS:
            found.strict |= tree.fieldname != "any"
            return _word(tree.text, _COLUMNS[tree.fieldname], found, marked=marked)
        case query.Phrase() if tree.fieldname in _COLUMNS:
            found.strict = True
            runs = list(analysis.runs(" ".join(tree.words)))
            _count(runs[:1], runs, found, marked=marked)
            return phrase(runs, _COLUMNS[tree.fieldname]) if runs else ""
    raise _NotOurs(type(tree).__name__)  # a lone NOT, ANDMAYBE, REQUIRE, …


def _word(text: str, columns: str, found: Compiled, *, marked: bool) -> str:
    terms = []
    for runs in _pieces(text):
        if any(run.text.isdigit() for run in runs) and len(runs) > 1:
            # 第5课 means that lesson, and not any text with a 5 and a 课.
            _count(runs[:1], runs, found, marked=marked)
            terms.append(phrase(runs, columns))
        else:
            _count(runs, runs, found, marked=marked)
            terms += [term(run, columns) for run in runs]
    return f"({' AND '.join(terms)})" if terms else ""


def _pieces(text: str) -> Iterator[list[Run]]:
    """Yield the runs of a word, those that touch each other together."""
    piece: list[Run] = []
    for run in analysis.runs(text):
        if piece and piece[-1].end != run.start:
            yield piece
            piece = []
        piece.append(run)
    if piece:
        yield piece


def _count(
    costing: list[Run], runs: list[Run], found: Compiled, *, marked: bool
) -> None:
    found.terms += len(costing)
    if found.terms > MOST_TERMS:
        raise _NotOurs("too many terms")
    if marked:
        found.words += [run.text for run in runs if run.text not in found.words]


def _but_not(yes: str, no: list[str], found: Compiled) -> str:
    no = [part for part in no if part]
    if no and not yes:
        raise _NotOurs("only NOT: in FTS5 it has two sides")
    if no:
        found.strict = True
        return f"(({yes}) NOT ({' OR '.join(no)}))"
    return f"({yes})" if yes else ""
