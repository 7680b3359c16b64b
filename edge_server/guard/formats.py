"""The formats we know: their kind, their media type, their suffix, the program they need."""

from dataclasses import dataclass


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
FORMATS: dict[str, tuple[str, str]] = {
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
    "ogv": ("video", "video/ogg"),
    "ogg": ("audio", "audio/ogg"),
    "m4a": ("audio", "audio/mp4"),
    "mp3": ("audio", "audio/mpeg"),
    "aac": ("audio", "audio/aac"),
    "wav": ("audio", "audio/wav"),
    "aiff": ("audio", "audio/aiff"),
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
    "tar": ("archive", "application/x-tar"),
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
    "sb3": ("original", "application/x.scratch.sb3"),
    "exe": ("program", OCTETS),
    "elf": ("program", OCTETS),
    "macho": ("program", OCTETS),
    "script": ("program", "text/plain"),
    "jar": ("program", OCTETS),
    "apk": ("program", OCTETS),
    "msi": ("program", OCTETS),
    "appx": ("program", OCTETS),
    "deb": ("program", OCTETS),
    "rpm": ("program", OCTETS),
    "dex": ("program", OCTETS),
    "lnk": ("program", OCTETS),
}
_OPENED_BY: dict[str, str | tuple[str, str]] = {
    "enbx": ("希沃白板", "Seewo Whiteboard (希沃白板)"),
    "gsp": ("几何画板", "The Geometer's Sketchpad (几何画板)"),
    "ggb": "GeoGebra",
    "swf": ("Flash 播放器", "a Flash player"),
    "html-zip": ("浏览器", "a browser, after unpacking it"),
    "scorm": ("能播放 SCORM 的学习平台", "a learning platform that plays SCORM"),
    "h5p": ("能播放 H5P 的学习平台", "a learning platform that plays H5P"),
    "flipchart": "ActivInspire",
    "notebook": "SMART Notebook",
    "caj": "CAJViewer",
    "xmind": "XMind",
    "sb2": "Scratch",
    "sb3": "Scratch",
    "mscz": "MuseScore",
    "key": "Keynote",
    "pages": "Pages",
    "numbers": "Numbers",
    "psd": "Photoshop",
    "svg": "Inkscape",
    "midi": "MuseScore",
}
WHOLE_BY_NAME = (
    "enbx", "gsp", "ggb", "flipchart", "notebook", "caj", "xmind", "sb2", "sb3", "mscz",
    "key", "pages", "numbers",
)  # fmt: skip
"""Documents of other programs, most of them zips without a mark of their own: an archive to
who looks inside, so here the suffix decides."""


def type_of(format: str) -> FileType:
    """Return kind and media type of a format; an original where it is not known."""
    kind, media_type = FORMATS.get(format, ("original", OCTETS))
    return FileType(kind, format, media_type)


def opened_by(format: str, lang: str) -> str | None:
    """Return the program that opens an original, None where nobody would know.

    Args:
        format: A format of this page.
        lang: ``zh`` or ``en``; a program that is sold here under a Chinese name keeps it
            beside the English one, for that is what its icon says.
    """
    found = _OPENED_BY.get(format)
    if isinstance(found, tuple):
        return found[0] if lang == "zh" else found[1]
    return found
