"""RAR and 7z, opened by bsdtar in the sandbox: the same rules as a zip's.

7z files are made by bsdtar itself, RAR files by hand (nobody may write one otherwise).
"""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge_server.errors import Refused
from edge_server.guard import archive, bsdtar, rar_headers
from edge_server.guard.archive import ArchiveLimits
from tests.guard.handmade import (
    NOTE,
    RarEntry,
    rar4_of,
    rar5_of,
    rar5_with_password,
    seven_zip_with_password,
)
from tests.guard.opened import came_out, refusal


def seven_zip(folder: Path, files: dict[str, bytes], *options: str) -> bytes:
    """Pack files by bsdtar; a name that leaves the folder is written by its ``-s``."""
    folder.mkdir()
    for n, data in enumerate(files.values()):
        (folder / str(n)).write_bytes(data)
    rules = [f"-s,^{n}$,{name},S" for n, name in enumerate(files)]
    target = folder.with_suffix(".7z")
    subprocess.run(
        ["bsdtar", "-c", "--format=7zip", "-P", *rules, *options, "-f", target, "-C",
         folder, *map(str, range(len(files)))],
        check=True, env=os.environ | {"LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    return target.read_bytes()


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


def test_a_link_in_a_7z_is_refused(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to("/etc/passwd")
    subprocess.run(
        [
            "bsdtar",
            "-c",
            "--format=7zip",
            "-f",
            tmp_path / "it.7z",
            "-C",
            folder,
            "link",
        ],
        check=True,
    )
    data = (tmp_path / "it.7z").read_bytes()
    assert refusal(data, tmp_path, "7z") == "archive_special_file"


LONG = bytes(range(256)) * 20
LIES: dict[str, tuple[bytes, str]] = {
    "rar with a password": (rar5_with_password(), "archive_encrypted"),
    "rar with a password for a file": (
        rar5_of(RarEntry(b"a.txt", secret=True)), "archive_encrypted",
    ),
    "old rar with a password for a file": (rar4_of(b"a", flags=0x8004), "archive_encrypted"),
    "one of several rars": (rar5_of(RarEntry(b"a.txt"), volume=True), "archive_volumes"),
    "one of several old rars": (rar4_of(b"a", flags=0x8002), "archive_volumes"),
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
    "a size that is not known": (rar5_of(RarEntry(b"a.txt", sized=False)), "archive_damaged"),
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


def test_a_7z_that_grows_without_end_is_refused(tmp_path):
    data = seven_zip(tmp_path / "files", {"a": bytes(20_000_000)})
    assert len(data) < 20_000
    assert refusal(data, tmp_path, "7z") == "archive_bomb"


def test_limits_are_kept(tmp_path):
    three = seven_zip(tmp_path / "files", {name: bytes(1000) for name in "abc"})
    for n, (code, how) in enumerate(
        [
            ("archive_too_many", {"limits": ArchiveLimits(members=2)}),
            ("archive_too_large", {"limits": ArchiveLimits(total_bytes=2999)}),
            ("archive_no_room", {"room_bytes": 2999}),
        ]
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert refusal(three, folder, "7z", **how) == code
    limits = ArchiveLimits(members=3, total_bytes=3000)
    assert len(came_out(three, tmp_path, "7z", room_bytes=3000, limits=limits)) == 3


def test_an_archive_that_takes_too_long_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bsdtar, "_WALL_S", 0.0)
    data = rar5_of(RarEntry(b"a.txt"))
    assert refusal(data, tmp_path, "rar") == "archive_too_slow"


# What nobody thought of

REAL = [
    rar5_of(RarEntry(b"a.txt"), RarEntry(b"d", folder=True), RarEntry(b"b", LONG)),
    rar5_of(RarEntry(b"l", link=(1, b"x")), RarEntry(b"s", secret=True)),
    rar4_of(b"a.txt", "春.txt".encode("gb18030")),
]


@settings(deadline=5000)
@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.integers(7, 200), st.integers(0, 255)), max_size=5),
    st.binary(max_size=100),
)
def test_changed_headers_are_walked_or_refused(tmp_path_factory, data, changes, tail):
    changed = bytearray(data)
    for at, byte in changes:
        changed[at % len(changed)] = byte
    path = tmp_path_factory.getbasetemp() / "changed.rar"
    path.write_bytes(bytes(changed) + tail)
    try:
        found = list(rar_headers.checksums(path))
    except Refused:
        return
    assert all(told.size_bytes >= 0 for told in found)


@settings(deadline=5000, max_examples=8)
@given(st.sampled_from(REAL), st.integers(8, 300), st.integers(0, 255))
def test_a_changed_rar_is_unpacked_or_refused(tmp_path_factory, data, at, byte):
    folder = tmp_path_factory.mktemp("changed")
    changed = bytearray(data)
    changed[at % len(changed)] = byte
    (folder / "it.rar").write_bytes(changed)
    (folder / "out").mkdir()
    try:
        unpacked = archive.unpack(
            folder / "it.rar", "rar", folder / "out", room_bytes=10**7
        )
    except Refused:
        return
    assert all(file.path.parent == folder / "out" for file in unpacked)
