"""Formats told by their first bytes: pictures, papers, programs, and what plays.

Every function here looks at the head of a file alone and returns a format of `formats`,
or None where it knows nothing.
"""

import struct
from pathlib import Path

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"8BPS", "psd"),
    (b"FLV\x01", "flv"),
    (b".RMF", "rm"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
    (b"#!AMR", "amr"),
    (b"MThd", "midi"),
    (b"Rar!\x1a\x07", "rar"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"FWS", "swf"),
    (b"CWS", "swf"),
    (b"ZWS", "swf"),
    (b"{\\rtf", "rtf"),
    (b"\x7fELF", "elf"),
    (b"\xfe\xed\xfa\xce", "macho"),
    (b"\xfe\xed\xfa\xcf", "macho"),
    (b"\xce\xfa\xed\xfe", "macho"),
    (b"\xcf\xfa\xed\xfe", "macho"),
    (b"\xca\xfe\xba\xbe", "macho"),
    (b"#!", "script"),
    (b"L\0\0\0\x01\x14\x02\0", "lnk"),
)
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_VIDEO = bytes.fromhex("c0ef19bc4d5bcf11a8fd00805f5c442b")


def by_signature(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell a format whose first bytes are its own."""
    if head[:2] == b"MZ" and len(head) >= 64 and b"\0" in head[:64]:
        return "exe"
    for signature, format in _SIGNATURES:
        if head.startswith(signature):
            if format == "bmp" and head[6:10] != b"\0\0\0\0":
                continue
            if format == "macho" and head[:4] == b"\xca\xfe\xba\xbe" and len(head) < 32:
                continue
            if format == "ogg":
                video = b"theora" in head[:512] or b"\x80theora" in head[:512]
                return "unknown" if video else "ogg"
            return format
    # A PDF may have rubbish before it (ISO 32000-1, annex H: the first 1,024 bytes).
    if b"%PDF-" in head[:1024]:
        return "pdf"
    return None


def by_container(path: Path, head: bytes, suffix: str) -> str | None:
    """Tell the containers of films, sounds and pictures by the brand inside."""
    if head[:4] == b"RIFF":
        inner = head[8:12]
        known = {b"AVI ": "avi", b"WAVE": "wav", b"WEBP": "webp"}
        return known.get(inner, "unknown")
    if head.startswith(_ASF):
        return "asf" if _ASF_VIDEO in head else "wma"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in head[:64] else "mkv"
    return _bmff(head)


def _bmff(head: bytes) -> str | None:
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
        (size,) = struct.unpack(">I", head[:4])
        if size == 1 or size >= 8:
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
    if head[:3] == b"ID3" or _frames(head, 0):
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
