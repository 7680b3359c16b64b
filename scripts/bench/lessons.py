"""A county's courseware for the benches of fetching: films, drawings, texts, and edits.

What a film or a text is, is real; what fills it comes from one seed and packs no smaller.
Five parts in a hundred are copies of another file, as courseware has them.
"""

import random
import subprocess
import zipfile
import zlib
from pathlib import Path

BOOKS = [
    Path("小学", grade, subject, "上册")
    for grade in ("三年级", "四年级", "五年级", "六年级")
    for subject in ("语文", "数学", "英语")
]
FILM = (
    *("ffmpeg", "-v", "error", "-nostdin", "-f", "lavfi"),
    *("-i", "testsrc=size=320x180:rate=25:duration=4", "-c:v", "libx264"),
    *("-preset", "ultrafast", "-pix_fmt", "yuv420p"),
)
WORDS = "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少床前明月光疑是地上霜"


def lay_out(folder: Path, megabytes: int, files: int) -> None:
    """Make courseware: a tenth films, three tenths drawings, the rest texts.

    Args:
        folder: Where; it is made.
        megabytes: In all, about.
        files: How many.
    """
    chance = random.Random(4)
    films, drawings = max(2, files // 10), files * 3 // 10
    start = _film(folder)
    film_bytes = megabytes * 800_000 // films
    drawing_bytes = megabytes * 190_000 // max(drawings, 1)
    made: list[Path] = []
    for n in range(files):
        book = folder / BOOKS[n % len(BOOKS)]
        book.mkdir(parents=True, exist_ok=True)
        if n % 20 == 19 and made:  # somebody else's copy
            path = book / f"{n} 转载 {made[-7].name}"
            path.write_bytes(made[-7].read_bytes())
            continue
        if n < films:
            path = book / f"{n} 微课.mp4"
            _padded(path, start, int(film_bytes * chance.uniform(0.5, 1.5)), chance)
        elif n < films + drawings:
            path = book / f"{n} 画板.gsp"
            path.write_bytes(
                chance.randbytes(int(drawing_bytes * chance.uniform(0.3, 1.7)))
            )
        else:
            path = book / f"{n} 课文.txt"
            path.write_text(_text(chance, chance.randrange(500, 8_000)), "utf-8")
        made.append(path)


def lay_out_small(folder: Path) -> None:
    """Make 8.5 MB: two films of 4 MB and sixty pages of 8 kB."""
    chance = random.Random(5)
    start = _film(folder)
    book = folder / BOOKS[0]
    book.mkdir(parents=True, exist_ok=True)
    for n in range(2):
        _padded(book / f"{n} 微课.mp4", start, 4_000_000, chance)
    for n in range(60):
        text = _text(chance, 2_600)
        (book / f"{n} 课文.txt").write_text(f"{n}\n{text}", "utf-8")


def lay_out_editable(folder: Path) -> None:
    """Make the five files that `edit` edits; 13 MB."""
    chance = random.Random(6)
    book = folder / BOOKS[1]
    book.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-nostdin", "-y", "-f", "lavfi"),
            *("-i", "nullsrc=size=640x360:rate=25,geq=random(1)*255:128:128"),
            *("-t", "4", "-c:v", "libx264", "-preset", "ultrafast", "-b:v", "10M"),
            *("-pix_fmt", "yuv420p", "-metadata", "title=旧", str(book / "e1.mp4")),
        ],
        check=True,
    )
    _zip(book / "e2.pptx", _slides("旧标题", chance))
    _pdf(book / "e3.pdf", "2026-08-01", chance)
    _zip(book / "e4.zip", _pages("旧", chance))
    (book / "e5.gsp").write_bytes(chance.randbytes(2_000_000))


def edit(folder: Path) -> None:
    """Edit them as teachers do: retag, one title, export again, one page, insert."""
    chance = random.Random(6)
    book = folder / BOOKS[1]
    old = book / "e1.mp4"
    new = book / "new.mp4"
    subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-nostdin", "-y", "-i", str(old)),
            *("-c", "copy", "-metadata", "title=新的标题", str(new)),
        ],
        check=True,
    )
    new.replace(old)
    _zip(book / "e2.pptx", _slides("新标题更长一些", chance))
    _pdf(book / "e3.pdf", "2026-09-15T08:00", chance)
    _zip(book / "e4.zip", _pages("新的一页", chance))
    path = book / "e5.gsp"
    data = path.read_bytes()
    path.write_bytes(data[:900_000] + chance.randbytes(1000) + data[900_000:])


def _film(folder: Path) -> bytes:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "start.mp4"
    subprocess.run([*FILM, "-y", str(path)], check=True)
    data = path.read_bytes()
    path.unlink()
    return data


def _padded(path: Path, start: bytes, size_bytes: int, chance: random.Random) -> None:
    """Write a film with a box that players pass over (ISO 14496-12, 8.1.2)."""
    rest = max(9, size_bytes - len(start))
    filling = chance.randbytes(rest - 8)
    path.write_bytes(start + rest.to_bytes(4, "big") + b"free" + filling)


def _text(chance: random.Random, characters: int) -> str:
    return "".join(chance.choices(WORDS, k=characters))


def _zip(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 9, 1, 8, 0, 0)), data)


def _slides(title: str, chance: random.Random) -> dict[str, bytes]:
    types = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/'
        'package/2006/content-types"><Default Extension="xml" ContentType="application'
        '/xml"/><Override PartName="/ppt/presentation.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"/>'
        "</Types>"
    )
    pictures = random.Random(8)
    return {
        "[Content_Types].xml": types.encode(),
        "ppt/presentation.xml": b"<p:presentation/>",
        "ppt/slides/slide1.xml": f"<p:sld><a:t>{title}</a:t></p:sld>".encode(),
        **{f"ppt/media/{n}.jpeg": pictures.randbytes(300_000) for n in range(10)},
    }


def _pages(word: str, chance: random.Random) -> dict[str, bytes]:
    pages = random.Random(9)
    return {
        "index.html": f"<html><body>{word}</body></html>".encode(),
        **{f"pictures/{n}.png": pages.randbytes(150_000) for n in range(12)},
    }


def _pdf(path: Path, date: str, chance: random.Random) -> None:
    """Write a PDF whose pages stay and whose date, and so every offset, changes."""
    pages = random.Random(10)
    parts = [f"%PDF-1.5\n% exported {date}\n".encode()]
    offsets = []
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>",
    ]
    for _ in range(12):
        stream = zlib.compress(pages.randbytes(150_000))
        bodies.append(
            b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream)
            + stream
            + b"\nendstream"
        )
    for number, body in enumerate(bodies, 1):
        offsets.append(sum(map(len, parts)))
        parts.append(b"%d 0 obj\n" % number + body + b"\nendobj\n")
    table = sum(map(len, parts))
    rows = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    parts.append(f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n{rows}".encode())
    parts.append(
        f"trailer\n<< /Size {len(bodies) + 1} /Root 1 0 R >>\nstartxref\n{table}\n"
        "%%EOF\n".encode()
    )
    path.write_bytes(b"".join(parts))
