"""Real Office files, made once a session by LibreOffice from flat sources written here."""

import subprocess
from pathlib import Path

_NAMES = """
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
 xmlns:presentation="urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 xmlns:xlink="http://www.w3.org/1999/xlink"
 office:version="1.2"
"""

SLIDES = (
    ("静夜思", "床前明月光，疑是地上霜。", "先让学生读两遍"),
    ("认识作者", "李白，字太白，唐代诗人。Li Bai", "看一张画像"),
    ("练习", "把诗句补充完整：举头望____", ""),
)
LETTER = (
    "大青树下的小学",
    "早晨，从山坡上，从坪坝里，从一条条开着绒球花和太阳花的小路上，走来了许多小学生。",
    "Reading aloud, photograph and 3 questions.",
)
SHEET = (("姓名", "语文", "95"), ("王小明", "数学", "88"))


def make(folder: Path) -> dict[str, Path]:
    """Write the sources and have them converted; returns the files by format."""
    (folder / "slides.fodp").write_text(_presentation(), encoding="utf-8")
    (folder / "letter.fodt").write_text(_text(), encoding="utf-8")
    (folder / "marks.fods").write_text(_sheet(), encoding="utf-8")
    _convert(folder, "ppt", "slides.fodp")
    _convert(folder, "doc", "letter.fodt")
    _convert(folder, "pdf", "slides.fodp", "letter.fodt")
    _convert(folder, "pptx", "slides.fodp")
    _convert(folder, "docx", "letter.fodt")
    _convert(folder, "xlsx", "marks.fods")
    return {
        "ppt": folder / "slides.ppt",
        "pptx": folder / "slides.pptx",
        "doc": folder / "letter.doc",
        "docx": folder / "letter.docx",
        "xlsx": folder / "marks.xlsx",
        "pdf": folder / "letter.pdf",
        "slides.pdf": folder / "slides.pdf",
    }


def _convert(folder: Path, target: str, *names: str) -> None:
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless"]
        + ["--convert-to", target, "--outdir", str(folder)]
        + [str(folder / name) for name in names],
        check=True,
        capture_output=True,
        timeout=120,
    )


def _document(kind: str, body: str) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document {_NAMES}'
        f' office:mimetype="application/vnd.oasis.opendocument.{kind}">'
        f"<office:body>{body}</office:body></office:document>"
    )


def _presentation() -> str:
    pages = "".join(
        f'<draw:page draw:name="p{number}">'
        f"{_box(title, 1, 'title')}{_box(body, 6)}"
        f"<presentation:notes>{_box(note, 3, 'notes')}</presentation:notes></draw:page>"
        for number, (title, body, note) in enumerate(SLIDES)
    )
    return _document(
        "presentation", f"<office:presentation>{pages}</office:presentation>"
    )


def _box(words: str, y: int, kind: str = "") -> str:
    role = f' presentation:class="{kind}"' if kind else ""
    return (
        f'<draw:frame{role} svg:x="2cm" svg:y="{y}cm" svg:width="20cm" svg:height="3cm">'
        f"<draw:text-box><text:p>{words}</text:p></draw:text-box></draw:frame>"
    )


def _text() -> str:
    paragraphs = "".join(f"<text:p>{words}</text:p>" for words in LETTER)
    link = (
        '<text:p><text:a xlink:href="http://secret.example/">看图说话</text:a></text:p>'
    )
    return _document("text", f"<office:text>{paragraphs}{link}</office:text>")


def _sheet() -> str:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in SHEET
    )
    table = f'<table:table table:name="期中成绩">{rows}</table:table>'
    return _document("spreadsheet", f"<office:spreadsheet>{table}</office:spreadsheet>")
