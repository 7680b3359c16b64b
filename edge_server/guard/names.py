"""Names from outside: what is no courseware, and what a name may be kept as.

Other programs leave half-written files and litter beside the real ones; archives and
sheets bring names that climb out of their folder, that Windows cannot hold, or that are
GB18030 without saying so. Nothing here touches a file.
"""

import re
import unicodedata

from edge_server.errors import Refused

MOST_BYTES = 255
"""Of one name, in UTF-8: what ext4 holds."""
MOST_DEPTH = 16

_LITTER = re.compile(
    r"thumbs\.db|ehthumbs\.db|desktop\.ini|\.ds_store|\._.*|__macosx|\.spotlight-v100"
    r"|\.trashes|\.fseventsd|\.trash-\d+|\.appledouble|system volume information"
    r"|\$recycle\.bin|recycler|lost\+found|lost\.dir|found\.\d{3}|\.nomedia|\.localized"
    r"|icon\r|\.git|\.svn|@eadir|#recycle",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r".*\.(part|partial|crdownload|tmp|temp|download|downloading|opdownload|aria2|!ut|!qb"
    r"|bc!|td|xltd|td\.cfg|baiduyun\.p\.downloading|filepart|swp|swx|lock)"
    r"|~\$.*|~.*\.tmp|\.~lock\..*#|.*~|\.goutputstream-.*|\.fuse_hidden.*|\.nfs[0-9a-f]+"
    r"|\..+\.[A-Za-z0-9]{6}",  # rsync: .<name>.<six of its own>
    re.IGNORECASE | re.DOTALL,
)
_RESERVED = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])\s*(\..*)?",
    re.IGNORECASE | re.DOTALL,
)
_NO_BYTE = re.compile("[\ud800-\udc7f\udd00-\udfff]")
"""Lone surrogates that stand for no byte of a disk's name: a JSON file can hold them."""
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_DRIVE = re.compile(r"[A-Za-z]:")


def is_litter(name: str) -> bool:
    """Return whether a file or folder of this name is some system's own, not courseware."""
    return _LITTER.fullmatch(name) is not None


def is_unfinished(name: str) -> bool:
    """Return whether another program is still writing under this name."""
    return _UNFINISHED.fullmatch(name) is not None


def clean(name: str) -> str:
    """Return a name for one file that every system can hold; never empty.

    Bytes that are no UTF-8 (surrogates, as Python reads them from a disk) are read as
    GB18030. What may not stand in a name becomes ``_``; the suffix survives shortening.
    A name that is clean stays as it is.
    """
    name = _NO_BYTE.sub("", name)
    if any("\udc80" <= char <= "\udcff" for char in name):
        raw = name.encode("utf-8", "surrogateescape")
        name = raw.decode("gb18030", "replace")
    # Composed after the invisible has gone, which may have stood between letter and mark.
    name = "".join(char for char in name if not _is_invisible(char))
    name = _FORBIDDEN.sub("_", unicodedata.normalize("NFC", name))
    name = _trimmed(name)
    if not name.strip("._ "):
        return "_"
    if _RESERVED.fullmatch(name):
        name = f"_{name}"
    return _shorten(name)


def relative(path: str) -> str:
    """Return a path from outside as a clean relative one with forward slashes.

    Raises:
        Refused: ``name_escapes`` (absolute, a drive, ``..``), ``name_unusable`` (control
            characters, a backslash, reserved by Windows, nothing left),
            ``name_too_long``, ``path_too_deep``.
    """
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"):
        raise Refused("name_escapes", name=_shown(path))
    parts = unicodedata.normalize("NFC", path).split("/")
    parts = [part for part in parts if part not in ("", ".")]
    if not parts:
        raise Refused("name_unusable", name=_shown(path))
    if len(parts) > MOST_DEPTH:
        raise Refused("path_too_deep", name=_shown(path), most=MOST_DEPTH)
    for part in parts:
        if "\\" in part or any(ord(c) < 32 or c == "\x7f" for c in part):
            raise Refused("name_unusable", name=_shown(path))
        if _RESERVED.fullmatch(part) or not part.strip(". "):
            raise Refused("name_unusable", name=_shown(path))
        if len(part.encode("utf-8", "replace")) > MOST_BYTES:
            raise Refused("name_too_long", name=_shown(path), most_bytes=MOST_BYTES)
    return "/".join(clean(part) for part in parts)


def decode_zip_name(
    raw: bytes, utf8_flag: bool, *, beside_gb18030: bool = False
) -> str:
    """Return the name of a zip's entry.

    Chinese Windows writes GB18030 and does not say so; others write UTF-8 without the
    flag. UTF-8 is tried first: GB18030 text is almost never valid UTF-8, while the other
    way round most is (APPNOTE.TXT 4.4.4 bit 11; appendix D says cp437, which nobody here
    means). Only a name of few characters is both: 模 is ģ in UTF-8. It is read as the
    other names of its archive are.

    Args:
        raw: The bytes in the zip.
        utf8_flag: It says that they are UTF-8.
        beside_gb18030: Another name of the same archive can only be GB18030.
    """
    if utf8_flag:
        return raw.decode("utf-8", "replace")
    if not is_utf8(raw):
        return raw.decode("gb18030", "replace")
    name = raw.decode("utf-8")
    # Chinese in UTF-8 has three bytes a character; of two are the alphabets of Europe.
    if beside_gb18030 and not name.isascii() and max(name) < "\u0800":
        return raw.decode("gb18030", "replace")
    return name


def is_utf8(raw: bytes) -> bool:
    """Return whether bytes can be UTF-8."""
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


_INVISIBLE = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Categories of controls, marks of direction, lone surrogates, private and line ends."""


def _is_invisible(char: str) -> bool:
    """Return whether a character changes how a name looks without being seen."""
    return unicodedata.category(char) in _INVISIBLE and char != "\u200d"


def _shorten(name: str) -> str:
    if len(name.encode()) <= MOST_BYTES:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    room = MOST_BYTES - len((dot + suffix).encode())
    stem = stem.encode()[:room].decode("utf-8", "ignore")
    return _trimmed(stem) + dot + suffix


def _trimmed(name: str) -> str:
    """Return a name without blanks around it and points behind it: Windows drops them."""
    end = len(name)
    while end and (name[end - 1] == "." or name[end - 1].isspace()):
        end -= 1
    return name[:end].lstrip()


def _shown(path: str) -> str:
    return path[:200].encode("utf-8", "replace").decode()
