"""What a file is, by looking into it; its name only decides among formats that look alike.

A teacher's stick is full of wrong suffixes, and a program called ``lesson.jpg`` is one of
the oldest tricks. So signatures and structure decide: the first bytes, the members of a
zip, the streams of an OLE file. At most a few hundred kB are read, nothing is unpacked
and nothing raises on content: what nobody knows is an ``original``, kept and never opened.
"""

import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import olefile

from edge_server.guard.encodings import decode

HEAD_BYTES = 65_536
MOST_MEMBERS = 20_000
MOST_DIRECTORY_BYTES = 16_000_000


@dataclass(frozen=True, slots=True)
class FileType:
    """What a file is."""

    kind: str
    """``video``, ``audio``, ``slides``, ``document``, ``picture``, ``ebook``, ``html``,
    ``subtitles``, ``archive``, ``original`` or ``program``."""
    format: str
    """``mp4``, ``pptx`` …; ``html-zip``, ``scorm`` and ``h5p`` are zips that stay whole."""
    media_type: str
    """For the ``Content-Type`` header."""


OCTETS = "application/octet-stream"
_OOXML = "application/vnd.openxmlformats-officedocument."
_FORMATS: dict[str, tuple[str, str]] = {
    "mp4": ("video", "video/mp4"),
    "mov": ("video", "video/quicktime"),
    "3gp": ("video", "video/3gpp"),
    "mkv": ("video", "video/x-matroska"),
    "webm": ("video", "video/webm"),
    "avi": ("video", "video/x-msvideo"),
    "asf": ("video", "video/x-ms-asf"),
    "flv": ("video", "video/x-flv"),
    "rm": ("video", "application/vnd.rn-realmedia"),
    "mpegts": ("video", "video/mp2t"),
    "mpegps": ("video", "video/mpeg"),
    "m3u8": ("video", "application/vnd.apple.mpegurl"),
    "ogg": ("audio", "audio/ogg"),
    "m4a": ("audio", "audio/mp4"),
    "mp3": ("audio", "audio/mpeg"),
    "aac": ("audio", "audio/aac"),
    "wav": ("audio", "audio/wav"),
    "flac": ("audio", "audio/flac"),
    "amr": ("audio", "audio/amr"),
    "wma": ("audio", "audio/x-ms-wma"),
    "midi": ("original", "audio/midi"),
    "pptx": ("slides", f"{_OOXML}presentationml.presentation"),
    "ppt": ("slides", "application/vnd.ms-powerpoint"),
    "dps": ("slides", "application/wps-office.dps"),
    "odp": ("slides", "application/vnd.oasis.opendocument.presentation"),
    "pdf": ("document", "application/pdf"),
    "docx": ("document", f"{_OOXML}wordprocessingml.document"),
    "doc": ("document", "application/msword"),
    "wps": ("document", "application/wps-office.wps"),
    "odt": ("document", "application/vnd.oasis.opendocument.text"),
    "rtf": ("document", "application/rtf"),
    "xlsx": ("document", f"{_OOXML}spreadsheetml.sheet"),
    "xls": ("document", "application/vnd.ms-excel"),
    "et": ("document", "application/wps-office.et"),
    "ods": ("document", "application/vnd.oasis.opendocument.spreadsheet"),
    "csv": ("document", "text/csv"),
    "txt": ("document", "text/plain"),
    "md": ("document", "text/markdown"),
    "json": ("original", "application/json"),
    "jpeg": ("picture", "image/jpeg"),
    "png": ("picture", "image/png"),
    "gif": ("picture", "image/gif"),
    "webp": ("picture", "image/webp"),
    "bmp": ("picture", "image/bmp"),
    "tiff": ("picture", "image/tiff"),
    "heic": ("original", "image/heic"),
    "avif": ("original", "image/avif"),
    "psd": ("original", "image/vnd.adobe.photoshop"),
    "svg": ("original", "image/svg+xml"),
    "epub": ("ebook", "application/epub+zip"),
    "html": ("html", "text/html"),
    "mht": ("original", "multipart/related"),
    "srt": ("subtitles", "application/x-subrip"),
    "vtt": ("subtitles", "text/vtt"),
    "ass": ("subtitles", "text/x-ssa"),
    "lrc": ("subtitles", "text/plain"),
    "zip": ("archive", "application/zip"),
    "rar": ("archive", "application/vnd.rar"),
    "7z": ("archive", "application/x-7z-compressed"),
    "html-zip": ("original", "application/zip"),
    "scorm": ("original", "application/zip"),
    "h5p": ("original", "application/zip"),
    "enbx": ("original", OCTETS),
    "ggb": ("original", "application/vnd.geogebra.file"),
    "gsp": ("original", OCTETS),
    "swf": ("original", "application/x-shockwave-flash"),
    "flipchart": ("original", OCTETS),
    "notebook": ("original", OCTETS),
    "caj": ("original", OCTETS),
    "xmind": ("original", OCTETS),
    "exe": ("program", OCTETS),
    "elf": ("program", OCTETS),
    "macho": ("program", OCTETS),
    "script": ("program", "text/plain"),
    "jar": ("program", OCTETS),
    "apk": ("program", OCTETS),
    "msi": ("program", OCTETS),
    "lnk": ("program", OCTETS),
}
_OPENED_BY = {
    "enbx": "希沃白板",
    "gsp": "几何画板",
    "ggb": "GeoGebra",
    "swf": "Flash Player / Ruffle",
    "flipchart": "ActivInspire",
    "notebook": "SMART Notebook",
    "caj": "CAJViewer",
    "xmind": "XMind",
    "psd": "Photoshop",
    "svg": "Inkscape",
    "midi": "MuseScore",
}
_PROGRAM_NAMES = re.compile(
    r".*\.(exe|dll|scr|com|pif|bat|cmd|vbs|vbe|js|jse|wsf|wsh|ps1|psm1|msi|msp|lnk|jar"
    r"|apk|app|deb|rpm|sh|bash|py|pl|reg|cpl|hta|inf|sys|so|dylib|appimage|url)",
    re.IGNORECASE,
)
_WHOLE_BY_NAME = ("enbx", "gsp", "ggb", "flipchart", "notebook", "caj", "xmind")
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
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def of(path: Path, name: str) -> FileType:
    """Return what a file is.

    Args:
        path: The file; only read.
        name: What its sender called it, with its suffix.
    """
    suffix = PurePosixPath(name.lower()).suffix.lstrip(".")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return _type("unknown")
    format = _look(path, head, suffix)
    kind = _type(format)
    if kind.kind != "program" and _PROGRAM_NAMES.fullmatch(name.strip()):
        return _type("script")
    return kind


def opened_by(format: str) -> str | None:
    """Return the program that opens an original, None where nobody would know."""
    return _OPENED_BY.get(format)


def suffix_of(format: str) -> str:
    """Return the suffix with which a file of this format is served: ``.mp4``."""
    return {
        "jpeg": ".jpg",
        "mpegts": ".ts",
        "mpegps": ".mpg",
        "asf": ".wmv",
        "html-zip": ".zip",
        "scorm": ".zip",
        "midi": ".mid",
        "unknown": ".bin",
    }.get(format, f".{format}")


def _type(format: str) -> FileType:
    kind, media_type = _FORMATS.get(format, ("original", OCTETS))
    return FileType(kind, format, media_type)


def _look(path: Path, head: bytes, suffix: str) -> str:
    for look in _LOOKS:
        found = look(path, head, suffix)
        if found is not None:
            return found
    return "unknown"


def _by_signature(path: Path, head: bytes, suffix: str) -> str | None:
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


def _by_container(path: Path, head: bytes, suffix: str) -> str | None:
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


def _by_stream(path: Path, head: bytes, suffix: str) -> str | None:
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


def _by_zip(path: Path, head: bytes, suffix: str) -> str | None:
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return None
    names = _zip_names(path)
    if names is None:
        return suffix if suffix in _WHOLE_BY_NAME else "zip"
    if "AndroidManifest.xml" in names:
        return "apk"
    if "META-INF/MANIFEST.MF" in names and any(n.endswith(".class") for n in names):
        return "jar"
    if "[Content_Types].xml" in names:
        for folder, format in (("ppt/", "pptx"), ("word/", "docx"), ("xl/", "xlsx")):
            if any(n.startswith(folder) for n in names):
                return format
    if suffix in _WHOLE_BY_NAME:
        return suffix
    if "geogebra.xml" in names:
        return "ggb"
    if "h5p.json" in names:
        return "h5p"
    if "imsmanifest.xml" in names:
        return "scorm"
    mime = _stored_mimetype(head)
    if mime == "application/epub+zip" or "META-INF/container.xml" in names:
        return "epub"
    if mime.startswith("application/vnd.oasis.opendocument."):
        kinds = {"presentation": "odp", "text": "odt", "spreadsheet": "ods"}
        return kinds.get(mime.rpartition(".")[2], "unknown")
    if suffix == "epub" and any(n.endswith(".opf") for n in names):
        return "epub"
    if "index.html" in names or "index.htm" in names:
        return "html-zip"
    return "zip"


def _zip_names(path: Path) -> set[str] | None:
    """Return the names in a zip's directory; None when it is damaged or absurd.

    Only names are used here, and no member is opened: what may be unpacked is judged by
    `guard.archive`.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - 66_000, 0))
            tail = file.read()
        end = tail.rfind(b"PK\x05\x06")
        if end < 0 or len(tail) < end + 22:
            return None
        count, directory = struct.unpack("<HI", tail[end + 10 : end + 16])
        if count > MOST_MEMBERS or directory > MOST_DIRECTORY_BYTES:
            return None
        with zipfile.ZipFile(path) as archive:
            return set(archive.namelist())
    except Exception:
        # zipfile raises what it likes on hostile directories (struct.error, IndexError …).
        return None


def _stored_mimetype(head: bytes) -> str:
    """Return the content of a first member called ``mimetype`` (OCF 3.3)."""
    length = int.from_bytes(head[26:28], "little")
    extra = int.from_bytes(head[28:30], "little")
    if head[30 : 30 + length] != b"mimetype" or head[8:10] != b"\0\0":
        return ""
    size = int.from_bytes(head[18:22], "little")
    start = 30 + length + extra
    return head[start : start + min(size, 100)].decode("ascii", "replace").strip()


def _by_ole(path: Path, head: bytes, suffix: str) -> str | None:
    if not head.startswith(_OLE):
        return None
    try:
        with olefile.OleFileIO(path) as ole:
            streams = {"/".join(entry).lower() for entry in ole.listdir()}
            storage = ole.root.clsid if ole.root else ""
    except Exception:
        # olefile raises what it likes on damaged files; then the name may decide.
        streams, storage = set(), ""
    if storage.upper() == "000C1084-0000-0000-C000-000000000046":
        return "msi"
    known: tuple[tuple[str, str, str], ...] = (
        ("powerpoint document", "ppt", "dps"),
        ("pp97_dualstorage/powerpoint document", "ppt", "dps"),
        ("worddocument", "doc", "wps"),
        ("workbook", "xls", "et"),
        ("book", "xls", "et"),
    )
    for stream, office, wps in known:
        if stream in streams:
            return wps if suffix in (wps, f"{wps}t") else office
    if suffix == "msi":
        return "msi"
    return suffix if suffix in _WHOLE_BY_NAME else "unknown"


_CONTROLS = bytes(byte for byte in range(27) if byte < 9 or byte > 13)
_TIME = r"\d{1,2}:\d{2}(:\d{2})?[.,]\d{1,3}"


def _by_text(path: Path, head: bytes, suffix: str) -> str | None:
    marked = head[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16
    controls = len(head[:4096]) - len(head[:4096].translate(None, _CONTROLS))
    if not marked and (b"\0" in head[:1024] or controls > len(head[:4096]) // 50):
        return None
    cut = head if len(head) < HEAD_BYTES else head[: head.rfind(b"\n") + 1] or head[:-4]
    text = decode(cut)
    if text.count("\ufffd") > len(text) // 20:
        return None
    start = text.lstrip("\ufeff \t\r\n")[:2000]
    low = start.lower()
    if start.startswith("#EXTM3U"):
        return "m3u8"
    if start.startswith("WEBVTT"):
        return "vtt"
    if low.startswith("mime-version:") and "multipart/related" in low:
        return "mht"
    if re.search(r"\[script info\]|^dialogue:\s*\d", low, re.MULTILINE):
        return "ass"
    if re.search(rf"^{_TIME}\s*-->\s*{_TIME}", start, re.MULTILINE):
        return "srt"
    if suffix == "lrc" or len(re.findall(r"^\[\d{1,2}:\d{2}", start, re.MULTILINE)) > 2:
        return "lrc"
    if re.match(
        r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg|<svg[\s>])", low, re.S
    ):
        return "svg"
    if re.match(
        r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype html|<html[\s>])", low, re.S
    ):
        return "html"
    if suffix in ("html", "htm", "xhtml") and re.search(
        r"<(head|body|p|div|h1)\b", low
    ):
        return "html"
    if suffix in ("md", "markdown"):
        return "md"
    if suffix in ("csv", "tsv"):
        return "csv"
    if suffix == "json" and low[:1] in ("{", "["):
        return "json"
    return (
        "txt" if suffix in ("txt", "text", "log", "srt", "vtt", "") else _plain(suffix)
    )


def _plain(suffix: str) -> str:
    """Return what text of an unknown suffix is: an original where a program owns it."""
    return suffix if suffix in _WHOLE_BY_NAME else "txt"


_LOOKS: tuple[Callable[[Path, bytes, str], str | None], ...] = (
    _by_signature,
    _by_container,
    _by_zip,
    _by_ole,
    _by_stream,
    _by_text,
    lambda path, head, suffix: suffix if suffix in _WHOLE_BY_NAME else None,
)
