"""What the pages of the desk show, as frozen data; words in here are finished."""

from dataclasses import dataclass

from web.shown import Job, Notice


@dataclass(frozen=True, slots=True)
class Row:
    """A point in the table of points: its cells, from the name on."""

    id: int
    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """Points that stand together because they have the same trouble."""

    title: str
    """Empty where they stand together for no reason."""
    tone: str
    """``problem``, ``wait`` or empty."""
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column that rows can be ordered by."""

    name: str
    href: str
    on: bool
    """Rows are in its order."""
    down: bool
    """Largest first."""


@dataclass(frozen=True, slots=True)
class Table:
    """A plain table: heads, rows of finished cells, which columns are numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """What a technician takes along to a point."""

    name: str
    school: str
    """中心校."""
    head: str
    """负责人 and telephone."""
    code: str


@dataclass(frozen=True, slots=True)
class Pile:
    """Cards of one 中心校, which print on sheets of their own."""

    school: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Publishing:
    """How far publishing is."""

    notice: Notice
    jobs: tuple[Job, ...]
    recent: Table
    busy: bool
