"""搜索: words in, resources out; suggestions while typing."""

from collections.abc import Sequence
from dataclasses import replace

from flask import Blueprint, jsonify, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from edge_server.language import Words
from edge_server.records import catalogue
from indexer import search as index
from indexer.postings import WordsDamaged
from indexer.search import Hit, Results
from indexer.snippets import Pieces
from web import cards, facets, rails, tree, visitor
from web.page import draw, problem
from web.rights import Right, open_to
from web.shown import Card
from web.site import Site

LONGEST_QUERY = 200
PER_PAGE = 20
SUGGESTED = 8


def blueprint(site: Site) -> Blueprint:
    """Make the group of pages."""
    room = Blueprint("search", __name__)

    def allowed(pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        """Return which of some versions teachers see now."""
        return catalogue.visible(site.box.db, pairs)

    @room.get("/search")
    @open_to(Right.ANYONE)
    def page() -> Response:
        """Show what was found, and what narrows it."""
        words, db = visitor.here().words, site.box.db
        query = request.args.get("q", "").strip()[:LONGEST_QUERY]
        at = max(0, min(request.args.get("from", 0, type=int), 90))
        given = facets.given(request.args)
        found = Results([], 0)
        if query:
            found = index.search(
                site.words,
                query,
                allowed=allowed,
                facets=given,
                count=facets.NARROWED_BY,
                limit=PER_PAGE,
                offset=at * PER_PAGE,
            )
        shown = catalogue.many(db, [hit.resource_id for hit in found.hits])
        hits = _cards(site, words, found.hits, shown)
        more = found.total > (at + 1) * PER_PAGE
        return draw(
            site,
            "search.html",
            here="search",
            query=query,
            rail=rails.grades_rail(words, tree.above(db).all_grades(words)),
            hits=hits,
            found=found.total,
            corrected=found.corrected,
            facets=facets.groups(words, query, given, found) if query else (),
            more=facets.address(query, given, at + 1) if more else "",
        )

    @room.get("/suggest")
    @open_to(Right.ANYONE)
    def suggest() -> Response:
        """Send the titles that complete what is being typed."""
        query = request.args.get("q", "").strip()[:LONGEST_QUERY]
        found = index.suggest(site.words, query, SUGGESTED, allowed=allowed)
        return jsonify(words=[one.text for one in found])

    @room.errorhandler(WordsDamaged)
    def damaged(error: WordsDamaged) -> Response:
        """Say that the index is being made again."""
        return problem(site, error, 503)

    return room


def _cards(
    site: Site, words: Words, hits: list[Hit], shown: dict[str, catalogue.Resource]
) -> list[Card]:
    here = [shown[hit.resource_id] for hit in hits if hit.resource_id in shown]
    snippets = {hit.resource_id: hit for hit in hits}
    return [
        replace(
            card,
            href=_at(card.href, snippets[resource.id]),
            words=marked(snippets[resource.id].snippet),
        )
        for card, resource in zip(
            cards.of_resources(site.box.db, words, here), here, strict=True
        )
    ]


def _at(href: str, hit: Hit) -> str:
    """Return the address of a hit: the page or second where the words stand."""
    if hit.page is not None and hit.page > 1:
        return f"{href}?page={hit.page}"
    if hit.at_s is not None and hit.at_s >= 1:
        return f"{href}?t={int(hit.at_s)}"
    return href


def marked(pieces: Pieces) -> Markup:
    """Return a snippet as markup, everything in it escaped."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if found else escape(text)
        for text, found in pieces
    )
