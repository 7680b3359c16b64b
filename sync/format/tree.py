"""The names in the published tree; all but ``timestamp.json`` are never written twice.

::

    timestamp.json                                 the only file that ever changes
    root/<n>.root.json  meta/<n>.snapshot.json  meta/<n>.targets.json
    i/<sha256>          root indexes, shards, the calendar
    i/<sha256>-<old>    what makes an index or shard from an older one (`delta`)
    o/ab/<sha256>  k/ab/<sha256>  p/ab/<sha256>    objects, packs, patches

A name is made of numbers and hashes only, and refuses anything else: what a stranger's
document holds never becomes a path.
"""

import re

TIMESTAMP = "timestamp.json"
ROOT_INDEX_TARGET = "root-index"
"""The one path that ``targets`` lists."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


def root_name(number: int) -> str:
    """Return the name of the ``number``-th root of trust, counted from 1."""
    return f"root/{_counted(number)}.root.json"


def snapshot_name(number: int) -> str:
    """Return the name of the ``number``-th snapshot."""
    return f"meta/{_counted(number)}.snapshot.json"


def targets_name(number: int) -> str:
    """Return the name of the ``number``-th targets."""
    return f"meta/{_counted(number)}.targets.json"


def index_name(sha256: str) -> str:
    """Return the name of a root index, a shard or a calendar."""
    return f"i/{_id(sha256)}"


def delta_name(new_sha256: str, old_sha256: str) -> str:
    """Return the name of what makes a root index or shard from an older one."""
    return f"i/{_id(new_sha256)}-{_id(old_sha256)}"


def object_name(sha256: str) -> str:
    """Return the name of an object that travels by itself."""
    return f"o/{_id(sha256)[:2]}/{sha256}"


def pack_name(sha256: str) -> str:
    """Return the name of a pack."""
    return f"k/{_id(sha256)[:2]}/{sha256}"


def patch_name(sha256: str) -> str:
    """Return the name of a patch."""
    return f"p/{_id(sha256)[:2]}/{sha256}"


def is_sha256(text: str) -> bool:
    """Say whether ``text`` is 64 lower-case hex digits."""
    return _SHA256.fullmatch(text) is not None


def _id(sha256: str) -> str:
    if not is_sha256(sha256):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return sha256


def _counted(number: int) -> int:
    if type(number) is not int or number < 1:
        raise ValueError(f"not a version: {number!r}")
    return number
