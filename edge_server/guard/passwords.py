"""Whether an Office document has a password: what a teacher is told when it does not open.

Asked after a document could not be opened, never before: Excel locks what is only
write-protected with a password that every program knows, and such a file opens.

Sources: [MS-OFFCRYPTO] 2.3 (a package inside an OLE file), [MS-DOC] 2.5.2 (FibBase),
[MS-XLS] 2.4.117 (FilePass), [MS-PPT] 2.3.2 (CurrentUserAtom).
"""

import struct
from pathlib import Path

import olefile

_STREAMS = ("WordDocument", "Workbook", "Book", "Current User")
_DOC_ENCRYPTED = 0x0100
_XLS_FILEPASS = 0x002F
_XLS_LOOKED_AT = 8
"""Records; FilePass stands right behind the first, or behind a write protection."""
_PPT_ENCRYPTED = 0xF3D1C4DF


def needed(path: Path) -> bool:
    """Return whether a document asks for a password; False where nobody can tell."""
    try:
        if not olefile.isOleFile(path):
            return False
        with olefile.OleFileIO(path) as ole:
            if ole.exists("EncryptedPackage"):
                return True
            heads = {n: ole.openstream(n).read(512) for n in _STREAMS if ole.exists(n)}
        return (
            _doc(heads.get("WordDocument", b""))
            or _xls(heads.get("Workbook", heads.get("Book", b"")))
            or _ppt(heads.get("Current User", b""))
        )
    except Exception:
        return False  # olefile raises what it likes on damaged files


def _doc(head: bytes) -> bool:
    return len(head) >= 12 and bool(
        struct.unpack_from("<H", head, 10)[0] & _DOC_ENCRYPTED
    )


def _xls(head: bytes) -> bool:
    at = 0
    for _ in range(_XLS_LOOKED_AT):
        if len(head) < at + 4:
            break
        kind, length = struct.unpack_from("<HH", head, at)
        if kind == _XLS_FILEPASS:
            return True
        at += 4 + length
    return False


def _ppt(head: bytes) -> bool:
    return len(head) >= 16 and struct.unpack_from("<I", head, 12)[0] == _PPT_ENCRYPTED
