"""Archives that nobody thought of: they are unpacked or refused, and never hang."""

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_server.errors import Refused
from edge_server.guard import archive, rar_headers
from tests.guard.handmade import (
    LATER,
    Entry,
    RarEntry,
    rar4_of,
    rar5_of,
    zip_of,
)

SAMPLES = Path(__file__).parents[2] / "media_samples"


def survives(data: bytes) -> None:
    """Unpack, or refuse; nothing else, soon, and never more than there is room."""
    with tempfile.TemporaryDirectory() as folder:
        path, out = Path(folder, "it.zip"), Path(folder, "out")
        path.write_bytes(data)
        out.mkdir()
        try:
            unpacked = archive.unpack(path, "zip", out, room_bytes=10_000_000)
        except Refused:
            return
        assert sum(file.size_bytes for file in unpacked) <= 10_000_000
        assert all(file.path.parent == out for file in unpacked)


soon = settings(deadline=5000)  # milliseconds for one archive, on a busy machine
REAL = [
    zip_of(Entry(b"a.txt"), Entry("语文/b.txt".encode("gb18030"), bytes(3000))),
    zip_of(Entry(b"s.bin", bytes(range(200)), method=0, flags=LATER), comment=b"PK\5\6"),
    (SAMPLES / "bad" / "overlapped.zip").read_bytes(),
    next(SAMPLES.rglob("乡土课程.zip")).read_bytes(),
]  # fmt: skip


@soon
@given(st.binary(max_size=400))
@example(b"PK\x05\x06" + bytes(18))
def test_noise_is_unpacked_or_refused(data):
    survives(data)


@soon
@given(
    st.sampled_from(REAL),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
    st.booleans(),
)
def test_a_changed_zip_is_unpacked_or_refused(data, changes, cut, tail):
    mutable = bytearray(data)
    for where, byte in changes:
        # Half of the changes go to the table at the end, where the lies are.
        span = min(len(data), 400) if tail else len(data)
        mutable[min(len(data) - span + int(where * span), len(data) - 1)] = byte
    end = len(data) if cut < 0.7 else int(len(data) * (cut - 0.7) / 0.3)
    survives(bytes(mutable[:end]))


RARS = [
    rar5_of(
        RarEntry(b"a.txt"),
        RarEntry(b"d", folder=True),
        RarEntry(b"b", bytes(range(256)) * 20),
    ),
    rar5_of(RarEntry(b"l", link=(1, b"x")), RarEntry(b"s", secret=True)),
    rar4_of(b"a.txt", "春.txt".encode("gb18030")),
]


@soon
@given(
    st.sampled_from(RARS),
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
@given(st.sampled_from(RARS), st.integers(8, 300), st.integers(0, 255))
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
