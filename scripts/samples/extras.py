"""The other things teachers keep: an e-book, a page to click on, a drawing, a zip."""

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from .ooxml import WHEN, write_zip

Chapter = tuple[str, str, Sequence[str]]
"""Title, the name of its picture, paragraphs."""

BOOK_CSS = (
    "body{font-family:serif;line-height:1.8;margin:1.2em}h1{font-size:1.4em;color:#17694a}"
    "p{text-indent:2em;margin:.6em 0}img{width:100%;border-radius:8px}"
)


def ebook(
    target: Path,
    title: str,
    author: str,
    chapters: Sequence[Chapter],
    pictures: Mapping[str, bytes],
) -> None:
    """Write an EPUB 3 with a picture at the head of each chapter, readable as EPUB 2 too."""
    xhtml = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="zh-CN"{}>'
    names = [f"chapter{n}" for n in range(1, len(chapters) + 1)]
    links = "".join(
        f'<li><a href="{name}.xhtml">{escape(chapter[0])}</a></li>'
        for name, chapter in zip(names, chapters, strict=True)
    )
    points = "".join(
        f'<navPoint id="n{n}" playOrder="{n}"><navLabel><text>{escape(chapter[0])}</text></navLabel>'
        f'<content src="chapter{n}.xhtml"/></navPoint>'
        for n, chapter in enumerate(chapters, 1)
    )
    items = "".join(
        f'<item id="{name}" href="{name}.xhtml" media-type="application/xhtml+xml"/>'
        f'<item id="p-{chapter[1]}" href="{chapter[1]}.jpeg" media-type="image/jpeg"/>'
        for name, chapter in zip(names, chapters, strict=True)
    )
    members: dict[str, str | bytes] = {
        "META-INF/container.xml": '<?xml version="1.0"?><container version="1.0" '
        'xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile '
        'full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "OEBPS/book.opf": '<?xml version="1.0" encoding="UTF-8"?><package xmlns="http://www.idpf.org/2007/opf" '
        'version="3.0" unique-identifier="id" xml:lang="zh-CN"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:identifier id="id">urn:jxd:sample:shanli</dc:identifier><dc:title>{escape(title)}</dc:title>'
        f"<dc:creator>{escape(author)}</dc:creator><dc:language>zh-CN</dc:language><dc:rights>CC BY 4.0</dc:rights>"
        '<meta property="dcterms:modified">2026-09-01T08:00:00Z</meta></metadata><manifest>'
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
        f'<item id="css" href="book.css" media-type="text/css"/>{items}</manifest><spine toc="ncx">'
        + "".join(f'<itemref idref="{name}"/>' for name in names)
        + "</spine></package>",
        "OEBPS/nav.xhtml": xhtml.format(' xmlns:epub="http://www.idpf.org/2007/ops"')
        + f'<head><title>目录</title></head><body><nav epub:type="toc"><h1>目录</h1><ol>{links}</ol></nav></body></html>',
        "OEBPS/toc.ncx": '<?xml version="1.0" encoding="UTF-8"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/" '
        f'version="2005-1"><head/><docTitle><text>{escape(title)}</text></docTitle><navMap>{points}</navMap></ncx>',
        "OEBPS/book.css": BOOK_CSS,
    }
    for name, (heading, picture, paragraphs) in zip(names, chapters, strict=True):
        text = "".join(f"<p>{escape(p)}</p>" for p in paragraphs)
        members[f"OEBPS/{name}.xhtml"] = (
            xhtml.format("")
            + f'<head><title>{escape(heading)}</title><link rel="stylesheet" href="book.css"/></head>'
            f'<body><img src="{picture}.jpeg" alt="{escape(heading)}"/><h1>{escape(heading)}</h1>{text}</body></html>'
        )
        members[f"OEBPS/{picture}.jpeg"] = pictures[picture]
    write_zip(target, members)
    _stored_first(target, "mimetype", b"application/epub+zip")


def _stored_first(target: Path, name: str, content: bytes) -> None:
    """Rewrite a zip so that ``name`` comes first and uncompressed, as EPUB asks."""
    with zipfile.ZipFile(target) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, WHEN), content)
        for info, data in members:
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)


ANGLE_PAGE = """<!DOCTYPE html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>量角练习</title><style>
body{margin:0;padding:24px;background:#faf8f3;color:#1c2730;font:18px/1.65 "Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:720px;margin:auto}h1{color:#1f4a86}section{background:#fff;border-radius:12px;padding:16px 24px;margin:16px 0}
svg{width:100%;height:auto}summary{color:#17694a;cursor:pointer;padding:8px 0}
</style></head><body><main><h1>量角练习</h1>
<p>先估一估，再用量角器量一量。点“看答案”对一对。</p>
__QUESTIONS__
<p>记住三步：点对点，线对边，读刻度。</p></main></body></html>
"""


def angle_page() -> str:
    """Return a page of four angles; the answers open without script."""
    from .canvas import around

    questions = []
    for n, degrees in enumerate((40, 90, 125, 155), 1):
        x, y = around(220, 150, 190, degrees)
        ax, ay = around(220, 150, 44, degrees)
        questions.append(
            f'<section><h2>第 {n} 题</h2><svg viewBox="0 0 440 180" role="img" aria-label="一个角">'
            f'<path d="M264 150A44 44 0 0 0 {ax:.1f} {ay:.1f}" fill="none" stroke="#17694a" stroke-width="4"/>'
            f'<path d="M{x:.1f} {max(y, 6):.1f}L220 150L420 150" fill="none" stroke="#1c2730" stroke-width="5" stroke-linecap="round"/>'
            '<circle cx="220" cy="150" r="6" fill="#17694a"/></svg>'
            f"<details><summary>看答案</summary><p>这个角是 {degrees}°。</p></details></section>"
        )
    return ANGLE_PAGE.replace("__QUESTIONS__", "\n".join(questions))


def geogebra(target: Path, thumbnail: bytes) -> None:
    """Write a GeoGebra file: an angle whose second side can be dragged."""
    point = '<element type="point" label="{}"><show object="true" label="true"/><coords x="{}" y="{}" z="1"/></element>'.format
    write_zip(target, {
        "geogebra.xml": '<?xml version="1.0" encoding="utf-8"?><geogebra format="5.0" app="classic">'
        '<construction title="角的度量" author="向阳教学点" date="2026-09-01">'
        f'{point("A", 0, 0)}{point("B", 5, 0)}{point("C", 2, 3.464)}'
        '<command name="Angle"><input a0="B" a1="A" a2="C"/><output a0="α"/></command>'
        '<element type="angle" label="α"><show object="true" label="true"/></element>'
        "</construction></geogebra>",
        "geogebra_thumbnail.png": thumbnail,
        "geogebra_javascript.js": "function ggbOnInit() {}\n",
    })  # fmt: skip


def gb_zip(target: Path, members: Mapping[str, bytes]) -> None:
    """Write a zip as Chinese Windows does: names in GB18030 and no flag that says so.

    Python's `zipfile` would write UTF-8 names, so the few structures are written here
    (APPNOTE.TXT 4.3.7, 4.3.12, 4.3.16).
    """
    local, central = b"", b""
    date = (WHEN[0] - 1980) << 9 | WHEN[1] << 5 | WHEN[2]
    clock = WHEN[3] << 11
    for text, data in members.items():
        name = text.encode("gb18030")
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = packer.compress(data) + packer.flush()
        common = struct.pack(
            "<HHHHHIIIHH", 20, 0, 8, clock, date, zlib.crc32(data), len(packed), len(data), len(name), 0,
        )  # fmt: skip
        central += (
            b"PK\1\2"
            + struct.pack("<H", 20)
            + common
            + struct.pack("<HHHII", 0, 0, 0, 0, len(local))
            + name
        )
        local += b"PK\3\4" + common + name + packed
    end = struct.pack(
        "<HHHHIIH", 0, 0, len(members), len(members), len(central), len(local), 0
    )
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(local + central + b"PK\5\6" + end)
