"""Documents, sheets, and what LibreOffice makes of them: .doc, .ppt, .xls, .pdf.

A document is a list of blocks in the order they are read.
"""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from .ooxml import CORE_REL, EMU, OFFICE, XML, R, content_types, core, rels, write_zip


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a table or a picture."""

    text: str = ""
    style: str = "body"
    """``title``, ``heading``, ``body`` or ``poem``."""
    rows: Sequence[Sequence[str]] = ()
    row_height_pt: float = 0
    picture: bytes = b""
    size_pt: tuple[float, float] = (0, 0)


STYLES = {  # size in half points, face, bold, alignment, space after in twentieths of a point
    "title": (36, "黑体", True, "center", 240),
    "heading": (26, "黑体", True, "left", 120),
    "body": (24, "宋体", False, "left", 100),
    "poem": (32, "楷体", False, "center", 60),
}


def _paragraph(text: str, style: str, inside: str = "") -> str:
    size, face, bold, align, after = STYLES[style]
    run = (
        f'<w:rFonts w:ascii="{face}" w:hAnsi="{face}" w:eastAsia="{face}"/>'
        f'{"<w:b/>" if bold else ""}<w:sz w:val="{size}"/>'
    )
    kept = '<w:pStyle w:val="Heading1"/>' if style == "heading" else ""
    return (
        f'<w:p><w:pPr>{kept}<w:spacing w:after="{after}" w:line="360" w:lineRule="auto"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:rPr>{run}</w:rPr>{inside or f"""<w:t xml:space="preserve">{escape(text)}</w:t>"""}</w:r></w:p>'
    )


def _table(block: Block) -> str:
    edge = "".join(
        f'<w:{side} w:val="single" w:sz="6" w:color="8F9CA3"/>'
        for side in ("top", "left", "bottom", "right", "insideH", "insideV")
    )
    wide = 9000 // max(len(row) for row in block.rows)
    high = (
        f'<w:trPr><w:trHeight w:val="{round(block.row_height_pt * 20)}"/></w:trPr>'
        if block.row_height_pt
        else ""
    )
    rows = "".join(
        f"<w:tr>{high}"
        + "".join(
            f'<w:tc><w:tcPr><w:tcW w:w="{wide}" w:type="dxa"/></w:tcPr>{_paragraph(cell, "body")}</w:tc>'
            for cell in row
        )
        + "</w:tr>"
        for row in block.rows
    )
    grid = f'<w:gridCol w:w="{wide}"/>' * max(len(row) for row in block.rows)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="9000" w:type="dxa"/><w:tblBorders>{edge}</w:tblBorders></w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>{_paragraph('', 'body')}"
    )


def _picture(n: int, block: Block) -> str:
    w, h = (round(v * EMU) for v in block.size_pt)
    main = f"{OFFICE}/drawingml/2006"
    return _paragraph("", "poem", (
        f'<w:drawing><wp:inline xmlns:wp="{main}/wordprocessingDrawing"><wp:extent cx="{w}" cy="{h}"/>'
        f'<wp:docPr id="{n}" name="插图 {n}" descr="{escape(block.text)}"/><a:graphic xmlns:a="{main}/main">'
        f'<a:graphicData uri="{main}/picture"><pic:pic xmlns:pic="{main}/picture"><pic:nvPicPr>'
        f'<pic:cNvPr id="{n}" name="插图"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill><a:blip r:embed="p{n}"/>'
        '<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm><a:off x="0" y="0"/>'
        f'<a:ext cx="{w}" cy="{h}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr>'
        "</pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    ))  # fmt: skip


def document(target: Path, title: str, blocks: Sequence[Block]) -> None:
    """Write a .docx on A4 paper."""
    body, links = "", [("st", "styles", "styles.xml")]
    media: dict[str, str | bytes] = {}
    for n, block in enumerate(blocks, 1):
        if block.rows:
            body += _table(block)
        elif block.picture:
            body += _picture(n, block)
            media[f"word/media/picture{n}.jpeg"] = block.picture
            links.append((f"p{n}", "image", f"media/picture{n}.jpeg"))
        else:
            body += _paragraph(block.text, block.style)
    ns = f'xmlns:w="{OFFICE}/wordprocessingml/2006/main" xmlns:r="{R}"'
    ml = "officedocument.wordprocessingml"
    write_zip(target, {
        "[Content_Types].xml": content_types({
            "word/document.xml": f"{ml}.document.main", "word/styles.xml": f"{ml}.styles",
            "docProps/core.xml": "package.core-properties"}),
        "_rels/.rels": rels([("r1", "officeDocument", "word/document.xml"), ("r2", CORE_REL, "docProps/core.xml")]),
        "docProps/core.xml": core(title),
        "word/document.xml": f'{XML}<w:document {ns}><w:body>{body}<w:sectPr><w:pgSz w:w="11906" w:h="16838"/>'
        '<w:pgMar w:top="1300" w:right="1400" w:bottom="1300" w:left="1400" w:header="700" w:footer="700" w:gutter="0"/>'
        "</w:sectPr></w:body></w:document>",
        "word/styles.xml": f'{XML}<w:styles {ns}><w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/>'
        '<w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>',
        "word/_rels/document.xml.rels": rels(links),
        **media,
    })  # fmt: skip


def sheet(
    target: Path,
    title: str,
    sheets: Sequence[tuple[str, Sequence[Sequence[str | float]]]],
) -> None:
    """Write an .xlsx; the first row of each sheet is its head."""
    main = f"{OFFICE}/spreadsheetml/2006/main"
    ml = "officedocument.spreadsheetml"

    def cell(row: int, column: int, value: str | float) -> str:
        place = f"{chr(65 + column)}{row}"
        head = ' s="1"' if row == 1 else ""
        if isinstance(value, str):
            return f'<c r="{place}"{head} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{place}"{head}><v>{value}</v></c>'

    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types({
            "xl/workbook.xml": f"{ml}.sheet.main", "xl/styles.xml": f"{ml}.styles",
            "docProps/core.xml": "package.core-properties",
            **{f"xl/worksheets/sheet{n}.xml": f"{ml}.worksheet" for n in range(1, len(sheets) + 1)}}),
        "_rels/.rels": rels([("r1", "officeDocument", "xl/workbook.xml"), ("r2", CORE_REL, "docProps/core.xml")]),
        "docProps/core.xml": core(title),
        "xl/workbook.xml": f'{XML}<workbook xmlns="{main}" xmlns:r="{R}"><sheets>'
        + "".join(f'<sheet name="{escape(name)}" sheetId="{n}" r:id="s{n}"/>' for n, (name, _) in enumerate(sheets, 1))
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": rels([
            ("st", "styles", "styles.xml"),
            *((f"s{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1))]),
        "xl/styles.xml": f'{XML}<styleSheet xmlns="{main}"><fonts count="2"><font><sz val="12"/><name val="宋体"/></font>'
        '<font><b/><sz val="12"/><name val="宋体"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill>'
        '</fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf fontId="0"/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>',
    }  # fmt: skip
    for n, (_, rows) in enumerate(sheets, 1):
        data = "".join(
            f'<row r="{r}">{"".join(cell(r, c, v) for c, v in enumerate(row))}</row>'
            for r, row in enumerate(rows, 1)
        )
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'{XML}<worksheet xmlns="{main}"><cols><col min="1" max="12" width="16" customWidth="1"/></cols>'
            f"<sheetData>{data}</sheetData></worksheet>"
        )
    write_zip(target, parts)


def convert(source: Path, form: str, target: Path, work: Path) -> None:
    """Let LibreOffice write ``source`` as ``doc``, ``ppt``, ``xls`` or ``pdf``."""
    work.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["nice", "soffice", f"-env:UserInstallation=file://{work.resolve()}/profile", "--headless",
         "--convert-to", form, "--outdir", str(work), str(source)],
        check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    shutil.move(work / f"{source.stem}.{form}", target)
