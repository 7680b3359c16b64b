"""What a box has promised, held against what is on its disk.

`broken` may be asked at any moment, also in the middle of everything; `unsettled` once
nothing is left to do. Both look with eyes of their own: rows by plain SQL, files by
hashing them again.

What a finding says: a text is a broken promise, a number is only worth knowing.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Row

from edge_server.ground.box import Box
from edge_server.records import catalogue, outbox
from indexer import fulltext, search

Finding = tuple[str, str | int]

TAKEN_FROM = ("incoming", "uploads", "work", "objects", "refused")
"""Where the bytes of a file may lie between its arrival and its end."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file that the box was given and may not lose."""

    path: str
    sha256: str
    word: str
    text_word: str | None
    carrier: str | None
    """SHA-256 of the archive that it came in."""


@dataclass(slots=True)
class Promises:
    """What was promised, read from its lines (`tests.faults.school_day`)."""

    given: dict[str, Given] = field(default_factory=dict)
    """By path."""
    events: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    """Paths whose page was answered and whose withdrawal was never asked for."""
    withdrawn: set[str] = field(default_factory=set)
    leaving: set[str] = field(default_factory=set)
    """Their withdrawal was asked for: they may be there or not."""

    @classmethod
    def read(cls, lines: Iterable[str]) -> "Promises":
        """Read the lines in the order in which they were given."""
        told = cls()
        for line in lines:
            for what, value in json.loads(line).items():
                if what == "given":
                    told.given[value["path"]] = Given(**value)
                elif what == "event":
                    told.events.add(value)
                elif what == "shown":
                    told.shown.add(value)
                elif what == "withdrawing":
                    told.leaving.add(value)
                    told.shown.discard(value)
                else:
                    told.withdrawn.add(value)
        return told


def broken(box: Box, told: Promises) -> Iterator[Finding]:
    """Yield each promise that this box does not keep now, with numbers beside them."""
    for problem in box.db.all("pragma integrity_check"):
        if problem[0] != "ok":
            yield "database_damaged", str(problem[0])
    for row in box.db.all("pragma foreign_key_check"):
        yield "row_without_parent", str(tuple(row))
    yield from _events(box, told)
    files = _hashes(box.folder)
    yield from _files(box, told, files)
    yield from _visible(box, told, files)


def unsettled(box: Box, told: Promises) -> Iterator[Finding]:
    """Yield what is still missing once the box has had time to do everything."""
    for row in box.db.all("select kind, key, state, code, detail from jobs"):
        kind = "job_blamed" if row["state"] == "aside" else "job_stuck"
        yield kind, str(tuple(row))
    for row in box.db.all("select path from offers"):
        yield "offer_stuck", row["path"]
    # Of a file that its program did not sync, a cut may leave the name alone.
    refused = "select name, code, detail from refusals where code <> 'empty_file'"
    for row in box.db.all(refused):
        yield "innocent_refused", str(tuple(row))
    for row in box.db.all("select profile, code, detail from renditions"):
        if row["code"] is not None:
            yield "innocent_blamed", str(tuple(row))
    shown = _shown(box)
    for one in told.given.values():
        if one.path not in shown and one.path not in told.leaving:
            yield "not_in_the_library", one.path
    yield from _unfound(box, told, shown)
    yield from _incomplete(box)
    yield "resources", len(shown)
    yield "renditions", int(box.db.value("select count(*) from renditions"))
    yield "left_over_uploads", len(list((box.folder / "uploads").glob("*/*")))
    yield "left_over_scratch", len(list((box.folder / "work").glob("*/*")))


def _events(box: Box, told: Promises) -> Iterator[Finding]:
    kept = [row["visit"] for row in box.db.all("select visit from usage_events")]
    sent = [
        json.loads(row["body"])["visit"]
        for row in box.db.all("select body from outbox where kind = 'usage'")
    ]
    for where, visits in (("event", kept), ("outbox_row", sent)):
        if lost := told.events.difference(visits):
            yield f"lost_{where}", f"{len(lost)} of {len(told.events)}"
        if len(visits) != len(set(visits)):
            yield f"{where}_twice", str(len(visits) - len(set(visits)))
    if set(kept) != set(sent):
        yield "event_without_outbox_row", str(len(set(kept) ^ set(sent)))
    if (at := outbox.broken_at(box.db)) is not None:
        yield "outbox_chain_broken", str(at)
    yield "events_promised", len(told.events)


def _files(box: Box, told: Promises, files: dict[str, Path]) -> Iterator[Finding]:
    lost = [
        one.path
        for one in told.given.values()
        if one.sha256 not in files and one.carrier not in files
    ]
    if lost:
        yield "lost_file", f"{len(lost)} of {len(told.given)}: {lost[0]}"
    yield "files_promised", len(told.given)
    objects = {row["id"] for row in box.db.all("select id from objects")}
    for object_id in sorted(objects):
        path = box.folder / "objects" / object_id[:2] / object_id
        if files.get(object_id) is None or not path.is_file():
            yield "object_missing", object_id
    orphans = 0
    for path in (box.folder / "objects").rglob("*"):
        if path.is_file() and path.name not in objects:
            orphans += 1
    yield "orphans", orphans


def _visible(box: Box, told: Promises, files: dict[str, Path]) -> Iterator[Finding]:
    shown = _shown(box)
    for row in box.db.all(
        "select v.path, p.object_id, o.size_bytes from versions v join parts p"
        " using (resource_id, version) left join objects o on o.id = p.object_id"
        " where v.state = 'shown'"
    ):
        yield from _whole(box, row["path"], row["object_id"], row["size_bytes"])
    for row in box.db.all(
        "select r.profile, r.object_id, o.size_bytes from renditions r"
        " left join objects o on o.id = r.object_id where r.object_id is not null"
    ):
        yield from _whole(box, row["profile"], row["object_id"], row["size_bytes"])
    for path in sorted(told.shown):
        if path not in shown:
            yield "lost_resource", path
        elif told.given[path].sha256 not in shown[path]:
            yield "resource_of_other_bytes", path
    for path in sorted(told.withdrawn & shown.keys()):
        yield "withdrawn_is_back", path
    yield "resources_promised", len(told.shown)


def _whole(
    box: Box, what: str, object_id: str, size_bytes: int | None
) -> Iterator[Finding]:
    path = box.folder / "objects" / object_id[:2] / object_id
    if size_bytes is None:
        yield "visible_without_row", f"{what}: {object_id}"
    elif not path.is_file():
        yield "visible_without_file", f"{what}: {object_id}"
    elif path.stat().st_size != size_bytes or _hash(path) != object_id:
        yield "visible_damaged", f"{what}: {path.stat().st_size} bytes of {size_bytes}"


def _incomplete(box: Box) -> Iterator[Finding]:
    """Yield what has less than others of its kind: a poster, a page, half of a film.

    All pieces of one kind are alike, so whatever was cut short without a word shows.
    """
    made: dict[str, dict[str, list[str]]] = {}
    for row in box.db.all(
        "select p.format, v.path, r.profile, round(r.duration_s) s, r.pages from versions v"
        " join parts p using (resource_id, version) left join renditions r"
        " on r.source_object_id = p.object_id where v.state = 'shown' order by r.profile"
    ):
        told = f"{row['profile']} {row['s']} s {row['pages']} pages"
        made.setdefault(row["format"], {}).setdefault(row["path"], []).append(told)
    for format, by_path in made.items():
        usual, _ = Counter(map(tuple, by_path.values())).most_common(1)[0]
        for path, told in by_path.items():
            if tuple(told) != usual:
                yield "unlike_its_kind", f"{path}: {told}, others of {format}: {usual}"


def _unfound(box: Box, told: Promises, shown: dict[str, set[str]]) -> Iterator[Finding]:
    words = fulltext.open_words(box.folder)
    try:
        for one in told.given.values():
            if one.path not in shown:
                continue
            for kind, word in (("title", one.word), ("text", one.text_word)):
                if word is not None and one.path not in _found(box, words, word):
                    yield f"{kind}_not_found", one.path
        for row in words.db.all("select object_id, problem from texts"):
            if row["problem"] is not None:
                yield "text_blamed", str(tuple(row))
    finally:
        words.close()


def _found(box: Box, words: fulltext.Words, word: str) -> list[str]:
    def allowed(pairs: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        return catalogue.visible(box.db, list(pairs))

    hits = search.search(words, word, allowed=allowed, limit=5).hits
    found = catalogue.many(box.db, [hit.resource_id for hit in hits])
    return [resource.path for resource in found.values()]


def _shown(box: Box) -> dict[str, set[str]]:
    """Return the objects of each resource that teachers see, by its path."""
    found: dict[str, set[str]] = {}
    rows: list[Row] = box.db.all(
        "select v.path, p.object_id from versions v join parts p"
        " using (resource_id, version) where v.state = 'shown'"
    )
    for row in rows:
        found.setdefault(row["path"], set()).add(row["object_id"])
    return found


def _hashes(data: Path) -> dict[str, Path]:
    """Return every whole file that the box holds, by the hash of its bytes."""
    found = {}
    for name in TAKEN_FROM:
        for folder, _, files in os.walk(data / name):
            for file in files:
                path = Path(folder) / file
                found[_hash(path)] = path
    return found


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
