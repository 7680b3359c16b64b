"""Tar, plain and in gzip and xz, opened by bsdtar in the sandbox: the same rules again."""

import gzip
import io
import lzma
import os
import random
import tarfile
from collections.abc import Callable

import pytest

from tests.guard.handmade import NOTE
from tests.guard.opened import came_out, refusal

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes, "gzip": gzip.compress, "xz": lzma.compress,
}  # fmt: skip
FILES = {"语文/第一课.txt": NOTE, "MZ.txt": NOTE, "empty.txt": b""}


def tar(
    files: dict[str, bytes], *others: tarfile.TarInfo, format: int = tarfile.PAX_FORMAT
) -> bytes:
    """Write a tar of files, then of members without bytes."""
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w", format=format) as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        for other in others:
            archive.addfile(other)
    return written.getvalue()


def special(kind: bytes, to: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo("it")
    member.type, member.linkname = kind, to
    return member


# What is let in


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("name", ["课件.tar", "a.tgz", "a", "a.mp4"])
def test_a_tar_is_told_by_its_first_header_and_opened(told, tmp_path, pack, name):
    data = pack(tar(FILES))
    assert told(data, name) == "archive tar"
    assert came_out(data, tmp_path, "tar") == FILES


@pytest.mark.parametrize("first", ["MZ教材/一.txt", "BM.bmp", "GIF89a.gif", "%PDF-1.4"])
def test_a_tar_may_begin_with_a_name_of_any_letters(told, first):
    assert told(tar({first: NOTE}), "a.tar") == "archive tar"


def test_a_tar_of_old_unix_has_no_mark_and_is_one(told, tmp_path):
    header = bytearray(tar({"a.txt": NOTE}, format=tarfile.USTAR_FORMAT))
    header[257:500] = bytes(243)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    assert told(bytes(header), "a.tar") == "archive tar"
    assert came_out(bytes(header), tmp_path, "tar") == {"a.txt": NOTE}


def test_names_in_the_bytes_of_an_old_windows_come_out_right(tmp_path):
    plain = tar({"x" * 8: NOTE}, format=tarfile.USTAR_FORMAT)
    header = bytearray(plain)
    header[:8] = "课件.txt".encode("gb18030")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    assert came_out(bytes(header), tmp_path, "tar") == {"课件.txt": NOTE}


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_what_is_packed_but_no_tar_stays_what_it_is(told, pack):
    noise = random.Random(1).randbytes(4000)
    assert told(pack(noise), "a.tar") == "original unknown"
    assert told(pack(bytes(4000)), "a.tar") == "original unknown"


# What is refused


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/etc/passwd"])
def test_names_in_a_tar_that_leave_the_folder_are_refused(tmp_path, pack, name):
    data = pack(tar({"a.txt": NOTE, name: NOTE}))
    assert refusal(data, tmp_path, "tar") == "name_escapes"
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "member",
    [
        special(tarfile.SYMTYPE, "/etc/passwd"), special(tarfile.SYMTYPE, "a.txt"),
        special(tarfile.LNKTYPE, "a.txt"), special(tarfile.FIFOTYPE),
        special(tarfile.CHRTYPE), special(tarfile.BLKTYPE),
    ],
    ids=["symlink-out", "symlink", "hard-link", "pipe", "device", "block-device"],
)  # fmt: skip
def test_what_is_no_plain_file_in_a_tar_is_refused(tmp_path, member):
    data = tar({"a.txt": NOTE}, member)
    assert refusal(data, tmp_path, "tar") == "archive_special_file"
    assert not list((tmp_path / "out").iterdir())


def test_two_files_of_one_name_in_a_tar_are_refused(tmp_path):
    data = tar({"a.txt": NOTE, "A.txt": NOTE})
    assert refusal(data, tmp_path, "tar") == "archive_twice"


@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_a_bomb_in_a_tar_is_one(tmp_path, name):
    data = PACKED[name](tar({"zeros": bytes(40_000_000)}))
    assert refusal(data, tmp_path, "tar") == "archive_bomb"
    assert not list((tmp_path / "out").iterdir())


def test_a_hole_that_is_told_as_a_file_is_a_bomb(tmp_path):
    """A sparse file of a terabyte takes a kilobyte in a tar of GNU."""
    folder = tmp_path / "folder"
    folder.mkdir()
    with (folder / "it").open("wb") as file:
        file.truncate(1 << 40)
    packed = tmp_path / "it.tar"
    command = f"tar --sparse --format=gnu -cf {packed} -C {folder} it"
    assert os.waitstatus_to_exitcode(os.system(command)) == 0
    assert refusal(packed.read_bytes(), tmp_path, "tar") == "archive_bomb"


LONG = random.Random(2).randbytes(50_000)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, -6])
@pytest.mark.parametrize("name", ["gzip", "xz"])
def test_a_flipped_bit_in_a_packed_tar_is_found(tmp_path, name, at):
    """libarchive does not look at the checksum of gzip: we do."""
    data = bytearray(PACKED[name](tar({"a.bin": LONG})))
    data[at if at < 0 else int(at * len(data))] ^= 1
    assert refusal(bytes(data), tmp_path, "tar") == "archive_damaged"


@pytest.mark.parametrize("pack", PACKED.values(), ids=PACKED)
def test_half_a_tar_is_refused(tmp_path, pack):
    data = pack(tar({"a.bin": LONG, "b.txt": NOTE}))
    assert refusal(data[: len(data) // 2], tmp_path, "tar") == "archive_damaged"
