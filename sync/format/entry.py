"""An entry: one published resource as the centre signs it.

On the wire a map whose absent fields have their defaults. An entry says all that a box
needs to show the resource before and after its bytes are there; where its small objects
travel (packs) and how old versions help (patches) stands in the shard around it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from edge_server.records.curriculum import Place
from sync.format.documents import DocumentDamaged
from sync.format.fields import Fields

STATES = ("published", "withdrawn")
MOST_WEEK = 60
"""Highest teaching week that makes sense: a school year has about 40."""
_NUMBERED = ("unit_no", "lesson_no")
_PLACE = tuple(column.name for column in fields(Place))


class EntryDamaged(DocumentDamaged):
    """An entry with a field that is not as it should be; ``field`` names it."""

    code = "entry_damaged"


@dataclass(frozen=True, slots=True)
class EntryPart:
    """An object the resource consists of."""

    role: str
    """``main``, ``subtitle``, ``sound`` or ``cover``."""
    object_id: str
    """SHA-256, 64 lower-case hex digits."""
    size_bytes: int
    name: str
    """What the file is called."""
    format: str
    media_type: str
    language: str | None = None
    """BCP 47; None: not known."""
    chunks: str | None = None
    """Object id of its chunk list; only of what is longer than `chunks.CHUNK_BYTES`."""


@dataclass(frozen=True, slots=True)
class EntryRendition:
    """What the centre made from one of the parts, so that no box need make it."""

    source_object_id: str
    profile: str
    """What and how, with the number of the command: ``mp4-360/1``."""
    object_id: str
    size_bytes: int
    media_type: str
    duration_s: float | None = None
    width: int | None = None
    """Pixels."""
    height: int | None = None
    bitrate_kbps: int | None = None
    pages: int | None = None
    label: str | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    """What a screen needs besides, as in `records.renditions`."""
    chunks: str | None = None
    """Object id of its chunk list."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of a published resource."""

    id: str
    """Without the issuer before it: the whole resource id is ``<issuer>/<id>``."""
    version: int
    """Number of the publish in which it changed."""
    state: str
    """``published`` or ``withdrawn``."""
    kind: str
    format: str
    title: str
    place: Mapping[str, str | int] = field(default_factory=dict)
    """The columns of `records.curriculum.Place` that are known."""
    tags: str = ""
    source: str = ""
    note: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)
    placed: str = ""
    path: str = ""
    parts: tuple[EntryPart, ...] = ()
    renditions: tuple[EntryRendition, ...] = ()
    weeks: tuple[int, ...] = ()
    """Teaching weeks of its term in which it is needed, counted from 1."""
    replaces: str = ""
    """Id of the resource whose place it takes (替换); empty: none."""
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a newer writer, kept as they came."""

    @property
    def objects(self) -> "tuple[EntryPart | EntryRendition, ...]":
        """All that it needs: its parts, then what was made from them."""
        return (*self.parts, *self.renditions)


def to_map(entry: Entry) -> dict[str, Any]:
    """Return an entry as it stands in a shard; JSON could hold it too."""
    told = {**entry.unknown, **_told(entry)}
    told.pop("unknown", None)
    return told


def from_map(values: object) -> Entry:
    """Read an entry out of a shard.

    Raises:
        EntryDamaged: A field is not of its type or size, or an entry of a published
            resource has not exactly one main part.
    """
    taken = Fields(values, EntryDamaged)
    entry = Entry(
        id=taken.text("id"),
        version=taken.whole("version", least=1),
        state=taken.text("state"),
        kind=taken.text("kind", ""),
        format=taken.text("format", ""),
        title=taken.text("title", ""),
        place=_place(taken),
        tags=taken.text("tags", ""),
        source=taken.text("source", ""),
        note=taken.text("note", ""),
        extra=taken.texts("extra"),
        placed=taken.text("placed", ""),
        path=taken.text("path", ""),
        parts=tuple(_part(part) for part in taken.maps("parts")),
        renditions=tuple(_rendition(one) for one in taken.maps("renditions")),
        weeks=_weeks(taken),
        replaces=taken.text("replaces", ""),
        unknown=taken.rest(),
    )
    mains = sum(part.role == "main" for part in entry.parts)
    if entry.state not in STATES or (mains != 1 and entry.state == "published"):
        raise EntryDamaged(field="state" if mains == 1 else "parts", id=entry.id)
    return entry


def _told(one: Entry | EntryPart | EntryRendition) -> dict[str, Any]:
    """Return the fields that say something."""
    found: dict[str, Any] = {}
    for column in fields(one):
        value = getattr(one, column.name)
        if isinstance(value, tuple):
            value = [_told(v) if not isinstance(v, int) else v for v in value]
        elif isinstance(value, Mapping):
            value = dict(value)
        # 0 bytes and 0 seconds say something; None, "" and empty lists do not.
        if value is not None and value not in ("", [], {}):
            found[column.name] = value
    return found


def _place(taken: Fields) -> dict[str, str | int]:
    """Return the columns of a place; those a newer writer knows are its own affair."""
    values = Fields(taken.plain("place"), EntryDamaged)
    found: dict[str, str | int] = {}
    for column in _PLACE:
        one = (
            values.whole_or_none(column)
            if column in _NUMBERED
            else values.text_or_none(column)
        )
        if one is not None:
            found[column] = one
    return found


def _weeks(taken: Fields) -> tuple[int, ...]:
    weeks = taken.listed("weeks")
    if not all(type(week) is int and 1 <= week <= MOST_WEEK for week in weeks):
        raise taken.refuse("weeks")
    return tuple(weeks)


def _part(taken: Fields) -> EntryPart:
    return EntryPart(
        role=taken.text("role"),
        object_id=taken.sha256("object_id"),
        size_bytes=taken.whole("size_bytes"),
        name=taken.text("name", ""),
        format=taken.text("format", ""),
        media_type=taken.text("media_type", ""),
        language=taken.text_or_none("language"),
        chunks=taken.sha256_or_none("chunks"),
    )


def _rendition(taken: Fields) -> EntryRendition:
    return EntryRendition(
        source_object_id=taken.sha256("source_object_id"),
        profile=taken.text("profile"),
        object_id=taken.sha256("object_id"),
        size_bytes=taken.whole("size_bytes"),
        media_type=taken.text("media_type", ""),
        duration_s=taken.real_or_none("duration_s"),
        width=taken.whole_or_none("width"),
        height=taken.whole_or_none("height"),
        bitrate_kbps=taken.whole_or_none("bitrate_kbps"),
        pages=taken.whole_or_none("pages"),
        label=taken.text_or_none("label"),
        about=taken.plain("about"),
        chunks=taken.sha256_or_none("chunks"),
    )
