"""Offers become objects and own resources.

The order is the one that loses nothing: the file is moved to the job's own place, looked
into, hashed, kept durably under its hash, described durably in ``own/``; only then one
transaction writes the rows and ends the offer. Cut anywhere, the next try finds the file
in one of three places and goes on. What is not taken is moved to ``refused/`` with its
reason, never removed.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path, PurePosixPath

from edge_server.errors import Busy, Refused
from edge_server.ground import durable, jobs, store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.together import Together
from edge_server.ground.worker import WriteDown
from edge_server.guard import archive, file_types, mp4, names
from edge_server.guard.file_types import FileType
from edge_server.records import (
    catalogue,
    identity,
    own,
    placing,
    textbooks,
    versions,
)
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place
from sync.arrivals import descriptions, offers
from sync.arrivals.brought import bring_in, gone, refuse
from sync.arrivals.offers import Offer

FILMS = ("video", "audio")
"""Kinds that have subtitles."""
_TAR_SUFFIX = re.compile(r"\.tar\Z", re.IGNORECASE)
"""What is left of ``课件.tar.gz`` without its last suffix."""
LANGUAGES = {
    "zh": "zh-CN", "chs": "zh-CN", "sc": "zh-CN", "gb": "zh-CN", "简体": "zh-CN",
    "cht": "zh-TW", "tc": "zh-TW", "big5": "zh-TW", "繁体": "zh-TW",
    "en": "en", "eng": "en", "英文": "en", "英语": "en",
}  # fmt: skip
"""What people put between a film's name and the suffix of its subtitles."""


def take_file(
    box: Box,
    offer: Offer,
    inside: Path,
    together: Together,
    urgency: int = jobs.LATER,
) -> WriteDown:
    """Take one file: a resource, an archive of them, or a refusal.

    Args:
        box: The box.
        offer: What is to be taken.
        inside: The job's own place, for the file itself.
        together: Makes file and description durable before the result is written down.
        urgency: Whether a person waits for it, and so for what an archive holds.
    """
    try:
        if not bring_in(box, offer, inside):
            return gone(offer)
        kind = file_types.of(inside, offer.name)
        size_bytes = inside.stat().st_size
        if size_bytes == 0:
            raise Refused("empty_file", name=offer.name)
        if kind.kind == "program":
            raise Refused("is_program", name=offer.name, format=kind.format)
        _refuse_what_cannot_play(inside, size_bytes, offer, kind)
        if kind.kind == "archive":
            return unpack(box, offer, inside, kind, urgency)
        if kind.kind == "subtitles" and (film := _film_beside(box, offer)):
            return _add_subtitles(box, offer, inside, kind, film, together)
        return _new_version(box, offer, inside, kind, together)
    except Refused as error:
        return refuse(box, offer, inside, error)


def _refuse_what_cannot_play(
    source: Path, size_bytes: int, offer: Offer, kind: FileType
) -> None:
    """Refuse what is called a film and is none, and a film that did not arrive whole."""
    if kind.format == "unknown" and file_types.is_called_media(offer.name):
        raise Refused("not_media", size_bytes=size_bytes)
    boxes = mp4.boxes(source) if kind.format in mp4.FORMATS else None
    if boxes is not None and not boxes.has_index:
        raise Refused("media_without_index", size_bytes=size_bytes)


def unpack(
    box: Box, offer: Offer, source: Path, kind: FileType, urgency: int
) -> WriteDown:
    """Open an archive and offer each file in it, below a folder of the archive's name.

    That folder is read for a grade like any other. It is not what resources are known by:
    课件.zip and 课件.rar may both hold 1.mp4 (`Offer.own_path`).
    """
    # Beside the archive, which is itself the job's scratch.
    durable.remove_tree(store.scratch_of(box, "unpack", offer.id))
    out = store.scratch(box, "unpack", offer.id)
    try:
        members = archive.unpack(
            source, kind.format, out, room_bytes=store.room_bytes(box)
        )
        found = _move_in(box, offer, members)
    finally:
        durable.remove_tree(out)
    if not found:
        raise Refused("archive_empty", name=offer.name)

    def write_down(tx: Tx) -> Iterable[str]:
        for file, path, out_of, size_bytes in found:
            offers.add(
                tx,
                box.clock,
                channel=offer.channel,
                file=file,
                path=path,
                size_bytes=size_bytes,
                said=replace(offer.said, title="", replaces="", out_of=out_of),
                urgency=urgency,
            )
        offers.remove(tx, offer.id)
        return ()

    return write_down


def _move_in(
    box: Box, offer: Offer, members: list[archive.Unpacked]
) -> list[tuple[str, str, str, int]]:
    """Move what an archive held into ``uploads/``; return it as `offers.add` wants it."""
    pure = PurePosixPath(offer.path)
    stem = pure.with_name(_TAR_SUFFIX.sub("", pure.stem) or pure.stem)
    bundle = f"uploads/{offer.id}-unpacked"
    target = box.folder / bundle
    durable.make_folders(target)
    found: list[tuple[str, str, str, int]] = []
    for n, member in enumerate(sorted(members, key=lambda m: m.name)):
        parts = PurePosixPath(member.name).parts
        if any(map(names.is_litter, parts)) or names.is_unfinished(parts[-1]):
            continue
        place = target / str(n)
        if not place.exists():
            durable.sync_file(member.path)
            member.path.rename(place)
        out_of = f"{offer.own_path}/{member.name}"
        path = str(stem / member.name)
        found.append((f"{bundle}/{n}", path, out_of, member.size_bytes))
    durable.sync_folder(target)
    return found


def describe(box: Box, path: str, offer: Offer) -> tuple[Description, str]:
    """Return what is known of the file at a path, and the id that a sidecar gives it.

    A sidecar wins over what the sender said, which wins over folder names. Then the
    place is matched with the contents of its textbook volume.
    """
    reading = placing.place_of(path)
    said = offer.said
    about = Description(
        title=said.title or reading.title,
        place=Place(**said.place).over(reading.place),  # type: ignore[arg-type]  # columns of a Place, from its own form
        tags=said.tags,
        source=said.source,
        note=said.note,
        guessed=reading.guessed and not said.place,
    )
    about, given_id = descriptions.over(box.db, path, about)
    return textbooks.attach(box.db, about), given_id


def version_of(
    box: Box, resource: Resource, parts: tuple[Part, ...], about: Description
) -> Resource:
    """Return the next version of a resource with other parts or another description."""
    return replace(
        resource,
        version=resource.version + 1,
        state="waiting",
        parts=parts,
        about=about,
        arrived_at=box.clock.moment().at,
    )


def write_version(box: Box, resource: Resource, together: Together) -> WriteDown:
    """Write a version's description; the rest is for the transaction after ``together``."""
    own.write(box, resource, together)

    def write_down(tx: Tx) -> Iterable[str]:
        newest = catalogue.newest_version(tx, resource.id)
        if newest is not None and newest.version >= resource.version:
            raise Busy(lock=resource.id)  # somebody was faster: look again
        versions.add_version(tx, box.clock, resource)
        return (resource.id,)

    return write_down


def _new_version(
    box: Box, offer: Offer, source: Path, kind: FileType, together: Together
) -> WriteDown:
    object_id = store.hash_file(source)
    about, given_id = describe(box, offer.path, offer)
    resource_id = f"{identity.issuer(box.db)}/{given_id or offer.own_path}"
    known = None
    if offer.said.replaces:
        known = catalogue.by_disk_id(box.db, offer.said.replaces)
        resource_id = known.id if known is not None else resource_id
    known = catalogue.newest_version(box.db, resource_id) or known
    main = Part("main", object_id, offer.name, kind.format, kind.media_type)
    others = tuple(p for p in known.parts if p.role != "main") if known else ()
    film = kind.kind in FILMS
    waiting = _subtitles_beside(box, offer) if film and not others else []
    parts = (main, *others, *(part for _, part in waiting))
    same = (
        known is not None
        and known.state in ("shown", "waiting")
        and known.parts == parts
        and known.about == about
    )
    kept = store.keep(box, source, object_id, together)

    def record(tx: Tx) -> None:
        store.record(tx, kept, "own", box.clock.moment().at)
        offers.remove(tx, offer.id)

    if same and known is not None:
        same_id = known.id

        def nothing_new(tx: Tx) -> Iterable[str]:
            record(tx)
            return (same_id,)

        return nothing_new
    write = write_version(
        box,
        Resource(
            id=resource_id,
            id_on_disk=catalogue.disk_id(resource_id),
            version=known.version + 1 if known else 1,
            state="waiting",
            own=True,
            kind=kind.kind,
            format=kind.format,
            about=about,
            path=offer.path,
            channel=offer.channel,
            size_bytes=kept.size_bytes,
            arrived_at=box.clock.moment().at,
            parts=parts,
        ),
        together,
    )

    def write_down(tx: Tx) -> Iterable[str]:
        record(tx)
        for resource, _ in waiting:  # they are part of their film from now on
            versions.withdraw(tx, box.clock, resource.id)
        return write(tx)

    return write_down


def _add_subtitles(
    box: Box,
    offer: Offer,
    source: Path,
    kind: FileType,
    film: Resource,
    together: Together,
) -> WriteDown:
    object_id = store.hash_file(source)
    kept = store.keep(box, source, object_id, together)
    part = Part(
        "subtitle",
        object_id,
        offer.name,
        kind.format,
        kind.media_type,
        _language(offer.name),
    )
    # Subtitles of the same name take the place of the earlier ones.
    parts = (*(p for p in film.parts if p.name != part.name), part)

    def record(tx: Tx) -> None:
        store.record(tx, kept, "own", box.clock.moment().at)
        offers.remove(tx, offer.id)

    if part in film.parts:

        def nothing_new(tx: Tx) -> Iterable[str]:
            record(tx)
            return (film.id,)

        return nothing_new
    write = write_version(box, version_of(box, film, parts, film.about), together)

    def write_down(tx: Tx) -> Iterable[str]:
        record(tx)
        return write(tx)

    return write_down


def _film_beside(box: Box, offer: Offer) -> Resource | None:
    """Return the video or sound in the same folder whose name these subtitles carry."""
    folder, stem = _folder_and_stem(offer.path)
    issuer = identity.issuer(box.db)
    films = [
        resource
        for resource in catalogue.beside(box.db, folder, issuer, FILMS)
        if stem == (own_stem := PurePosixPath(resource.path).stem.lower())
        or stem.startswith(f"{own_stem}.")
    ]
    inside = f"{issuer}/{PurePosixPath(offer.own_path).parent}/"
    # Of two archives of one name, the film that came out of the same one.
    return max(
        films,
        key=lambda film: (film.id.startswith(inside), len(film.path)),
        default=None,
    )


def _subtitles_beside(box: Box, offer: Offer) -> list[tuple[Resource, Part]]:
    """Return subtitles that came before their film, as parts for it."""
    folder, _ = _folder_and_stem(offer.path)
    stem = PurePosixPath(offer.path).stem.lower()
    issuer = identity.issuer(box.db)
    found = []
    for resource in catalogue.beside(box.db, folder, issuer, ("subtitles",)):
        theirs = PurePosixPath(resource.path).stem.lower()
        if theirs == stem or theirs.startswith(f"{stem}."):
            language = _language(resource.main.name)
            found.append(
                (resource, replace(resource.main, role="subtitle", language=language))
            )
    return found


def _folder_and_stem(path: str) -> tuple[str, str]:
    pure = PurePosixPath(path)
    folder = "" if str(pure.parent) == "." else str(pure.parent)
    return folder, pure.stem.lower()


def _language(name: str) -> str | None:
    pieces = PurePosixPath(name).stem.lower().split(".")
    return LANGUAGES.get(pieces[-1]) if len(pieces) > 1 else None
