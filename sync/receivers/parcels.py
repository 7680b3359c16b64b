"""What the box wants, as loads: which ranges of which files, and what proves them.

A large file's chunks are proven one by one by the list of their hashes, which is fetched
first and lies in a pack. A small file is one chunk, proven by its name. A pack is proven
whole; when less than a fourth of it is wanted its members are fetched as ranges of it,
each proven by its own name. What the store has already is never fetched.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator

from edge_server.errors import DiskFull
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import transaction
from sync.arrivals import partial, wants
from sync.arrivals.partial import Arrival, Chunk, ChunkWrong
from sync.arrivals.wants import OBJECT, PACK, PATCH, Parcel, Wanted
from sync.format import chunks, tree
from sync.format.chunks import CHUNK_BYTES
from sync.receivers.load import Load

AHEAD = 16
"""Parcels looked up at once."""
SMALL_PART = 4
"""Less than a fourth of a pack is fetched as ranges of it."""
NEAR_BYTES = 16 << 10
"""Members that lie no further apart are fetched as one range."""


_NAMES = {OBJECT: tree.object_name, PACK: tree.pack_name, PATCH: tree.patch_name}


class Parcels:
    """The parcels of one time of fetching.

    Args:
        box: The box; nobody else receives.
        first: Told loads that are to be asked for before all others.
        no_more: Told that there is no room for what comes next.
    """

    def __init__(
        self,
        box: Box,
        first: Callable[[list[Load]], None],
        no_more: Callable[[DiskFull], None],
    ) -> None:
        self._box = box
        self._first = first
        self._no_more = no_more
        self._lock = threading.Lock()
        """Guards all below."""
        self._open: dict[str, Arrival] = {}
        self._on_way: set[str] = set()
        """Parcels that are on their way, or left for another time."""
        self._done: set[str] = set()
        self.count = 0
        """Parcels that came whole."""

    def more(self) -> list[Load]:
        """Return loads of further parcels, none: nothing more is wanted now.

        Raises:
            DiskFull: There is no room for the next one.
        """
        found: list[Load] = []
        while not found:
            most = AHEAD + len(self._on_way)
            parcels = [
                one
                for one in wants.next_parcels(self._box.db, most)
                if one.id not in self._on_way
            ]
            if not parcels:
                break
            for parcel in parcels[:AHEAD]:
                self._on_way.add(parcel.id)
                if parcel.id in self._done:  # `work` did not like it
                    continue
                try:
                    found += self._begin(parcel)
                except DiskFull:
                    if not found:
                        raise
                    self._on_way.discard(parcel.id)  # it says so again, after these
                    return found
        return found

    def close(self) -> None:
        """Let go of what did not come whole."""
        with self._lock:
            for arrival in self._open.values():
                arrival.close()
            self._open.clear()

    def _begin(self, parcel: Parcel) -> list[Load]:
        if parcel.what == PACK:
            lacking = self._lacking(parcel)
            if SMALL_PART * sum(one.size_bytes for one in lacking) < parcel.size_bytes:
                return list(self._ranges(parcel, lacking))
        elif parcel.what == OBJECT and self._is_held(parcel.id):
            self._bring_from_store(parcel)
            return []
        elif parcel.list_id is not None and parcel.list_pack_id is not None:
            return [self._list(parcel, parcel.list_pack_id)]
        return self._chunks(parcel)

    # -- a file, or a whole pack

    def _list(self, parcel: Parcel, pack_id: str) -> Load:
        """Return the load of a large file's chunk list; taken, it gives the chunks'."""

        def take(load: Load) -> None:
            data = bytes(load.data)
            if hashlib.sha256(data).hexdigest() != parcel.list_id:
                raise ChunkWrong(id=parcel.id, chunk=0)
            hashes = chunks.check(data, parcel.size_bytes)
            try:
                self._first(self._chunks(parcel, hashes))
            except DiskFull as error:
                self._no_more(error)

        return Load(
            parcel_id=parcel.id,
            name=tree.pack_name(pack_id),
            offset_bytes=parcel.list_offset_bytes or 0,
            size_bytes=chunks.count(parcel.size_bytes) * chunks.DIGEST_BYTES,
            whole_bytes=None,
            take=take,
        )

    def _chunks(self, parcel: Parcel, hashes: list[bytes] | None = None) -> list[Load]:
        """Return the loads of what is missing of a parcel; it may be nothing."""
        arrival = Arrival(self._box, parcel.id, parcel.size_bytes, hashes or [])
        with self._lock:
            self._open[parcel.id] = arrival
        if not parcel.size_bytes:
            arrival.put(0, b"")
        missing = arrival.missing()
        if not missing:  # it came whole before a cut
            self._whole(parcel, arrival)
        return [self._chunk(parcel, arrival, chunk) for chunk in missing]

    def _chunk(self, parcel: Parcel, arrival: Arrival, chunk: Chunk) -> Load:
        def take(load: Load) -> None:
            arrival.put(chunk.n, load.data)
            if arrival.is_whole:
                self._whole(parcel, arrival, chunk, load.wrong)

        return Load(
            parcel_id=parcel.id,
            name=_NAMES[parcel.what](parcel.id),
            offset_bytes=chunk.offset_bytes,
            size_bytes=chunk.size_bytes,
            whole_bytes=parcel.size_bytes,
            take=take,
            begun=lambda: arrival.beginning(chunk),
            keep_beginning=lambda data, kept: arrival.put_beginning(
                chunk.n, data, kept
            ),
        )

    def _whole(
        self, parcel: Parcel, arrival: Arrival, last: Chunk | None = None,
        wrong: int = 0,
    ) -> None:  # fmt: skip
        """Hand over what came whole, once; what is not proven yet is proven now.

        Args:
            parcel: The parcel.
            arrival: Where it came to.
            last: The chunk that came last, which is asked for again by who brought it.
            wrong: How often it was refused before.

        Raises:
            ChunkWrong: Together it is something else: all of it is asked for again.
        """
        with self._lock:
            if self._open.pop(parcel.id, None) is None:
                return
        path = partial.path_of(self._box, parcel.id)
        if not arrival.is_proven and store.hash_file(path) != parcel.id:
            arrival.forget()
            with self._lock:
                self._open[parcel.id] = arrival
            again = [
                self._chunk(parcel, arrival, chunk)
                for chunk in arrival.missing()
                if last is None or chunk.n != last.n
            ]
            for load in again:
                load.wrong = wrong + 1
            self._first(again)
            if last is not None:
                raise ChunkWrong(id=parcel.id, chunk=last.n)
            return
        arrival.close()
        self._is_whole([parcel])

    # -- a part of a pack

    def _lacking(self, parcel: Parcel) -> list[Wanted]:
        """Return what is wanted of a pack and not in the store, in the pack's order."""
        wanted = wants.in_pack(self._box.db, parcel.id)
        return [one for one in wanted if not self._is_held(one.object_id)]

    def _ranges(self, pack: Parcel, lacking: list[Wanted]) -> Iterator[Load]:
        """Yield loads of the members that lack, near ones together."""
        for one in wants.in_pack(self._box.db, pack.id):
            if self._is_held(one.object_id):
                self._bring_from_store(_member(one))
        near: list[Wanted] = []
        for one in lacking:
            if near and not _is_near(near, one):
                yield self._range(pack, near)
                near = []
            near.append(one)
        if near:
            yield self._range(pack, near)

    def _range(self, pack: Parcel, near: list[Wanted]) -> Load:
        start = near[0].offset_bytes or 0

        def take(load: Load) -> None:
            for n, one in enumerate(near):
                at = (one.offset_bytes or 0) - start
                arrival = Arrival(self._box, one.object_id, one.size_bytes)
                try:
                    arrival.put(0, load.data[at : at + one.size_bytes])
                except ChunkWrong as error:
                    raise ChunkWrong(id=pack.id, chunk=n) from error
                finally:
                    arrival.close()
            self._is_whole([_member(one) for one in near])

        return Load(
            parcel_id=pack.id,
            name=tree.pack_name(pack.id),
            offset_bytes=start,
            size_bytes=_end(near[-1]) - start,
            whole_bytes=pack.size_bytes,
            take=take,
        )

    # -- what is here

    def _is_held(self, object_id: str) -> bool:
        if not store.exists(self._box, object_id):
            return False
        return store.hash_file(store.path_of(self._box, object_id)) == object_id

    def _bring_from_store(self, parcel: Parcel) -> None:
        """Have an object that the store has arrive from there."""
        target = partial.path_of(self._box, parcel.id)
        target.unlink(missing_ok=True)
        os.link(store.path_of(self._box, parcel.id), target)
        self._is_whole([parcel])

    def _is_whole(self, parcels: list[Parcel]) -> None:
        with transaction(self._box.db) as tx:
            for parcel in parcels:
                wants.is_whole(tx, self._box.clock, parcel)
        with self._lock:
            self.count += len(parcels)
            for parcel in parcels:
                self._done.add(parcel.id)
                self._on_way.discard(parcel.id)


def _member(one: Wanted) -> Parcel:
    return Parcel(OBJECT, one.object_id, one.size_bytes, one.urgency)


def _is_near(near: list[Wanted], one: Wanted) -> bool:
    offset_bytes = one.offset_bytes or 0
    together_bytes = offset_bytes + one.size_bytes - (near[0].offset_bytes or 0)
    return offset_bytes - _end(near[-1]) <= NEAR_BYTES and together_bytes <= CHUNK_BYTES


def _end(one: Wanted) -> int:
    return (one.offset_bytes or 0) + one.size_bytes
