"""Tables of what the county has published. A released step is never edited."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge_server.ground.db import run_script

migrations = Migrations("centre")


@migrations()
def m001_published(db: Database) -> None:
    """What stands in the published tree, and what the next publish has to change."""
    run_script(
        db.conn,
        """
-- Each publish: what was signed, or is to be.
create table publishes (
    number     integer primary key,
    begun_at   real not null,       -- UTC
    state      text not null check (state in ('building', 'built', 'live')),
    root_index text,                -- SHA-256; null while it is being built
    root_index_bytes integer,
    resources  integer not null default 0, -- entries that changed with it
    new_bytes  integer not null default 0  -- of objects that were not in the tree before
) strict;

-- The entry of each resource as it was signed last, or will be.
create table published (
    resource_id    text primary key,
    collection_id  text not null,
    source_version integer not null, -- of the centre's own catalogue
    state          text not null check (state in ('published', 'withdrawn')),
    made           text not null,    -- what its renditions were, to see new ones
    version        integer not null, -- the publish in which it changed
    entry          blob not null     -- msgpack, see sync.format.entry
) strict, without rowid;
create index published_collection on published (collection_id);

-- The newest shard of each collection; changed: the next publish makes another.
create table published_collections (
    collection_id text primary key,
    axes          text not null,     -- JSON
    contents      text not null default '', -- SHA-256 of its contents as they were published
    changed       integer not null,
    shard_id      text,              -- SHA-256; null: none was made yet
    size_bytes    integer not null default 0,
    version       integer not null default 0,
    resources     integer not null default 0,
    content_bytes integer not null default 0
) strict, without rowid;

-- Small objects of a collection, and the pack in which each travels.
create table packed (
    collection_id text not null,
    object_id     text not null,
    pack_id       text not null,
    offset_bytes  integer not null,
    size_bytes    integer not null,
    primary key (collection_id, object_id)
) strict, without rowid;
create table packs (
    pack_id       text primary key,
    collection_id text not null,
    size_bytes    integer not null
) strict, without rowid;
create index packs_collection on packs (collection_id);

-- Hashes of the 4 MiB chunks of large objects; a list is itself an object in a pack.
create table chunk_lists (
    object_id text primary key,
    list_id   text not null unique,
    hashes    blob not null          -- 32 bytes a chunk
) strict, without rowid;

-- Recipes from an object to the one that took its place.
create table patches (
    collection_id text not null,
    new_object_id text not null,
    old_object_id text not null,
    patch_id      text not null,
    size_bytes    integer not null,
    primary key (collection_id, new_object_id, old_object_id)
) strict, without rowid;
""",
    )
