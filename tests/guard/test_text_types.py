"""What text is, and what only looks like it; and that no text takes long to tell."""

import random
import struct
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
    "encoding",
    [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-32",
        "utf-32-le",
        "utf-32-be",
        "gb18030",
        "big5",
    ],
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


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("encoding", ["utf-32-le", "utf-32-be"])
def test_pages_and_subtitles_of_four_bytes_a_letter_are_what_they_are(
    told, encoding, mark
):
    page = f"{mark}<!DOCTYPE html>\n<html><body>𠀀 春晓</body></html>\n"
    lines = f"{mark}1\n00:00:01,000 --> 00:00:02,500\n大青树下的小学\n"
    assert told(page.encode(encoding), "a.html") == "html html"
    assert told(lines.encode(encoding), "a.srt") == "subtitles srt"


def test_noise_is_no_text(told):
    noise = random.Random(4).randbytes(4000)
    for data in (
        noise,
        b"\xff\xfe" + noise,
        b"\xfe\xff" + noise,
        bytes(4000),
        b"\xff\xfe" + bytes(4000),
        b"\0\0\xfe\xff" + noise,
        *(struct.pack(f"{order}1000I", *range(1000)) for order in "<>"),
    ):
        assert told(data, "a.txt") == "original unknown"


@pytest.mark.parametrize("unit", ["<!---->", "<!-- -->\n", "<?xml ?>", "<!--", "[Script", "1:2.3-->"])  # fmt: skip
def test_no_text_takes_long(told, unit):
    began = time.process_time()
    told((unit * 10_000).encode(), "a.html")
    assert time.process_time() - began < 2
