"""How a resource of the catalogue stands in the index: by which words it is found.

A teacher types 三年级 语文 古诗 although no text says 三年级: names of axes, in both languages
and as people write them, are words of the resource too. They weigh less than its title.
"""

from collections.abc import Iterator, Sequence

from edge_server.records import curriculum, numerals
from edge_server.records.catalogue import Resource
from edge_server.records.curriculum import AXES
from indexer.postings import Entry

_SHORTEST_ALIAS = 2
_KINDS = {
    "video": "视频 录像 video",
    "audio": "音频 录音 audio",
    "slides": "课件 幻灯片 slides",
    "document": "文档 document",
    "picture": "图片 picture",
    "ebook": "电子书 e-book",
    "html": "网页 web page",
    "original": "原件 original",
}
"""What people call a kind when they look for it."""


def entry(resource: Resource, objects: Sequence[str]) -> Entry:
    """Return the entry of a shown version.

    Args:
        resource: The version.
        objects: Its parts that hold words.
    """
    return Entry(
        resource_id=resource.id,
        version=resource.version,
        title=resource.title,
        author=resource.about.source,
        about=[text for text in dict.fromkeys(_about(resource)) if text],
        facets=dict(_facets(resource)),
        objects=objects,
    )


def _about(resource: Resource) -> Iterator[str]:
    place = resource.place
    for axis in AXES:
        if (id_ := getattr(place, axis)) is not None:
            value = curriculum.value(axis, id_)
            yield from (value.zh, value.en)
            yield from (a for a in value.aliases if len(a) >= _SHORTEST_ALIAS)
    yield from _numbered(place.unit_no, "单元", "Unit", place.unit)
    yield from _numbered(place.lesson_no, "课", "Lesson", place.lesson)
    yield _KINDS.get(resource.kind, "")
    yield from (resource.about.tags, resource.about.note)
    yield from (part.name for part in resource.parts if part.role == "main")


def _numbered(number: int | None, zh: str, en: str, title: str | None) -> Iterator[str]:
    """Yield 第5课, 第五课, Lesson 5 and the title, so that each way of asking finds it."""
    if number is not None:
        yield f"第{number}{zh}"
        if 0 <= number <= 99:
            yield f"第{numerals.chinese(number)}{zh}"
        yield f"{en} {number}"
    yield title or ""


def _facets(resource: Resource) -> Iterator[tuple[str, str]]:
    for axis in AXES:
        if (id_ := getattr(resource.place, axis)) is not None:
            yield axis, id_
    yield "kind", resource.kind
    yield "own", "yes" if resource.own else "no"
