"""Text files as teachers' programs write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.guard.encodings import decode

SIMPLIFIED = (
    "床前明月光，疑是地上霜。\r\n",
    "文件,标题,学段\n1.mp4,大青树下的小学,小学\n",
    "[00:12.00]让我们荡起双桨\n",
    "春天来了",
    "语文",
    "你好, world",
    "三角形的面积",
)
TRADITIONAL = (
    "床前明月光，疑是地上霜。\r\n",
    "[00:12.00]讓我們盪起雙槳\n",
    "1\r\n00:00:01,000 --> 00:00:03,000\r\n大家好，今天學習長方形的面積\r\n",
    "三角形的面積",
    "語文",
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-32-le", "utf-32-be", "gb18030"],
)
@pytest.mark.parametrize("text", SIMPLIFIED)
def test_simplified_text_is_read(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "big5"])
@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_text_is_read(text: str, encoding: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [t for t in SIMPLIFIED if "\n" in t])
def test_utf_16_without_a_mark_is_told_by_its_line_ends(
    text: str, encoding: str
) -> None:
    assert decode(text.encode(encoding)) == text


def test_one_bad_byte_does_not_hide_the_rest() -> None:
    data = "语文课本".encode("gb18030") + b"\xff" + "第一课".encode("gb18030")
    assert decode(data).startswith("语文课本")
    assert decode(b"").strip() == ""


def test_a_character_cut_at_the_end_changes_nothing() -> None:
    for encoding in ("utf-8", "gb18030"):
        data = SIMPLIFIED[0].strip().encode(encoding)[:-1]
        assert decode(data).startswith("床前明月光，疑是地上霜"), encoding


@given(st.binary(max_size=2000))
def test_any_bytes_give_some_text(data: bytes) -> None:
    assert isinstance(decode(data), str)


@given(st.text(min_size=1))
def test_utf_8_is_never_taken_for_anything_else(text: str) -> None:
    if "\x00" not in text:
        assert decode(b"\xef\xbb\xbf" + text.encode()) == text
