"""Names from outside: what may be kept, what is refused, what is nobody's courseware."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edge_server.errors import Refused
from edge_server.guard import names

# Every code point, lone surrogates too: a JSON sidecar can bring them.
any_text = st.text(st.characters(codec=None), max_size=300)
tricky = st.text(
    st.sampled_from(
        "aé语\u0301.. /\\:_~$ \u3000\u200b\u202e\ud800\udc80\udcd3\udcef\n\0"
    ),
    max_size=12,
)


def refused(path: str) -> str:
    """Return the code with which a path is refused."""
    with pytest.raises(Refused) as refusal:
        names.relative(path)
    return refusal.value.reason


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("5 大青树下的小学.pptx", "5 大青树下的小学.pptx"),
        ("第一课（上）——《春晓》.mp4", "第一课（上）——《春晓》.mp4"),
        ('a<b>c:d"e/f\\g|h?i*j.txt', "a_b_c_d_e_f_g_h_i_j.txt"),
        ("bell\x07 and\x7f delete\x9f.txt", "bell and delete.txt"),
        ("two\nlines\r.txt", "twolines.txt"),
        ("two\u2028lines\u2029.txt", "twolines.txt"),
        ("lesson\u202e4pm.exe", "lesson4pm.exe"),
        ("\u2066in\u2069 \ufeffmarks\u200b.txt", "in marks.txt"),
        ("Cafe\u0301.mp3", "Café.mp3"),
        ("e\u200b\u0301.txt", "é.txt"),
        ("  spaces  ", "spaces"),
        ("\u3000全角空格.txt\u3000", "全角空格.txt"),
        ("dots...", "dots"),
        ("dots and blanks. . .", "dots and blanks"),
        (".hidden", ".hidden"),
        ("family 👩‍👩‍👧.jpg", "family 👩‍👩‍👧.jpg"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("nul .txt", "_nul .txt"),
        ("com¹.tar.gz", "_com¹.tar.gz"),
        ("conin$", "_conin$"),
        ("co\u200bn.txt", "_con.txt"),
        ("console.txt", "console.txt"),
        ("com10.txt", "com10.txt"),
    ],
)
def test_a_name_is_kept_as_every_system_can_hold_it(name, kept):
    assert names.clean(name) == kept


@pytest.mark.parametrize("name", ["", ".", "..", "...", " ", "\u200b", " . ", "\x00\x01", "_", "\ud800"])  # fmt: skip
def test_of_nothing_a_name_remains(name):
    assert names.clean(name) == "_"


def test_a_name_of_chinese_windows_on_a_disk_is_read():
    """As Python reads a name that is no UTF-8: each byte a lone surrogate."""
    name = "语文 上册.txt".encode("gb18030").decode("utf-8", "surrogateescape")
    assert names.clean(name) == "语文 上册.txt"
    assert names.clean(name + "\ud800") == "语文 上册.txt"


def test_a_long_name_keeps_its_suffix_and_whole_characters():
    kept = names.clean("课" * 100 + ".pptx")
    assert kept == "课" * 83 + ".pptx"
    assert len(names.clean("a" * 300)) == 255
    assert names.clean("." * 65_000 + "a" + ". " * 65_000) == ".a"
    assert names.clean("a" * 254 + " b") == "a" * 254
    assert names.clean("a" * 254 + "." * 5 + "b" * 20) == "a" * 254
    # What follows the last point is no suffix when it is a sentence.
    assert names.clean("a" * 250 + ".这是一句话，不是后缀名").startswith("a" * 250)


@given(any_text | tricky)
@example("\ud800\udc80")
def test_whatever_comes_a_name_can_be_kept(name):
    kept = names.clean(name)
    assert names.clean(kept) == kept
    assert 0 < len(kept.encode()) <= names.MOST_BYTES
    assert kept == unicodedata.normalize("NFC", kept)
    assert kept not in (".", "..")
    assert not re.search(
        r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]', kept
    )
    assert kept == kept.strip() and not kept.endswith(".")
    assert not re.fullmatch(r"(?i)(con|prn|aux|nul|com\d|lpt\d) *(\..*)?", kept)


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("a.txt", "a.txt"),
        ("小学/三年级/语文/第一课.mp4", "小学/三年级/语文/第一课.mp4"),
        ("a//b/", "a/b"),
        ("./a/./b.txt", "a/b.txt"),
        ("a/Cafe\u0301 ./b:c.txt", "a/Café/b_c.txt"),
        ("a/..b/c..", "a/..b/c"),
    ],
)
def test_a_path_is_kept_below_its_folder(path, kept):
    assert names.relative(path) == kept


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("..", "name_escapes"),
        ("a/../b", "name_escapes"),
        ("/a", "name_escapes"),
        ("C:/a", "name_escapes"),
        ("c:", "name_escapes"),
        ("", "name_unusable"),
        (".", "name_unusable"),
        ("./", "name_unusable"),
        ("a/.../b", "name_unusable"),
        ("a/ ", "name_unusable"),
        ("a\\b", "name_unusable"),
        ("a\nb", "name_unusable"),
        ("a/aux/b", "name_unusable"),
        ("课" * 86, "name_too_long"),
        ("/".join("a" * 17), "path_too_deep"),
    ],
)
def test_a_path_that_cannot_be_kept_is_refused(path, code):
    assert refused(path) == code


@given(st.lists(any_text | tricky, max_size=5).map("/".join))
def test_whatever_comes_a_path_stays_below_its_folder(path):
    try:
        kept = names.relative(path)
    except Refused as refusal:
        assert str(refusal.values["name"]).encode() is not None
        return
    parts = kept.split("/")
    assert parts == [names.clean(part) for part in parts]
    assert names.relative(kept) == kept


UNFINISHED = (
    "lesson.mp4.part", "未确认 518.crdownload", "a.mp4.xltd", "a.mp4.td", "a.mp4.td.cfg",
    "课件.pptx.baiduyun.p.downloading", "a.zip.!ut", "a.zip.!qB", "a.zip.bc!",
    "~$语文课件.pptx", ".~lock.教案.docx#", "教案.docx~", "~WRL0001.tmp", ".a.mp4.Xy12zQ",
    ".nfs00000001", ".fuse_hidden0000", ".goutputstream-AB12", "a.mp4.aria2",
    "A.PART", "line\nbreak.part",
)  # fmt: skip
LITTER = (
    "Thumbs.db", "thumbs.DB", ".DS_Store", "._第一课.mp4", "desktop.ini", "__MACOSX",
    "System Volume Information", "$RECYCLE.BIN", ".Trashes", ".Trash-1000",
    "lost+found", "LOST.DIR", "FOUND.000", "@eaDir", ".nomedia", "Icon\r", ".localized",
)  # fmt: skip
COURSEWARE = (
    "第一课.mp4", "partition.pdf", "temperature.mp4", "download.pdf", "a.b.mp4", "~.txt",
    "part", "lock.png", "约 3~5 分钟.mp4", "thumbs.db.txt", "recycler.mp4", "found.0001",
    "2024.12.123456", "课件.123456", "",
)  # fmt: skip


@pytest.mark.parametrize("name", [*UNFINISHED, *LITTER, *COURSEWARE])
def test_a_name_tells_what_is_left_alone_what_is_litter_and_what_is_courseware(name):
    assert names.is_unfinished(name) == (name in UNFINISHED)
    assert names.is_litter(name) == (name in LITTER)


@pytest.mark.parametrize(
    ("raw", "flag", "name"),
    [
        ("春晓.txt".encode("gb18030"), False, "春晓.txt"),
        ("春晓.txt".encode(), False, "春晓.txt"),
        ("春晓.txt".encode(), True, "春晓.txt"),
        (b"plain.txt", False, "plain.txt"),
        ("春".encode("gb18030"), True, "\ufffd\ufffd"),
        (b"\xff\xff.txt", False, "\ufffd\ufffd.txt"),
    ],
)
def test_names_in_a_zip_are_read(raw, flag, name):
    assert names.decode_zip_name(raw, flag) == name


@given(st.binary(max_size=80), st.booleans())
def test_any_bytes_give_some_name(raw, flag):
    assert names.clean(names.decode_zip_name(raw, flag)).encode()
