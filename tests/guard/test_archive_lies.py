"""Zips that are refused: the bad samples, then every lie alone, each by its own name."""

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.guard.handmade import (
    ENCRYPTED,
    LATER,
    NOTE,
    UNIX,
    Entry,
    deflated,
    zip64_end,
    zip64_extra,
    zip_of,
)
from tests.guard.opened import refusal

BAD = Path(__file__).parents[2] / "media_samples" / "bad"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("path_escape.zip", "name_escapes"),
        ("symlink.zip", "archive_special_file"),
        ("bomb.zip", "archive_bomb"),
        ("bomb.docx", "archive_bomb"),
        ("overlapped.zip", "archive_overlap"),
        ("encrypted.zip", "archive_encrypted"),
    ],
)
def test_each_bad_sample_is_refused_for_what_it_is(tmp_path, name, code):
    assert refusal((BAD / name).read_bytes(), tmp_path) == code
    assert list((tmp_path / "out").iterdir()) == []


def test_the_overlapped_sample_deceives_a_reader_of_single_files():
    """Each of its headers is true: only the table as a whole gives it away."""
    data = (BAD / "overlapped.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as bomb:
        entries = bomb.infolist()
    assert len({entry.filename for entry in entries}) == 200
    assert sum(entry.file_size for entry in entries) > 5_000 * len(data)
    for entry in entries[::50]:
        length = int.from_bytes(data[entry.header_offset + 26 :][:2], "little")
        start = entry.header_offset + 30 + length
        told = zlib.decompress(data[start : start + entry.compress_size], -15)
        assert (len(told), zlib.crc32(told)) == (entry.file_size, entry.CRC)


@pytest.mark.parametrize(
    "name",
    [
        "../out.txt", "a/../../out.txt", "/etc/passwd", "C:/Windows/a.dll", "c:a.txt",
        "..\\out.txt", "\\\\server\\share\\a.txt", "a\\..\\..\\out.txt", "..",
    ],
)  # fmt: skip
def test_names_that_leave_the_folder_are_refused(tmp_path, name):
    assert refusal(zip_of(Entry(b"a.txt"), Entry(name.encode())), tmp_path) == (
        "name_escapes"
    )


@pytest.mark.parametrize(
    ("name", "code"),
    [
        (b"a.txt\0.exe", "name_unusable"),
        (b"a\x1b[2J.txt", "name_unusable"),
        (b"", "name_unusable"),
        (b"a/ /b.txt", "name_unusable"),
        (b"con.txt", "name_unusable"),
        (b"a/LPT1", "name_unusable"),
        ("课".encode() * 86, "name_too_long"),
        (b"a/" * 17 + b"b.txt", "path_too_deep"),
    ],
)
def test_names_that_no_system_can_hold_are_refused(tmp_path, name, code):
    assert refusal(zip_of(Entry(name)), tmp_path) == code


def test_a_backslash_of_unix_is_no_folder(tmp_path):
    assert refusal(zip_of(Entry(b"a\\b.txt", system=UNIX)), tmp_path) == "name_unusable"


@pytest.mark.parametrize(
    "kind",
    [0o120777, 0o020666, 0o060660, 0o010644, 0o140755],
    ids=["symlink", "character-device", "block-device", "pipe", "socket"],
)
@pytest.mark.parametrize("system", [UNIX, 19], ids=["unix", "os-x"])
def test_what_is_no_plain_file_is_refused(tmp_path, kind, system):
    entry = Entry(b"a", b"/etc/passwd", system=system, mode=kind)
    assert refusal(zip_of(entry), tmp_path) == "archive_special_file"


@pytest.mark.parametrize(
    "names",
    [
        (b"a.txt", b"a.txt"),
        (b"a.txt", b"A.TXT"),
        ("é.txt".encode(), "e\u0301.txt".encode()),
        (b"a", b"a/"),
        ("春.txt".encode("gb18030"), "春.txt".encode()),
        (b"a?.txt", b"a*.txt"),
        (b"a.txt", b"a.txt ."),
        (b"a.txt", "a\u200b.txt".encode()),
        (b"a.txt", b"./a.txt"),
        (b"a/b.txt", b"a//b.txt"),
    ],
    ids=[
        "same",
        "case",
        "composed",
        "file-and-folder",
        "two-encodings",
        "after-cleaning",
        "end",
        "unseen",
        "here",
        "two-strokes",
    ],
)
def test_two_files_that_would_have_one_name_are_refused(tmp_path, names):
    data = zip_of(*(Entry(name, b"", method=0) for name in names))
    assert refusal(data, tmp_path) == "archive_twice"


HEADER = 30 + len(b"a.txt")
ZEROS = deflated(bytes(3_000_000))
LIES: dict[str, tuple[bytes, str]] = {
    "encrypted": (zip_of(Entry(b"a.txt", flags=ENCRYPTED)), "archive_encrypted"),
    "unknown method": (zip_of(Entry(b"a.txt", method=97)), "archive_method"),
    "two rows, one place": (
        zip_of(Entry(b"a.txt"), Entry(b"b.txt", row={"at": 0}, header={"name": b"a.txt"})),
        "archive_contradicts",
    ),
    "inside another": (
        zip_of(
            Entry(b"a.txt", zip_of(Entry(b"b.txt")), method=0),
            Entry(b"b.txt", row={"at": HEADER}),
        ),
        "archive_overlap",
    ),
    "one byte of the next": (
        zip_of(Entry(b"a.txt", method=0, packed=NOTE[:-1]), Entry(b"b.txt")),
        "archive_damaged",
    ),
    "another name before the data": (
        zip_of(Entry(b"a.txt", header={"name": b"b.txt"})),
        "archive_contradicts",
    ),
    "another method before the data": (
        zip_of(Entry(b"a.txt", header={"method": 0})),
        "archive_contradicts",
    ),
    "another size before the data": (
        zip_of(Entry(b"a.txt", header={"size": 5})),
        "archive_contradicts",
    ),
    "another length before the data": (
        zip_of(Entry(b"a.txt", header={"packed": 5})),
        "archive_contradicts",
    ),
    "encrypted before the data only": (
        zip_of(Entry(b"a.txt", header={"flags": ENCRYPTED})),
        "archive_contradicts",
    ),
    "smaller than it becomes": (
        zip_of(Entry(b"a.txt", row={"size": 5}, header={"size": 5})),
        "archive_contradicts",
    ),
    "smaller than it becomes, told later": (
        zip_of(Entry(b"a.txt", flags=LATER, row={"size": 5}, header={"size": 0})),
        "archive_contradicts",
    ),
    "larger than it becomes": (
        zip_of(Entry(b"a.txt", row={"size": 500}, header={"size": 500})),
        "archive_damaged",
    ),
    "wrong checksum": (zip_of(Entry(b"a.txt", row={"crc": 7})), "archive_damaged"),
    "no deflate": (zip_of(Entry(b"a.txt", packed=b"\xff" * 30)), "archive_damaged"),
    "a stream that ends early": (
        zip_of(Entry(b"a.txt", packed=deflated(NOTE) + b"junk")),
        "archive_contradicts",
    ),
    "a stream without an end": (
        zip_of(Entry(b"a.txt", bytes(900_000), packed=deflated(bytes(900_000))[:-1])),
        "archive_damaged",
    ),
    "bomb": (zip_of(Entry(b"a.txt", bytes(20_000_000))), "archive_bomb"),
    "bomb that hides its size": (
        zip_of(Entry(b"a.txt", row={"size": 900_000}, header={"size": 900_000}, packed=ZEROS)),
        "archive_contradicts",
    ),
    "header behind the end": (zip_of(Entry(b"a.txt", row={"at": 1 << 31})), "archive_damaged"),
    "data behind the end": (
        zip_of(Entry(b"a.txt", flags=LATER, row={"packed": 1 << 30})),
        "archive_damaged",
    ),
    "row with half a name": (
        zip_of(Entry(b"a.txt"), end={"length": 48}),
        "archive_damaged",
    ),
    "rows that the count leaves out": (
        zip_of(Entry(b"a.txt"), Entry(b"b.txt"), end={"count": 1}),
        "archive_damaged",
    ),
    "65,537 rows that counted to one": (
        zip_of(*[Entry(b"%d" % n, b"", method=0) for n in range(65_537)]),
        "archive_damaged",
    ),
    "something behind the rows": (
        zip_of(Entry(b"a.txt"), in_directory=b"hidden"),
        "archive_damaged",
    ),
    "data that is the directory": (
        zip_of(Entry(b"a.txt", method=0, flags=LATER, row={"packed": len(NOTE) + 20})),
        "archive_overlap",
    ),
    "a folder with bytes of its own": (
        zip_of(Entry(b"a/", NOTE)),
        "archive_contradicts",
    ),
    "a folder of windows with bytes of its own": (
        zip_of(Entry(b"a\\", NOTE)),
        "archive_contradicts",
    ),
    "zip64 size before the data": (
        zip_of(
            Entry(
                b"a.txt",
                header={
                    "size": 0xFFFFFFFF,
                    "packed": 0xFFFFFFFF,
                    "extra": zip64_extra(1 << 40, len(deflated(NOTE))),
                },
            )
        ),
        "archive_contradicts",
    ),
    "zip64 size before the data, left out": (
        zip_of(Entry(b"a.txt", header={"size": 0xFFFFFFFF})),
        "archive_contradicts",
    ),
    "more rows than there are": (zip_of(Entry(b"a.txt"), end={"count": 2}), "archive_damaged"),
    "absurd count": (zip_of(Entry(b"a.txt"), end={"count": 60_000}), "archive_too_many"),
    "directory elsewhere": (zip_of(Entry(b"a.txt"), end={"at": 3}), "archive_damaged"),
    "directory behind the end": (zip_of(Entry(b"a.txt"), end={"at": 900}), "archive_damaged"),
    "zip64 without its record": (
        zip_of(Entry(b"a.txt"), end={"at": 0xFFFFFFFF}),
        "archive_damaged",
    ),
    "zip64 record elsewhere": (
        zip_of(Entry(b"a.txt"), before_end=zip64_end(1, 1, 1, 5), end={"at": 0xFFFFFFFF}),
        "archive_damaged",
    ),
    "zip64 record at the end of numbers": (
        zip_of(
            Entry(b"a.txt"), before_end=zip64_end(1, 1, 1, (1 << 64) - 1), end={"at": 0xFFFFFFFF}
        ),
        "archive_damaged",
    ),
    "zip64 count": (
        zip_of(before_end=zip64_end(1 << 60, 0, 0, 0), end={"count": 0xFFFF}),
        "archive_too_many",
    ),
    "zip64 directory": (
        zip_of(before_end=zip64_end(1, 1 << 63, 1 << 63, 0), end={"count": 0xFFFF}),
        "archive_damaged",
    ),
    "zip64 header place": (
        zip_of(Entry(b"a.txt", extra=zip64_extra((1 << 64) - 1), row={"at": 0xFFFFFFFF})),
        "archive_damaged",
    ),
    "zip64 field cut short": (
        zip_of(Entry(b"a.txt", extra=b"\1\0\4\0abcd", row={"at": 0xFFFFFFFF})),
        "archive_damaged",
    ),
    "other volumes": (
        zip_of(Entry(b"a.txt")).replace(b"PK\5\6\0\0\0\0", b"PK\5\6\2\0\0\0"),
        "archive_damaged",
    ),
    "no zip at all": (b"PK\3\4" + bytes(100), "archive_damaged"),
    "nothing": (b"", "archive_damaged"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), LIES.values(), ids=LIES)
def test_each_lie_is_refused_by_its_own_name(tmp_path, data, code):
    assert refusal(data, tmp_path) == code


@pytest.mark.parametrize("left", range(0, 150, 7))
def test_half_a_download_is_refused(tmp_path, left):
    data = zip_of(Entry(b"a.txt"), Entry(b"b.txt", bytes(range(256)), method=0))
    assert refusal(data[: -1 - left], tmp_path) == "archive_damaged"
