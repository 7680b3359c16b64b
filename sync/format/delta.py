"""Deltas: the next version of a root index or a shard from the one a box holds.

A week changes a few entries of a shard and a few lines of the root index; both are
documents, so both sides unpack them, and zstd tells the new one with the old one as its
dictionary. The box packs the result again and has the same bytes, whose hash it knows from
the signed chain. Should a newer zstd pack otherwise, the hash does not fit and the box
fetches the document whole: a delta can be wrong, but never make anything wrong.

Format, number 1: ``EDD1`` and one zstd frame. Not for objects: zstd holds the old file
and its tables in memory; see `patch`.
"""

import hashlib

import zstandard

from sync.format import documents
from sync.format.documents import DocumentDamaged, DocumentTooNew

KIND = "delta"
MAGIC = b"EDD1"
LEVEL = 19


def make(old: bytes, new: bytes, *, most_bytes: int) -> bytes | None:
    """Return what makes one document from another; None: it would not be worth it.

    It is not where it takes more than half of the new one, or where the new one was not
    packed by this program, so that no box could have the same bytes again.

    Args:
        old: A document.
        new: A newer one of the same kind.
        most_bytes: Most that either may be, unpacked.

    Raises:
        DocumentDamaged: One of them is no document, or a longer one.
    """
    before, after = _unpacked(old, most_bytes), _unpacked(new, most_bytes)
    if documents.compress(after) != new:
        return None
    params = zstandard.ZstdCompressionParameters.from_level(
        LEVEL,
        source_size=len(after),
        dict_size=len(before),
        window_log=max(10, (len(before) + len(after)).bit_length()),
    )
    squeeze = zstandard.ZstdCompressor(
        dict_data=_dictionary(before), compression_params=params
    )
    delta = MAGIC + squeeze.compress(after)
    return delta if 2 * len(delta) < len(new) else None


def apply(delta: bytes, old: bytes, *, sha256: str, most_bytes: int) -> bytes:
    """Return the new document.

    Args:
        delta: What `make` returned, or anything else.
        old: The document that is held.
        sha256: Of the new one.
        most_bytes: Most that the new one may be, unpacked.

    Raises:
        DocumentDamaged: It is no delta, or none that makes this document from ``old``.
        DocumentTooNew: Its number is not known here.
    """
    if delta[:4] != MAGIC:
        if delta[:3] == MAGIC[:3] and delta[3:4].isdigit():
            raise DocumentTooNew(kind=KIND, number=int(delta[3:4]))
        raise DocumentDamaged(kind=KIND, size_bytes=len(delta))
    dictionary = _dictionary(_unpacked(old, most_bytes))
    try:
        after = documents.decompress(delta[4:], most_bytes, dictionary)
    except (ValueError, zstandard.ZstdError) as error:
        raise DocumentDamaged(kind=KIND, size_bytes=len(delta)) from error
    new = documents.compress(after)
    if hashlib.sha256(new).hexdigest() != sha256:
        raise DocumentDamaged(kind=KIND, size_bytes=len(delta))
    return new


def _unpacked(document: bytes, most_bytes: int) -> bytes:
    try:
        return documents.decompress(document, most_bytes)
    except (ValueError, zstandard.ZstdError) as error:
        raise DocumentDamaged(kind=KIND, size_bytes=len(document)) from error


def _dictionary(packed: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(
        packed, dict_type=zstandard.DICT_TYPE_RAWCONTENT
    )
