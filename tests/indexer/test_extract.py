"""Real files of every format, through the real sandbox."""

import zipfile
from pathlib import Path

import pytest

from edge_server.media import office as libre_office
from indexer.extract import FROM_PDF, READERS
from indexer.extract.child import extract
from indexer.passages import Passage
from tests.indexer.office_files import LETTER, SHEET, SLIDES


def test_whatever_becomes_pages_is_read_too() -> None:
    assert set(libre_office.FORMATS) <= set(READERS) | FROM_PDF


@pytest.mark.parametrize("format", ["ppt", "pptx"])
def test_slides_are_read_in_order_with_their_notes(
    office: dict[str, Path], format: str
) -> None:
    expected = [
        Passage("\n".join(filter(None, texts)), page=number)
        for number, texts in enumerate(SLIDES, start=1)
    ]
    assert extract(office[format], format) == expected


@pytest.mark.parametrize("format", ["doc", "docx"])
def test_a_document_is_read_whole_and_links_show_only_their_words(
    office: dict[str, Path], format: str
) -> None:
    assert [p.text for p in extract(office[format], format)] == [
        "\n".join([*LETTER, "看图说话"])
    ]


def test_a_workbook_gives_the_names_of_its_sheets_and_its_texts(
    office: dict[str, Path],
) -> None:
    text = "\n".join(p.text for p in extract(office["xlsx"], "xlsx"))

    assert text.split("\n") == ["期中成绩", *(cell for row in SHEET for cell in row)]


def test_a_pdf_is_read_page_by_page(office: dict[str, Path]) -> None:
    pages = extract(office["slides.pdf"], "pdf")

    assert [page.page for page in pages] == [1, 2, 3]
    assert "床前明月光" in pages[0].text


def test_a_line_of_a_pdf_broken_inside_a_word_is_made_whole(
    office: dict[str, Path],
) -> None:
    [page] = extract(office["pdf"], "pdf")

    assert LETTER[1] in page.text
    assert "photograph" in page.text


EPUB = {
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OEBPS/a.opf"/>'
    "</rootfiles></container>",
    "OEBPS/a.opf": '<package><manifest><item id="two" href="%E4%BA%8C.xhtml"/>'
    '<item id="one" href="text/one.xhtml"/></manifest>'
    '<spine><itemref idref="one"/><itemref idref="two"/></spine></package>',
    "OEBPS/text/one.xhtml": "<html><head><title>第一章</title><style>p{}</style></head>"
    "<body><p>小壁虎<ruby>借<rt>jiè</rt></ruby>尾巴</p><script>var 坏</script></body>",
    "OEBPS/二.xhtml": "<body><p>燕子&amp;鱼</p></body>",
}


def test_chapters_of_an_e_book_come_in_the_order_of_its_spine(tmp_path: Path) -> None:
    book = zipped(tmp_path / "book.epub", EPUB)

    assert extract(book, "epub") == [
        Passage("第一章\n小壁虎借尾巴", page=1),
        Passage("燕子&鱼", page=2),
    ]


def test_an_e_book_without_its_container_is_read_all_the_same(tmp_path: Path) -> None:
    without = {k: v for k, v in EPUB.items() if not k.startswith("META-INF")}
    only_pages = {k: v for k, v in without.items() if k.endswith("xhtml")}

    assert len(extract(zipped(tmp_path / "1.epub", without), "epub")) == 2
    assert len(extract(zipped(tmp_path / "2.epub", only_pages), "epub")) == 2


def test_slides_are_counted_as_the_presentation_lists_them(tmp_path: Path) -> None:
    deck = zipped(
        tmp_path / "deck.pptx",
        {
            "ppt/presentation.xml": '<p:sldIdLst><p:sldId id="256" r:id="rId9"/>'
            '<p:sldId id="257" r:id="rId3"/></p:sldIdLst>',
            "ppt/_rels/presentation.xml.rels": "<Relationships>"
            '<Relationship Id="rId3" Type="x/slide" Target="slides/slide1.xml"/>'
            '<Relationship Id="rId9" Type="x/slide" Target="/ppt/slides/slide2.xml"/>'
            "</Relationships>",
            "ppt/slides/slide1.xml": "<a:p><a:r><a:t>后面</a:t></a:r></a:p>",
            "ppt/slides/slide2.xml": "<a:p><a:r><a:t>静</a:t></a:r><a:r><a:t>夜</a:t>"
            '</a:r><a:r><a:t> 思</a:t></a:r></a:p><a:fld type="slidenum"><a:t>1</a:t>'
            "</a:fld><mc:Fallback><a:t>重复</a:t></mc:Fallback>",
        },
    )

    assert extract(deck, "pptx") == [Passage("静夜思", 1), Passage("后面", 2)]


PAGE = """<!DOCTYPE html><title>圆</title><!-- 不要 --><p>圆的<b>周</b>长 3 &lt; 4
and 2 < 3</p><script>alert("不要")</script><SCRIPT>不要</SCRIPT ><div>面积<br>公式</div>"""
SRT = "1\n00:00:01,500 --> 00:00:03,000\n<i>大家</i>好\n今天学诗\n\n2\n01:00:04,000 --> 01:00:05,000\n再见\n"
VTT = "WEBVTT\n\nNOTE 不要\n\n00:01.500 --> 00:03.000 align:start\n大家好\n"
ASS = "[Events]\nFormat: Layer,Start\nDialogue: 0,0:00:12.50,0:00:14.00,D,,0,0,0,,{\\an8}你好,\\N同学\n"
LRC = "[ti:歌]\n[00:12.50]让我们荡起双桨\n[01:02.00][02:02.00]小船儿推开波浪\n"


@pytest.mark.parametrize(
    ("format", "content", "expected"),
    [
        ("html", PAGE, [Passage("圆\n圆的周长 3 < 4 and 2 < 3\n面积\n公式")]),
        ("txt", "静 夜　思\r\n\r\n 李白 \r\n", [Passage("静夜思\n李白")]),
        ("md", "# 古诗\n- **静夜思**\n", [Passage("古诗\n静夜思")]),
        ("csv", "题目,答案\n一,二\n", [Passage("题目,答案\n一,二")]),
        (
            "srt",
            SRT,
            [Passage("大家好今天学诗", at_s=1.5), Passage("再见", at_s=3604.0)],
        ),
        ("vtt", VTT, [Passage("大家好", at_s=1.5)]),
        ("ass", ASS, [Passage("你好, 同学", at_s=12.5)]),
        (
            "lrc",
            LRC,
            [
                Passage("让我们荡起双桨", at_s=12.5),
                Passage("小船儿推开波浪", at_s=62.0),
            ],
        ),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_texts_are_read_in_any_encoding(
    tmp_path: Path,
    format: str,
    content: str,
    expected: list[Passage],
    encoding: str,
) -> None:
    path = tmp_path / "input"
    path.write_bytes(content.encode(encoding))

    assert extract(path, format) == expected


def test_a_format_without_words_gives_none(tmp_path: Path) -> None:
    assert extract(tmp_path / "film.mp4", "mp4") == []


def test_every_reader_exists() -> None:
    folder = Path(__file__).parent.parent.parent / "indexer" / "extract"
    for module in READERS.values():
        assert (folder / f"{module}.py").exists(), module


def zipped(path: Path, members: dict[str, str]) -> Path:
    """Write members as a zip; returns its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in members.items():
            package.writestr(name, text)
    return path
