"""What narrows a search: school stage, grade, subject, kind, each with its count.

Plain links, so they work without script. An axis that is chosen shows its value alone, and
leads back; one that all hits share is not offered. Counts are those of the hits found
(`indexer.search`); where only the best were counted they are said as the least: ``83+``.
"""

from collections.abc import Mapping
from typing import cast
from urllib.parse import urlencode

from edge_server.language import Words
from edge_server.records import curriculum
from edge_server.records.curriculum import Axis
from indexer.search import Results
from web import cards, places
from web.shown import Group, Link

NARROWED_BY = ("stage", "grade", "subject", "kind")
MOST_OFFERED = 12
"""Values of one axis, the most frequent."""
LONGEST_ID = 100


def given(args: Mapping[str, str]) -> dict[str, str]:
    """Return what the address of a search narrows it by."""
    return {axis: args[axis][:LONGEST_ID] for axis in NARROWED_BY if args.get(axis)}


def address(query: str, given: Mapping[str, str], page: int = 0) -> str:
    """Return the address of a search."""
    more = {"from": str(page)} if page else {}
    return "/search?" + urlencode({"q": query, **given, **more})


def groups(
    words: Words, query: str, given: Mapping[str, str], found: Results
) -> tuple[Group, ...]:
    """Return the chips that narrow a search, and those that widen it again, by axis."""
    made = []
    for axis in NARROWED_BY:
        if axis in given:
            rest = {key: value for key, value in given.items() if key != axis}
            name = _name(words, axis, given[axis])
            links = [Link(name, address(query, rest), on=True)]
        else:
            links = _offered(words, query, given, axis, found)
        if links:
            made.append(Group(_axis_name(words, axis), tuple(links)))
    return tuple(made)


def _offered(
    words: Words, query: str, given: Mapping[str, str], axis: str, found: Results
) -> list[Link]:
    counts = found.counts.get(axis, {})
    if not counts or max(counts.values()) == found.total:
        return []
    frequent = sorted(counts, key=lambda id: -counts[id])[:MOST_OFFERED]
    return [
        Link(
            _name(words, axis, id),
            address(query, {**given, axis: id}),
            words.number(counts[id]) + ("" if found.counted_all else "+"),
        )
        for id in sorted(frequent, key=lambda id: _order(axis, id))
    ]


def _name(words: Words, axis: str, id: str) -> str:
    if axis == "kind":
        return cards.kind_name(words, id)
    return places.name(words, cast(Axis, axis), id)


def _order(axis: str, id: str) -> tuple[int, str]:
    if axis == "kind":
        return cards.rank(id), id
    return curriculum.value(cast(Axis, axis), id).order, id


def _axis_name(words: Words, axis: str) -> str:
    return {
        "stage": words._("学段"),
        "grade": words._("年级"),
        "subject": words._("学科"),
        "kind": words._("种类"),
    }[axis]
