"""An endless supply of small courseware, each piece unlike any other.

Every piece has a *word* of its own in its title and, where it has text, another in its
text, so one search tells whether a piece can be found by either. Films are made once by
ffmpeg and copied with a comment of their own: one that plays as it is, one that must be
encoded, one long enough to be interrupted in the middle.
"""

import hashlib
import io
import random
import struct
import subprocess
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FOLDERS = (
    "小学/三年级/语文/统编版/上册/第二单元 金秋",
    "小学/四年级/数学/人教版/上册/第三单元 角的度量",
    "小学/三年级/科学/教科版/上册/第一单元 水",
    "教研组分享",
)
HEAP = 8
"""Files in a folder that is dropped as one."""
CONSONANTS, VOWELS = "bcdfghjklmnpqrstvwxz", "aeiou"
_PDF = """%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 420 297]/Contents 4 0 R\
/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length {length}>>stream
{drawing}
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R/Size 6>>
"""
_WORD_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/'
    '2006/content-types"><Default Extension="rels" ContentType="application/vnd.'
    'openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.'
    'document.main+xml"/></Types>',
    "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/'
    '2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
    'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
    "</Relationships>",
    "word/document.xml": '<w:document xmlns:w="http://schemas.openxmlformats.org/'
    'wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body>'
    "</w:document>",
}


@dataclass(frozen=True, slots=True)
class Piece:
    """One file, as it is brought."""

    path: str
    """Below the watched folder, or the name of an upload."""
    data: bytes
    word: str
    """In its title, nowhere else."""
    text_word: str | None
    """In its text, nowhere else; None: it has none."""
    archive: str = ""
    """Path of the archive it comes in; its resource's id names that, its path does not."""

    @property
    def id_path(self) -> str:
        """What follows the box's id in the id of its resource."""
        if not self.archive:
            return self.path
        return f"{self.archive}/{self.path.rpartition('/')[2]}"

    @property
    def sha256(self) -> str:
        """The object it becomes."""
        return hashlib.sha256(self.data).hexdigest()


class Material:
    """Makes pieces.

    Args:
        folder: Where films are made.
        seed: The same one makes the same pieces.
        slow: Whether documents that LibreOffice converts, and long films, are among them.
    """

    def __init__(self, folder: Path, seed: int, *, slow: bool = True) -> None:
        self._folder = folder
        self._rnd = random.Random(seed)
        self._number = 0
        self._films = {
            "mp4": _film(folder / "plays.mp4", 3, "libx264", "aac"),
            "avi": _film(folder / "foreign.avi", 4, "mpeg4", "libmp3lame"),
        }
        kinds: list[str] = ["txt", "md", "html", "pdf", "pdf", "png", "srt", "mp4"]
        if slow:
            self._films["mkv"] = _film(folder / "long.mkv", 45, "mpeg2video", "mp2")
            kinds += ["docx", "mkv"]
        # What takes long stands apart, so that each supply has a little of it.
        self._kinds = [*kinds, "avi", *kinds[:6], "avi"]

    def piece(self) -> Piece:
        """Make the next piece."""
        number, self._number = self._number, self._number + 1
        kind = self._kinds[number % len(self._kinds)]
        word, text_word = self._word(), self._word()
        make: Callable[[str], bytes] = {
            "txt": lambda text: f"{text}\n".encode(),
            "md": lambda text: f"# 课堂记录\n\n{text}\n".encode(),
            "html": lambda text: f"<!doctype html><p>{text}</p>".encode(),
            "srt": lambda text: f"1\n00:00:01,000 --> 00:00:03,000\n{text}\n".encode(),
            "pdf": _pdf,
            "png": lambda _: _picture(self._rnd),
            "docx": _document,
        }.get(kind, lambda text: self._film(kind, text))
        folder = FOLDERS[number % len(FOLDERS)]
        has_text = kind not in ("png", *self._films)
        return Piece(
            path=f"{folder}/{number} 春雨 {word}.{kind}",
            data=make(f"spring rain {text_word}"),
            word=word,
            text_word=text_word if has_text else None,
        )

    def archive(self) -> tuple[str, bytes, list[Piece]]:
        """Make a zip of three pieces; returns its name, its bytes and what is in it."""
        name = f"乡土课程 {self._word()}"
        inside = []
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for n in range(3):
                word, text_word = self._word(), self._word()
                text = f"spring rain {text_word}\n"
                archive.writestr(f"{n} 秋收 {word}.txt", text)
                path = f"{name}/{n} 秋收 {word}.txt"
                inside.append(
                    Piece(path, text.encode(), word, text_word, archive=f"{name}.zip")
                )
        return f"{name}.zip", packed.getvalue(), inside

    def heap(self) -> list[Piece]:
        """Make a folder of small texts, which the box takes in together."""
        folder = f"一单元 {self._word()}"
        made = []
        for n in range(HEAP):
            word, text_word = self._word(), self._word()
            text = f"spring rain {text_word}\n"
            made.append(
                Piece(f"{folder}/{n} 春耕 {word}.txt", text.encode(), word, text_word)
            )
        return made

    def _word(self) -> str:
        return "".join(
            self._rnd.choice(CONSONANTS) + self._rnd.choice(VOWELS) for _ in range(5)
        )

    def _film(self, kind: str, comment: str) -> bytes:
        made = self._folder / f"next.{kind}"
        _ffmpeg(
            *("-i", str(self._films[kind]), "-c", "copy", "-map_metadata", "-1"),
            *("-metadata", f"comment={comment}", "-fflags", "+bitexact"),
            *(("-movflags", "+faststart") if kind == "mp4" else ()),
            str(made),
        )
        return made.read_bytes()


def _film(path: Path, seconds: int, video: str, sound: str) -> Path:
    if not path.exists():
        _ffmpeg(
            *("-f", "lavfi", "-i", f"testsrc=size=480x270:rate=25:duration={seconds}"),
            *("-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"),
            *("-c:v", video, "-pix_fmt", "yuv420p", "-c:a", sound, "-ac", "2"),
            *("-preset:v", "ultrafast", "-q:v", "5", "-g", "25"),
            *(("-movflags", "+faststart") if path.suffix == ".mp4" else ()),
            str(path),
        )
    return path


def _ffmpeg(*words: str) -> None:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *words]
    subprocess.run(command, check=True)


def _pdf(text: str) -> bytes:
    drawing = f"BT /F 24 Tf 40 200 Td ({text}) Tj ET"
    return _PDF.format(length=len(drawing), drawing=drawing).encode()


def _document(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        for name, part in _WORD_PARTS.items():
            parts.writestr(name, part.replace("{text}", text))
    return made.getvalue()


def _picture(rnd: random.Random) -> bytes:
    side = 64
    rows = b"".join(b"\0" + rnd.randbytes(3 * side) for _ in range(side))
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data
        + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )  # fmt: skip
