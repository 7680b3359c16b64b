"""The chunk list of a long object: the SHA-256 of each 4 MiB, 32 bytes each, in order.

With it a box knows of each chunk that came whether it is right, whoever brought it, and
fetches only the bad one again. The list is a small object of its own; the entry names it.
"""

import hashlib
from typing import BinaryIO

from sync.format.documents import DocumentDamaged

CHUNK_BYTES = 4 << 20
"""Length of every chunk but the last."""
DIGEST_BYTES = 32


def count(size_bytes: int) -> int:
    """Return how many chunks an object of this size has."""
    return -(-size_bytes // CHUNK_BYTES)


def list_of(file: BinaryIO) -> bytes:
    """Return the chunk list of what is read from ``file``, from where it stands."""
    found = bytearray()
    while chunk := file.read(CHUNK_BYTES):
        found += hashlib.sha256(chunk).digest()
    return bytes(found)


def check(chunk_list: bytes, size_bytes: int) -> list[bytes]:
    """Return the hash of each chunk of an object.

    Args:
        chunk_list: What came as the object's chunk list.
        size_bytes: Of the object.

    Raises:
        DocumentDamaged: It is not the length that a list of such an object has.
    """
    if len(chunk_list) != count(size_bytes) * DIGEST_BYTES:
        raise DocumentDamaged(kind="chunk-list", size_bytes=len(chunk_list))
    return [
        chunk_list[at : at + DIGEST_BYTES]
        for at in range(0, len(chunk_list), DIGEST_BYTES)
    ]
