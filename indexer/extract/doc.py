"""The text of Word 97 to 2003, put together from its pieces ([MS-DOC] 2.4.1).

Word saves a document as pieces, each in UTF-16 or in one byte a character; a table says
in which order they are read. Older documents have no such table and are not read.
"""

import re
import struct
from collections.abc import Iterator
from pathlib import Path

from indexer.extract import Unreadable
from indexer.extract.lines import tidy
from indexer.extract.records import streams
from indexer.passages import Passage

_WORD = 0xA5EC
_WORD_97 = 0xC1
_FLAGS, _ENCRYPTED, _TABLE_1 = 0x0A, 0x0100, 0x0200
_PIECES = 0x01A2
"""Where the file says at which offset, and how long, the table of pieces is."""
_PROPERTIES, _PIECE_TABLE = 1, 2
_BYTES = 0x40000000
"""Set in the offset of a piece of one byte a character; the offset is doubled then."""

# 0x13 code 0x14 shown 0x15: of a field only what it shows is text.
_FIELD = re.compile("\x13[^\x13\x14\x15]{0,2000}(?:\x14|(?=\x15))|\x15")
_BREAKS = str.maketrans(
    {"\r": "\n", "\x07": "\n", "\x0b": "\n", "\x0c": "\n", "\x0e": "\n", "\x1e": "-",
     "\x1f": ""}
)  # fmt: skip


def read(path: Path, format: str) -> Iterator[Passage]:
    """Yield the whole document, its notes and headers included, as one passage."""
    word, table_0, table_1 = streams(path, "WordDocument", "0Table", "1Table")
    if len(word) < _PIECES + 8:
        raise Unreadable("other_kind")
    kind, version = struct.unpack_from("<HH", word)
    flags = struct.unpack_from("<H", word, _FLAGS)[0]
    if kind != _WORD or version < _WORD_97:
        raise Unreadable("other_kind")
    if flags & _ENCRYPTED:
        raise Unreadable("locked")
    offset, length = struct.unpack_from("<II", word, _PIECES)
    table = (table_1 if flags & _TABLE_1 else table_0)[offset : offset + length]
    text = "".join(_pieces(word, _piece_table(table)))
    yield Passage(tidy(_FIELD.sub("", text).translate(_BREAKS)))


def _piece_table(table: bytes) -> bytes:
    """Return the table of pieces, behind any number of property lists."""
    at = 0
    while at + 5 <= len(table):
        if table[at] == _PIECE_TABLE:
            length = struct.unpack_from("<I", table, at + 1)[0]
            return table[at + 5 : at + 5 + length]
        if table[at] != _PROPERTIES:
            break
        at += 3 + struct.unpack_from("<H", table, at + 1)[0]
    raise Unreadable("damaged")


def _pieces(word: bytes, table: bytes) -> Iterator[str]:
    """Yield the text of each piece: n + 1 positions, then n descriptors of 8 bytes."""
    count = (len(table) - 4) // 12
    positions = struct.unpack_from(f"<{count + 1}I", table)
    for number in range(count):
        length = positions[number + 1] - positions[number]
        if length <= 0 or length > len(word):
            continue
        place = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)[0]
        start = place & ~(_BYTES | 0x80000000)
        if place & _BYTES:
            yield word[start // 2 : start // 2 + length].decode("cp1252", "replace")
        else:
            yield word[start : start + 2 * length].decode("utf-16-le", "replace")
