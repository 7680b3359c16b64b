"""Bytes of a text file into characters: what Chinese teachers' files are written in.

UTF-8 with or without mark, UTF-16, UTF-32, GB18030 (what Excel, WPS and old lyric and subtitle
files use) and Big5. Strict decoding tells UTF-8 from the rest; GB18030 and Big5 accept
each other's bytes, so there the character tables decide: in both, the characters of
everyday writing lie in one zone, and text read by the wrong table falls outside it.
"""

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 1 << 16
"""Bytes that decide between two encodings."""

# Characters of two bytes: everyday ones, signs (which say nothing), all others.
_GB = re.compile(
    rb"([\xb0-\xd7][\xa1-\xfe])|[\xa1-\xa9][\xa1-\xfe]"
    rb"|([\x81-\xfe][\x40-\x7e\x80-\xfe])"
)
_BIG5 = re.compile(
    rb"([\xa4-\xc6][\x40-\x7e\xa1-\xfe])|[\xa1-\xa3][\x40-\x7e\xa1-\xfe]"
    rb"|([\x81-\xfe][\x40-\x7e\xa1-\xfe])"
)


def decode(data: bytes) -> str:
    """Return the text of a file, without a byte-order mark; never raises.

    Bytes that fit nowhere become U+FFFD, so that a file with one bad byte can be read.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    return data.decode(encoding_of(data), "replace")


def encoding_of(data: bytes) -> str:
    """Return the name of the encoding of unmarked bytes, as `bytes.decode` takes it."""
    sample = data[:_LOOKED_AT]
    if wide := utf32(sample) or _utf16(sample):
        return wide
    if _decodes(sample, "utf-8"):
        return "utf-8"
    gb, big5 = _decodes(sample, "gb18030"), _decodes(sample, "big5hkscs")
    if gb and big5:
        return "big5hkscs" if _share(_BIG5, sample) > _share(_GB, sample) else "gb18030"
    return "big5hkscs" if big5 else "gb18030"


def utf32(sample: bytes) -> str | None:
    """Tell unmarked UTF-32: each four bytes are a character's number, and none is zero.

    A table of numbers could be read so too, but has zeros.
    """
    if len(sample) < 8 or any(sample[::4]) == any(sample[3::4]):
        return None
    encoding = "utf-32-be" if any(sample[3::4]) else "utf-32-le"
    if not _decodes(sample, encoding):
        return None
    return None if "\0" in sample.decode(encoding, "ignore") else encoding


def _utf16(sample: bytes) -> str | None:
    """Tell UTF-16 by the zeros of its Latin letters, blanks and line ends."""
    zeros = sample.count(0)
    if not zeros or len(sample) < 4:
        return None
    low, high = sample[0::2].count(0), sample[1::2].count(0)
    if high > 4 * low and _decodes(sample[: len(sample) & ~1], "utf-16-le"):
        return "utf-16-le"
    if low > 4 * high and _decodes(sample[: len(sample) & ~1], "utf-16-be"):
        return "utf-16-be"
    return None


def _decodes(sample: bytes, encoding: str) -> bool:
    """Return whether the bytes are valid; a character cut at the end is forgiven."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        decoder.decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _share(table: re.Pattern[bytes], sample: bytes) -> float:
    """Return which part of the Chinese characters lies in the everyday zone."""
    everyday = others = 0
    for found in table.finditer(sample):
        everyday += found[1] is not None
        others += found[2] is not None
    return everyday / (everyday + others) if everyday else 0.0
