"""Tables of what is arriving. A released step is never edited."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge_server.ground.db import run_script

migrations = Migrations("sync")


@migrations()
def m001_offers(db: Database) -> None:
    """Offers, and what sidecars say."""
    run_script(
        db.conn,
        """
-- New files with a description, not yet taken; a row leaves when its file is in the store
-- or refused.
create table offers (
    id         text primary key,      -- random, 32 hex digits
    channel    text not null,         -- folder, upload, cli
    file       text not null unique,  -- where it lies, below the data folder
    path       text not null,         -- below the watched or uploaded root: gives the id
    shape      text not null check (shape in ('file', 'playlist', 'disc')),
    about      text not null,         -- JSON: what the sender said, see Said
    size_bytes integer not null,
    offered_at real not null          -- UTC
) strict, without rowid;

-- Rows of sidecars, by the folder they lie in: files may come after them.
create table sidecar_rows (
    folder text not null,  -- below the root; '' is the root itself
    file   text not null,  -- as the sheet names it, folded; below `folder`
    row    text not null,  -- JSON
    primary key (folder, file)
) strict, without rowid;
""",
    )


@migrations()
def m002_fetching(db: Database) -> None:
    """The county centre of this box, what it has announced, and what is on its way."""
    run_script(
        db.conn,
        """
-- The county centre this box has joined: one row, or none.
create table centre (
    id          integer primary key check (id = 1),
    address     text not null,    -- of machine calls: 'https://host:port'
    tree        text not null,    -- of the published tree: 'http://host:port/published'
    issuer      text not null,    -- SHA-256 of its first root file
    authority   blob not null,    -- its certificate, DER: who is called must show one of its
    point       text not null,    -- what the centre calls this place
    trust       text not null,    -- JSON, see sync.format.trust: newest chain, floor of time
    counter     integer not null, -- of signed calls; only grows
    enrolled_at real not null     -- UTC
) strict;

-- The collections in the newest verified root index.
create table shards (
    collection_id text primary key,
    axes          text not null,     -- JSON
    shard_id      text not null,     -- SHA-256
    size_bytes    integer not null,
    version       integer not null,  -- the publish in which it changed
    resources     integer not null,
    content_bytes integer not null,
    merged        text not null      -- the shard whose entries are rows here; '': none yet
) strict, without rowid;

-- Objects that a published resource needs and that are not here; a row leaves when its
-- object is in the store.
create table wants (
    object_id    text primary key,
    size_bytes   integer not null,
    urgency      integer not null,   -- 0 a person waits, 1 this teaching week, 2 the rest
    pack_id      text,               -- in which it travels; null: by itself
    offset_bytes integer,            -- in the pack
    list_id      text,               -- its chunk list, of large objects
    list_pack_id text,
    list_offset_bytes integer,
    state        text not null default 'wanted' check (state in ('wanted', 'whole')),
                                     -- whole: all bytes lie in partial/, to be kept
    tries        integer not null default 0  -- how often what came was something else
) strict, without rowid;
create index wants_next on wants (state, urgency, size_bytes);
create index wants_pack on wants (pack_id) where pack_id is not null;

-- How long the packs are that something wanted travels in.
create table wanted_packs (
    pack_id    text primary key,
    size_bytes integer not null
) strict, without rowid;

-- Patches that make a wanted object from one that is here.
create table wanted_patches (
    object_id     text primary key,
    old_object_id text not null,
    patch_id      text not null,
    size_bytes    integer not null
) strict, without rowid;

-- When this box has fetched, for the page in the morning: the last 1,000.
create table deliveries (
    id       integer primary key,
    channel  text not null,       -- 'broadband' …
    began_at real not null,       -- UTC
    ended_at real,
    bytes    integer not null default 0,
    objects  integer not null default 0,
    code     text,                -- why it ended before its time, null: it did not
    detail   text not null default '{}'
) strict;
""",
    )


@migrations()
def m003_named(db: Database) -> None:
    """What the county centre calls itself."""
    run_script(db.conn, "alter table centre add column name text not null default '';")


@migrations()
def m004_receipts(db: Database) -> None:
    """Which shard of a collection the county was told is here whole."""
    run_script(
        db.conn, "alter table shards add column receipted text not null default '';"
    )
