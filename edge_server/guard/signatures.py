"""Formats told by their first bytes: pictures, papers, programs, and what plays.

Every function here looks at the head of a file alone and returns a format of `formats`,
or None where it knows nothing.
"""

import re
import struct
from pathlib import Path

_SIGNATURES: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL), format)
    for pattern, format in (
        (rb"%PDF-", "pdf"),
        (rb"\xff\xd8\xff", "jpeg"),
        (rb"\x89PNG\r\n\x1a\n", "png"),
        (rb"GIF8[79]a", "gif"),
        (rb"BM.{4}\0{4}", "bmp"),
        (rb"II\*\0|MM\0\*", "tiff"),
        (rb"8BPS\0", "psd"),
        (rb"FLV\x01", "flv"),
        (rb"\.RMF\0", "rm"),
        (rb"OggS\0.{,500}theora", "ogv"),
        (rb"OggS\0", "ogg"),
        (rb"fLaC[\0\x80]", "flac"),
        (rb"#!AMR", "amr"),
        (rb"MThd\0\0\0\x06", "midi"),
        (rb"Rar!\x1a\x07", "rar"),
        (rb"7z\xbc\xaf\x27\x1c", "7z"),
        (rb"[FCZ]WS[\x01-\x40].{3}[\0-\x07]", "swf"),  # version, length below 128 MB
        (rb"\{\\rtf", "rtf"),
        (rb"MZ(?=.{,61}\0).{62}", "exe"),
        (rb"\x7fELF", "elf"),
        (rb"\xfe\xed\xfa[\xce\xcf]|[\xce\xcf]\xfa\xed\xfe", "macho"),
        (rb"\xca\xfe\xba[\xbe\xbf]\0", "macho"),  # for two machines; Java's classes too
        (rb"#![ \t]*/", "script"),
        (rb"!<arch>\ndebian-binary", "deb"),
        (rb"\xed\xab\xee\xdb", "rpm"),
        (rb"dex\n\d{3}\0", "dex"),
        (rb"L\0\0\0\x01\x14\x02\0", "lnk"),
    )
)
"""What a file begins with. Where letters alone would do, a text can begin with them too, so
the bytes behind them count."""
_LATE_PDF = re.compile(rb"(?:\A|[\r\n\0\x80-\xff])%PDF-\d")
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


def by_signature(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell a format whose first bytes are its own."""
    return next((f for pattern, f in _SIGNATURES if pattern.match(head)), None)


def by_late_signature(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell a PDF with rubbish before it (ISO 32000-1, annex H: the first 1,024 bytes)."""
    begin = head[:1024]
    return "pdf" if b"%PDF-" in begin and _LATE_PDF.search(begin) else None


def by_container(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell the containers of films, sounds and pictures by the brand inside."""
    if head[:4] == b"RIFF":
        inner = head[8:12]
        known = {b"AVI ": "avi", b"WAVE": "wav", b"WEBP": "webp"}
        return known.get(inner)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        return "aiff"
    if head.startswith(_ASF):
        return "asf" if _ASF_VIDEO in head else "wma"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in head[:64] else "mkv"
    return _bmff(head, path.stat().st_size)


def _bmff(head: bytes, size_bytes: int) -> str | None:
    """ISO base media (ISO/IEC 14496-12): the brand, or a film that begins without one."""
    box = head[4:8]
    if box == b"ftyp":
        brand = head[8:12]
        if brand in (b"M4A ", b"M4B "):
            return "m4a"
        if brand in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
            return "heic"
        if brand in (b"avif", b"avis"):
            return "avif"
        if brand == b"qt  ":
            return "mov"
        return "3gp" if brand[:2] == b"3g" else "mp4"
    if box in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"):
        # 'The wide …' begins a text: there the four letters before are no length.
        (size,) = struct.unpack(">I", head[:4])
        if size == 1 or 8 <= size <= size_bytes or (size >= 8 and box == b"mdat"):
            return "mov"
    return None


def by_stream(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell films and sounds without a container by packets that follow one another."""
    if head[:4] == b"\x00\x00\x01\xba":
        return "mpegps"
    if head[:4] == b"\x00\x00\x01\xb3" and len(head) > 12:
        return "mpegps"
    for packet, at in ((188, 0), (192, 4), (204, 0)):
        if len(head) >= at + packet * 4 and all(
            head[at + packet * n] == 0x47 for n in range(4)
        ):
            return "mpegts"
    if suffix == "ts" and len(head) >= 188 and head[0] == 0x47:
        return "mpegts"
    if re.match(rb"ID3[\x02-\x04]", head) or _frames(head, 0):
        return "mp3"
    if len(head) > 7 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
        if length > 7 and head[length : length + 1] == b"\xff":
            return "aac"
    return None


_BITRATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _frames(head: bytes, at: int) -> bool:
    """Return whether three MPEG audio layer III frames follow one another from ``at``."""
    for _ in range(3):
        if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
            return False
        version, rate_index = head[at + 1] >> 3 & 3, head[at + 2] >> 2 & 3
        bitrate_index = head[at + 2] >> 4
        if version == 1 or rate_index == 3 or not 0 < bitrate_index < 15:
            return False
        kbps = (_BITRATES if version == 3 else _BITRATES_2)[bitrate_index]
        samples = 144 if version == 3 else 72
        padding = head[at + 2] >> 1 & 1
        at += samples * kbps * 1000 // _RATES[version][rate_index] + padding
    return True
