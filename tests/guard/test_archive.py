"""Zips that are let in: their files come out whole, under the names they were given."""

import io
import struct
import zipfile
import zlib

import pytest

from tests.guard.handmade import (
    NOTE,
    UNIX,
    UTF8,
    Entry,
    deflated,
    zip64_end,
    zip64_extra,
    zip_of,
)
from tests.guard.opened import came_out


def test_files_come_out_under_numbers_with_their_names_told(tmp_path):
    data = zip_of(
        Entry("语文/".encode(), b"", method=0),
        Entry("语文/第一课.txt".encode(), NOTE),
        Entry(b"stored.bin", bytes(range(256)), method=0),
        Entry(b"empty.txt", b"", method=0),
        Entry(b"empty, packed.txt", b""),
        Entry(b"empty, packed into nothing.txt", b"", packed=b""),
    )
    assert came_out(data, tmp_path) == {
        "语文/第一课.txt": NOTE,
        "stored.bin": bytes(range(256)),
        "empty.txt": b"",
        "empty, packed.txt": b"",
        "empty, packed into nothing.txt": b"",
    }
    assert all(file.name.isdigit() for file in (tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"]
)
@pytest.mark.parametrize("seekable", [True, False], ids=["file", "stream"])
def test_what_python_packs_is_opened(tmp_path, how, seekable):
    """A stream has its sizes behind the data, and zip64 fields for all of them."""

    class Pipe(io.RawIOBase):
        written = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:
            self.written += bytes(data)
            return len(data)

    pipe, file = Pipe(), io.BytesIO()
    with zipfile.ZipFile(file if seekable else pipe, "w", how) as packed:
        packed.writestr("第一课/生字.txt", NOTE * 1000)
        with packed.open("large.txt", "w", force_zip64=True) as member:
            member.write(NOTE)
    data = file.getvalue() if seekable else pipe.written
    assert came_out(data, tmp_path) == {
        "第一课/生字.txt": NOTE * 1000,
        "large.txt": NOTE,
    }


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        (Entry("春晓.txt".encode("gb18030")), "春晓.txt"),
        # 乗 is 81 5C in GB18030: its second byte is a backslash.
        (Entry("课件\\乗法.txt".encode("gb18030")), "课件/乗法.txt"),
        (Entry("𠮷野.txt".encode("gb18030")), "𠮷野.txt"),
        (Entry("春晓.txt".encode(), flags=UTF8), "春晓.txt"),
        (Entry("春晓.txt".encode()), "春晓.txt"),
        (Entry("Café.txt".encode(), flags=UTF8, system=UNIX), "Café.txt"),
        (Entry("Cafe\u0301.txt".encode(), flags=UTF8), "Café.txt"),
        (
            Entry(
                b"chunxiao.txt",
                extra=struct.pack("<HHBI", 0x7075, 11, 1, zlib.crc32(b"chunxiao.txt"))
                + "春晓".encode(),
            ),
            "春晓",
        ),
        # The field of another name: the archive was renamed by who knew no such field.
        (
            Entry(
                b"chunxiao.txt", extra=struct.pack("<HHBI", 0x7075, 6, 1, 7) + b"x"
            ),
            "chunxiao.txt",
        ),
    ],
    ids=[
        "gb18030", "gb18030-backslash", "gb18030-four-bytes", "utf8-flag", "utf8-silent",
        "latin", "decomposed", "unicode-field", "stale-unicode-field",
    ],
)  # fmt: skip
def test_names_come_out_right(tmp_path, entry, name):
    assert came_out(zip_of(entry), tmp_path) == {name: NOTE}


def test_single_characters_are_read_as_their_neighbours_are(tmp_path):
    """In UTF-8, 模, 鹿 and 猫 of GB18030 are ģ, ¹ and è."""
    characters = "模鹿猫大小春"
    assert "模鹿猫".encode("gb18030").decode() == "ģ¹è"
    data = zip_of(
        *(Entry(f"{char}.mp3".encode("gb18030"), char.encode()) for char in characters),
        Entry("Café.mp3".encode(), flags=UTF8),
    )
    expected = {f"{char}.mp3": char.encode() for char in characters}
    assert came_out(data, tmp_path) == expected | {"Café.mp3": NOTE}


def test_accents_among_plain_names_stay_accents(tmp_path):
    data = zip_of(Entry("bāi.mp3".encode()), Entry(b"a.mp3"), Entry("模.mp3".encode()))
    assert came_out(data, tmp_path) == {"bāi.mp3": NOTE, "a.mp3": NOTE, "模.mp3": NOTE}


def test_a_folder_packed_from_within_is_opened(tmp_path):
    """As ``bsdtar --format=zip -C folder .`` does it."""
    data = zip_of(
        Entry(b"./", b"", method=0, system=UNIX, mode=0o40755),
        Entry(b"./a.txt", system=UNIX, mode=0o100644),
        Entry(b"./b/", b"", method=0, system=UNIX, mode=0o40755),
        Entry(b"./b/a.txt", system=UNIX, mode=0o100600),
    )
    assert came_out(data, tmp_path) == {"a.txt": NOTE, "b/a.txt": NOTE}


def test_a_white_picture_is_no_bomb(tmp_path):
    picture = b"BM" + struct.pack("<IIIIiiHHIIiiII", 6_220_854, 0, 54, 40, 1920, 1080, 1, 24, 0, 0, 0, 0, 0, 0)  # fmt: skip
    picture += b"\xff" * (1920 * 1080 * 3)
    data = zip_of(Entry("白板.bmp".encode("gb18030"), picture), Entry(b"a.txt"))
    assert len(data) < 10_000
    assert came_out(data, tmp_path) == {"白板.bmp": picture, "a.txt": NOTE}


def test_an_empty_zip_holds_nothing(tmp_path):
    assert came_out(zip_of(), tmp_path) == {}


def test_a_comment_and_what_a_download_left_behind_it_do_not_matter(tmp_path):
    data = zip_of(Entry(b"a.txt"), comment="高清资源网".encode("gb18030"))
    assert came_out(data + b"\r\n<!-- 0.03 s -->", tmp_path) == {"a.txt": NOTE}


def test_a_whole_zip64_is_opened(tmp_path):
    row = {
        "size": 0xFFFFFFFF, "packed": 0xFFFFFFFF, "at": 0xFFFFFFFF,
        "extra": zip64_extra(len(NOTE), len(deflated(NOTE)), 0),
    }  # fmt: skip
    header = row | {"extra": zip64_extra(len(NOTE), len(deflated(NOTE)))}
    entry = Entry(b"a.txt", row=row, header=header)
    plain = zip_of(entry)
    length, at = struct.unpack("<II", plain[-10:-2])
    data = zip_of(
        entry,
        before_end=zip64_end(1, length, at, at + length),
        end={"count": 0xFFFF, "length": 0xFFFFFFFF, "at": 0xFFFFFFFF},
    )
    assert came_out(data, tmp_path) == {"a.txt": NOTE}
