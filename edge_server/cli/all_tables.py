"""The migrations of every room, lowest floor first, as `prepare` applies them."""

from edge_server.ground import tables as ground
from edge_server.records import tables as records
from sync import tables as sync
from sync.centre import tables as centre

SETS = (ground.migrations, records.migrations, sync.migrations, centre.migrations)
