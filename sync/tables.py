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
