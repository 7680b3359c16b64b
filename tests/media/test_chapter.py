"""A chapter of a stranger's book: what a reader needs stays, nothing in it can act."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.media import chapter


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


def shown(name: str) -> str:
    """Say where a picture of the book is shown from, as `book_reader` does."""
    return "" if name.startswith("..") or name.count(".") != 1 else f"in/{name}"


def is_harmless(html: str) -> bool:
    """Return whether nothing in the HTML acts or asks for anything outside."""
    seen = Seen(html)
    return seen.tags <= chapter.KEPT and all(
        name in ("src", "alt", "href", "id", "colspan", "rowspan")
        and (name != "src" or not value or value.startswith("in/"))
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
    cleaned = chapter.clean(html, "OPS/a.xhtml", shown)
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
    cleaned = chapter.clean("".join(parts), "a.xhtml", shown)
    assert is_harmless(cleaned), cleaned


@given(st.text(alphabet="<>/!-='\" abimgscrptoneu\n&;#x", max_size=200))
def test_no_text_can_act(text):
    assert is_harmless(chapter.clean(text, "a.xhtml", shown))


def test_what_a_reader_needs_stays():
    html = "<h1>题</h1><p>早晨<em>，</em><ruby>坪<rt>píng</rt></ruby><br/><img src='../i/a.png' alt='图'/></p><table><tr><td colspan='2'>1</td></tr></table>"
    cleaned = chapter.clean(html, "OPS/text/a.xhtml", shown)
    assert '<img src="in/OPS/i/a.png" alt="图">' in cleaned
    for kept in (
        "<h1>题</h1>",
        "<em>，</em>",
        "<rt>píng</rt>",
        "<br>",
        '<td colspan="2">1</td>',
    ):
        assert kept in cleaned


def test_an_unclosed_chapter_is_closed():
    assert chapter.clean("<div><p>x", "a", shown) == "<div><p>x</p></div>"


def test_a_picture_that_is_not_shown_leaves_its_words():
    cleaned = chapter.clean("<p><img src='https://x/a.png' alt='荷叶'></p>", "a", shown)
    assert cleaned == "<p>荷叶</p>"


def test_a_thousand_elements_inside_each_other_keep_their_words():
    cleaned = chapter.clean("<div>" * 1000 + "字" + "</div>" * 1000, "a", shown)
    assert cleaned.count("<div>") == cleaned.count("</div>") == chapter.MOST_DEPTH
    assert "字" in cleaned
