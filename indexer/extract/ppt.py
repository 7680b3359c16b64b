"""Slides of PowerPoint 97 to 2003 with their notes; a page is a slide.

A saved .ppt holds old versions of its slides too; which count is told by a chain of
edits, newest first ([MS-PPT] 2.1.2). Text in the frames of a layout (title, body) lies in a
list in the document, text in other boxes inside the slide. Where the chain is broken every text in the stream
is taken, without pages.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from indexer.extract import Unreadable
from indexer.extract.lines import tidy
from indexer.extract.records import Record, below, record_at, records, streams
from indexer.passages import Passage

_DOCUMENT, _SLIDE_LIST, _SLIDE_PERSIST = 0x03E8, 0x0FF0, 0x03F3
_NOTES_ATOM, _USER_EDIT, _PERSIST_DIRECTORY = 0x03F1, 0x0FF5, 0x1772
_TEXT_UTF16, _TEXT_BYTES = 0x0FA0, 0x0FA8
_SLIDES, _NOTES = 0, 2
_ENCRYPTED = 0xF3D1C4DF
_MOST_EDITS = 10_000
_BREAKS = str.maketrans("\r\x0b", "\n\n")


@dataclass(slots=True)
class _Slide:
    persist_id: int
    slide_id: int
    outline: list[str] = field(default_factory=list)
    """Texts in the frames of its layout."""


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield a passage for each slide."""
    stream, user = streams(path, "PowerPoint Document", "Current User")
    if not stream:
        raise Unreadable("other_kind")
    data = memoryview(stream)
    places, document = _newest(data, user)
    slides = _listed(document, _SLIDES) if document else []
    if not slides:
        for record in records(data):
            yield Passage(tidy("\n".join(_texts(record))))
        return
    notes = _notes(data, places, document) if document else {}
    for number, slide in enumerate(slides, start=1):
        boxes = _inside(data, places.get(slide.persist_id))
        texts = [*slide.outline, *boxes, *notes.get(slide.slide_id, [])]
        yield Passage(tidy("\n".join(texts)), page=number)


def _newest(data: memoryview, user: bytes) -> tuple[dict[int, int], Record | None]:
    """Follow the chain of edits: where each thing lies, and the document itself."""
    places: dict[int, int] = {}
    document_id = 0
    if len(user) < 20:
        return places, None
    token, offset = struct.unpack_from("<II", user, 12)
    if token == _ENCRYPTED:
        raise Unreadable("locked")
    for _ in range(_MOST_EDITS):
        edit = record_at(data, offset)
        if edit is None or edit.kind != _USER_EDIT or len(edit.body) < 20:
            break
        before, directory, reference = struct.unpack_from("<III", edit.body, 8)
        document_id = document_id or reference
        for persist_id, place in _directory(record_at(data, directory)):
            places.setdefault(persist_id, place)  # a newer edit came first
        if before == 0 or before >= offset:
            break
        offset = before
    document = record_at(data, places.get(document_id, len(data)))
    return places, document if document and document.kind == _DOCUMENT else None


def _directory(record: Record | None) -> Iterator[tuple[int, int]]:
    """Yield (id, offset): each entry is an id, a count, and that many offsets."""
    if record is None or record.kind != _PERSIST_DIRECTORY:
        return
    numbers = [
        n for (n,) in struct.iter_unpack("<I", record.body[: len(record.body) & ~3])
    ]
    at = 0
    while at < len(numbers):
        first, count = numbers[at] & 0xFFFFF, numbers[at] >> 20
        yield from enumerate(numbers[at + 1 : at + 1 + count], start=first)
        at += 1 + count


def _listed(document: Record, which: int) -> list[_Slide]:
    """Return the slides (or notes) of the document in order, with their outline."""
    found: list[_Slide] = []
    for listing in records(document.body):
        if listing.kind != _SLIDE_LIST or listing.instance != which:
            continue
        for record in records(listing.body):
            if record.kind == _SLIDE_PERSIST and len(record.body) >= 16:
                persist_id, _, _, slide_id = struct.unpack_from("<IIII", record.body)
                found.append(_Slide(persist_id, slide_id))
            elif found:
                found[-1].outline += _text(record)
    return found


def _notes(
    data: memoryview, places: dict[int, int], document: Record
) -> dict[int, list[str]]:
    """Return the texts of the notes by the id of the slide they belong to."""
    found: dict[int, list[str]] = {}
    for note in _listed(document, _NOTES):
        record = record_at(data, places.get(note.persist_id, len(data)))
        for atom in records(record.body) if record else ():
            if atom.kind == _NOTES_ATOM and len(atom.body) >= 4:
                slide_id = struct.unpack_from("<I", atom.body)[0]
                texts = [*note.outline, *_inside(data, places[note.persist_id])]
                found.setdefault(slide_id, []).extend(texts)
    return found


def _inside(data: memoryview, offset: int | None) -> list[str]:
    record = None if offset is None else record_at(data, offset)
    return [] if record is None else _texts(record)


def _texts(record: Record) -> list[str]:
    """Return every text inside a record."""
    return [text for inner in (record, *below(record)) for text in _text(inner)]


def _text(record: Record) -> list[str]:
    if record.kind == _TEXT_UTF16:
        return [bytes(record.body).decode("utf-16-le", "replace").translate(_BREAKS)]
    if record.kind == _TEXT_BYTES:  # the low bytes of characters below U+0100
        return [bytes(record.body).decode("latin-1").translate(_BREAKS)]
    return []
