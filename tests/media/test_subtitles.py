"""Subtitles as teachers have them become WebVTT, and never anything else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.errors import PermanentError
from edge_server.media.subtitles import to_webvtt

SAID = "那幢房子十分可爱\n走起路来跌跌撞撞"
SRT = """1
00:00:01,500 --> 00:00:03,000
<font color="#ffff00"><b>那幢房子</b>十分可爱</font>
走起路来跌跌撞撞

2
00:01:00,000 --> 00:01:02,250
第二句
"""
VTT = """WEBVTT 字幕

STYLE
::cue { color: red }

NOTE 这里是说明

intro
00:01.500 --> 00:03.000 align:start position:0%
<v 老师>那幢房子</v>十分可爱
走起路来跌跌撞撞

00:01:00.000 --> 00:01:02.250
第二句
"""
ASS = """[Script Info]
Title: x

[V4+ Styles]
Format: Name, Fontname
Style: Default,楷体

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Comment: 0,0:00:00.00,0:00:09.00,Default,,0,0,0,,不要出现
Dialogue: 0,0:01:00.00,0:01:02.25,Default,,0,0,0,,第二句
Dialogue: 0,0:00:01.50,0:00:03.00,Default,,0,0,0,,{\\pos(3,4)}那幢房子{\\b1}十分可爱\\N走起路来跌跌撞撞
"""
LRC = """[ti:房子]
[ar:某人]
[00:01.50]那幢房子十分可爱
[00:03.00]
[01:00.00][02:00.000]第二句
"""
EXPECTED = (
    f"WEBVTT\n\n00:00:01.500 --> 00:00:03.000\n{SAID}\n\n"
    "00:01:00.000 --> 00:01:02.250\n第二句\n"
)


@pytest.mark.parametrize(
    ("text", "format"),
    [(SRT, "srt"), (VTT, "vtt"), (ASS, "ass")],
    ids=["srt", "vtt", "ass"],
)
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "crlf"]
)
def test_every_kind_in_every_encoding_becomes_the_same_webvtt(text, format, encoding):
    if encoding == "crlf":
        data = text.replace("\n", "\r\n").encode()
    else:
        data = text.encode(encoding)
    assert to_webvtt(data, format) == EXPECTED


def test_big5_is_read_too():
    text = SRT.replace("那幢房子", "那幢房子").replace("十分可爱", "十分可愛")
    text = text.replace("走起路来跌跌撞撞", "走起路來跌跌撞撞")
    assert "走起路來跌跌撞撞" in to_webvtt(text.encode("big5"), "srt")


def test_a_lyric_line_stands_until_the_next_one():
    assert to_webvtt(LRC.encode("gb18030"), "lrc") == (
        "WEBVTT\n\n00:00:01.500 --> 00:00:03.000\n那幢房子十分可爱\n\n"
        "00:01:00.000 --> 00:02:00.000\n第二句\n\n"
        "00:02:00.000 --> 00:02:05.000\n第二句\n"
    )


def test_markup_and_arrows_in_the_text_stay_text():
    hostile = "1\n00:00:01,000 --> 00:00:02,000\n3 < 5 && a --> b <script>x</script>\n"
    made = to_webvtt(hostile.encode(), "srt")
    assert made.splitlines()[3] == "3 &lt; 5 &amp;&amp; a --&gt; b x"


@pytest.mark.parametrize("format", ["srt", "vtt", "ass", "lrc"])
def test_a_file_without_a_timed_line_is_said_to_be_empty(format):
    with pytest.raises(PermanentError) as refused:
        to_webvtt("没有时间的一行\n".encode(), format)
    assert refused.value.reason == "subtitles_empty"


CUE = re.compile(
    r"\d\d+:[0-5]\d:[0-5]\d\.\d{3} --> \d\d+:[0-5]\d:[0-5]\d\.\d{3}(\n[^\n]+)+"
)
lines = st.lists(
    st.sampled_from(
        [
            "1", "", "00:00:01,000 --> 00:00:02,000", "[00:01.00]词", "第一句", "-->",
            "Dialogue: 0,0:00:01.00,0:00:02.00,,,,,,,句", "[Events]", "WEBVTT", "NOTE",
            "99:99:99,999 --> 1:2:3", "<b>", "\0", "00:01.0 --> nan:inf", "a\x0bb\x85c\u2028d",
        ]
    )
    | st.text(max_size=20)
)  # fmt: skip


@given(lines, st.sampled_from(["srt", "vtt", "ass", "lrc"]))
def test_whatever_comes_in_what_goes_out_is_webvtt(lines, format):
    data = "\n".join(lines).encode("utf-8", "surrogatepass")
    try:
        made = to_webvtt(data, format)
    except PermanentError as error:
        assert error.reason == "subtitles_empty"
        return
    head, *cues = made.removesuffix("\n").split("\n\n")
    assert head == "WEBVTT"
    for cue in cues:
        assert CUE.fullmatch(cue), cue
        assert "<" not in cue
        assert cue.count("-->") == 1


@given(st.binary(max_size=300), st.sampled_from(["srt", "vtt", "ass", "lrc"]))
def test_no_bytes_make_it_fail_otherwise(data, format):
    try:
        assert to_webvtt(data, format).startswith("WEBVTT\n\n")
    except PermanentError as error:
        assert error.reason == "subtitles_empty"
