"""RAR and 7z, opened by bsdtar in the sandbox: the same rules as a zip's.

7z files are made by bsdtar itself, RAR files by hand (nobody may write one otherwise).
"""

import os
import shutil
import stat
import subprocess

import pytest

from edge_server.errors import Refused
from edge_server.guard import bsdtar, rar_headers
from tests.guard.handmade import (
    NOTE,
    RarEntry,
    rar4_of,
    rar5_of,
    rar5_with_password,
    seven_zip_with_password,
)
from tests.guard.opened import came_out, refusal, seven_zip

# What is let in


def test_a_7z_comes_out_under_numbers_with_its_names_told(tmp_path):
    files = {
        "语文/第一课.txt": NOTE,
        "语文/空 的.txt": b"",
        "a\tb\nc \\041 #.bin": bytes(range(256)) * 1000,
    }
    with pytest.raises(Refused, match="name_unusable"):
        came_out(seven_zip(tmp_path / "odd", files), tmp_path, "7z")
    del files["a\tb\nc \\041 #.bin"]
    files["#a = b 'c' “d” $é.bin"] = bytes(range(256)) * 1000
    shutil.rmtree(tmp_path / "out")
    assert came_out(seven_zip(tmp_path / "files", files), tmp_path, "7z") == files
    left = [path.name for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert sorted(left) == ["0", "1", "2"]


def test_a_folder_packed_from_within_is_opened(tmp_path):
    folder = tmp_path / "folder"
    (folder / "b").mkdir(parents=True)
    (folder / "a.txt").write_bytes(NOTE)
    (folder / "b" / "a.txt").write_bytes(NOTE)
    subprocess.run(
        ["bsdtar", "-c", "--format=7zip", "-f", tmp_path / "it.7z", "-C", folder, "."],
        check=True,
    )
    data = (tmp_path / "it.7z").read_bytes()
    assert came_out(data, tmp_path, "7z") == {"a.txt": NOTE, "b/a.txt": NOTE}


def test_a_rar_of_today_is_opened(tmp_path):
    data = rar5_of(
        RarEntry("语文".encode(), folder=True, mode=0o040755),
        RarEntry("语文/第一课.txt".encode()),
        RarEntry(b"empty.txt", b""),
    )
    assert came_out(data, tmp_path, "rar") == {
        "语文/第一课.txt": NOTE,
        "empty.txt": b"",
    }


def test_a_rar_of_old_windows_is_opened_with_its_names(tmp_path):
    data = rar4_of("课件\\春晓.txt".encode("gb18030"), b"plain.txt")
    assert came_out(data, tmp_path, "rar") == {"课件/春晓.txt": NOTE, "plain.txt": NOTE}


def test_a_folder_that_nobody_may_enter_gives_its_files(tmp_path):
    data = rar5_of(
        RarEntry(b"d", folder=True, mode=0o040000),
        RarEntry(b"d/a.txt", mode=0o100000),
    )
    assert came_out(data, tmp_path, "rar") == {"d/a.txt": NOTE}
    mode = (tmp_path / "out" / "0").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_an_owner_may_be_called_what_he_likes(tmp_path):
    """His name stands before the size in bsdtar's list, and nothing marks its end."""
    data = rar5_of(RarEntry(b"a.txt", owner=b"root 5 Jan  1  1970 a.txt"))
    assert came_out(data, tmp_path, "rar") == {"a.txt": NOTE}


# What is refused


LEAVING = ["../out.txt", "a/../../out.txt", "/etc/passwd", "C:/a"]


@pytest.mark.parametrize("name", LEAVING)
def test_names_in_a_rar_that_leave_the_folder_are_refused(tmp_path, name):
    rar = rar5_of(RarEntry(b"a.txt"), RarEntry(name.encode()))
    assert refusal(rar, tmp_path, "rar") == "name_escapes"


@pytest.mark.parametrize("name", LEAVING)
def test_names_in_a_7z_that_leave_the_folder_are_refused(tmp_path, name):
    packed = seven_zip(tmp_path / "files", {"a.txt": NOTE, name: NOTE})
    assert refusal(packed, tmp_path, "7z") == "name_escapes"
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "names",
    [
        ("a.txt", "a.txt"),
        ("a.txt", "A.txt"),
        ("a.txt", "./a.txt"),
        ("a?.txt", "a*.txt"),
    ],
)
def test_two_files_of_one_name_are_refused(tmp_path, names):
    """bsdtar would write the second over the first, and not say so."""
    first, second = (name.encode() for name in names)
    rar = rar5_of(RarEntry(first), RarEntry(second, b"other"))
    assert refusal(rar, tmp_path, "rar") == "archive_twice"


@pytest.mark.parametrize(
    ("kind", "to"),
    [(1, b"/etc/passwd"), (1, b"a.txt"), (2, b"a"), (4, b"a.txt"), (5, b"a.txt")],
    ids=["symlink-out", "symlink", "windows-link", "hard-link", "copy"],
)
def test_links_in_a_rar_are_refused(tmp_path, kind, to):
    data = rar5_of(RarEntry(b"a.txt"), RarEntry(b"link", link=(kind, to)))
    assert refusal(data, tmp_path, "rar") == "archive_special_file"


@pytest.mark.parametrize("mode", [0o010644, 0o020666, 0o060660, 0o140755])
def test_what_is_no_plain_file_in_a_rar_is_refused(tmp_path, mode):
    data = rar5_of(RarEntry(b"it", mode=mode))
    assert refusal(data, tmp_path, "rar") == "archive_special_file"
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_no_plain_file_in_a_7z_is_refused(tmp_path, kind):
    folder = tmp_path / "folder"
    folder.mkdir()
    if kind == "link":
        (folder / "it").symlink_to("/etc/passwd")
    else:
        os.mkfifo(folder / "it")
    subprocess.run(
        ["bsdtar", "-c", "--format=7zip", "-f", tmp_path / "it.7z", "-C", folder, "it"],
        check=True,
    )
    data = (tmp_path / "it.7z").read_bytes()
    assert refusal(data, tmp_path, "7z") == "archive_special_file"
    assert not list((tmp_path / "out").iterdir())  # refused before it was unpacked


LONG = bytes(range(256)) * 20
LIES: dict[str, tuple[bytes, str]] = {
    "rar with a password": (rar5_with_password(), "archive_encrypted"),
    "rar with a password for a file": (
        rar5_of(RarEntry(b"a.txt", secret=True)), "archive_encrypted",
    ),
    "old rar with a password for a file": (rar4_of(b"a", flags=0x8004), "archive_encrypted"),
    "one of several rars": (rar5_of(RarEntry(b"a.txt"), volume=True), "archive_volumes"),
    "one of several old rars": (rar4_of(b"a", flags=0x8002), "archive_volumes"),
    "an old rar packed as one block": (
        rar4_of(b"a.txt", b"b.txt", flags=0x8010), "archive_unsupported",
    ),
    "wrong checksum": (rar5_of(RarEntry(b"a.txt", crc=7)), "archive_damaged"),
    "a flipped bit": (
        rar5_of(RarEntry(b"a.txt", LONG)).replace(b"\x10\x11", b"\x10\x10", 1),
        "archive_damaged",
    ),
    "a flipped bit in an old rar": (
        rar4_of(b"a.txt", data=LONG).replace(b"\x10\x11", b"\x10\x10", 1), "archive_damaged",
    ),
    "a flipped bit in a header": (
        rar5_of(RarEntry(b"abcdef.txt")).replace(b"abcdef", b"abcdeg"), "archive_damaged",
    ),
    "larger than it becomes": (rar5_of(RarEntry(b"a.txt", size=900_000)), "archive_damaged"),
    "smaller than it becomes": (rar5_of(RarEntry(b"a.txt", size=5)), "archive_damaged"),
    "a size that is not known": (rar5_of(RarEntry(b"a.txt", sized=False)), "archive_unsupported"),
    "bomb": (rar5_of(RarEntry(b"a.txt", size=20_000_000)), "archive_bomb"),
    "bomb of the largest number": (
        rar5_of(RarEntry(b"a.txt", size=(1 << 56) - 1)), "archive_bomb",
    ),
    "half a rar": (rar5_of(RarEntry(b"a.txt", LONG))[:-1000], "archive_damaged"),
    "half an old rar": (rar4_of(b"a.txt", data=LONG)[:-1000], "archive_damaged"),
    "its name alone": (b"Rar!\x1a\x07\x01\x00", "archive_damaged"),
    "noise in a rar": (b"Rar!\x1a\x07\x01\x00" + LONG, "archive_damaged"),
    "an owner of two lines": (
        rar5_of(RarEntry(b"a.txt", owner=b"a\n-rw-r--r--  0 0 0 5 Jan  1  1970 b")),
        "archive_damaged",
    ),
    "a control character": (rar5_of(RarEntry(b"a\x1b[2J.txt")), "name_unusable"),
    "a backslash": (rar5_of(RarEntry(b"a\\b.txt")), "name_unusable"),
    "a name of windows": (rar5_of(RarEntry(b"con.txt")), "name_unusable"),
    "too long a name": (rar5_of(RarEntry("课".encode() * 86)), "name_too_long"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), LIES.values(), ids=LIES)
def test_each_lie_of_a_rar_is_refused_by_its_own_name(tmp_path, data, code):
    assert refusal(data, tmp_path, "rar") == code


def test_headers_are_believed_only_with_their_checksum(tmp_path):
    path = tmp_path / "it.rar"
    path.write_bytes(rar5_of(RarEntry(b"abcdef.txt")))
    assert [told.size_bytes for told in rar_headers.checksums(path)] == [len(NOTE)]
    path.write_bytes(path.read_bytes().replace(b"abcdef", b"abcdeg"))
    with pytest.raises(Refused, match="archive_damaged"):
        list(rar_headers.checksums(path))


@pytest.mark.parametrize(
    ("size", "names", "code"),
    [
        (5, ["a.txt"], "archive_contradicts"),
        (len(NOTE), ["a.txt", "b.txt"], "archive_contradicts"),
        (len(NOTE), [], "archive_damaged"),
    ],
    ids=["size", "more", "less"],
)
def test_what_comes_out_must_be_what_was_listed(tmp_path, size, names, code):
    """A next version of libarchive may list an archive one way and unpack it another."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for name in names:
        (raw / name).write_bytes(NOTE)
    listed = {"a.txt": rar_headers.Checksum(size, None)}
    with pytest.raises(Refused, match=code):
        list(bsdtar._came_out(raw, tmp_path, listed))


def test_a_7z_with_a_password_is_refused(tmp_path):
    assert refusal(seven_zip_with_password(), tmp_path, "7z") == "archive_encrypted"


@pytest.mark.parametrize("at", [40, 1000, -2])
def test_a_flipped_bit_in_a_7z_is_found(tmp_path, at):
    data = bytearray(
        seven_zip(tmp_path / "files", {"a": LONG}, "--options=7zip:compression=store")
    )
    data[at] ^= 1
    assert refusal(bytes(data), tmp_path, "7z") == "archive_damaged"


def test_half_a_7z_is_refused(tmp_path):
    data = seven_zip(tmp_path / "files", {"a": os.urandom(5000), "b": NOTE})
    assert refusal(data[:3000], tmp_path, "7z") == "archive_damaged"
