"""What text is, and what only looks like it; and that no text takes long to tell."""

import random
import time

import pytest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.txt", "document txt"), ("a", "document txt"), ("a.mp4", "document txt"),
        ("a.md", "document md"), ("a.csv", "document csv"), ("a.lrc", "subtitles lrc"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "big5"]
)
def test_text_is_text_in_every_encoding(told, encoding, name, expected):
    text = "床前明月光，疑是地上霜。\r\n" * 20
    assert told(text.encode(encoding), name) == expected


def test_text_longer_than_what_is_read_is_text(told):
    for shift in range(4):
        text = "a" * shift + "春" * 40_000
        assert told(text.encode("gb18030"), "a.txt") == "document txt"
        assert told(text.encode(), "a.txt") == "document txt"


@pytest.mark.parametrize(
    "text",
    [
        "The wide river runs to the sea.", "I'm free today.", "You skip a line.",
        "BM is short for 北美.", "ID3 is a way to tag songs.", "CWS and FWS are heads.",
        "FWS\nCWS\n", "#! is called a shebang.", "The head of a paper is %PDF-1.4, they say.",
        "MThd is a chunk.", "GIF", "PK", "RIFF", "MZ is who made it.", "OggS", "Rar!",
    ],
)  # fmt: skip
def test_a_text_may_begin_with_any_words(told, text):
    assert told(text.encode() + b"\n" * 3, "a.txt") == "document txt"


def test_noise_is_no_text(told):
    noise = random.Random(4).randbytes(4000)
    for data in (
        noise,
        b"\xff\xfe" + noise,
        b"\xfe\xff" + noise,
        bytes(4000),
        b"\xff\xfe" + bytes(4000),
    ):
        assert told(data, "a.txt") == "original unknown"


@pytest.mark.parametrize("unit", ["<!---->", "<!-- -->\n", "<?xml ?>", "<!--", "[Script", "1:2.3-->"])  # fmt: skip
def test_no_text_takes_long(told, unit):
    began = time.process_time()
    told((unit * 10_000).encode(), "a.html")
    assert time.process_time() - began < 2
