"""Office files written by hand: a zip of a few small XML pages.

Only what a lesson needs: slides with text, pictures, a sound and shapes that enter on a
click; documents with headings, tables and pictures; sheets of rows. Dates and ids are
fixed, so the same content is the same file. Source of the shapes: ECMA-376, parts 1 and 4.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

EMU = 12_700  # English metric units in a point
WHEN = (2026, 9, 1, 8, 0, 0)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org"
R = f"{OFFICE}/officeDocument/2006/relationships"
P_NS = (
    f'xmlns:a="{OFFICE}/drawingml/2006/main" xmlns:r="{R}" '
    f'xmlns:p="{OFFICE}/presentationml/2006/main"'
)
TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "mp3": "audio/mpeg", "xml": "application/xml",
    "rels": "application/vnd.openxmlformats-package.relationships+xml",
}  # fmt: skip
MAKER = "向阳教学点 教研组"


def write_zip(target: Path, members: Mapping[str, str | bytes]) -> None:
    """Write ``members`` in their order, with one fixed date."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def content_types(overrides: Mapping[str, str]) -> str:
    """Return ``[Content_Types].xml``."""
    rows = [f'<Default Extension="{e}" ContentType="{t}"/>' for e, t in TYPES.items()]
    rows += [
        f'<Override PartName="/{part}" ContentType="application/vnd.openxmlformats-{kind}+xml"/>'
        for part, kind in overrides.items()
    ]
    return f'{XML}<Types xmlns="{OFFICE}/package/2006/content-types">{"".join(rows)}</Types>'


def rels(rows: Sequence[tuple[str, str, str]]) -> str:
    """Return a relationships part of (id, type, target)."""
    inside = "".join(
        f'<Relationship Id="{i}" Type="{t if t.startswith("http") else f"{R}/{t}"}" Target="{g}"/>'
        for i, t, g in rows
    )
    return f'{XML}<Relationships xmlns="{OFFICE}/package/2006/relationships">{inside}</Relationships>'


def core(title: str) -> str:
    """Return the properties of a file: its title and who made it."""
    return (
        f'{XML}<cp:coreProperties xmlns:cp="{OFFICE}/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>{MAKER}</dc:creator>"
        '<dcterms:created xsi:type="dcterms:W3CDTF">2026-09-01T08:00:00Z</dcterms:created>'
        "</cp:coreProperties>"
    )


CORE_REL = f"{OFFICE}/package/2006/relationships/metadata/core-properties"


# ---- slides ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """A thing on a slide; lengths in points on a page of 960 × 540."""

    x: float
    y: float
    w: float
    h: float
    text: str = ""
    size: float = 24
    colour: str = "1C2730"
    bold: bool = False
    align: str = "l"
    face: str = "微软雅黑"
    fill: str = ""
    picture: bytes = b""
    sound: bytes = b""
    """An MP3; ``picture`` is then what one clicks on."""
    click: int = 0
    """The click on which it enters; 0 has been there from the start."""
    square: bool = False
    """No rounded corners: as .ppt, LibreOffice 7.4 loses the fill of a rounded box."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide."""

    boxes: Sequence[Box]
    ground: str = "FAF8F3"
    notes: str = field(default="")


def _frame(box: Box) -> str:
    x, y, w, h = (round(v * EMU) for v in (box.x, box.y, box.w, box.h))
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{w}" cy="{h}"/></a:xfrm>'


def _text_shape(n: int, box: Box) -> str:
    fill = (
        f'<a:solidFill><a:srgbClr val="{box.fill}"/></a:solidFill>'
        if box.fill
        else "<a:noFill/>"
    )
    shape = "roundRect" if box.fill and not box.square else "rect"
    rows = "".join(
        f'<a:p><a:pPr algn="{box.align}"><a:lnSpc><a:spcPct val="120000"/></a:lnSpc></a:pPr>'
        f'<a:r><a:rPr lang="zh-CN" sz="{round(box.size * 100)}" b="{int(box.bold)}">'
        f'<a:solidFill><a:srgbClr val="{box.colour}"/></a:solidFill>'
        f'<a:latin typeface="{box.face}"/><a:ea typeface="{box.face}"/></a:rPr>'
        f"<a:t>{escape(row)}</a:t></a:r></a:p>"
        for row in (box.text or " ").split("\n")
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="{n}" name="{escape(box.name or f"文本 {n}")}"/><p:cNvSpPr/><p:nvPr/>'
        f'</p:nvSpPr><p:spPr>{_frame(box)}<a:prstGeom prst="{shape}"><a:avLst/></a:prstGeom>{fill}<a:ln><a:noFill/></a:ln></p:spPr>'
        f'<p:txBody><a:bodyPr wrap="square" anchor="{"t" if not box.fill else "ctr"}"/><a:lstStyle/>{rows}</p:txBody></p:sp>'
    )


def _picture(n: int, box: Box, picture: str, sound: tuple[str, str] | None) -> str:
    click, media = "", "<p:nvPr/>"
    if sound:
        click = '<a:hlinkClick r:id="" action="ppaction://media"/>'
        media = (
            f'<p:nvPr><a:audioFile r:link="{sound[0]}"/><p:extLst>'
            '<p:ext uri="{DAA4B4D4-6D71-4841-9C94-3DE7FCFB9230}"><p14:media '
            'xmlns:p14="http://schemas.microsoft.com/office/powerpoint/2010/main" '
            f'r:embed="{sound[1]}"/></p:ext></p:extLst></p:nvPr>'
        )
    return (
        f'<p:pic><p:nvPicPr><p:cNvPr id="{n}" name="{escape(box.name or f"图片 {n}")}">{click}</p:cNvPr>'
        f'<p:cNvPicPr><a:picLocks noChangeAspect="1"/></p:cNvPicPr>{media}</p:nvPicPr>'
        f'<p:blipFill><a:blip r:embed="{picture}"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>'
        f'<p:spPr>{_frame(box)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></p:spPr></p:pic>'
    )


def _timing(clicks: Mapping[int, Sequence[int]], sounds: Sequence[int]) -> str:
    """Return ``p:timing``: which shapes enter on which click, which shapes are sounds."""
    if not clicks and not sounds:
        return ""
    ids = iter(range(3, 10_000))
    start = '<p:stCondLst><p:cond delay="{}"/></p:stCondLst>'.format
    steps = ""
    for click in sorted(clicks):
        effects = ""
        for place, shape in enumerate(clicks[click]):
            node = "withEffect" if place else "clickEffect"
            effects += (
                f'<p:par><p:cTn id="{next(ids)}" presetID="1" presetClass="entr" presetSubtype="0" '
                f'fill="hold" nodeType="{node}">{start(0)}<p:childTnLst><p:set><p:cBhvr>'
                f'<p:cTn id="{next(ids)}" dur="1" fill="hold">{start(0)}</p:cTn>'
                f'<p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl><p:attrNameLst><p:attrName>'
                "style.visibility</p:attrName></p:attrNameLst></p:cBhvr><p:to>"
                '<p:strVal val="visible"/></p:to></p:set></p:childTnLst></p:cTn></p:par>'
            )
        steps += (
            f'<p:par><p:cTn id="{next(ids)}" fill="hold">{start("indefinite")}<p:childTnLst>'
            f'<p:par><p:cTn id="{next(ids)}" fill="hold">{start(0)}<p:childTnLst>{effects}'
            "</p:childTnLst></p:cTn></p:par></p:childTnLst></p:cTn></p:par>"
        )
    edge = '<p:{0}CondLst><p:cond evt="on{1}" delay="0"><p:tgtEl><p:sldTgt/></p:tgtEl></p:cond></p:{0}CondLst>'.format
    sequence = (
        '<p:seq concurrent="1" nextAc="seek"><p:cTn id="2" dur="indefinite" nodeType="mainSeq">'
        f"<p:childTnLst>{steps}</p:childTnLst></p:cTn>{edge('prev', 'Prev')}{edge('next', 'Next')}</p:seq>"
        if steps
        else ""
    )
    heard = "".join(
        f'<p:audio><p:cMediaNode vol="80000"><p:cTn id="{next(ids)}" fill="hold" display="0">'
        f'{start("indefinite")}</p:cTn><p:tgtEl><p:spTgt spid="{shape}"/></p:tgtEl></p:cMediaNode></p:audio>'
        for shape in sounds
    )
    return (
        '<p:timing><p:tnLst><p:par><p:cTn id="1" dur="indefinite" restart="never" nodeType="tmRoot">'
        f"<p:childTnLst>{sequence}{heard}</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
    )


TREE = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
    '<p:grpSpPr><a:xfrm><a:off x="0" y="0"/><a:ext cx="0" cy="0"/><a:chOff x="0" y="0"/>'
    '<a:chExt cx="0" cy="0"/></a:xfrm></p:grpSpPr>'
)
COLOURS = {
    "dk1": "1C2730", "lt1": "FFFFFF", "dk2": "4C5A64", "lt2": "FAF8F3", "accent1": "17694A",
    "accent2": "A8432F", "accent3": "2B5FA8", "accent4": "6B4BA3", "accent5": "2F7A4F",
    "accent6": "8A5A00", "hlink": "17694A", "folHlink": "4C5A64",
}  # fmt: skip


def _theme() -> str:
    colours = "".join(
        f'<a:{n}><a:srgbClr val="{v}"/></a:{n}>' for n, v in COLOURS.items()
    )
    faces = (
        '<a:latin typeface="微软雅黑"/><a:ea typeface="微软雅黑"/><a:cs typeface=""/>'
    )
    solid = '<a:solidFill><a:schemeClr val="phClr"/></a:solidFill>' * 3
    lines = (
        '<a:ln w="9525"><a:solidFill><a:schemeClr val="phClr"/></a:solidFill></a:ln>'
        * 3
    )
    effects = "<a:effectStyle><a:effectLst/></a:effectStyle>" * 3
    return (
        f'{XML}<a:theme xmlns:a="{OFFICE}/drawingml/2006/main" name="早晨的教室"><a:themeElements>'
        f'<a:clrScheme name="早晨的教室">{colours}</a:clrScheme><a:fontScheme name="早晨的教室">'
        f"<a:majorFont>{faces}</a:majorFont><a:minorFont>{faces}</a:minorFont></a:fontScheme>"
        f'<a:fmtScheme name="早晨的教室"><a:fillStyleLst>{solid}</a:fillStyleLst><a:lnStyleLst>{lines}'
        f"</a:lnStyleLst><a:effectStyleLst>{effects}</a:effectStyleLst><a:bgFillStyleLst>{solid}"
        "</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    )


def presentation(target: Path, title: str, slides: Sequence[Slide]) -> None:
    """Write a .pptx of 16:9 slides."""
    ml = "officedocument.presentationml"
    kinds = {
        "ppt/presentation.xml": f"{ml}.presentation.main",
        "ppt/slideMasters/slideMaster1.xml": f"{ml}.slideMaster",
        "ppt/slideLayouts/slideLayout1.xml": f"{ml}.slideLayout",
        "ppt/theme/theme1.xml": "officedocument.theme",
        "docProps/core.xml": "package.core-properties",
        **{
            f"ppt/slides/slide{n}.xml": f"{ml}.slide" for n in range(1, len(slides) + 1)
        },
    }
    listed = "".join(
        f'<p:sldId id="{255 + n}" r:id="s{n}"/>' for n in range(1, len(slides) + 1)
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": content_types(kinds),
        "_rels/.rels": rels([("r1", "officeDocument", "ppt/presentation.xml"), ("r2", CORE_REL, "docProps/core.xml")]),
        "docProps/core.xml": core(title),
        "ppt/presentation.xml": f'{XML}<p:presentation {P_NS}><p:sldMasterIdLst><p:sldMasterId id="2147483648" r:id="m1"/>'
        f'</p:sldMasterIdLst><p:sldIdLst>{listed}</p:sldIdLst><p:sldSz cx="{960 * EMU}" cy="{540 * EMU}"/>'
        f'<p:notesSz cx="{540 * EMU}" cy="{720 * EMU}"/></p:presentation>',
        "ppt/_rels/presentation.xml.rels": rels(
            [("m1", "slideMaster", "slideMasters/slideMaster1.xml"), ("t1", "theme", "theme/theme1.xml"),
             *((f"s{n}", "slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1))]),
        "ppt/theme/theme1.xml": _theme(),
        "ppt/slideMasters/slideMaster1.xml": f"{XML}<p:sldMaster {P_NS}><p:cSld><p:spTree>{TREE}</p:spTree></p:cSld>"
        '<p:clrMap bg1="lt1" tx1="dk1" bg2="lt2" tx2="dk2" accent1="accent1" accent2="accent2" accent3="accent3" '
        'accent4="accent4" accent5="accent5" accent6="accent6" hlink="hlink" folHlink="folHlink"/>'
        '<p:sldLayoutIdLst><p:sldLayoutId id="2147483649" r:id="l1"/></p:sldLayoutIdLst></p:sldMaster>',
        "ppt/slideMasters/_rels/slideMaster1.xml.rels": rels(
            [("l1", "slideLayout", "../slideLayouts/slideLayout1.xml"), ("t1", "theme", "../theme/theme1.xml")]),
        "ppt/slideLayouts/slideLayout1.xml": f'{XML}<p:sldLayout {P_NS} type="blank"><p:cSld><p:spTree>{TREE}</p:spTree>'
        "</p:cSld><p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr></p:sldLayout>",
        "ppt/slideLayouts/_rels/slideLayout1.xml.rels": rels([("m1", "slideMaster", "../slideMasters/slideMaster1.xml")]),
    }  # fmt: skip
    media: dict[bytes, str] = {}

    def keep(content: bytes, extension: str) -> str:
        name = media.setdefault(content, f"media{len(media) + 1}.{extension}")
        parts[f"ppt/media/{name}"] = content
        return f"../media/{name}"

    for number, slide in enumerate(slides, 1):
        links = [("l1", "slideLayout", "../slideLayouts/slideLayout1.xml")]
        drawn, sounds = "", list[int]()
        clicks: dict[int, list[int]] = {}
        for n, box in enumerate(slide.boxes, 2):
            if box.picture:
                extension = "png" if box.picture.startswith(b"\x89PNG") else "jpeg"
                links.append((f"p{n}", "image", keep(box.picture, extension)))
                sound = None
                if box.sound:
                    kept = keep(box.sound, "mp3")
                    links.append((f"a{n}", "audio", kept))
                    links.append(
                        (
                            f"b{n}",
                            "http://schemas.microsoft.com/office/2007/relationships/media",
                            kept,
                        )
                    )
                    sound = (f"a{n}", f"b{n}")
                    sounds.append(n)
                drawn += _picture(n, box, f"p{n}", sound)
            else:
                drawn += _text_shape(n, box)
            if box.click:
                clicks.setdefault(box.click, []).append(n)
        parts[f"ppt/slides/slide{number}.xml"] = (
            f'{XML}<p:sld {P_NS}><p:cSld><p:bg><p:bgPr><a:solidFill><a:srgbClr val="{slide.ground}"/></a:solidFill>'
            f"<a:effectLst/></p:bgPr></p:bg><p:spTree>{TREE}{drawn}</p:spTree></p:cSld>"
            f"<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>{_timing(clicks, sounds)}</p:sld>"
        )
        parts[f"ppt/slides/_rels/slide{number}.xml.rels"] = rels(links)
    write_zip(target, parts)
