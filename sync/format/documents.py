"""The shell of every document on the wire: zstd around a msgpack map that says what it is.

``{"format": kind, "number": n, …}``, compressed as one zstd frame that declares its size.
Equal content gives equal bytes (keys are sorted, one zstd level), since a document is
named by its hash and an unchanged one must not be named anew. A newer zstd may compress
otherwise: then documents are fetched once more, nothing else happens.

A SHA-256 in hex, which is most of what a shard says, travels as its 32 bytes (msgpack
extension 1) and comes out as hex again, so no format has to think of it: a shard of
100 films takes 14.8 instead of 16.7 kB.

A reader is asked for the most it will unpack, and keeps to it before it allocates: the
declared size is checked first, and msgpack's own headers are walked without building
anything (`Unpacker.skip`), so that an array that claims a billion elements has to bring
them. What is left costs at most about 72 bytes of memory for each unpacked byte (a document
of nothing but empty maps); real ones cost about six.
"""

from collections.abc import Mapping
from typing import Any

import msgpack
import zstandard

from edge_server.errors import PermanentError
from sync.format import tree

LEVEL = 10
"""Measured: level 19 saves another 4 % of a shard of 100 films."""


SHA256 = 1
"""Extension type of 32 bytes that are read as 64 hex digits."""


class DocumentDamaged(PermanentError):
    """Bytes that are not the document they should be; ``kind`` says which was expected."""

    code = "document_damaged"


class DocumentTooNew(PermanentError):
    """A document whose number this program does not know yet."""

    code = "document_too_new"


def encode(kind: str, number: int, body: Mapping[str, Any]) -> bytes:
    """Return a document.

    Args:
        kind: What it is: ``shard``, ``root-index``, ``batch`` …
        number: Of its format.
        body: Strings, whole and real numbers, bytes, None, lists and maps of these; the
            names ``format`` and ``number`` are taken.
    """
    packed = msgpack.packb(_in_order({**body, "format": kind, "number": number}))
    return compress(packed)


def decode(
    data: bytes, kind: str, *, most_bytes: int, newest: int = 1
) -> tuple[int, dict[str, Any]]:
    """Return the number and the fields of a document.

    Args:
        data: What arrived, from anybody.
        kind: What it must be.
        most_bytes: Most it may be once unpacked.
        newest: Highest number of its format that the caller reads.

    Raises:
        DocumentDamaged: It is no document of this kind, or larger than ``most_bytes``.
        DocumentTooNew: Its number is above ``newest``.
    """
    try:
        body = _unpack(decompress(data, most_bytes))
    except (ValueError, zstandard.ZstdError, msgpack.UnpackException) as error:
        raise DocumentDamaged(kind=kind, size_bytes=len(data)) from error
    number = body.pop("number", None)
    if body.pop("format", None) != kind or type(number) is not int or number < 1:
        raise DocumentDamaged(kind=kind, size_bytes=len(data))
    if number > newest:
        raise DocumentTooNew(kind=kind, number=number)
    return number, body


def compress(packed: bytes) -> bytes:
    """Return one zstd frame that declares its size, always the same for the same bytes."""
    return zstandard.ZstdCompressor(LEVEL, write_content_size=True).compress(packed)


def decompress(
    data: bytes,
    most_bytes: int,
    dictionary: zstandard.ZstdCompressionDict | None = None,
) -> bytes:
    """Return what one zstd frame holds, at most ``most_bytes`` of it.

    Args:
        data: The frame.
        most_bytes: Most it may hold.
        dictionary: What it was packed with.

    Raises:
        ValueError: It declares no size, or more than ``most_bytes``.
        zstandard.ZstdError: It is no single whole frame, or holds another size.
    """
    declared = zstandard.frame_content_size(data)
    if not 0 <= declared <= most_bytes:
        raise ValueError(f"a frame of {declared} bytes")
    unpack = zstandard.ZstdDecompressor(dict_data=dictionary)
    return unpack.decompress(data, allow_extra_data=False)


def _unpack(packed: bytes) -> dict[str, Any]:
    walker = msgpack.Unpacker(max_buffer_size=len(packed) or 1)
    walker.feed(packed)
    walker.skip()  # all that headers claim is there, and the nesting has an end
    body = msgpack.unpackb(packed, ext_hook=_extension)
    if not isinstance(body, dict) or not all(isinstance(name, str) for name in body):
        raise ValueError("not a map of names")
    return body


def _extension(code: int, data: bytes) -> str:
    if code != SHA256 or len(data) != 32:
        raise ValueError(f"msgpack extension {code}")
    return data.hex()


def _in_order(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _in_order(value[name]) for name in sorted(value)}
    if isinstance(value, list | tuple):
        return [_in_order(one) for one in value]
    if isinstance(value, str) and len(value) == 64 and tree.is_sha256(value):
        return msgpack.ExtType(SHA256, bytes.fromhex(value))
    return value
