"""One file of TUF metadata, read as strictly as a stranger's file is read.

python-tuf's Metadata API checks shapes and signatures; here stands what it leaves to its
caller: lengths before anything is parsed, the right role, whole numbers where numbers
belong. Every failure is one of the errors below, whatever the bytes are.
"""

from typing import TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, MetaFile, Root, Snapshot, Targets, Timestamp

from edge_server.errors import Refused
from sync.format import tree

MOST_BYTES = 64 << 10
"""Of one file of metadata (measured: 0.4 to 2 kB). A road reads no more than one byte
above it, whatever its other end goes on to send."""
MOST_ROOT_INDEX_BYTES = 16 << 20
"""Of the root index (5,000 collections: 179 kB)."""
MOST_VERSION = (1 << 53) - 1
"""The largest whole number that every JSON reader keeps exact."""
ISSUED = "x-issued"
"""The field of ``timestamp`` that says when it was signed: whole seconds, UTC."""
LATEST_UTC_S = 253_402_300_799
"""The end of the year 9999, where TUF's dates end too."""

Signed = Root | Timestamp | Snapshot | Targets
Role = TypeVar("Role", Root, Timestamp, Snapshot, Targets)


class HeadForged(Refused):
    """A signature, hash or shape is not what it must be."""

    code = "head_forged"


class HeadTooLong(Refused):
    """More bytes than such a file may have: nobody waits for endless data."""

    code = "head_too_long"


def parsed(kind: type[Role], name: str, data: bytes) -> Metadata[Role]:
    """Read a file of one role; who has signed it is not looked at.

    Raises:
        HeadForged: It is not such a file.
        HeadTooLong: It has more than `MOST_BYTES`.
    """
    if len(data) > MOST_BYTES:
        raise HeadTooLong(file=name, most_bytes=MOST_BYTES)
    try:
        read = Metadata[Role].from_bytes(data)
    except RepositoryError as error:
        raise HeadForged(file=name) from error
    if not isinstance(read.signed, kind) or not _is_version(read.signed.version):
        raise HeadForged(file=name)
    return read


def check_signed(root: Root, read: Metadata[Role], name: str) -> None:
    """Check that as many keys have signed as the root asks for in this role.

    Raises:
        HeadForged: They have not.
    """
    try:
        root.verify_delegate(read.signed.type, read.signed_bytes, read.signatures)
    except RepositoryError as error:
        raise HeadForged(file=name) from error


def still_signed(root: Root, kind: type[Role], data: bytes) -> Role | None:
    """Return what is held, None when the keys that signed it have been replaced."""
    try:
        read = parsed(kind, "", data)
        check_signed(root, read, "")
    except Refused:
        return None
    return read.signed


def version_of(meta: MetaFile, name: str) -> int:
    """Return the version that the file ``name`` gives of another one."""
    if not _is_version(meta.version):
        raise HeadForged(file=name)
    return meta.version


def targets_meta(snapshot: Snapshot, name: str) -> MetaFile:
    """Return what a snapshot says of ``targets``."""
    meta = snapshot.meta.get("targets.json")
    if meta is None:
        raise HeadForged(file=name)
    return meta


def issued_at(timestamp: Timestamp) -> float:
    """Return when a timestamp was signed, Unix seconds, UTC."""
    issued = timestamp.unrecognized_fields.get(ISSUED)
    if type(issued) is not int or not 0 <= issued <= LATEST_UTC_S:
        raise HeadForged(file=tree.TIMESTAMP)
    return float(issued)


def root_index(targets: Targets, name: str) -> tuple[str, int]:
    """Return the SHA-256 and the length of the one file that ``targets`` names.

    Raises:
        HeadForged: It names none, or not by SHA-256 and length.
        HeadTooLong: It has more than `MOST_ROOT_INDEX_BYTES`.
    """
    target = targets.targets.get(tree.ROOT_INDEX_TARGET)
    if target is None or type(target.length) is not int:
        raise HeadForged(file=name)
    sha256 = target.hashes.get("sha256", "")
    if not tree.is_sha256(sha256):
        raise HeadForged(file=name)
    if target.length > MOST_ROOT_INDEX_BYTES:
        raise HeadTooLong(
            file=tree.index_name(sha256), most_bytes=MOST_ROOT_INDEX_BYTES
        )
    return sha256, target.length


def _is_version(said: object) -> bool:
    return type(said) is int and 1 <= said <= MOST_VERSION
