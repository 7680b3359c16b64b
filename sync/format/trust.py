"""What a box believes: The Update Framework's roles and files, and time without a clock.

The chain is ``root`` (2 of 3 keys that lie in a safe) → ``timestamp`` and ``snapshot``
(the centre's own key) → ``targets`` (the release key) → the root index, which is the one
file that ``targets`` names. Files are exactly TUF's, read through python-tuf's public
Metadata API. Its ready-made client is not used: it can be told neither the time nor that
a stick has no connection, and under a clock of 2099 it refuses everything (measured).

Versions only go up, and that needs no clock. Expiry does, and many boxes have none: so
``timestamp`` carries the second in which it was signed (``x-issued``), and the newest one
seen is a *floor* that time cannot go below. A clock is believed only between the floor
and the end of the root, which a county renews years before: one of 1970, 2045 or 2099 is
not. By a believed clock an expired head from a line is refused, because somebody may hold
newer ones back; from a stick or the sky, or without a clock, it is taken and called
stale, and the centre sees from the version which boxes are held back.

Key rotation begins versions anew: what the replaced keys have signed counts for nothing,
not even as what others may not go below. That is TUF's way out of a *fast-forward*, where
a thief signs the highest possible numbers.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import MetaFile, Root, Snapshot, Targets, Timestamp

from edge_server.errors import Refused, TemporaryError
from sync.format import roles, tree
from sync.format.roles import HeadForged, Role

MOST_NEW_ROOTS = 64
"""Roots followed in one look; the next look goes on from there."""
STALE = "stale"
"""The warning that a newer head must exist by now."""

Get = Callable[[str], bytes | None]
"""Gives the bytes of a name of the tree, None where there is no such file."""


class HeadRolledBack(Refused):
    """Older than what was already taken: yesterday's stick, or a mirror that lies."""

    code = "head_rolled_back"


class HeadIncomplete(TemporaryError):
    """A file that the head names is not there (yet)."""

    code = "head_incomplete"


class HeadStale(TemporaryError):
    """Expired by a clock that is believed, over a line that could have brought newer."""

    code = "head_stale"


@dataclass(frozen=True, slots=True)
class State:
    """What a box keeps between looks; all bytes as they were received."""

    root: bytes
    timestamp: bytes = b""
    snapshot: bytes = b""
    targets: bytes = b""
    floor_at: float = 0.0
    """Unix seconds, UTC: it is later than this."""

    @property
    def version(self) -> int:
        """Number of the newest ``targets`` that was verified; 0: none was yet."""
        return int(json.loads(self.targets)["signed"]["version"]) if self.targets else 0

    @property
    def next_root(self) -> str:
        """The name of the root that would follow, to be asked for beside ``timestamp``."""
        held = roles.parsed(Root, "root", self.root).signed
        return tree.root_name(held.version + 1)

    def to_json(self) -> str:
        """Return it as a row keeps it."""
        return json.dumps(
            {
                "root": self.root.decode("utf-8"),
                "timestamp": self.timestamp.decode("utf-8"),
                "snapshot": self.snapshot.decode("utf-8"),
                "targets": self.targets.decode("utf-8"),
                "floor_at": self.floor_at,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "State":
        """Read what `to_json` has written."""
        kept = json.loads(text)
        return cls(
            root=kept["root"].encode("utf-8"),
            timestamp=kept["timestamp"].encode("utf-8"),
            snapshot=kept["snapshot"].encode("utf-8"),
            targets=kept["targets"].encode("utf-8"),
            floor_at=kept["floor_at"],
        )


@dataclass(frozen=True, slots=True)
class Verified:
    """A head that may be believed."""

    state: State
    """To be kept, once everything that the head leads to is durable."""
    root_index_id: str
    """SHA-256 of the root index; its bytes lie under `tree.index_name`."""
    root_index_bytes: int
    version: int
    """Number of ``targets``. The root index may be of an older publish: one that was
    signed again under a new key keeps its content."""
    issued_at: float
    """When the centre signed this timestamp, Unix seconds, UTC."""
    warnings: tuple[str, ...]
    """`STALE` or nothing."""


def issuer_of(first_root: bytes) -> str:
    """Return the name of a publisher for ever: the SHA-256 of its first root."""
    return hashlib.sha256(first_root).hexdigest()


def first(root: bytes) -> State:
    """Begin to trust a publisher, whose root came with the enrolment.

    Raises:
        HeadForged: It is no root, or its own keys have not signed it.
        HeadTooLong: It is longer than a root may be.
    """
    name = tree.root_name(1)
    parsed = roles.parsed(Root, name, root)
    roles.check_signed(parsed.signed, parsed, name)
    return State(root)


def verify(get: Get, state: State, *, now_at: float | None, offline: bool) -> Verified:
    """Follow the roots, then verify the head below the newest one.

    Who keeps state on a disk does the two one by one and keeps the new roots at once, so
    that a revoked key stays revoked even where the rest of the head is refused.

    Args:
        get: Gives a file of the tree: from a line, a stick, a neighbour.
        state: What is believed so far.
        now_at: Unix seconds, UTC; None where the clock is not to be trusted.
        offline: From a stick, a disc or the sky: there may be no newer one to have.

    Raises:
        HeadForged: Signatures, hashes or shapes do not fit.
        HeadRolledBack: A version is below one that was taken before.
        HeadTooLong: A file is longer than such a file may be.
        HeadIncomplete: A file is missing.
        HeadStale: It has expired, see the module.
    """
    followed = follow_roots(get, state)
    return verify_head(get, followed, now_at=now_at, offline=offline)


def follow_roots(get: Get, state: State) -> State:
    """Return the state with the newest root that each root before it vouches for.

    Raises:
        HeadForged, HeadRolledBack, HeadTooLong: A root that is not the next one.
    """
    root = roles.parsed(Root, "root", state.root).signed
    for _ in range(MOST_NEW_ROOTS):
        name = tree.root_name(root.version + 1)
        data = get(name)
        if data is None:
            break
        new = roles.parsed(Root, name, data)
        roles.check_signed(root, new, name)
        roles.check_signed(new.signed, new, name)
        if new.signed.version != root.version + 1:
            raise HeadRolledBack(
                file=name, offered=new.signed.version, held=root.version
            )
        root = new.signed
        state = replace(state, root=data)
    return state


def verify_head(
    get: Get, state: State, *, now_at: float | None, offline: bool
) -> Verified:
    """Verify timestamp, snapshot and targets below the root in ``state``; see `verify`."""
    root = roles.parsed(Root, "root", state.root).signed
    held = roles.still_signed(root, Timestamp, state.timestamp)
    timestamp, timestamp_data = _timestamp(get, root, held, state.timestamp)
    issued_at = roles.issued_at(timestamp)

    held_snapshot = roles.still_signed(root, Snapshot, state.snapshot)
    meta = timestamp.snapshot_meta
    name = tree.snapshot_name(roles.version_of(meta, tree.TIMESTAMP))
    snapshot, snapshot_data = _named(get, root, Snapshot, name, meta, state.snapshot)

    meta = roles.targets_meta(snapshot, name)
    if held_snapshot is not None:
        _check_not_below(name, meta, roles.targets_meta(held_snapshot, name))
    name = tree.targets_name(roles.version_of(meta, name))
    targets, targets_data = _named(get, root, Targets, name, meta, state.targets)
    root_index_id, root_index_bytes = roles.root_index(targets, name)

    forgotten = held is None and state.timestamp != b""
    floor_at = max(0.0 if forgotten else state.floor_at, issued_at)
    warnings = _judged(
        (root, timestamp, snapshot, targets), floor_at, now_at=now_at, offline=offline
    )
    return Verified(
        state=State(state.root, timestamp_data, snapshot_data, targets_data, floor_at),
        root_index_id=root_index_id,
        root_index_bytes=root_index_bytes,
        version=targets.version,
        issued_at=issued_at,
        warnings=warnings,
    )


def _timestamp(
    get: Get, root: Root, held: Timestamp | None, held_data: bytes
) -> tuple[Timestamp, bytes]:
    """Return the newest timestamp and its bytes: the one held, if it is no newer."""
    name = tree.TIMESTAMP
    data = _got(get, name)
    parsed = roles.parsed(Timestamp, name, data)
    roles.check_signed(root, parsed, name)
    if held is None:
        return parsed.signed, data
    if parsed.signed.version < held.version:
        raise HeadRolledBack(
            file=name, offered=parsed.signed.version, held=held.version
        )
    if parsed.signed.version == held.version:
        return held, held_data
    _check_not_below(name, parsed.signed.snapshot_meta, held.snapshot_meta)
    return parsed.signed, data


def _named(
    get: Get,
    root: Root,
    kind: type[Role],
    name: str,
    meta: MetaFile,
    held_data: bytes,
) -> tuple[Role, bytes]:
    """Return the file that ``meta`` names, without asking for it if it is held."""
    held = roles.still_signed(root, kind, held_data)
    is_held = held is not None and held.version == meta.version
    data = held_data if is_held else _got(get, name)
    parsed = roles.parsed(kind, name, data)
    try:
        meta.verify_length_and_hashes(data)
    except RepositoryError as error:
        raise HeadForged(file=name) from error
    roles.check_signed(root, parsed, name)
    if parsed.signed.version != meta.version:
        raise HeadForged(file=name)
    return parsed.signed, data


def _judged(
    chain: Sequence[roles.Signed],
    floor_at: float,
    *,
    now_at: float | None,
    offline: bool,
) -> tuple[str, ...]:
    """Return `STALE` if a file of the chain has expired; ``chain`` begins with the root."""
    root_ends_at = chain[0].expires.timestamp()
    believed = now_at is not None and floor_at <= now_at < root_ends_at
    at = now_at if now_at is not None and believed else floor_at
    over = [one for one in chain if at >= one.expires.timestamp()]
    if over and believed and not offline:
        raise HeadStale(role=over[0].type, late_s=at - over[0].expires.timestamp())
    return (STALE,) if over else ()


def _got(get: Get, name: str) -> bytes:
    data = get(name)
    if data is None:
        raise HeadIncomplete(file=name)
    return data


def _check_not_below(name: str, offered: MetaFile, held: MetaFile) -> None:
    if roles.version_of(offered, name) < held.version:
        raise HeadRolledBack(file=name, offered=offered.version, held=held.version)
