"""Tables of the records. A released step is never edited; a change is a new step below."""

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from edge_server.ground.db import run_script

migrations = Migrations("records")


@migrations()
def m001_records(db: Database) -> None:
    """The first tables."""
    run_script(
        db.conn,
        """
-- Pieces of courseware a teacher would name. Never removed: a withdrawn one is small.
create table resources (
    id         text primary key,       -- '<issuer>/<id>'
    id_on_disk text not null unique,   -- first 32 hex digits of SHA-256(id); also in URLs
    own        integer not null,       -- 1: the school's own, for ever
    highest    integer not null        -- highest version seen
) strict, without rowid;

-- The versions of a resource that are kept: the one shown and the highest seen. Older ones
-- wait as 'old' for the sweep.
create table versions (
    resource_id text not null references resources(id),
    version     integer not null,
    state       text not null check (state in ('waiting', 'shown', 'old', 'withdrawn')),
    title       text not null,
    kind        text not null,     -- video, audio, slides, document, picture, ebook, html,
                                   -- subtitles, original
    format      text not null,     -- what guard.file_types found: 'pptx', 'mp4' …
    stage text, grade text, subject text, edition text, textbook_year text, volume text,
    unit text, unit_no integer, lesson text, lesson_no integer,
    placed      text not null default '',  -- how unit and lesson met the contents: 'given',
                                           -- 'number', 'title', 'guessed'; '' not at all
    guessed     integer not null default 0,-- 1: axes read from folder names
    path        text not null,     -- below the watched or uploaded root
    tags text not null default '', source text not null default '',
    note text not null default '',
    extra       text not null default '{}', -- JSON: columns of the sidecar nobody knows
    channel     text not null,     -- folder, upload, usb …
    size_bytes  integer not null,  -- of all parts
    arrived_at  real not null,     -- UTC
    changed_s   real not null,     -- running time of the last change of state
    primary key (resource_id, version)
) strict;
create index versions_tree on versions (stage, grade, subject, edition, textbook_year,
    volume, unit_no, unit, lesson_no, lesson) where state = 'shown';
create index versions_new on versions (arrived_at desc) where state = 'shown';
create index versions_path on versions (path);
create index versions_beside on versions (kind, path); -- films and subtitles of a folder
create index versions_state on versions (state, changed_s) where state <> 'shown';

-- The objects a version consists of.
create table parts (
    resource_id text not null,
    version     integer not null,
    n           integer not null,  -- order within the role
    role        text not null check (role in ('main', 'subtitle', 'sound', 'cover')),
    object_id   text not null,
    name        text not null,     -- as it was called when it came
    format      text not null,
    media_type  text not null,
    language    text,              -- BCP 47, null: not known
    primary key (resource_id, version, role, n),
    foreign key (resource_id, version) references versions(resource_id, version)
        on delete cascade
) strict, without rowid;
create index parts_object on parts (object_id);

-- Textbook volumes' units and lessons in order: 目录.
create table contents (
    id integer primary key,
    stage text, grade text, subject text, edition text, textbook_year text, volume text,
    changed_at real not null
) strict;
create unique index contents_place on contents (coalesce(stage, ''), coalesce(grade, ''),
    coalesce(subject, ''), coalesce(edition, ''), coalesce(textbook_year, ''),
    coalesce(volume, ''));
create table contents_lessons (
    contents_id integer not null references contents(id) on delete cascade,
    n           integer not null,  -- order in the book
    unit text, unit_no integer,
    lesson text, lesson_no integer, -- both null: a unit without lessons
    periods     integer,           -- 课时
    primary key (contents_id, n)
) strict, without rowid;

-- What was made from an object for a use, or why it could not be.
create table renditions (
    source_object_id text not null,
    profile     text not null,     -- 'main/1', 'pages-1920/1' …
    object_id   text,              -- null: it could not be made
    media_type  text not null default '',
    code text, detail text,        -- why not: code, JSON values
    duration_s  real, width integer, height integer, bitrate_kbps integer, pages integer,
    label       text,              -- language or title of a sound track
    about       text not null default '{}', -- JSON: what a screen needs besides
    made_at     real not null,     -- UTC
    primary key (source_object_id, profile)
) strict, without rowid;
create index renditions_object on renditions (object_id);

-- What was not taken in, with its reason; the file lies in refused/ for 30 days of use.
create table refusals (
    id         integer primary key,
    name       text not null,
    file       text,              -- below refused/; null: nothing was kept
    channel    text not null,
    code       text not null,
    detail     text not null,     -- JSON values
    size_bytes integer not null,
    at         real not null,     -- UTC
    refused_s  real not null      -- running time
) strict;

-- What people or the county set while the box runs.
create table settings (
    key   text primary key,
    value text not null,          -- JSON
    by    text not null,          -- 'init', an account, 'county'
    at    real not null           -- UTC
) strict, without rowid;

-- What was used, by class and lesson, never by pupil. Kept 3 school years, then sums.
create table usage_events (
    id          integer primary key,
    kind        text not null,    -- opened, played, page, finished, downloaded, searched, cast
    resource_id text,
    version     integer,
    page        integer,
    position_s  real,             -- where in it
    played_s    real,             -- seconds really played since the last event
    words       text,             -- of a search
    grade text, class text, screen text,
    visit       text not null,    -- random id of one page view, so that it counts once
    boot        text not null references boots(id),
    since_boot_s real not null,
    at          real not null,    -- UTC, as good as known
    noted_s     real not null     -- running time: what keeping is counted by
) strict;
create index usage_at on usage_events (at, kind);
create unique index usage_visit on usage_events (visit);

-- Sums of events that are older than three school years.
create table usage_months (
    month       text not null,    -- '2026-11', in China's time
    kind        text not null,
    resource_id text not null,    -- '' for searches
    events      integer not null,
    played_s    real not null,
    primary key (month, kind, resource_id)
) strict, without rowid;

-- Everything the county centre has not acknowledged yet.
--
-- A row is written in the transaction that records what it tells of, and kept 60 days of
-- use after the centre has answered for its number. Numbers are never used twice.
create table outbox (
    epoch     text not null,    -- UUID of the life of the database that wrote the row
    seq       integer not null, -- grows by one within an epoch; the centre acknowledges it
    kind      text not null,    -- 'usage', 'receipt', 'heartbeat' …
    body      text not null,    -- JSON
    chain     blob not null,    -- SHA-256(chain of the row before || body)
    boot      text not null references boots(id),
    since_boot_s real not null,
    primary key (epoch, seq)
) strict, without rowid;

-- Who may do more than browse. A PIN is kept as an Argon2id hash.
create table accounts (
    id         integer primary key,
    name       text not null unique,
    role       text not null check (role in ('teacher', 'admin')),
    pin_hash   text,             -- null: not set yet
    changed_at real not null,
    sum        blob not null     -- SHA-256 over the fields above: damage must be seen
) strict;
create table sessions (
    token_hash blob primary key, -- SHA-256 of the cookie
    account_id integer not null references accounts(id) on delete cascade,
    rights     text not null check (rights in ('upload', 'full')),
    began_s    real not null,    -- running time
    seen_s     real not null     -- running time, noted every 5 minutes
) strict, without rowid;
create table one_time_codes (
    code_hash  blob primary key,
    purpose    text not null,    -- 'set-pin'
    account_id integer not null references accounts(id) on delete cascade,
    until_s    real not null     -- running time
) strict, without rowid;
create table throttle (
    who        text primary key, -- '<account>|<client>' or '<client>' or '<account>'
    failed     integer not null,
    since_s    real not null,    -- running time at which counting began
    wait_until_s real not null
) strict, without rowid;

-- What was done with rights; each row carries the hash of all before it. 180 days.
create table audit (
    seq    integer primary key,
    at     real not null,        -- UTC, as good as known
    noted_s real not null,       -- running time: what keeping is counted by
    who    text not null,
    client text not null,        -- network address
    what   text not null,
    detail text not null,        -- JSON
    chain  blob not null
) strict;
""",
    )


@migrations()
def m002_counting(db: Database) -> None:
    """An index for what pages count: it holds all they ask for, `versions_tree` does not."""
    run_script(
        db.conn,
        """
create index versions_counted on versions (stage, grade, subject, state)
    where state = 'shown';
""",
    )


@migrations()
def m003_announced(db: Database) -> None:
    """Renditions that the county centre has made and whose objects are still to come."""
    run_script(
        db.conn,
        """
-- A rendition announced here is never made here; it becomes a row of `renditions` when
-- its object has come.
create table announced_renditions (
    source_object_id text not null,
    profile     text not null,
    object_id   text not null,
    media_type  text not null,
    duration_s  real, width integer, height integer, bitrate_kbps integer, pages integer,
    label       text,
    about       text not null,     -- JSON
    primary key (source_object_id, profile)
) strict, without rowid;
create index announced_object on announced_renditions (object_id);
""",
    )


@migrations()
def m004_acknowledged(db: Database) -> None:
    """How far the county centre has the outbox."""
    run_script(
        db.conn,
        """
-- Each answer "have all up to seq" that said more than the one before it. Rows of the
-- outbox stay 60 days of use after it, so that a centre restored from an older copy can
-- ask again.
create table acknowledged (
    epoch      text not null,
    seq        integer not null,
    answered_s real not null,     -- running time
    primary key (epoch, seq)
) strict, without rowid;
""",
    )


@migrations()
def m005_county(db: Database) -> None:
    """What of the county's is to come, and what has come lately."""
    run_script(
        db.conn,
        """
create index versions_county on versions (state, changed_s) where channel = 'county';
""",
    )
