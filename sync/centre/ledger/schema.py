"""The tables of the ledger, the same in SQLite and PostgreSQL.

How far each grows stands in docs/tables.md. A row of `marks` is one life of one box's
database, (box, epoch); its small number stands in each event, as do those of boots and
resources: an event costs about 160 bytes instead of 400.
"""

from sqlalchemy import (
    REAL,
    BigInteger,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

NUMBER = 1
"""Grows when a table changes; `Ledger.prepare` brings an older ledger up to it."""

metadata = MetaData()

_int8 = BigInteger().with_variant(Integer(), "sqlite")
_int2 = SmallInteger().with_variant(Integer(), "sqlite")
_real8: TypeEngine[float] = Double().with_variant(REAL(), "sqlite")


def _table(name: str, *parts: Column[object] | Index, rowid: bool = False) -> Table:
    return Table(name, metadata, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


# The number the tables were made with: one row.
made_with = _table("made_with", Column("number", Integer, primary_key=True))

# Teaching points, as the county knows them.
points = _table(
    "points",
    Column("id", Integer, primary_key=True),
    Column("school_code", Text, unique=True),  # 学校标识码; null: not known
    Column("name", Text, nullable=False),
    Column("centre_school", Text, nullable=False),  # 中心校
    Column("township", Text, nullable=False),  # 乡镇
    Column("head", Text, nullable=False),  # 负责人
    Column("phone", Text, nullable=False),
    Column(
        "grouping", Text, nullable=False
    ),  # whose subscription it has; '' the county's
    Column("state", Text, nullable=False),  # 'open', 'closed' (撤点)
    Column("created_at", _real8, nullable=False),  # UTC
    Column("used_at", _real8),  # UTC of the newest use it told of
    rowid=True,
)

# One-time codes, by what they say: for one use, 60 days.
codes = _table(
    "codes",
    Column("code_hash", LargeBinary, primary_key=True),  # SHA-256 of the secret letters
    Column("point", ForeignKey("points.id"), nullable=False, index=True),
    Column("made_at", _real8, nullable=False),  # UTC
    Column("used_at", _real8),
    Column("box_id", Text),  # who used it: may ask again when the answer was lost
)

# Boxes that were ever enrolled. A point has at most one that is not revoked.
boxes = _table(
    "boxes",
    Column("box_id", Text, primary_key=True),
    Column("point", ForeignKey("points.id"), nullable=False),
    Column("public_key", LargeBinary, nullable=False),  # Ed25519, 32 bytes
    Column("enrolled_at", _real8, nullable=False),  # UTC
    Column("revoked_at", _real8),
    Column("counter", _int8, nullable=False),  # of its last signed call; only grows
    Column("heard_at", _real8),  # UTC of its last call
    Column("refused_at", _real8),  # UTC of its last call after it was revoked
    Column("forked_at", _real8),  # UTC when two boxes last spoke with this id
)
Index(
    "boxes_live",
    boxes.c.point,
    unique=True,
    sqlite_where=text("revoked_at is null"),
    postgresql_where=text("revoked_at is null"),
)

# Up to which row the centre has everything of one life of a box's database.
marks = _table(
    "marks",
    Column("n", Integer, primary_key=True),
    Column("box_id", ForeignKey("boxes.box_id"), nullable=False),
    Column("epoch", Text, nullable=False),
    Column("seq", _int8, nullable=False),
    Column(
        "chain", LargeBinary, nullable=False
    ),  # of row `seq`; empty before the first
    rowid=True,
)
Index("marks_box", marks.c.box_id, marks.c.epoch, unique=True)

# Rows that no longer existed when the centre asked for them.
holes = _table(
    "holes",
    Column("mark", ForeignKey("marks.n"), primary_key=True),
    Column("first_seq", _int8, primary_key=True),
    Column("last_seq", _int8, nullable=False),
    Column("at", _real8, nullable=False),  # UTC
)

# Starts of a box's kernel, as far as rows of one life were written in them.
boots = _table(
    "boots",
    Column("n", Integer, primary_key=True),
    Column("mark", ForeignKey("marks.n"), nullable=False),
    Column("boot", Text, nullable=False),
    Column("first_seq", _int8, nullable=False),  # none of this boot stands before it
    Column("offset_s", _real8),  # UTC minus seconds since boot; null: not known
    Column("trust", _int2, nullable=False),  # see `times`
    rowid=True,
)
Index("boots_mark", boots.c.mark, boots.c.boot, unique=True)

# What events tell of; 0 stands for nothing. Own resources of schools have no axes here.
resources = _table(
    "resources",
    Column("n", Integer, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("stage", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("subject", Text, nullable=False),
    rowid=True,
)

# Outbox rows as boxes wrote them, 13 months. `visit` (a random number of one page view)
# is not kept: the box has already seen to it that nothing counts twice.
events = _table(
    "events",
    Column("mark", Integer, primary_key=True, autoincrement=False),
    Column("seq", _int8, primary_key=True, autoincrement=False),
    Column("point", Integer, nullable=False),  # where the box stood when it told
    Column("kind", Text, nullable=False),  # 'opened' …; else the outbox row's own
    Column("resource", Integer, nullable=False),  # resources.n
    Column("boot", Integer, nullable=False),  # boots.n
    Column("since_boot_s", _real8, nullable=False),
    Column("at", _real8, nullable=False),  # UTC, as good as known
    Column("trust", _int2, nullable=False),  # how good that is, see `times`
    Column("grade", Text),
    Column("class", Text),
    Column("screen", Text),
    Column("version", Integer),
    Column("page", Integer),
    Column("position_s", _real8),
    Column("seconds", _real8),  # really played
    Column("words", Text),  # of a search
    Column("chain", LargeBinary, nullable=False),
    Column("body", LargeBinary),  # JSON as it came, of what the columns do not hold
)

# Sums of events, raised in the same transaction; kept for ever.
sums = _table(
    "sums",
    Column("point", Integer, primary_key=True, autoincrement=False),
    Column("week", _int8, primary_key=True, autoincrement=False),
    # UTC of its Monday, 00:00 in China
    Column("resource", Integer, primary_key=True, autoincrement=False),
    Column("grade", Text, primary_key=True),  # of the class; '' not said
    Column("kind", Text, primary_key=True),
    Column("events", _int8, nullable=False),
    Column("seconds", _real8, nullable=False),
)
Index("sums_week", sums.c.week)

# How a box was, once a day.
heartbeats = _table(
    "heartbeats",
    Column("point", ForeignKey("points.id"), primary_key=True),
    Column("day", Text, primary_key=True),  # '2026-11-25', in China
    Column("box_id", Text, nullable=False),
    Column("at", _real8, nullable=False),  # UTC, the centre's
    Column("skew_s", _real8),  # the box's clock minus the centre's
    Column("head_version", _int8),
    Column("disk_free_bytes", _int8),
    Column("body", Text, nullable=False),  # JSON, whole
)

# The newest version of each collection that a point says it holds whole.
receipts = _table(
    "receipts",
    Column("point", ForeignKey("points.id"), primary_key=True),
    Column("collection_id", Text, primary_key=True),
    Column("version", _int8, nullable=False),
    Column("at", _real8, nullable=False),  # UTC of the event
)
