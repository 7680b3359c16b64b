"""Patches: a new version in few bytes, whole and right, or refused in little memory."""

import hashlib
import io
import mmap
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
import zstandard

from sync.format import patch
from sync.format.documents import DocumentTooNew
from sync.format.patch import PatchDamaged

SAMPLES = Path(__file__).parents[3] / "media_samples" / "library"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def applied(made: bytes, old: bytes, new: bytes) -> bytes:
    out = io.BytesIO()
    patch.apply(
        io.BytesIO(made), io.BytesIO(old), out, size_bytes=len(new), sha256=sha256(new)
    )
    return out.getvalue()


# --- what comes out


def edited(r: random.Random, old: bytes) -> bytes:
    """Return bytes made from others by a few edits, as files are."""
    new = bytearray(old)
    for _ in range(r.randint(0, 6)):
        at, size = r.randint(0, len(new)), r.choice([1, 3, 70, 1000, 30_000])
        edit = r.randrange(5)
        if edit == 0:
            new[at:at] = r.randbytes(size)
        elif edit == 1:
            del new[at : at + size]
        elif edit == 2:
            new[at : at + size] = r.randbytes(len(new[at : at + size]))
        elif edit == 3:
            moved = new[at : at + size]
            del new[at : at + size]
            to = r.randint(0, len(new))
            new[to:to] = moved
        else:
            new[at:at] = new[: r.randint(0, size)]
    return bytes(new)


def test_the_new_object_comes_out_whatever_was_done_to_the_old():
    r = random.Random(12)
    patched = 0
    for _ in range(60):
        size = r.choice([0, 1, 31, 32, 500, 40_000, 150_000])
        old = r.choice([r.randbytes(size), bytes(size), b"abc" * (size // 3)])
        new = edited(r, old)

        made = patch.make(old, new)

        if made is not None:
            patched += 1
            assert 2 * len(made) < len(new)
            assert applied(made, old, new) == new
    assert patched > 15


def test_files_that_share_nothing_have_no_patch():
    r = random.Random(13)
    assert patch.make(r.randbytes(300_000), r.randbytes(300_000)) is None
    assert patch.make(b"", b"") is None
    assert patch.make(b"", b"x") is None


def test_files_need_not_be_read_into_memory(tmp_path: Path):
    old = random.Random(26).randbytes(200_000)
    new = old[:90_000] + b"new" + old[90_000:]
    (tmp_path / "old").write_bytes(old)
    (tmp_path / "new").write_bytes(new)
    (tmp_path / "other").write_bytes(random.Random(27).randbytes(200_000))

    with ExitStack() as opened:
        files = [
            opened.enter_context((tmp_path / name).open("rb"))
            for name in ("old", "new", "other")
        ]
        maps = [
            opened.enter_context(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            for file in files
        ]
        made = patch.make(maps[0], maps[1])
        assert patch.make(maps[0], maps[2]) is None
        # Leaving closes the maps, which nobody may hold any more.

    assert made is not None
    assert applied(made, old, new) == new


# --- figures


def copied(source: Path, target: Path, *options: str) -> None:
    subprocess.run(
        [
            "ffmpeg",
            "-loglevel",
            "error",
            "-y",
            "-i",
            source,
            "-c",
            "copy",
            *options,
            target,
        ],
        check=True,
    )


def packed_again(
    source: Path, target: Path, change: Callable[[str, bytes], bytes], year: int
) -> None:
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w") as write:
        for info in read.infolist():
            member = zipfile.ZipInfo(info.filename, (year, 9, 1, 8, 0, 0))
            member.compress_type = info.compress_type
            write.writestr(member, change(info.filename, read.read(info)))


def retag(old: Path, new: Path) -> None:
    film = next(SAMPLES.rglob("山行*.mp4"))
    copied(film, old)
    copied(film, new, "-metadata", "title=第一课时", "-metadata", "comment=县教研室")


def faststart(old: Path, new: Path) -> None:
    film = next(SAMPLES.rglob("山行*.mp4"))
    copied(film, old)
    copied(film, new, "-movflags", "+faststart")


def title_changed(old: Path, new: Path) -> None:
    def change(name: str, data: bytes) -> bytes:
        if name != "ppt/slides/slide1.xml":
            return data
        changed = data.replace(b"</a:t>", "（改）</a:t>".encode(), 1)
        assert changed != data
        return changed

    deck = next(SAMPLES.rglob("古诗三首*.pptx"))
    packed_again(deck, old, lambda _, data: data, 2025)
    packed_again(deck, new, change, 2025)


def packed_a_year_later(old: Path, new: Path) -> None:
    deck = next(SAMPLES.rglob("古诗三首*.pptx"))
    packed_again(deck, old, lambda _, data: data, 2025)
    packed_again(deck, new, lambda _, data: data, 2026)


def a_page_changed(old: Path, new: Path) -> None:
    r = random.Random(14)
    with zipfile.ZipFile(old, "w", zipfile.ZIP_DEFLATED) as write:
        for n in range(200):
            lines = (f"<p>{r.random()} 大青树下的小学</p>" for _ in range(60))
            write.writestr(f"page{n}.html", "\n".join(lines))
        for n in range(10):
            write.writestr(f"image{n}.jpg", r.randbytes(100_000))
    change = lambda name, data: data + b" " if name == "page100.html" else data  # noqa: E731  # as a value
    packed_again(old, new, change, 2026)


def a_kilobyte_inserted(old: Path, new: Path) -> None:
    data = next(SAMPLES.rglob("山行*.mp4")).read_bytes()
    middle = len(data) // 2
    old.write_bytes(data)
    new.write_bytes(data[:middle] + random.Random(15).randbytes(1000) + data[middle:])


@pytest.mark.parametrize(
    ("edit", "most_percent"),
    [
        (retag, 0.05),
        (faststart, 0.6),
        (title_changed, 0.6),
        (packed_a_year_later, 0.6),
        (a_page_changed, 0.6),
        (a_kilobyte_inserted, 0.1),
    ],
)
def test_an_edited_file_travels_as_what_changed(
    tmp_path: Path, edit: Callable[[Path, Path], None], most_percent: float
):
    edit(tmp_path / "old.mp4", tmp_path / "new.mp4")
    old, new = (tmp_path / f"{name}.mp4" for name in ("old", "new"))
    made = patch.make(old.read_bytes(), new.read_bytes())

    assert made is not None
    percent = 100 * len(made) / new.stat().st_size
    print(
        f"{edit.__name__}: {len(made):,} of {new.stat().st_size:,} bytes, {percent:.3f} %"
    )
    assert percent < most_percent
    assert applied(made, old.read_bytes(), new.read_bytes()) == new.read_bytes()


# --- what is refused

OLD = random.Random(16).randbytes(100_000)


def number(value: int) -> bytes:
    told = bytearray()
    while value > 127:
        told.append(value & 127 | 128)
        value >>= 7
    return bytes((*told, value))


def steps(*told: bytes | int) -> bytes:
    raw = b"".join(one if isinstance(one, bytes) else number(one) for one in told)
    return patch.MAGIC + zstandard.ZstdCompressor().compress(raw)


def test_a_patch_written_by_hand_is_read_as_the_format_says():
    new = b"fresh" + OLD[50:90] + b"!" + OLD[10:42]
    by_hand = steps(5, b"fresh", 40, 2 * 50, 1, b"!", 32, 2 * (90 - 10) - 1)
    assert applied(by_hand, OLD, new) == new


HOSTILE = {
    "nothing": b"",
    "no magic": b"EDGEPAC1" + steps(3, b"abc")[8:],
    "no zstd": patch.MAGIC + b"edge" * 20,
    "no steps": steps(),
    "a length that never ends": steps(b"\xff" * 20),
    "more new bytes than the object has": steps(101, b"x" * 101),
    "new bytes that do not come": steps(50, b"x" * 20),
    "a copy of nothing": steps(0, 0, 0, 100, b"x" * 100),
    "nothing, without end": steps(b"\x00" * 30_000_000),
    "a copy of a byte": steps(0, 1, 0, 99, b"x" * 99),
    "a copy beyond the object": steps(0, 101, 0),
    "a copy of exabytes": steps(0, b"\xff" * 7 + b"\x7f", 0),
    "a copy from before the old object": steps(0, 100, 1),
    "a copy from far before it": steps(0, 100, 2**50 + 1),
    "a copy from behind the old object": steps(0, 100, 2 * (len(OLD) - 99)),
    "a copy from far behind it": steps(0, 100, 2**55),
    "a second copy from before it": steps(0, 50, 100, 0, 50, 2 * 151 - 1),
    "gigabytes of new bytes": steps(2**40, bytes(50 << 20)),
    "another object": steps(100, b"x" * 100),
}  # fmt: skip


class Bounded(io.BytesIO):
    """An output that never takes more than the object has."""

    def write(self, data: bytes) -> int:  # type: ignore[override]  # bytes are all it gets
        assert self.tell() + len(data) <= 100
        return super().write(data)


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_patch_of_this_object_is_refused(tmp_path: Path, what: str):
    # A real file: some places it cannot even be asked to go to.
    (tmp_path / "old").write_bytes(OLD)
    with (tmp_path / "old").open("rb") as old, pytest.raises(PatchDamaged) as caught:
        patch.apply(
            io.BytesIO(HOSTILE[what]), old, Bounded(),
            size_bytes=100, sha256=sha256(OLD[:100]),
        )  # fmt: skip
    assert caught.value.reason == "patch_damaged"


@pytest.mark.parametrize(("size", "fits"), [(32, True), (31, False), (1, False)])
def test_steps_too_small_are_refused_even_where_the_result_were_right(size, fits):
    fresh = 100 - size
    told = steps(fresh, OLD[:fresh], size, 2 * fresh)
    if fits:
        assert applied(told, OLD, OLD[:100]) == OLD[:100]
    else:
        with pytest.raises(PatchDamaged):
            applied(told, OLD, OLD[:100])


def test_what_stands_behind_the_last_step_is_refused_even_where_the_result_were_right():
    assert applied(steps(100, OLD[:100]), OLD, OLD[:100]) == OLD[:100]
    with pytest.raises(PatchDamaged):
        applied(steps(100, OLD[:100], b"y"), OLD, OLD[:100])


def test_a_window_that_takes_128_megabytes_is_refused_even_where_the_result_were_right():
    for log, fits in ((23, True), (27, False)):
        squeeze = zstandard.ZstdCompressor(
            compression_params=zstandard.ZstdCompressionParameters(window_log=log)
        ).compressobj()
        told = patch.MAGIC + squeeze.compress(number(100) + OLD[:100]) + squeeze.flush()
        if fits:
            assert applied(told, OLD, OLD[:100]) == OLD[:100]
        else:
            with pytest.raises(PatchDamaged):
                applied(told, OLD, OLD[:100])


def test_a_number_of_tomorrow_is_too_new_not_damaged():
    with pytest.raises(DocumentTooNew):
        applied(b"EDGEPAT2" + b"x" * 50, OLD, b"x")


def test_a_bent_or_torn_patch_never_makes_anything_else():
    r = random.Random(17)
    new = edited(r, OLD) + OLD[5000:9000] + b"end"
    made = patch.make(OLD, new)
    assert made is not None
    for n in range(1500):
        bent = bytearray(made)
        if n % 3:
            bent[r.randrange(len(bent))] ^= 1 << r.randrange(8)
        else:
            del bent[r.randrange(len(bent)) :]
        try:
            assert applied(bytes(bent), OLD, new) == new
        except (PatchDamaged, DocumentTooNew):
            continue


def test_bent_steps_inside_a_whole_frame_never_make_anything_else():
    r = random.Random(18)
    new = edited(r, OLD) + OLD[5000:9000] + b"end"
    made = patch.make(OLD, new)
    assert made is not None
    raw = zstandard.ZstdDecompressor().decompressobj().decompress(made[8:])
    for _ in range(1000):
        bent = bytearray(raw)
        bent[r.choice([r.randrange(20), r.randrange(len(bent))]) % len(bent)] = (
            r.randrange(256)
        )
        try:
            assert applied(steps(bytes(bent)), OLD, new) == new
        except PatchDamaged:
            continue


def test_another_old_object_is_found_out():
    new = OLD[:50_000] + b"new" + OLD[50_000:]
    made = patch.make(OLD, new)
    assert made is not None
    for other in (OLD[:-1], b"x" + OLD[1:], b""):
        with pytest.raises(PatchDamaged):
            applied(made, other, new)


APPLY = """
import resource, sys
from sync.format import patch
made, old, out, size, sha = sys.argv[1:]
with open(made, "rb") as m, open(old, "rb") as o, open(out, "wb") as n:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    patch.apply(m, o, n, size_bytes=int(size), sha256=sha)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_long_object_is_made_in_a_few_megabytes(tmp_path: Path):
    r = random.Random(19)
    data = b"".join(r.randbytes(1 << 20) for _ in range(64))
    new = data[: 40 << 20] + r.randbytes(12 << 20) + data[40 << 20 :]
    made = patch.make(data, new)
    assert made is not None and len(made) > 12 << 20
    (tmp_path / "old").write_bytes(data)
    (tmp_path / "patch").write_bytes(made)

    said = subprocess.run(
        [sys.executable, "-c", APPLY, tmp_path / "patch", tmp_path / "old",
         tmp_path / "new", str(len(new)), sha256(new)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip

    assert (tmp_path / "new").read_bytes() == new
    grown_bytes = int(said.stdout) << 10  # Linux says kilobytes
    assert grown_bytes < 24 << 20 < len(new)
