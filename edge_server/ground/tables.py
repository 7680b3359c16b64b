"""Tables of the ground: boots, objects, jobs, reservations of room, settings of the box.

A released step is never edited; a change is a new step below.
"""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge_server.ground.db import run_script

migrations = Migrations("ground")


@migrations()
def m001_ground(db: Database) -> None:
    """The first tables."""
    run_script(
        db.conn,
        """
-- Each start of the kernel; what a recorded moment's `boot` points to. Kept for ever:
-- one row a boot.
create table boots (
    id           text primary key, -- the kernel's boot id, a UUID
    ran_before_s real not null,    -- running time of the box when this boot began
    ran_s        real not null,    -- how long this boot has lasted, as far as noted
    offset_s     real not null,    -- UTC minus seconds since boot
    trust        text not null,    -- 'wall' the machine's clock, 'floor' only not older
    seen_at      real not null     -- newest UTC seen in this boot
) strict;

-- Every file in objects/. A row is written after its file is durable; a row whose file is
-- gone is a finding of `library verify`, never deleted by itself.
create table objects (
    id         text primary key, -- SHA-256, 64 lower-case hex digits
    size_bytes integer not null,
    origin     text not null check (origin in ('own', 'published', 'derived')),
    kept_at    real not null,    -- UTC
    checked_s  real              -- running time of the last good re-hash; null: never
) strict, without rowid;

-- Work asked for and not yet finished; a row leaves when its work is done, or stays as
-- 'aside' with its reason until a person retries or drops it.
create table jobs (
    id         integer primary key,
    kind       text not null,
    key        text not null,
    urgency    integer not null,            -- 0 a person waits, 1 this week, 2 the rest
    state      text not null check (state in ('queued', 'running', 'aside')),
    asked      integer not null default 1,  -- grows with each enqueue
    claimed    integer not null default 0,  -- `asked` as the claim saw it
    not_before real not null,               -- running time, seconds
    queued_s   real not null,               -- running time of the first enqueue
    began_s    real,                        -- running time of the last claim
    boot       text,                        -- boot of the last claim
    tries      integer not null default 0,  -- claims since something durable was written
    cuts       integer not null default 0,  -- times the power went while it ran
    alone      integer not null default 0,  -- 1: the process died, try it by itself
    blamed     integer not null default 0,  -- times the process died while it was alone
    done       real, total real, unit text, -- progress of the running one
    code       text, detail text,           -- the last error: code, JSON values
    unique (kind, key)
) strict;
create index jobs_next on jobs (state, kind, urgency, id);

-- Room promised to work that will write more than 16 MB; dies with its job.
create table reservations (
    holder text primary key, -- '<kind>/<key>'
    bytes  integer not null
) strict, without rowid;

-- When what recurs last ran, in running time.
create table recurring (
    kind   text primary key,
    last_s real not null
) strict, without rowid;
""",
    )
