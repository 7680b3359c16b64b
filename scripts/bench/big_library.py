"""A data folder with as many resources as a county sends: made up, written in bulk.

Rows are written with the functions of the records and the index where they cost no more
than plain SQL, thousands to a transaction. Objects are rows without files, except e-books,
whose chapters a page reads from the file; a box would say of the others that they are
missing, and no page looks.

Beside resources in every textbook volume there is what boxes collect: thousands that
nobody has sorted, a volume that everybody uploads to, withdrawn ones, three school years of
use that the county has not acknowledged, refused files, work that was set aside.
"""

import hashlib
import json
import random
import time
import zipfile
from collections.abc import Iterator
from itertools import accumulate, islice
from pathlib import Path

import made_up

from edge_server.ground.box import Box, open_box
from edge_server.ground.db import Tx, transaction
from edge_server.ground.store import place_of
from edge_server.records import (
    catalogue,
    identity,
    outbox,
    refusals,
    renditions,
    settings,
    textbooks,
    versions,
)
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.contents import ContentsVolume
from edge_server.records.curriculum import Place
from edge_server.records.renditions import Rendition
from indexer import described, fulltext, passages, postings

UNSORTED, IN_ONE_VOLUME, WITHDRAWN = 3_000, 1_500, 500
EVENTS, REFUSED, ASIDE = 300_000, 200, 50
BOOKS = 50
PER_TRANSACTION = 2_000
DAY_S = 86_400.0


def fill(folder: Path, resources: int) -> None:
    """Fill a prepared data folder."""
    box = open_box(folder)
    chance = random.Random(20_261_125)
    books = list(made_up.books(chance))
    with transaction(box.db) as tx:
        for book in books:
            textbooks.put(tx, box.clock, book.contents)
    readable = _epubs(box, chance)
    words = fulltext.open_words(folder)
    made = _resources(box, chance, books, readable, resources)
    done = 0
    while chunk := list(islice(made, PER_TRANSACTION)):
        with transaction(box.db) as tx:
            for resource in chunk:
                _write(tx, box, chance, resource)
            tx.execute("update versions set state = 'shown' where state = 'waiting'")
        with transaction(words.db) as tx:
            for resource in chunk:
                _index(tx, chance, resource)
        done += len(chunk)
        print(f"\r{done} of {resources} resources", end="", flush=True)
    print()
    words.close()
    _withdraw(box)
    _use(box, chance)
    _troubles(box, chance)
    box.db.connection().execute("pragma wal_checkpoint(truncate)")
    box.db.close()


def _resources(
    box: Box,
    chance: random.Random,
    books: list[made_up.Book],
    readable: list[str],
    count: int,
) -> Iterator[Resource]:
    issuers = ("county", "county", "county", identity.box_id(box.db))
    sums = list(accumulate(book.weight for book in books))
    for n in range(count):
        if n < UNSORTED:
            place, placed = Place(), ""
        elif n < UNSORTED + IN_ONE_VOLUME:
            place, placed = _lesson(chance, books[0].contents), "number"
        else:
            book = chance.choices(books, cum_weights=sums)[0]
            place, placed = _lesson(chance, book.contents), "title"
        yield _resource(chance, chance.choice(issuers), n, place, placed, readable)


def _lesson(chance: random.Random, volume: ContentsVolume) -> Place:
    """Return a lesson of a volume; one file in twenty met none."""
    unit = chance.choice(volume.units)
    lesson = chance.choice(unit.lessons)
    if chance.random() < 0.05:
        return volume.place
    return Place(
        *(getattr(volume, axis) for axis in textbooks.AXES),
        unit.title, unit.no, lesson.title, lesson.no,
    )  # fmt: skip


def _resource(
    chance: random.Random,
    issuer: str,
    n: int,
    place: Place,
    placed: str,
    readable: list[str],
) -> Resource:
    kind, format, media_type = made_up.kind(chance)
    about = place.lesson or made_up.lesson_title(chance)
    title = f"{about} {chance.choice(made_up.FORMS)}".strip()
    name = f"{title}.{format}"
    object_id = _id(f"main {n}")
    if kind == "ebook":
        object_id = readable[n % len(readable)]
    parts = [Part("main", object_id, name, format, media_type)]
    if kind == "video" and n % 2:
        subtitles = _id(f"subtitles {n}")
        parts.append(Part("subtitle", subtitles, f"{title}.srt", "srt", "text/plain"))
    resource_id = f"{issuer}/{n}"
    return Resource(
        id=resource_id,
        id_on_disk=catalogue.disk_id(resource_id),
        version=1 + n % 2,
        state="waiting",
        own=issuer != "county",
        kind=kind,
        format=format,
        about=Description(
            title,
            place,
            source="县教研室" if issuer == "county" else "",
            tags="同步 精品" if n % 3 == 0 else "",
            placed=placed if place.lesson else "",
        ),
        path=f"{n % 400}/{n // 400}/{name}",
        channel="folder",
        size_bytes=chance.randrange(100_000, 200_000_000),
        arrived_at=time.time() - chance.random() * 400 * DAY_S,
        parts=tuple(parts),
    )


def _write(tx: Tx, box: Box, chance: random.Random, resource: Resource) -> None:
    versions.add_version(tx, box.clock, resource)
    made = list(_made(chance, resource))
    ids = [part.object_id for part in resource.parts]
    ids += [str(one.object_id) for one in made]
    tx.executemany(
        "insert or ignore into objects values (?, 100000, 'published', 0, null)",
        [(object_id,) for object_id in ids],
    )
    for one in made:
        renditions.record(tx, box.clock, one)


def _made(chance: random.Random, resource: Resource) -> Iterator[Rendition]:
    source, kind = resource.main.object_id, resource.kind
    if kind in ("video", "audio", "picture"):
        yield Rendition(
            source, renditions.MAIN, source, resource.main.media_type,
            duration_s=chance.randrange(60, 2700), width=1920, height=1080,
            bitrate_kbps=1500,
        )  # fmt: skip
    if kind == "video":
        for profile in (renditions.POSTER, renditions.STORYBOARD, renditions.SMALL):
            yield Rendition(source, profile, _id(f"{profile} {source}"), "image/jpeg")
        for part in resource.parts[1:]:
            target = _id(f"vtt {part.object_id}")
            yield Rendition(part.object_id, renditions.VTT, target, "text/vtt")
    if kind == "slides" or resource.format == "docx":
        pages = chance.randrange(3, 40)
        yield Rendition(
            source, renditions.PAGES, _id(f"pages {source}"), "application/zip",
            pages=pages,
            about={"pictures": [[f"{page:04}.jpg"] for page in range(1, pages + 1)]},
        )  # fmt: skip


def _index(tx: Tx, chance: random.Random, resource: Resource) -> None:
    characters = made_up.TEXTS.get(resource.kind, 0)
    objects = []
    for part in resource.parts:
        says = part.role == "subtitle" or resource.kind != "video"
        if not says or not characters:
            continue
        objects.append(part.object_id)
        if tx.one("select 1 from texts where object_id = ?", (part.object_id,)):
            continue
        length = int(characters * chance.uniform(0.3, 2.0))
        body = passages.body(
            [
                passages.Passage(made_up.text(chance, 120), page=page)
                for page in range(1, length // 120 + 2)
            ]
        )
        tx.execute(
            "insert into texts values (?, ?, ?, null)",
            (part.object_id, body.text, body.marks),
        )
    postings.put_in(tx, described.entry(resource, objects))


def _epubs(box: Box, chance: random.Random) -> list[str]:
    """Write some e-books into the store; returns their object ids."""
    found = []
    for n in range(BOOKS):
        path = box.folder / "partial" / "book"
        chapters = range(1, 21)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
            book.writestr("META-INF/container.xml", CONTAINER)
            items = "".join(
                f'<item id="c{c}" href="{c}.xhtml" media-type="application/xhtml+xml"/>'
                for c in chapters
            )
            spine = "".join(f'<itemref idref="c{c}"/>' for c in chapters)
            book.writestr("book.opf", OPF.format(n=n, items=items, spine=spine))
            for c in chapters:
                said = made_up.text(chance, 700)
                book.writestr(f"{c}.xhtml", CHAPTER.format(c=c, said=said))
        object_id = hashlib.sha256(path.read_bytes()).hexdigest()
        target = place_of(box, object_id)
        target.parent.mkdir(parents=True, exist_ok=True)
        path.rename(target)
        found.append(object_id)
    return found


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
    '<rootfiles><rootfile full-path="book.opf"'
    ' media-type="application/oebps-package+xml"/></rootfiles></container>'
)
OPF = (
    '<package xmlns="http://www.idpf.org/2007/opf" version="3.0"><metadata'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>第 {n} 本</dc:title>'
    "</metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
)
CHAPTER = (
    '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>第 {c} 章</title></head>'
    "<body><h1>第 {c} 章</h1><p>{said}</p></body></html>"
)


def _withdraw(box: Box) -> None:
    with transaction(box.db) as tx:
        gone = tx.all(
            "select resource_id from versions where state = 'shown' limit ? offset 10000",
            (WITHDRAWN,),
        )
        for row in gone:
            versions.withdraw(tx, box.clock, row["resource_id"])
    words = fulltext.open_words(box.folder)
    with transaction(words.db) as tx:
        for row in gone:
            postings.take_out(tx, row["resource_id"])
    words.close()


def _use(box: Box, chance: random.Random) -> None:
    """Write three school years of use, this week among them, none acknowledged."""
    moment, now = box.clock.moment(), box.clock()
    epoch = settings.get(box.db, outbox.EPOCH)
    ids = [id_ for id_, _ in catalogue.shown_versions(box.db)]
    chain, seq = b"", 0
    row = box.db.one("select seq, chain from outbox order by seq desc limit 1")
    if row is not None:
        seq, chain = row["seq"], row["chain"]
    for start in range(0, EVENTS, 20_000):
        events, letters = [], []
        for n in range(start, start + 20_000):
            kind = chance.choice(("opened", "played", "played", "page", "searched"))
            at = moment.at - (EVENTS - n) / EVENTS * 3 * 365 * DAY_S
            of = None if kind == "searched" else chance.choice(ids)
            visit = f"{n:020x}-1"
            events.append(
                (
                    kind, of, 1 if of else None, 30.0 if kind == "played" else None,
                    "春天" if of is None else None, visit, moment.boot,
                    moment.since_boot_s, at, now,
                )
            )  # fmt: skip
            body = json.dumps(
                {"kind": kind, "visit": visit, "resource_id": of, "at": at}
            )
            seq, chain = seq + 1, outbox.link(chain, body)
            letters.append(
                (epoch, seq, "usage", body, chain, moment.boot, moment.since_boot_s)
            )
        with transaction(box.db) as tx:
            tx.executemany(
                "insert into usage_events (kind, resource_id, version, played_s, words,"
                " visit, boot, since_boot_s, at, noted_s)"
                " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                events,
            )
            tx.executemany("insert into outbox values (?, ?, ?, ?, ?, ?, ?)", letters)


def _troubles(box: Box, chance: random.Random) -> None:
    with transaction(box.db) as tx:
        for n in range(REFUSED):
            refusals.add(
                tx, box.clock, name=f"老师的U盘/{n}.exe", file=None, channel="folder",
                code="program", values={}, size_bytes=n,
            )  # fmt: skip
        tx.executemany(
            "insert into jobs (kind, key, urgency, state, not_before, queued_s, code,"
            " detail) values ('render', ?, 2, 'aside', 0, 0, 'converter_too_long', '{}')",
            [(_id(f"main {n}"),) for n in range(UNSORTED, UNSORTED + ASIDE)],
        )


def _id(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
