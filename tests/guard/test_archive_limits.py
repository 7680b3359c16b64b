"""Bombs, and archives larger than there is room, or slower than there is time."""

import random
import time
from pathlib import Path

import pytest

from edge_server.guard import bsdtar
from edge_server.guard.archive import ArchiveLimits
from tests.guard.handmade import NOTE, Entry, RarEntry, deflated, rar5_of, zip_of
from tests.guard.opened import came_out, refusal, seven_zip

BAD = Path(__file__).parents[2] / "media_samples" / "bad"


@pytest.mark.parametrize("name", ["bomb.zip", "overlapped.zip"])
def test_nobody_is_told_to_make_room_for_a_bomb(tmp_path, name):
    code = refusal((BAD / name).read_bytes(), tmp_path, room_bytes=1000)
    assert code in ("archive_bomb", "archive_overlap")


def test_many_small_bombs_are_one(tmp_path):
    """Each member is too small to be called one: 100 x 1 MB from 110 kB."""
    zeros = bytes(1_000_000)
    packed = deflated(zeros)
    data = zip_of(*(Entry(b"%d" % n, zeros, packed=packed) for n in range(100)))
    assert len(data) < 120_000
    assert refusal(data, tmp_path) == "archive_bomb"


def test_a_bomb_among_honest_files_is_one(tmp_path):
    data = zip_of(
        Entry(b"zeros", bytes(20_000_000)),
        Entry(b"noise", random.Random(1).randbytes(200_000), method=0),
    )
    assert 200 * len(data) > 20_000_000
    assert refusal(data, tmp_path) == "archive_bomb"


def test_what_lies_behind_a_stream_takes_no_time(tmp_path):
    """zlib would keep it, and copy it at each step: 40 MB took 7.7 s, 80 MB 31.7 s."""
    data = zip_of(Entry(b"a.txt", packed=deflated(NOTE) + bytes(40_000_000)))
    began = time.process_time()
    assert refusal(data, tmp_path) == "archive_contradicts"
    assert time.process_time() - began < 1


def test_limits_are_kept(tmp_path):
    three = zip_of(*(Entry(b"%d" % n, bytes(1000)) for n in range(3)))
    for n, (code, how) in enumerate(
        [
            ("archive_too_many", {"limits": ArchiveLimits(members=2)}),
            ("archive_too_large", {"limits": ArchiveLimits(total_bytes=2999)}),
            ("archive_no_room", {"room_bytes": 2999}),
            ("archive_no_room", {"room_bytes": -1}),
        ]
    ):
        folder = tmp_path / str(n)
        folder.mkdir()
        assert refusal(three, folder, **how) == code
    limits = ArchiveLimits(members=3, total_bytes=3000)
    assert len(came_out(three, tmp_path, room_bytes=3000, limits=limits)) == 3


def test_a_7z_that_grows_without_end_is_refused(tmp_path):
    data = seven_zip(tmp_path / "files", {"a": bytes(20_000_000)})
    assert len(data) < 20_000
    assert refusal(data, tmp_path, "7z") == "archive_bomb"


def test_limits_of_a_7z_are_kept(tmp_path):
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
