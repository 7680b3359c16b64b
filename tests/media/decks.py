"""Small PowerPoint files, written by hand: shapes, what enters on a click, sounds."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    f' xmlns:r="{OFFICE}"'
    ' xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TREE = (
    '<p:nvGrpSpPr><p:cNvPr id="1" name=""/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>'
    "<p:grpSpPr/>"
)


@dataclass
class Slide:
    """Coloured boxes with text, from the top down; ids 2, 3, … in this order."""

    boxes: Sequence[tuple[str, str]]
    """(colour, text); ``|`` parts paragraphs."""
    timing: str = ""
    hidden: bool = False
    media: Sequence[tuple[str, bytes]] = ()
    """(name in ppt/media, bytes)."""
    links: Sequence[str] = field(default_factory=list)
    """External targets of films."""


def effect(
    shape: int, kind="entr", node="clickEffect", paragraphs=None, inner=""
) -> str:
    """Return one effect; ``paragraphs`` is (first, last)."""
    text = (
        f'<p:txEl><p:pRg st="{paragraphs[0]}" end="{paragraphs[1]}"/></p:txEl>'
        if paragraphs
        else inner
    )
    return (
        f'<p:par><p:cTn presetID="1" presetClass="{kind}" nodeType="{node}"><p:childTnLst>'
        f'<p:set><p:cBhvr><p:cTn dur="1"/><p:tgtEl><p:spTgt spid="{shape}">{text}</p:spTgt>'
        "</p:tgtEl></p:cBhvr></p:set></p:childTnLst></p:cTn></p:par>"
    )  # fmt: skip


def click(*effects: str) -> str:
    """Return what one click starts."""
    inside = (
        f"<p:par><p:cTn><p:childTnLst>{''.join(effects)}</p:childTnLst></p:cTn></p:par>"
    )
    return f"<p:par><p:cTn><p:childTnLst>{inside}</p:childTnLst></p:cTn></p:par>"


def timing(*clicks: str, by_shape: Sequence[str] = ()) -> str:
    """Return ``p:timing``: clicks in order, and sequences that a shape starts."""
    sequences = [("mainSeq", clicks), *(("interactiveSeq", [one]) for one in by_shape)]
    inside = "".join(
        f'<p:seq><p:cTn nodeType="{kind}"><p:childTnLst>{"".join(steps)}</p:childTnLst>'
        "</p:cTn></p:seq>"
        for kind, steps in sequences
    )
    return (
        '<p:timing><p:tnLst><p:par><p:cTn id="1" nodeType="tmRoot"><p:childTnLst>'
        f"{inside}</p:childTnLst></p:cTn></p:par></p:tnLst></p:timing>"
    )


def slide_xml(slide: Slide) -> str:
    """Return the part of one slide."""
    high = 6_858_000 // max(len(slide.boxes), 1)
    shapes = ""
    for n, (colour, text) in enumerate(slide.boxes):
        paragraphs = "".join(
            f'<a:p><a:r><a:rPr lang="zh-CN" sz="3200"/><a:t>{one}</a:t></a:r></a:p>'
            for one in text.split("|")
        )
        shapes += (
            f'<p:sp><p:nvSpPr><p:cNvPr id="{n + 2}" name="box {n}"/><p:cNvSpPr/><p:nvPr/>'
            f'</p:nvSpPr><p:spPr><a:xfrm><a:off x="0" y="{n * high}"/>'
            f'<a:ext cx="12192000" cy="{high}"/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
            f'</a:prstGeom><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></p:spPr>'
            f"<p:txBody><a:bodyPr/><a:lstStyle/>{paragraphs}</p:txBody></p:sp>"
        )
    show = ' show="0"' if slide.hidden else ""
    return (
        f"{XML}<p:sld {NS}{show}><p:cSld><p:spTree>{TREE}{shapes}</p:spTree></p:cSld>"
        f"<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>{slide.timing}</p:sld>"
    )


def rels(*links: tuple[str, str]) -> str:
    """Return a relationship part of (kind, target); targets with :// are outside."""
    inside = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/{kind}" Target="{target}"'
        f"{' TargetMode=' + chr(34) + 'External' + chr(34) if '://' in target else ''}/>"
        for n, (kind, target) in enumerate(links, 1)
    )
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    return f'{XML}<Relationships xmlns="{package}">{inside}</Relationships>'


def deck(path: Path, slides: Sequence[Slide]) -> Path:
    """Write a .pptx."""
    kind = "application/vnd.openxmlformats-officedocument.presentationml."
    overrides = {
        "ppt/presentation.xml": "presentation.main+xml",
        "ppt/slideMasters/slideMaster1.xml": "slideMaster+xml",
        "ppt/slideLayouts/slideLayout1.xml": "slideLayout+xml",
    }
    parts: dict[str, str | bytes] = {}
    for n, slide in enumerate(slides, 1):
        name = f"ppt/slides/slide{n}.xml"
        overrides[name] = "slide+xml"
        parts[name] = slide_xml(slide)
        media = [("video", f"../media/{media_name}") for media_name, _ in slide.media]
        media += [("video", link) for link in slide.links]
        parts[f"ppt/slides/_rels/slide{n}.xml.rels"] = rels(
            ("slideLayout", "../slideLayouts/slideLayout1.xml"), *media
        )
        parts |= {f"ppt/media/{media_name}": data for media_name, data in slide.media}
    ids = "".join(
        f'<p:sldId id="{255 + n}" r:id="rId{n + 1}"/>'
        for n in range(1, len(slides) + 1)
    )
    parts["ppt/presentation.xml"] = (
        f'{XML}<p:presentation {NS}><p:sldMasterIdLst><p:sldMasterId id="2147483648"'
        f' r:id="rId1"/></p:sldMasterIdLst><p:sldIdLst>{ids}</p:sldIdLst>'
        '<p:sldSz cx="12192000" cy="6858000"/><p:notesSz cx="6858000" cy="9144000"/>'
        "</p:presentation>"
    )
    parts["ppt/_rels/presentation.xml.rels"] = rels(
        ("slideMaster", "slideMasters/slideMaster1.xml"),
        *(("slide", f"slides/slide{n}.xml") for n in range(1, len(slides) + 1)),
    )
    colours = {
        name: "bg1" if name == "bg1" else name
        for name in (
            "bg1", "tx1", "bg2", "tx2", "accent1", "accent2", "accent3", "accent4",
            "accent5", "accent6", "hlink", "folHlink",
        )
    }  # fmt: skip
    colours |= {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
    mapped = " ".join(f'{name}="{value}"' for name, value in colours.items())
    empty = f"<p:cSld><p:spTree>{TREE}</p:spTree></p:cSld>"
    parts["ppt/slideMasters/slideMaster1.xml"] = (
        f"{XML}<p:sldMaster {NS}>{empty}<p:clrMap {mapped}/><p:sldLayoutIdLst>"
        '<p:sldLayoutId id="2147483649" r:id="rId1"/></p:sldLayoutIdLst></p:sldMaster>'
    )
    parts["ppt/slideMasters/_rels/slideMaster1.xml.rels"] = rels(
        ("slideLayout", "../slideLayouts/slideLayout1.xml")
    )
    parts["ppt/slideLayouts/slideLayout1.xml"] = (
        f"{XML}<p:sldLayout {NS}>{empty}</p:sldLayout>"
    )
    parts["ppt/slideLayouts/_rels/slideLayout1.xml.rels"] = rels(
        ("slideMaster", "../slideMasters/slideMaster1.xml")
    )
    parts["_rels/.rels"] = rels(("officeDocument", "ppt/presentation.xml"))
    types = "".join(
        f'<Override PartName="/{name}" ContentType="{kind}{value}"/>'
        for name, value in overrides.items()
    )
    parts["[Content_Types].xml"] = (
        f'{XML}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
        'relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="mp4" ContentType="video/mp4"/>{types}</Types>'
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in parts.items():
            out.writestr(name, data)
    return path
