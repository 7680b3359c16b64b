"""The migrations of every room, lowest floor first, as `prepare` applies them."""

from edge_server.ground import tables as ground
from edge_server.records import tables as records
from sync import tables as sync

SETS = (ground.migrations, records.migrations, sync.migrations)
