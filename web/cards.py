"""Resources as cards: a picture or cover, a mark of length, a line of where they belong."""

from collections.abc import Mapping, Sequence

from edge_server.ground.db import Db
from edge_server.language import Words
from edge_server.records import renditions
from edge_server.records.catalogue import Resource
from edge_server.records.renditions import Rendition
from web import places
from web.media_find import media_address, member_address
from web.shown import Card

SHOWN_PROFILES = (
    renditions.MAIN,
    renditions.POSTER,
    renditions.PAGES,
    renditions.CHAPTERS,
)
PLAYED = frozenset(("video", "audio"))
TEACHING_ORDER = (
    "video", "slides", "audio", "picture", "html", "ebook", "document", "original",
)  # fmt: skip
"""What a lesson is taught with, in the order it is used: see, then read, then practise."""


def kind_name(words: Words, kind: str) -> str:
    """Return what a kind is called."""
    names = {
        "video": words._("视频"),
        "audio": words._("音频"),
        "slides": words._("幻灯片"),
        "document": words._("文档"),
        "picture": words._("图片"),
        "ebook": words._("电子书"),
        "html": words._("网页"),
        "original": words._("原件"),
        "subtitles": words._("字幕"),
    }
    return names.get(kind, words._("原件"))


def icon(kind: str) -> str:
    """Return the icon of a kind."""
    return kind if kind in TEACHING_ORDER else "original"


def rank(kind: str) -> int:
    """Return a kind's place in the teaching order."""
    return TEACHING_ORDER.index(kind) if kind in TEACHING_ORDER else len(TEACHING_ORDER)


def of_resources(db: Db, words: Words, found: Sequence[Resource]) -> list[Card]:
    """Return the cards of some resources, with one more query for all of them."""
    made = renditions.of_many(
        db, [resource.main.object_id for resource in found], SHOWN_PROFILES
    )
    return [
        of_resource(words, resource, made.get(resource.main.object_id, {}))
        for resource in found
    ]


def of_resource(
    words: Words, resource: Resource, made: Mapping[str, Rendition]
) -> Card:
    """Return the card of a resource."""
    place = resource.place
    return Card(
        id_on_disk=resource.id_on_disk,
        href=f"/resource/{resource.id_on_disk}",
        title=resource.title,
        kind=icon(resource.kind),
        kind_name=kind_name(words, resource.kind),
        subject=places.subject_slug(place.subject),
        above=places.shelf(words, place),
        cover=place.lesson or resource.title,
        line=places.line(words, place) or kind_name(words, resource.kind),
        picture=picture_of(resource, made),
        mark=mark_of(words, resource, made),
        own=resource.own,
    )


def picture_of(resource: Resource, made: Mapping[str, Rendition]) -> str:
    """Return the address of a picture of a resource, empty where there is none."""
    cover = next((part for part in resource.parts if part.role == "cover"), None)
    if cover is not None:
        return media_address(cover.object_id, cover.format)
    poster = made.get(renditions.POSTER)
    if poster is not None and poster.object_id:
        return media_address(poster.object_id, "jpg")
    pages = made.get(renditions.PAGES)
    pictures = pictures_of(pages)
    if pages is not None and pages.object_id and pictures:
        return member_address(pages.object_id, pictures[0][0])
    return ""


def pictures_of(pages: Rendition | None) -> list[list[str]]:
    """Return the names of the pictures of each page, in order."""
    if pages is None or pages.object_id is None:
        return []
    found: list[list[str]] = pages.about.get("pictures", [])
    return found


def mark_of(words: Words, resource: Resource, made: Mapping[str, Rendition]) -> str:
    """Return how long a resource is: minutes, pages or chapters."""
    main = made.get(renditions.MAIN)
    if resource.kind in PLAYED and main is not None and main.duration_s:
        return words.clock(main.duration_s)
    pages = made.get(renditions.PAGES)
    if pages is not None and pages.pages:
        return words.ngettext("%(num)s 页", "%(num)s 页", pages.pages)
    book = made.get(renditions.CHAPTERS)
    if book is not None and book.pages:
        return words.ngettext("%(num)s 章", "%(num)s 章", book.pages)
    return ""
