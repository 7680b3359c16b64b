"""Zips that nobody thought of: they are unpacked or refused, and never hang."""

import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from edge_server.errors import Refused
from edge_server.guard import archive
from tests.guard.handmade import (
    LATER,
    Entry,
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
