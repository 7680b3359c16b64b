"""E-books: read by chapters, and nothing in one ever acts."""

import io
import re
import zipfile
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.school import epub, place
from web import book, chapter


class Seen(HTMLParser):
    """What a browser would see in a document."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = set(), [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data


def is_harmless(html: str) -> bool:
    seen = Seen(html)
    return seen.tags <= chapter.KEPT and all(
        name in ("src", "alt", "href", "id", "colspan", "rowspan")
        and (name != "src" or not value or value.startswith("/book/x/in/"))
        and (name != "href" or value.startswith("#"))
        for name, value in seen.attributes
    )


BAD = [
    "<script>alert(1)</script>after",
    "<scr<script>ipt>alert(1)</script>",
    "<img src=x.png onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='https://evil.example/'>x</a>",
    "<iframe src=/status></iframe>after",
    "<svg><script>alert(1)</script></svg>after",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<style>@import 'https://evil.example/x.css'</style>after",
    "<p style='background:url(https://evil.example)'>x</p>",
    "<form action=/signin><input name=pin></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<object data=x></object><embed src=x>after",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>after",
    "<p id='\"><script>alert(1)</script>'>x</p>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<img src='../../../etc/passwd.png'>",
    "<img src='/upload.png'>",
    "<plaintext><script>alert(1)</script>",
    "<textarea><script>alert(1)</script>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
]


@pytest.mark.parametrize("html", BAD)
def test_nothing_of_a_hostile_chapter_can_act(html):
    cleaned = chapter.clean(html, "OPS/a.xhtml", "/book/x/in/")
    assert is_harmless(cleaned), cleaned


@given(
    st.lists(
        st.sampled_from(
            [*BAD, "<", ">", "'", '"', "</p>", "<p>", "&", "字", "--", "]]>", "\0"]
        ),
        max_size=12,
    )
)
def test_no_mixture_of_them_can_act_either(parts):
    cleaned = chapter.clean("".join(parts), "a.xhtml", "/book/x/in/")
    assert is_harmless(cleaned), cleaned


@given(st.text(alphabet="<>/!-='\" abimgscrptoneu\n&;#x", max_size=200))
def test_no_text_can_act(text):
    assert is_harmless(chapter.clean(text, "a.xhtml", "/book/x/in/"))


def test_what_a_reader_needs_stays():
    html = "<h1>题</h1><p>早晨<em>，</em><ruby>坪<rt>píng</rt></ruby><br/><img src='../i/a.png' alt='图'/></p><table><tr><td colspan='2'>1</td></tr></table>"
    cleaned = chapter.clean(html, "OPS/text/a.xhtml", "/book/x/in/")
    assert '<img src="/book/x/in/OPS/i/a.png" alt="图">' in cleaned
    for kept in (
        "<h1>题</h1>",
        "<em>，</em>",
        "<rt>píng</rt>",
        "<br>",
        '<td colspan="2">1</td>',
    ):
        assert kept in cleaned


def test_an_unclosed_chapter_is_closed():
    assert chapter.clean("<div><p>x", "a", "/") == "<div><p>x</p></div>"


def test_a_book_is_read_by_chapters_named_as_its_contents_name_them(filled, client):
    resource = filled.found["book"]
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "小蝌蚪找妈妈" in html and "井底的青蛙" in html and 'sandbox=""' in html
    second = client.get(f"/resource/{resource.id_on_disk}?chapter=1").text
    assert f'<iframe src="/book/{resource.id_on_disk}/1"' in second


def test_a_chapter_comes_in_a_sandbox_without_scripts(filled, client):
    resource = filled.found["book"]
    answer = client.get(f"/book/{resource.id_on_disk}/0")
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox;") and "default-src 'none'" in policy
    assert "allow" not in policy and "script-src" not in policy
    assert "快活地游来游去" in answer.text
    assert not re.search(r"<script|onerror|onload|<iframe|javascript:", answer.text)
    image = re.search(r'<img src="([^"]+)" alt="荷叶">', answer.text)[1]
    picture = client.get(image)
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.headers["Content-Security-Policy"].startswith("sandbox;")


def test_only_pictures_come_out_of_a_book_by_name(filled, client):
    resource = filled.found["book"].id_on_disk
    for member in (
        "OPS/a.xhtml",
        "OPS/book.opf",
        "mimetype",
        "../x.png",
        "nothing.png",
    ):
        assert client.get(f"/book/{resource}/in/{member}").status_code in (400, 404)
    assert client.get(f"/book/{resource}/99").status_code == 404
    assert client.get(f"/book/{filled.found['film'].id_on_disk}/0").status_code == 404


def broken_books():
    yield "no zip", b"not a zip"
    yield "cut", epub()[:-200]
    for name, text in (
        ("no container", None),
        ("entities", '<!DOCTYPE x [<!ENTITY a "b">]><container>&a;</container>'),
        ("no package", "<container/>"),
        (
            "points outside",
            '<container><rootfile full-path="../../../etc/passwd"/></container>',
        ),
    ):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr("mimetype", "application/epub+zip")
            if text is not None:
                archive.writestr("META-INF/container.xml", text)
        yield name, made.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    broken_books(),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_broken_book_is_still_there_to_download(school, client, name, data):
    resource = school.add("坏书", "ebook", "epub", data, place("g3", "yuwen"))
    html = client.get(f"/resource/{resource.id_on_disk}").text
    assert "<iframe" not in html and f"/download/{resource.id_on_disk}" in html
    assert client.get(f"/book/{resource.id_on_disk}/0").status_code == 400


def test_a_member_that_grows_without_end_is_not_read_to_its_end(
    school, client, monkeypatch
):
    monkeypatch.setattr(book, "MOST_DOCUMENT_BYTES", 100)
    resource = school.add("大书", "ebook", "epub", epub() + b"", place("g3", "yuwen"))
    assert client.get(f"/book/{resource.id_on_disk}/0").status_code == 400
