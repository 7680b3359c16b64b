"""What a file is, is decided by what is in it; its name only settles what looks alike."""

import struct
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_server.guard import file_types
from tests.guard.handmade import NOTE, Entry, rar4_of, rar5_of, zip_of

KINDS = {
    "video", "audio", "slides", "document", "picture", "ebook", "html", "subtitles",
    "archive", "original", "program",
}  # fmt: skip
SAMPLES = Path(__file__).parents[2] / "media_samples"
LIBRARY, BAD = SAMPLES / "library", SAMPLES / "bad"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def sample(suffix: str) -> bytes:
    """Return the bytes of the first sample with this suffix."""
    return next(iter(sorted(LIBRARY.rglob(f"*.{suffix}")))).read_bytes()


# Real files, under every name


@pytest.mark.parametrize(
    "name", ["a.txt", "a.mp4", "a.html", "a.zip", "a.csv", "a", "课件.第一课"]
)
@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        ("mp4", "video mp4"), ("mpg", "video mpegps"), ("wmv", "video asf"),
        ("avi", "video avi"), ("flv", "video flv"), ("mkv", "video mkv"),
        ("m3u8", "video m3u8"), ("mp3", "audio mp3"), ("wma", "audio wma"),
        ("ogg", "audio ogg"), ("pptx", "slides pptx"), ("ppt", "slides ppt"),
        ("pdf", "document pdf"), ("docx", "document docx"), ("doc", "document doc"),
        ("xlsx", "document xlsx"), ("xls", "document xls"), ("jpg", "picture jpeg"),
        ("png", "picture png"), ("bmp", "picture bmp"), ("epub", "ebook epub"),
        ("html", "html html"), ("ggb", "original ggb"), ("zip", "archive zip"),
        ("srt", "subtitles srt"), ("ass", "subtitles ass"), ("lrc", "subtitles lrc"),
    ],
)  # fmt: skip
def test_no_name_changes_what_a_file_is(told, suffix, expected, name):
    assert told(sample(suffix), name) == expected


@pytest.mark.parametrize("name", ["a.mp4", "a.pptx", "a.zip", "a"])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\0\0\0\x18ftypM4A \0\0\2\0M4A mp42isom\0\0\0\0", "audio m4a"),
        (b"\0\0\0\x18ftypqt  \0\0\2\0qt  mp42isom\0\0\0\0", "video mov"),
        (b"\0\0\0\x183gp5ftyp".replace(b"3gp5ftyp", b"ftyp3gp5") + bytes(20), "video 3gp"),
        (b"\0\0\0\x18ftypheic" + bytes(20), "original heic"),
        (b"\0\0\0\x08wide\0\0\x40\0mdat" + bytes(100), "video mov"),
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\1B\xf7\x81\1B\x82\x84webm", "video webm"),
        (b".RMF\0\0\0\x12\0\1" + bytes(30), "video rm"),
        ((b"\x47\x40\0\x10" + bytes(184)) * 5, "video mpegts"),
        ((bytes(4) + b"\x47\x40\0\x10" + bytes(184)) * 5, "video mpegts"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "audio wav"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "picture webp"),
        (b"ID3\3\0\0\0\0\0\0" + bytes(40), "audio mp3"),
        (b"fLaC\0\0\0\x22" + bytes(40), "audio flac"),
        (b"FORM\0\0\1\0AIFFCOMM", "audio aiff"),
        (b"FORM\0\0\1\0AIFCFVER", "audio aiff"),
        (b"OggS\0\2" + bytes(20) + b"\1\x1e\1vorbis", "audio ogg"),
        (b"OggS\0\2" + bytes(20) + b"\1\x2a\x80theora", "video ogv"),
        (b"#!AMR\n" + bytes(40), "audio amr"),
        (b"MThd\0\0\0\6\0\1\0\2\1\xe0MTrk", "original midi"),
        (b"GIF89a\1\0\1\0\0\0\0;", "picture gif"),
        (b"CWS\x0a\x20\x03\0\0x\x9c" + bytes(30), "original swf"),
        (b"FWS\x06\x20\x03\0\0" + bytes(30), "original swf"),
        (b"{\\rtf1\\ansi x}", "document rtf"),
        (b"garbage\r\n%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + bytes(30), "document pdf"),
        (rar5_of(), "archive rar"),
        (rar4_of(), "archive rar"),
        (b"7z\xbc\xaf\x27\x1c\0\4" + bytes(30), "archive 7z"),
        (zip_of(), "archive zip"),
        (b"WEBVTT\n\n00:01.000 --> 00:02.000\nhi\n", "subtitles vtt"),
        (b"<?xml version='1.0'?>\n<!-- drawn -->\n<svg xmlns='x'/>", "original svg"),
        (b"<!-- saved from url --> <!-- again --><HTML><p>x", "html html"),
        (b"MIME-Version: 1.0\nContent-Type: multipart/related; x\n", "original mht"),
    ],
)  # fmt: skip
def test_first_bytes_decide(told, data, expected, name):
    assert told(data, name) == expected


# Zips: what stays whole, what is a document, what is opened


@pytest.mark.parametrize("name", ["a.zip", "a.mp4", "a"])
@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (["index.html", "js/app.js"], "original html-zip"),
        (["Index.HTM", "a.png"], "original html-zip"),
        (["imsmanifest.xml", "index.html"], "original scorm"),
        (["h5p.json", "content/content.json"], "original h5p"),
        (["geogebra.xml"], "original ggb"),
        (["[Content_Types].xml", "_rels/.rels", "ppt/presentation.xml"], "slides pptx"),
        (["[Content_Types].xml", "_rels/.rels", "word/document.xml"], "document docx"),
        (["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"], "document xlsx"),
        (["[Content_Types].xml", "_rels/.rels", "visio/document.xml"], "original unknown"),
        (["META-INF/container.xml", "OEBPS/a.xhtml"], "ebook epub"),
        (["AndroidManifest.xml", "classes.dex", "index.html"], "program apk"),
        (["META-INF/MANIFEST.MF", "org/A.class"], "program jar"),
        (["AppxManifest.xml", "[Content_Types].xml", "a.exe"], "program appx"),
        (["课程/index.html", "课程/a.png"], "archive zip"),
        (["a.pptx", "b.mp4"], "archive zip"),
        (["word/a.txt", "ppt/a.txt"], "archive zip"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else value,
)  # fmt: skip
def test_the_members_of_a_zip_decide(told, members, expected, name):
    data = zip_of(*(Entry(member.encode("gb18030")) for member in members))
    assert told(data, name) == expected


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        (b"application/epub+zip", "ebook epub"),
        (b"application/vnd.oasis.opendocument.presentation", "slides odp"),
        (b"application/vnd.oasis.opendocument.text", "document odt"),
        (b"application/vnd.oasis.opendocument.spreadsheet", "document ods"),
        (b"application/vnd.oasis.opendocument.graphics", "original unknown"),
    ],
)
def test_a_zip_says_its_type_in_its_first_member(told, mime, expected):
    data = zip_of(Entry(b"mimetype", mime, method=0), Entry(b"content.xml"))
    assert told(data, "a.zip") == expected
    # Packed, it says nothing.
    assert told(zip_of(Entry(b"mimetype", mime)), "a.zip") == "archive zip"


def test_a_damaged_e_book_is_not_taken_apart_into_lessons(told):
    data = zip_of(Entry(b"mimetype", b"application/epub+zip"), Entry(b"OEBPS/1.xhtml"))
    assert told(data, "春晓.epub") == "ebook epub"


@pytest.mark.parametrize(
    "suffix", ["enbx", "gsp", "flipchart", "notebook", "xmind", "sb3", "key"]
)
def test_courseware_of_other_programs_stays_whole(told, suffix):
    for data in (zip_of(Entry(b"index.html")), OLE + bytes(600), bytes(range(256)) * 4):
        assert told(data, f"第一课.{suffix.upper()}") == f"original {suffix}"
    assert file_types.opened_by(suffix, "zh") and file_types.opened_by(suffix, "en")


@pytest.mark.parametrize(
    ("suffix", "zh", "en"),
    [
        ("enbx", "希沃白板", "Seewo Whiteboard"), ("gsp", "几何画板", "Sketchpad"),
        ("ggb", "GeoGebra", "GeoGebra"), ("swf", "Flash", "a Flash player"),
        ("html-zip", "浏览器", "a browser"), ("scorm", "SCORM", "SCORM"),
    ],
)  # fmt: skip
def test_an_original_names_the_program_that_opens_it(suffix, zh, en):
    assert zh in str(file_types.opened_by(suffix, "zh"))
    assert en in str(file_types.opened_by(suffix, "en"))
    assert file_types.opened_by("mp4", "zh") is None


@pytest.mark.parametrize("name", ["overlapped.zip", "bomb.zip", "path_escape.zip", "symlink.zip", "encrypted.zip"])  # fmt: skip
def test_a_hostile_zip_is_an_archive_for_the_guard_to_judge(name):
    assert file_types.of(BAD / name, name).kind == "archive"


def test_half_a_document_is_left_to_the_guard(told):
    assert told(sample("docx")[:5000], "a.docx") == "archive zip"
    assert told(sample("docx")[:5000], "a.enbx") == "original enbx"


def test_a_zip_of_stored_papers_is_no_paper(told):
    data = zip_of(Entry(b"1.pdf", b"%PDF-1.4\n" + NOTE, method=0), Entry(b"2.pdf"))
    assert told(data, "试卷.zip") == "archive zip"


# OLE: old Office and WPS


@pytest.mark.parametrize(
    ("suffix", "name", "expected"),
    [
        ("ppt", "a.dps", "slides dps"), ("ppt", "a.dpt", "slides dps"),
        ("doc", "a.wps", "document wps"), ("doc", "a.wpt", "document wps"),
        ("xls", "a.et", "document et"), ("xls", "a.ett", "document et"),
        ("doc", "a.et", "document doc"), ("ppt", "a.doc", "slides ppt"),
    ],
)  # fmt: skip
def test_wps_writes_old_office_under_its_own_suffix(told, suffix, name, expected):
    assert told(sample(suffix), name) == expected


@pytest.mark.parametrize("kind", [0x84, 0x86, 0x82], ids=["msi", "msp", "mst"])
def test_an_installer_is_told_by_its_class(told, kind):
    data = bytearray(sample("doc"))
    root = 512 * (1 + struct.unpack_from("<I", data, 48)[0])  # its first sector
    data[root + 80 : root + 96] = struct.pack("<IHH", 0x000C1000 | kind, 0, 0) + bytes.fromhex("c000000000000046")  # fmt: skip
    assert told(bytes(data), "a.doc") == "program msi"


def test_a_locked_or_broken_ole_file_is_an_original(told):
    assert told(OLE + bytes(600), "a.doc") == "original unknown"
    assert told(sample("ppt")[:600], "a.ppt") == "original unknown"


# Programs


@pytest.mark.parametrize("name", ["lesson.jpg", "lesson.mp4", "lesson.pdf", "lesson"])
@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ((BAD / "program_named.jpg").read_bytes(), "program exe"),
        (Path("/bin/sh").read_bytes()[:4096], "program elf"),
        (b"\xcf\xfa\xed\xfe\7\0\0\1" + bytes(40), "program macho"),
        (b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(40), "program macho"),
        (b"\xca\xfe\xba\xbf\0\0\0\2" + bytes(40), "program macho"),
        (b"#!/bin/sh\nrm -rf ~\n", "program script"),
        (b"#! /usr/bin/env python3\n", "program script"),
        (b"L\0\0\0\1\x14\2\0" + bytes(60), "program lnk"),
        (b"!<arch>\ndebian-binary   1342943816  0", "program deb"),
        (b"\xed\xab\xee\xdb\3\0" + bytes(90), "program rpm"),
        (b"dex\n035\0" + bytes(90), "program dex"),
    ],
    ids=["pe", "elf", "macho", "fat", "fat64", "sh", "env", "lnk", "deb", "rpm", "dex"],
)  # fmt: skip
def test_a_program_is_one_under_every_name(told, data, expected, name):
    assert told(data, name) == expected


@pytest.mark.parametrize(
    "name",
    [
        "a.exe", "a.BAT", "a.cmd", "a.vbs", "a.js", "a.msi", "a.apk", "a.jar", "a.lnk", "a.scr",
        "a.mp4.exe", "a.exe ", "a.exe.", "a.exe . ", "a.exe\u200b", "a.\u202eexe", "a\n.exe",
    ],
)  # fmt: skip
def test_what_is_called_a_program_is_taken_for_one(told, name):
    for data in (b"@echo off\r\nformat c:\r\n", sample("png"), bytes(100), b""):
        assert told(data, name).startswith("program ")


# What nobody thought of

STARTS = [
    b"", b"PK\3\4", OLE, b"\0\0\0\x18ftyp", b"ID3", b"RIFF", b"\xff\xfb", b"\xff\xf1", b"\xff\xfe",
    b"\x1a\x45\xdf\xa3", b"MZ", b"%PDF-", b"\x47", b"<html>", b"FWS", b"L\0\0\0",
]  # fmt: skip
NAMES = [
    "a",
    "a.ts",
    "a.txt",
    "a.enbx",
    "a.wps",
    "a.epub",
    "a.html",
    "",
    ".",
    "\ud800.x",
]


@settings(deadline=5000)
@given(st.sampled_from(STARTS), st.binary(max_size=1500), st.sampled_from(NAMES))
@example(b"\xff\xfb", b"\x90\0", "a")
def test_noise_is_something(tmp_path_factory, start, data, name):
    path = tmp_path_factory.getbasetemp() / "noise"
    path.write_bytes(start + data)
    assert file_types.of(path, name).kind in KINDS


@settings(deadline=5000)
@given(
    st.sampled_from(["zip", "epub", "docx", "doc", "ppt", "xls", "mp4", "mp3", "avi"]),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=8),
    st.floats(0, 1),
)
def test_a_changed_file_is_something(tmp_path_factory, suffix, changes, cut):
    data = bytearray(sample(suffix))
    for where, byte in changes:
        data[int(where * (len(data) - 1))] = byte
    path = tmp_path_factory.getbasetemp() / "changed"
    path.write_bytes(data[: int(len(data) * cut)])
    assert file_types.of(path, f"a.{suffix}").kind in KINDS


def test_what_cannot_be_read_is_an_original(tmp_path):
    for path in (tmp_path, tmp_path / "nowhere"):
        assert file_types.of(path, "a.mp4").kind == "original"
