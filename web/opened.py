"""What of a resource can be shown: its playable forms, pages, chapters, or why not yet."""

import re
from collections.abc import Mapping

from edge_server.ground import jobs
from edge_server.guard import file_types
from edge_server.language import Words
from edge_server.records import renditions
from edge_server.records.catalogue import Resource
from edge_server.records.renditions import Rendition
from indexer import fulltext
from web import book, cards, places
from web.media_find import SUFFIXES, media_address, member_address
from web.shown import Board, Item, Link, Notice, Page, Shown, Source, Track
from web.site import Site

DRAWN_PICTURES = frozenset(("jpeg", "png", "gif", "webp"))
MOST_TEXT = 200_000
"""Characters of a text that are shown where no pages could be drawn."""
_SOUND = re.compile(r"sound-(?P<n>\d+)/\d+")
_CLIP = re.compile(r"clip-(?P<page>\d+)-(?P<n>\d+)/\d+")


def of_resource(
    site: Site,
    words: Words,
    resource: Resource,
    *,
    items: tuple[Item, ...],
    before: Link | None,
    after: Link | None,
    chapter: int,
    may_withdraw: bool,
) -> Shown:
    """Return a resource as its page shows it."""
    db, main, place = site.box.db, resource.main, resource.place
    subtitles = [part for part in resource.parts if part.role == "subtitle"]
    made = renditions.of_many(
        db, [main.object_id, *(part.object_id for part in subtitles)]
    )
    own = made.get(main.object_id, {})
    pages = pages_of(words, own)
    sources = sources_of(words, resource, own)
    chapters, frame = _book(resource, own, chapter)
    text = _text(site, resource) if resource.kind == "document" and not pages else ""
    picture = _picture(resource, own)
    ready = bool(sources or pages or chapters or frame or text or picture)
    return Shown(
        id_on_disk=resource.id_on_disk,
        title=resource.title,
        kind=cards.icon(resource.kind),
        kind_name=cards.kind_name(words, resource.kind),
        place=_place(words, resource),
        shelf=places.shelf(words, place),
        subject=places.subject_slug(place.subject),
        own=resource.own,
        download=f"/download/{resource.id_on_disk}",
        size=words.size(resource.size_bytes),
        sources=sources,
        tracks=tuple(
            Track(
                _language(words, part.language),
                part.language or "zh-CN",
                media_address(vtt.object_id, "vtt"),
            )
            for part in subtitles
            if (vtt := made.get(part.object_id, {}).get(renditions.VTT))
            and vtt.object_id
        ),
        poster=cards.picture_of(resource, own) if resource.kind in cards.PLAYED else "",
        board=_board(own.get(renditions.STORYBOARD)),
        length_s=_length_s(own),
        pages=pages,
        chapters=chapters,
        frame=frame,
        picture=picture,
        text=text,
        note=note_of(site, words, resource, own, ready=ready),
        opened_by=file_types.opened_by(resource.format, words.lang) or "",
        items=items,
        lesson=place.lesson or "",
        before=before,
        after=after,
        facts=_facts(site, words, resource),
        may_withdraw=may_withdraw,
    )


def sources_of(
    words: Words, resource: Resource, made: Mapping[str, Rendition]
) -> tuple[Source, ...]:
    """Return the forms of a film or sound that play, the best first."""
    if resource.kind not in cards.PLAYED:
        return ()
    found = []
    for profile, name in (
        (renditions.MAIN, words._("高清")),
        (renditions.SMALL, words._("流畅")),
    ):
        one = made.get(profile)
        if one is not None and one.object_id:
            found.append(_source(name, one))
    for profile, one in sorted(made.items()):
        match = _SOUND.fullmatch(profile)
        if match and one.object_id:
            name = one.label or words._("声音 %(n)s", n=match["n"])
            found.append(_source(name, one))
    return tuple(found)


def _source(name: str, one: Rendition) -> Source:
    suffix = SUFFIXES.get(one.media_type, "mp4")
    return Source(name, media_address(str(one.object_id), suffix), one.media_type)


def pages_of(words: Words, made: Mapping[str, Rendition]) -> tuple[Page, ...]:
    """Return the drawn pages, with the sounds and films that were inside them."""
    pages = made.get(renditions.PAGES)
    if pages is None or pages.object_id is None:
        return ()
    clips: dict[int, list[Source]] = {}
    for profile, one in sorted(made.items()):
        match = _CLIP.fullmatch(profile)
        if match and one.object_id:
            name = one.label or words._("第 %(n)s 页里的", n=match["page"])
            clips.setdefault(int(match["page"]), []).append(_source(name, one))
    return tuple(
        Page(
            no=n,
            pictures=tuple(
                member_address(pages.object_id, picture) for picture in pictures
            ),
            sounds=tuple(clips.get(n, ())),
        )
        for n, pictures in enumerate(cards.pictures_of(pages), 1)
        if pictures
    )


def note_of(
    site: Site,
    words: Words,
    resource: Resource,
    made: Mapping[str, Rendition],
    *,
    ready: bool,
) -> Notice | None:
    """Return why a resource is not whole, or not ready, with what to do."""
    for profile in (renditions.MAIN, renditions.PAGES, renditions.CHAPTERS):
        one = made.get(profile)
        if one is not None and one.code:
            told = words.told(one.code, one.values)
            tone = "wait" if one.object_id or ready else "problem"
            return Notice(told.what, told.do, tone=tone)
    whole = made.get(renditions.CHAPTERS)
    if whole is not None and whole.about.get("cut"):
        return Notice(
            words.ngettext(
                "这本书很长，这里能看前 %(num)s 章",
                "这本书很长，这里能看前 %(num)s 章",
                whole.pages or 0,
            ),
            words._("下载以后能看全部。"),
            tone="wait",
        )
    main = made.get(renditions.MAIN)
    if main is not None and main.about.get("damaged") and main.duration_s:
        return Notice(
            words._(
                "这个视频不完整，能放的有 %(length)s。",
                length=words.duration(main.duration_s),
            ),
            words._("能放的部分保留着。再取一次完整的，或者用 U 盘拷一份。"),
            tone="wait",
        )
    if ready or resource.kind in ("original", "subtitles"):
        return None
    running = next(
        (
            row
            for row in jobs.rows(site.box.db, state="running")
            if row.key in (resource.main.object_id, resource.id)
        ),
        None,
    )
    done = None
    if running is not None and running.done is not None and running.total:
        done = min(1.0, running.done / running.total)
    return Notice(
        words._("正在准备，一会儿就能看"),
        words._("原件已经收好，现在就可以下载。"),
        done=done,
        tone="wait",
    )


def _book(
    resource: Resource, made: Mapping[str, Rendition], chapter: int
) -> tuple[tuple[Link, ...], str]:
    if resource.kind == "html":
        return (), media_address(resource.main.object_id, "html")
    titles = book.titles(made.get(renditions.CHAPTERS))
    if not titles:
        return (), ""
    at = max(0, min(chapter, len(titles) - 1))
    links = tuple(
        Link(title, f"?chapter={n}", on=n == at) for n, title in enumerate(titles)
    )
    return links, f"/book/{resource.id_on_disk}/{at}"


def _picture(resource: Resource, made: Mapping[str, Rendition]) -> str:
    if resource.kind != "picture":
        return ""
    main = made.get(renditions.MAIN)
    if main is not None and main.object_id:
        suffix = SUFFIXES.get(main.media_type, "jpg")
        return media_address(main.object_id, suffix)
    if resource.format in DRAWN_PICTURES:
        return media_address(resource.main.object_id, resource.format)
    return ""


def _text(site: Site, resource: Resource) -> str:
    passages = fulltext.text_of(site.words, resource.main.object_id) or []
    return "\n\n".join(passage.text for passage in passages)[:MOST_TEXT]


def _length_s(made: Mapping[str, Rendition]) -> float:
    main = made.get(renditions.MAIN)
    return (main.duration_s or 0.0) if main is not None else 0.0


def _board(strip: Rendition | None) -> Board | None:
    if strip is None or strip.object_id is None:
        return None
    wanted = ("every_s", "columns", "rows", "count", "width", "height")
    if not all(strip.about.get(name, 0) > 0 for name in wanted):
        return None
    src = media_address(strip.object_id, "jpg")
    return Board(src, **{name: strip.about[name] for name in wanted})


def _place(words: Words, resource: Resource) -> str:
    place = resource.place
    parts = [place.lesson] if place.lesson and place.lesson != resource.title else []
    if place.lesson_no is not None:
        parts.append(words._("第 %(n)s 课", n=place.lesson_no))
    if not parts:
        parts.append(places.line(words, place))
    return " · ".join(part for part in parts if part)


def _language(words: Words, language: str | None) -> str:
    if language is None or language.startswith("zh"):
        return words._("中文字幕")
    return words._("英文字幕") if language.startswith("en") else language


def _facts(site: Site, words: Words, resource: Resource) -> tuple[tuple[str, str], ...]:
    about = resource.about
    facts = [
        (words._("说明"), about.note),
        (words._("来源"), about.source),
        (words._("标签"), about.tags),
        (words._("收到"), words.when(resource.arrived_at, site.now)),
        (words._("文件"), resource.main.name),
    ]
    return tuple((name, value) for name, value in facts if value)
