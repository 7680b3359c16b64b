"""Files that must not hurt: broken, lying or hostile, each small, each named for what it is.

They are for tests only and never part of a library. Each hostile one does its harm to a
reader that believes it: all were made to be refused.
"""

import struct
import zipfile
import zlib
from pathlib import Path

from . import film
from .ooxml import WHEN, content_types, rels, write_zip


def make(folder: Path, library: Path, work: Path) -> None:
    """Write all bad files into ``folder``; some are cut from the ``library``."""
    folder.mkdir(parents=True)
    media(folder, work)
    pictures(folder)
    archives(folder)
    papers(folder, library)


def media(folder: Path, work: Path) -> None:
    """Films that are half there, or none."""
    work.mkdir(parents=True, exist_ok=True)
    whole, late = work / "whole.mp4", work / "late.mp4"
    source = ("-f", "lavfi", "-i", "gradients=s=320x180:d=10:r=25:c0=0xE4F1E9:c1=0x17694A:seed=4:speed=0.02",
              "-f", "lavfi", "-i", "sine=f=330:d=10", "-shortest", "-fflags", "+bitexact")  # fmt: skip
    film.run(*source, *film.H264, *film.AAC, "-movflags", "+faststart", str(whole))
    film.run(*source, *film.H264, *film.AAC, str(late))
    data = whole.read_bytes()
    (folder / "truncated_index_first.mp4").write_bytes(data[: len(data) * 6 // 10])
    data = late.read_bytes()
    (folder / "truncated_no_index.mp4").write_bytes(data[: len(data) * 6 // 10])
    noise, word = bytearray(), 1
    while len(noise) < 20_000:
        word = zlib.crc32(word.to_bytes(4, "little"))
        noise += word.to_bytes(4, "little")
    (folder / "random_bytes.mp4").write_bytes(bytes(noise))
    (folder / "playlist_named.mp4").write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
    )
    (folder / "empty.mp4").write_bytes(b"")
    (folder / "nonsense_gb18030.srt").write_bytes(
        "这不是字幕。\r\n只是几行没有时间的字。\r\n-->\r\n99:99:99 --> 什么时候\r\n".encode(
            "gb18030"
        )
        + b"\xff\xfe\x81"
    )


def pictures(folder: Path) -> None:
    """A program, a page, and a picture that would fill the memory."""
    head = b"MZ" + bytes(58) + struct.pack("<I", 64)
    (folder / "program_named.jpg").write_bytes(
        head + b"PE\0\0" + struct.pack("<HH", 0x14C, 1) + bytes(400)
    )
    (folder / "page_named.pdf").write_text(
        "<!DOCTYPE html><title>不是 PDF</title><p>这是一个网页。</p>\n"
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data))
            + kind
            + data
            + struct.pack(">I", zlib.crc32(kind + data))
        )

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(200 * (1 + 60_000 // 8)), 9)
    (folder / "huge_dimensions.png").write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


def _zip(target: Path, *members: tuple[zipfile.ZipInfo, bytes]) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for info, data in members:
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def archives(folder: Path) -> None:
    """Zips that leave their folder, grow without end, or cannot be opened."""
    note = "一张普通的便条。\n".encode()
    _zip(
        folder / "path_escape.zip",
        (zipfile.ZipInfo("便条.txt", WHEN), note),
        (zipfile.ZipInfo("../../逃出去.txt", WHEN), note),
    )
    link = zipfile.ZipInfo("链接", WHEN)
    link.create_system, link.external_attr = 3, 0o120777 << 16
    _zip(
        folder / "symlink.zip",
        (zipfile.ZipInfo("便条.txt", WHEN), note),
        (link, b"/etc"),
    )
    _zip(folder / "bomb.zip", (zipfile.ZipInfo("零.txt", WHEN), bytes(24_000_000)))
    _overlapped(folder / "overlapped.zip")
    _encrypted(folder / "encrypted.zip", note)


def _overlapped(target: Path) -> None:
    """Write 200 files of different names that share one half megabyte of zeros.

    After Fifield, "A better zip bomb" (WOOT 2019), section "quoting local file headers":
    each file's data begins with a stored block that holds the header of the next file,
    so every header, size and CRC-32 is true, and a reader that looks at one file at a
    time finds nothing wrong.
    """
    names = [f"{n:03}.txt".encode() for n in range(200)]
    kernel, told = _deflated(bytes(500_000)), bytes(500_000)
    data, entries = kernel, []
    for name in reversed(names):
        facts = struct.pack(
            "<HHHHHIIIH", 20, 0, 8, 0, 0x21, zlib.crc32(told), len(data), len(told), len(name)
        )  # fmt: skip
        header = b"PK\3\4" + facts + b"\0\0" + name
        entries.append((facts, name, len(data) + len(header)))
        length = len(header)
        block = struct.pack("<BHH", 0, length, length ^ 0xFFFF)
        data, told = block + header + data, header + told
    body = data[5:]  # nothing quotes the first header
    directory = b"".join(
        b"PK\1\2\x14\0" + facts + struct.pack("<HHHHII", 0, 0, 0, 0, 0, len(body) - from_end) + name
        for facts, name, from_end in reversed(entries)
    )  # fmt: skip
    count = len(names)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
    target.write_bytes(body + directory + b"PK\5\6" + end)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def _encrypted(target: Path, note: bytes) -> None:
    """Write an entry that says it is encrypted; nobody has its password."""
    _zip(target, (zipfile.ZipInfo("note.txt", WHEN), note))
    data = bytearray(target.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + flags] |= 1
    target.write_bytes(bytes(data))


def papers(folder: Path, library: Path) -> None:
    """Office files and books cut short, hollow or too big inside."""
    for name, pattern in (
        ("cut_short.pptx", "古诗三首 课件.pptx"),
        ("cut_short.pdf", "古诗三首 练习.pdf"),
    ):
        data = next(library.rglob(pattern)).read_bytes()
        (folder / name).write_bytes(data[: min(len(data) // 2, 40_000)])
    main = "officedocument.wordprocessingml.document.main"
    with_bomb = {
        "[Content_Types].xml": content_types({"word/document.xml": main}),
        "_rels/.rels": rels([("r1", "officeDocument", "word/document.xml")]),
        "word/document.xml": "<w:document>" + " " * 30_000_000 + "</w:document>",
    }
    write_zip(folder / "bomb.docx", with_bomb)
    write_zip(
        folder / "no_container.epub",
        {"mimetype": "application/epub+zip", "OEBPS/chapter1.xhtml": "<html/>"},
    )
    sidecar = folder / "sidecar_missing_files"
    sidecar.mkdir()
    (sidecar / "catalogue.csv").write_bytes(
        "文件,标题,年级,学科\r\n没有这个.mp4,丢了的视频,三年级,语文\r\n在这里.txt,便条,三年级,语文\r\n".encode(
            "gb18030"
        )
    )
    (sidecar / "在这里.txt").write_text("只有我在。\n", encoding="utf-8")
