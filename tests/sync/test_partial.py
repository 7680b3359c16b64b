"""What the map of an arrival says is there, is there and is right."""

import errno
import hashlib
import os
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.errors import DiskFull
from sync.arrivals import partial
from sync.arrivals.partial import BEGINNING_BYTES, Arrival, ChunkWrong
from sync.format.chunks import CHUNK_BYTES
from tests.boxes import make_box

LARGE = random.Random(5).randbytes(2 * CHUNK_BYTES + 12_345)
ID = hashlib.sha256(LARGE).hexdigest()
PIECES = [LARGE[at : at + CHUNK_BYTES] for at in range(0, len(LARGE), CHUNK_BYTES)]
HASHES = [hashlib.sha256(one).digest() for one in PIECES]


@pytest.fixture(scope="module")
def box(tmp_path_factory):
    """A box, whose partial/ each test leaves as it was."""
    return make_box(tmp_path_factory.mktemp("box"), convert=False)


@pytest.fixture(autouse=True)
def nothing_came(box):
    """Begin with nothing."""
    partial.remove_unwanted(box, lambda one: False)


def numbers(arrival: Arrival) -> list[int]:
    """Return which chunks lack."""
    return [chunk.n for chunk in arrival.missing()]


def test_chunks_stay_over_a_restart_and_make_the_whole(box):
    for n in (2, 0, 1):
        arrival = Arrival(box, ID, len(LARGE), HASHES)
        assert n in numbers(arrival)
        arrival.put(n, PIECES[n])
        assert n not in numbers(arrival)
        arrival.close()
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    assert arrival.is_whole
    arrival.close()
    assert partial.path_of(box, ID).read_bytes() == LARGE


def test_the_map_tells_of_a_chunk_only_when_it_is_durable(box, monkeypatch):
    def broken(file: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    arrival = Arrival(box, ID, len(LARGE), HASHES)
    with monkeypatch.context() as cut:
        cut.setattr(os, "fdatasync", broken)
        with pytest.raises(OSError, match="broken"):
            arrival.put(0, PIECES[0])
    arrival.close()
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    assert numbers(arrival) == [0, 1, 2]
    arrival.close()


def test_a_chunk_of_another_hash_or_length_is_refused(box):
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    for wrong in (PIECES[1], PIECES[0][:-1], b"", bytes(CHUNK_BYTES)):
        with pytest.raises(ChunkWrong):
            arrival.put(0, wrong)
    assert numbers(arrival) == [0, 1, 2]
    arrival.close()


def test_a_single_chunk_is_proven_by_the_name_of_the_whole(box):
    data = b"spring" * 1000
    arrival = Arrival(box, hashlib.sha256(data).hexdigest(), len(data))
    assert arrival.is_proven
    with pytest.raises(ChunkWrong):
        arrival.put(0, b"autumn" * 1000)
    arrival.put(0, data)
    assert arrival.is_whole
    arrival.close()


@given(came=st.integers(0, CHUNK_BYTES))
def test_the_beginning_of_a_chunk_stays(box, came):
    partial.remove_unwanted(box, lambda one: False)
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    kept = arrival.put_beginning(1, memoryview(PIECES[1])[: came // 2], 0)
    arrival.put_beginning(1, memoryview(PIECES[1])[:came], kept)
    arrival.close()
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    assert numbers(arrival) == [0, 1, 2]
    begun = arrival.beginning(arrival.missing()[1])
    assert PIECES[1].startswith(begun)
    assert came - 2 * BEGINNING_BYTES <= len(begun) <= came
    arrival.put(1, PIECES[1])
    assert numbers(arrival) == [0, 2]
    arrival.close()


def test_what_was_forgotten_lacks_now_and_after_a_restart(box):
    arrival = Arrival(box, ID, len(LARGE))
    for n, piece in enumerate(PIECES):
        arrival.put(n, piece)
    assert arrival.is_whole
    assert not arrival.is_proven
    arrival.forget()
    assert numbers(arrival) == [0, 1, 2]
    arrival.close()
    arrival = Arrival(box, ID, len(LARGE))
    assert numbers(arrival) == [0, 1, 2]
    arrival.close()


def test_a_file_of_another_length_is_not_gone_on_with(box):
    arrival = Arrival(box, ID, len(LARGE) + CHUNK_BYTES)
    arrival.put(0, PIECES[0])
    arrival.close()
    arrival = Arrival(box, ID, len(LARGE), HASHES)
    assert numbers(arrival) == [0, 1, 2]
    for n, piece in enumerate(PIECES):
        arrival.put(n, piece)
    arrival.close()
    assert partial.path_of(box, ID).read_bytes() == LARGE


def test_room_is_taken_before_the_first_byte_or_nothing_is_left(box, monkeypatch):
    monkeypatch.setattr(partial.disk, "free_bytes", lambda path: 59 * CHUNK_BYTES)
    with pytest.raises(DiskFull):
        Arrival(box, ID, 60 * CHUNK_BYTES)
    assert list((box.folder / "partial").iterdir()) == []
    assert partial.disk.reserved(box.db) == 0


def test_what_has_its_room_goes_on_though_the_disk_is_full_now(tmp_path):
    box = make_box(tmp_path / "box", convert=False)
    Arrival(box, ID, len(LARGE), HASHES).close()
    room = partial.disk.free_bytes(box.folder)
    full = make_box(tmp_path / "box", convert=False, floor_bytes=2 * room)
    arrival = Arrival(full, ID, len(LARGE), HASHES)
    arrival.put(0, PIECES[0])
    assert numbers(arrival) == [1, 2]
    arrival.close()


def test_a_disk_that_is_full_after_all_says_so(box, monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    arrival = Arrival(box, ID, len(LARGE), HASHES)
    with monkeypatch.context() as disk:
        disk.setattr(os, "pwrite", full)
        with pytest.raises(DiskFull):
            arrival.put(0, PIECES[0])
    arrival.close()


def test_only_what_nobody_wants_is_removed(box):
    for one in (ID, "ab" * 32):
        Arrival(box, one, len(LARGE)).close()
    partial.remove_unwanted(box, lambda one: one == ID)
    names = sorted(path.name for path in (box.folder / "partial").iterdir())
    assert names == [ID, f"{ID}.map"]
