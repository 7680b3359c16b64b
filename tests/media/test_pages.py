"""Documents become page pictures; what cannot says why."""

import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.media import office, pages


def pdf(path: Path, sizes: list[tuple[int, int]]) -> Path:
    """Write a PDF of empty pages of these sizes, in points."""
    kids = " ".join(f"{n + 3} 0 R" for n in range(len(sizes)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>"]
    objects.append(f"<</Type/Pages/Kids[{kids}]/Count {len(sizes)}>>")
    objects += [
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {width} {height}]>>"
        for width, height in sizes
    ]
    text = "%PDF-1.4\n"
    for n, body in enumerate(objects, 1):
        text += f"{n} 0 obj{body}endobj\n"
    text += f"trailer<</Root 1 0 R/Size {len(objects) + 1}>>\n%%EOF\n"
    path.write_text(text, "ascii")
    return path


def drawn(path: Path, tmp_path: Path, counts=None) -> pages.Drawn:
    """Draw a document as the step does."""
    out = tmp_path / "pages"
    out.mkdir()
    return pages.draw(path, out, counts)


def test_pages_are_1920_wide_and_in_order(tmp_path):
    found = drawn(pdf(tmp_path / "a.pdf", [(595, 842)] * 12), tmp_path)
    assert [page[0].name for page in found.pictures][8:] == [
        "0009.jpg", "0010.jpg", "0011.jpg", "0012.jpg",
    ]  # fmt: skip
    with Image.open(found.pictures[11][0]) as picture:
        assert picture.size[0] == 1920
        assert abs(picture.size[1] - 2717) <= 1


def test_a_page_as_long_as_a_street_is_not_drawn_as_long_as_a_street(tmp_path):
    found = drawn(pdf(tmp_path / "a.pdf", [(100, 14_000)]), tmp_path)
    with Image.open(found.pictures[0][0]) as picture:
        assert picture.size[1] <= pages.MOST_HEIGHT


def test_one_long_page_behind_a_short_one_is_bounded_too(tmp_path):
    found = drawn(pdf(tmp_path / "a.pdf", [(595, 842), (100, 14_000)]), tmp_path)
    for page in found.pictures:
        with Image.open(page[0]) as picture:
            assert picture.size[1] <= pages.MOST_HEIGHT


def test_a_book_of_a_thousand_pages_is_drawn_to_the_six_hundredth(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(pages, "MOST_PAGES", 3)
    found = drawn(pdf(tmp_path / "a.pdf", [(100, 100)] * 5), tmp_path)
    assert len(found.pictures) == 3
    assert found.pages == 5


def test_pictures_of_a_slide_share_its_number(tmp_path):
    found = drawn(pdf(tmp_path / "a.pdf", [(160, 90)] * 4), tmp_path, [1, 2, 1])
    names = [[one.name for one in page] for page in found.pictures]
    assert names == [["0001.jpg"], ["0002.jpg", "0002-02.jpg"], ["0003.jpg"]]
    assert found.pages == 3


def test_a_count_that_is_not_of_this_deck_is_not_believed(tmp_path):
    found = drawn(pdf(tmp_path / "a.pdf", [(160, 90)] * 4), tmp_path, [1, 2])
    assert [len(page) for page in found.pictures] == [1, 1, 1, 1]


def test_a_locked_pdf_says_so(tmp_path):
    plain = pdf(tmp_path / "plain.pdf", [(100, 100)])
    locked = plain.with_name("locked.pdf")
    data = plain.read_text("ascii").replace(
        "trailer<<",
        "trailer<</Encrypt<</Filter/Standard/V 2/R 3/Length 128/P -4/O(" + "o" * 32
        + ")/U(" + "u" * 32 + ")>>/ID[(a)(a)]",
    )  # fmt: skip
    locked.write_text(data, "ascii")
    with pytest.raises(PermanentError) as refused:
        drawn(locked, tmp_path)
    assert refused.value.reason == "pdf_locked"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4\nnothing\n%%EOF", b"MZ" + bytes(99)])
def test_what_is_no_pdf_says_so(tmp_path, data):
    (tmp_path / "a.pdf").write_bytes(data)
    with pytest.raises(PermanentError) as refused:
        drawn(tmp_path / "a.pdf", tmp_path)
    assert refused.value.reason == "pdf_unreadable"


FLAT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"
 xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"
 xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
 office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.text">
<office:font-face-decls>FACES</office:font-face-decls>
<office:automatic-styles>STYLES</office:automatic-styles>
<office:body><office:text>TEXT</office:text></office:body></office:document>"""


def document(path: Path, fonts: list[str]) -> Path:
    """Write a text in these fonts, as a document that LibreOffice reads."""
    faces = "".join(
        f"<style:font-face style:name='{font}' svg:font-family=\"'{font}'\"/>"
        for font in fonts
    )
    styles = "".join(
        f"<style:style style:name='P{n}' style:family='paragraph'>"
        f"<style:text-properties style:font-name-asian='{font}'/></style:style>"
        for n, font in enumerate(fonts)
    )
    text = "".join(
        f"<text:p text:style-name='P{n}'>秋天的雨，是一把钥匙。</text:p>"
        for n in range(len(fonts))
    )
    whole = FLAT.replace("FACES", faces).replace("STYLES", styles).replace("TEXT", text)
    path.write_text(whole, "utf-8")
    return path


def fonts_in(path: Path) -> str:
    """Return what pdffonts says of a PDF."""
    told = subprocess.run(
        ["pdffonts", str(path)], capture_output=True, text=True, check=True
    )
    return told.stdout


@pytest.mark.parametrize(
    ("fonts", "wanted"),
    [
        (
            ["宋体", "SimSun", "NSimSun", "新宋体", "仿宋", "FangSong", "仿宋_GB2312"],
            "Serif",
        ),
        (["黑体", "SimHei", "微软雅黑", "Microsoft YaHei", "等线", "DengXian"], "Sans"),
    ],
    ids=["serif", "sans"],
)
def test_chinese_fonts_that_no_box_has_are_drawn_in_their_likes(
    tmp_path, fonts, wanted
):
    out = tmp_path / "out"
    out.mkdir()
    made = office.to_pdf(document(tmp_path / "a.fodt", fonts), "odt", out)
    other = {"Serif": "NotoSansCJK", "Sans": "NotoSerifCJK"}[wanted]
    assert f"Noto{wanted}CJK" in fonts_in(made)
    assert other not in fonts_in(made)


@pytest.mark.parametrize("format", ["docx", "wps", "et"])
def test_documents_of_every_kind_become_pages(tmp_path, format):
    for name in ("there", "back"):
        (tmp_path / name).mkdir()
    written = {"wps": "doc", "et": "xls"}.get(format, format)
    if written.startswith("xls"):
        source = tmp_path / "a.csv"
        source.write_text("姓名,分数\n小明,98\n", "utf-8")
        made = office.convert(source, "csv", written, tmp_path / "there")
    else:
        source = document(tmp_path / "a.fodt", ["宋体"])
        made = office.convert(source, "odt", written, tmp_path / "there")
    found = drawn(office.to_pdf(made, format, tmp_path / "back"), tmp_path)
    assert found.pages == 1


def test_a_document_that_cannot_be_opened_says_so(tmp_path):
    path = tmp_path / "a.docx"
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("[Content_Types].xml", "<Types/>")
    (tmp_path / "out").mkdir()
    with pytest.raises(PermanentError) as refused:
        office.to_pdf(path, "docx", tmp_path / "out")
    assert refused.value.reason == "office_failed"


def test_without_libreoffice_it_is_said_to_be_missing(tmp_path, monkeypatch):
    monkeypatch.setattr(office.shutil, "which", lambda name: None)
    with pytest.raises(PermanentError) as refused:
        office.to_pdf(tmp_path / "a.docx", "docx", tmp_path)
    assert refused.value.reason == "office_missing"


def test_a_converter_that_hangs_does_not_keep_the_box(tmp_path, monkeypatch):
    """A document may keep LibreOffice busy for ever; a second stands for the limit."""
    monkeypatch.setattr(office, "LIMITS", sandbox.Limits(wall_s=0.2))
    (tmp_path / "out").mkdir()
    with pytest.raises(PermanentError) as refused:
        office.to_pdf(document(tmp_path / "a.fodt", ["宋体"]), "odt", tmp_path / "out")
    assert refused.value.reason == "converter_too_long"
