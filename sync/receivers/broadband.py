"""The broadband receiver: the published tree over HTTP.

`sync.receivers.answers` asks one address and judges what answers, `fetching` works off
ranges over several connections, `parcels` knows which ranges are wanted and what proves
them. Here they are one receiver for `sync.night`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from edge_server.ground.box import Box
from sync.arrivals import partial, wants
from sync.link import Bucket
from sync.receivers.answers import AnswerWrong, LinkDown, Patience, PortalPage, Source
from sync.receivers.fetching import Fetching, Persistence
from sync.receivers.flows import MOST
from sync.receivers.parcels import Parcels

__all__ = ["AnswerWrong", "Broadband", "Fetched", "LinkDown", "PortalPage"]


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one `Broadband.fetch` brought."""

    bytes: int = 0
    parcels: int = 0


class Broadband:
    """Fetches from one published tree.

    Args:
        address: Of the tree, ``http://host:port/published``.
        bucket: What may be used of the line.
        proxy: ``http://[user:password@]host:port``; None: as the environment says; empty:
            none.
        patience: How long an answer may take.
        persistence: How long what fails is tried again.
    """

    def __init__(
        self,
        address: str,
        bucket: Bucket,
        *,
        proxy: str | None = None,
        patience: Patience | None = None,
        persistence: Persistence | None = None,
    ) -> None:
        self.fetched = Fetched()
        """What the last `fetch` brought."""
        self._bucket = bucket
        self._persistence = persistence or Persistence()
        self._source = Source(
            address, MOST + 1, proxy=proxy, patience=patience or Patience()
        )

    def close(self) -> None:
        """Close all connections."""
        self._source.close()

    def get(self, name: str, most_bytes: int) -> bytes | None:
        """Return a small file of the tree, None: there is none of that name.

        Raises:
            LinkDown: Nobody answers.
            AnswerWrong: It is longer than it may be, or no answer of a file server.
        """
        body = self._source.small(name, most_bytes)
        if body is None:
            return None
        found = bytearray()
        with body:
            for data in body:
                self._bucket.take(len(data), lambda: False)
                found += data
        return bytes(found)

    def fetch(self, box: Box, should_stop: Callable[[], bool]) -> Fetched:
        """Fetch what the box wants, until nothing is left or it is told to stop.

        What it began to fetch and wants no longer is removed first. What came is told by
        `fetched`, too, when it ends with an error.

        Raises:
            LinkDown, AnswerWrong, ChunkWrong: What ended it, or kept something away; all
                whole chunks stay.
            DiskFull: There is no room for the next parcel.
        """
        partial.remove_unwanted(
            box, lambda parcel_id: wants.is_wanted(box.db, parcel_id)
        )
        _, left_bytes = wants.left(box.db)
        fetching = Fetching(
            self._source, left_bytes, self._bucket, should_stop, self._persistence
        )
        parcels = Parcels(box, fetching.first, fetching.no_more)
        try:
            fetching.run(parcels.more)
        finally:
            parcels.close()
            self.fetched = Fetched(fetching.came_bytes, parcels.count)
        return self.fetched
