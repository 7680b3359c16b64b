"""What pages show, as frozen data: the only things a template is ever handed.

A blueprint reads records and builds these; a template lays them out and decides nothing.
So every page can be drawn with example data, and the look of a page never asks the
database a question. Words in here are finished: titles as they were given, names of
subjects in the reader's language, lengths and moments already said.
"""

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Link:
    """A word that leads somewhere."""

    name: str
    href: str
    count: str = ""
    """Said beside the name: ``3 课``."""
    on: bool = False
    """It is where the reader is."""
    deep: bool = False
    """It stands one level under the link above it."""


@dataclass(frozen=True, slots=True)
class Group:
    """Links under one small heading, in the rail."""

    name: str
    links: tuple[Link, ...]
    href: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One resource in a row, a grid or a list of hits."""

    id_on_disk: str
    href: str
    title: str
    kind: str
    """Kind of resource, the name of its icon too: ``video``, ``slides`` …"""
    kind_name: str
    subject: str
    """Slug of the subject for its colour and drawing: ``yuwen`` … or ``other``."""
    above: str
    """Small line on a cover: ``语文 · 三上``."""
    cover: str
    """Words on a cover, the lesson's name mostly."""
    line: str
    """Where it belongs, in one line: ``三年级 · 语文 · 统编版``."""
    picture: str = ""
    """Address of a real picture of it; empty: a cover is drawn."""
    mark: str = ""
    """Length: ``12:04``, ``24 页``."""
    reached: int = 0
    """Per cent of it that was seen, 0 to 100."""
    own: bool = False
    words: str = ""
    """Where a search word stood: markup made of escaped text and ``<mark>``."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject of a grade, as a small coloured tile."""

    slug: str
    name: str
    href: str
    count: str


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade with its subjects."""

    name: str
    href: str
    count: str
    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Lesson:
    """A line of a volume's contents."""

    no: str
    title: str
    href: str
    """Empty: nothing is here for it yet."""
    kinds: tuple[tuple[str, str], ...] = ()
    """Icon and name of each kind that is here, in teaching order."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a volume with its lessons."""

    title: str
    count: str
    lessons: tuple[Lesson, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence or two that stand out, with how far something has come."""

    what: str
    more: str = ""
    done: float | None = None
    """0 to 1, or None where nothing is under way."""
    tone: str = ""
    """Empty, ``wait`` or ``problem``."""


@dataclass(frozen=True, slots=True)
class Source:
    """One form of a film or a sound that plays."""

    name: str
    """As the switch says it: ``高清``, ``流畅``."""
    src: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Track:
    """Subtitles of a film."""

    name: str
    lang: str
    src: str


@dataclass(frozen=True, slots=True)
class Board:
    """Small pictures of a film in rows, one every few seconds."""

    src: str
    """Address of the one picture that has them all."""
    every_s: float
    columns: int
    rows: int
    count: int
    width: int
    """Of one picture, in pixels."""
    height: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page or slide, drawn; a slide whose shapes enter on a click has several pictures."""

    no: int
    pictures: tuple[str, ...]
    """Addresses, one a click, the empty slide first."""
    sounds: tuple[Source, ...] = ()
    """What was inside the slide and plays beside it."""


@dataclass(frozen=True, slots=True)
class Item:
    """A resource of the same lesson, in the list beside the player."""

    href: str
    title: str
    kind: str
    line: str
    on: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A resource, opened."""

    id_on_disk: str
    title: str
    kind: str
    kind_name: str
    place: str
    """``大青树下的小学 · 第 1 课``."""
    shelf: str
    """For the list of what was used lately: ``语文 · 三上``."""
    subject: str
    own: bool
    download: str
    """Address of the original."""
    size: str
    sources: tuple[Source, ...] = ()
    tracks: tuple[Track, ...] = ()
    poster: str = ""
    board: Board | None = None
    length_s: float = 0.0
    pages: tuple[Page, ...] = ()
    chapters: tuple[Link, ...] = ()
    frame: str = ""
    """Address of the document in the frame: a chapter, a page of html."""
    picture: str = ""
    text: str = ""
    """A plain text, shown as it is."""
    note: Notice | None = None
    """Why it is not whole, or not ready."""
    opened_by: str = ""
    """Program that opens an original."""
    items: tuple[Item, ...] = ()
    lesson: str = ""
    before: Link | None = None
    after: Link | None = None
    facts: tuple[tuple[str, str], ...] = ()
    may_withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """Something under way, on the page of the box's state."""

    what: str
    how_far: str
    done: float | None = None


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something set aside, with what to do about it."""

    name: str
    what: str
    do: str
    when: str
    retry: int = 0
    """Job that a teacher may have tried again; 0: none."""


@dataclass(frozen=True, slots=True)
class Week:
    """How much was used in one week."""

    name: str
    lessons: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Night:
    """What one night brought from the county."""

    said: str
    """``昨晚：收到 14 课``."""
    why: str = ""
    """Why it is not all, and what to do."""
    tone: str = ""
    """As of a `Notice`."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A resource that the county has announced and that is not here yet."""

    id_on_disk: str
    title: str
    kind: str
    line: str
    """What it is and where it belongs: ``视频 · 三年级 · 语文 · 86 MB``."""
    soon: bool
    """Somebody waits for it: it comes first."""


@dataclass(frozen=True, slots=True)
class County:
    """What comes from the county centre, sentences before numbers."""

    notice: Notice
    joined: bool
    joining: bool = False
    """Somebody has asked for it and it is not done."""
    fetching: bool = False
    nights: tuple[Night, ...] = ()
    """Those before the last one, the newest first."""
    coming: tuple[Coming, ...] = ()
    """In the order in which they are fetched."""
    more: int = 0
    """How many come after them."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something that may be chosen beside others."""

    value: str
    name: str
    note: str = ""
    """Said beside it: ``12 GB``."""
    on: bool = False


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen of one kind; none chosen means all."""

    name: str
    """Of the form's field."""
    legend: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class State:
    """The state of the box, sentences before numbers."""

    notice: Notice
    arriving: tuple[Job, ...]
    jobs: tuple[Job, ...]
    waiting: int
    wrongs: tuple[Wrong, ...]
    """Not taken in."""
    undone: tuple[Wrong, ...]
    """Work that was set aside; what it was for is in the library as far as it came."""
    disk: str
    resources: int
    weeks: tuple[Week, ...] = ()
    """Oldest first, the present one last."""
    not_sent: int = 0
    """Events the county has not acknowledged."""
    county: str = ""
    """What is to come from the county, in a sentence; empty: this is a county centre."""
    address: str = ""
    qr: Markup | str = ""
    """An SVG drawing of the address."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form and what is wrong with it."""

    name: str
    value: str = ""
    wrong: str = ""
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around every page."""

    school: str
    here: str
    """Key of the tab that is on: ``home``, ``library``, ``upload``, ``status``; or ``search``; or empty."""
    bread: tuple[Link, ...] = ()
    rail: tuple[Group, ...] = ()
    query: str = ""
    signed_in: bool = False
    desk: bool = False
    """It is a county centre's."""
