"""Opening archives: zip by our own checks, RAR and 7z by libarchive in the sandbox.

Python's ``zipfile`` is no defence: 3.11.7 reads a 66 kB file whose overlapping members
declare 20 GB (CVE-2024-0450). So the central directory is read and judged as a whole
before a byte is inflated: how many members, how large, how well packed, whether their
ranges overlap, what they are called, whether the local headers say the same. Then each is
inflated with a running cap and its CRC-32 compared. Names never become paths: files come
out under numbers, and the clean name is only told.

Format: PKWARE APPNOTE.TXT 6.3.10 (4.3.7 local header, 4.3.12 central directory, 4.3.14
zip64); the Info-ZIP Unicode path extra field 0x7075.
"""

import os
import stat
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from edge_server.errors import Refused
from edge_server.guard import names, sandbox

STEP_BYTES = 1 << 18
STORED, DEFLATED = 0, 8
_LOCAL = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL = struct.Struct("<4sBBHHHHHIIIHHHHHII")
_END = struct.Struct("<4sHHHHIIH")
_END64 = struct.Struct("<4sQHHIIQQQQ")
_ENCRYPTED, _UTF8 = 1 << 0, 1 << 11
_UNIX = (3, 19)  # made on Unix or OS X: the upper 16 bits are a mode


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold."""

    members: int = 20_000
    total_bytes: int = 60_000_000_000
    ratio: int = 200
    """Unpacked to packed, of a member larger than ``ratio_from_bytes``."""
    ratio_from_bytes: int = 1_000_000
    directory_bytes: int = 32_000_000


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file that came out."""

    name: str
    """Clean relative path with forward slashes, as the archive calls it."""
    path: Path
    """Where it lies: a number in the folder that was given."""
    size_bytes: int


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    method: int
    flags: int
    crc: int
    packed_bytes: int
    size_bytes: int
    header_at: int
    raw_name: bytes


def unpack(
    path: Path,
    format: str,
    out: Path,
    *,
    room_bytes: int,
    limits: ArchiveLimits | None = None,
) -> list[Unpacked]:
    """Unpack an archive into an empty folder.

    Args:
        path: The archive; only read.
        format: ``zip``, ``rar`` or ``7z``, as `file_types` found it.
        out: An empty folder of ours; files come out under numbers.
        room_bytes: How much may be written.
        limits: How much it may hold.

    Raises:
        Refused: ``archive_…`` or ``name_…``: nothing of it is to be used.
        TemporaryError: ``no_sandbox``, for RAR and 7z.
    """
    limits = limits or ArchiveLimits()
    if format == "zip":
        return _unpack_zip(path, out, room_bytes, limits)
    return _unpack_by_bsdtar(path, out, room_bytes, limits)


def _unpack_zip(
    path: Path, out: Path, room_bytes: int, limits: ArchiveLimits
) -> list[Unpacked]:
    unpacked = []
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        members = _directory(file.fileno(), size, limits)
        _judge(members, size, room_bytes, limits)
        starts = _starts(file.fileno(), members, size)
        for n, (member, start) in enumerate(zip(members, starts, strict=True)):
            if member.name.endswith("/"):
                continue
            target = out / str(n)
            _inflate(file.fileno(), member, start, target)
            clean = names.relative(member.name)
            unpacked.append(Unpacked(clean, target, member.size_bytes))
    return unpacked


def _directory(descriptor: int, size: int, limits: ArchiveLimits) -> list[_Member]:
    """Read the central directory, and nothing else."""
    tail_at = max(size - 65_557, 0)
    tail = os.pread(descriptor, size - tail_at, tail_at)
    end_at = tail.rfind(b"PK\x05\x06")
    if end_at < 0 or len(tail) < end_at + _END.size:
        raise Refused("archive_damaged", why="end")
    _, disk, first, _, count, length, at, _ = _END.unpack_from(tail, end_at)
    if disk != first:
        raise Refused("archive_damaged", why="disks")
    if 0xFFFF in (count,) or 0xFFFFFFFF in (length, at):
        count, length, at = _zip64_end(tail, end_at, descriptor)
    if count > limits.members:
        raise Refused("archive_too_many", members=count, most=limits.members)
    if length > limits.directory_bytes or at + length > size:
        raise Refused("archive_damaged", why="directory")
    data = os.pread(descriptor, length, at)
    members, offset = [], 0
    for _ in range(count):
        member, offset = _central(data, offset)
        members.append(member)
    return members


def _zip64_end(tail: bytes, end_at: int, descriptor: int) -> tuple[int, int, int]:
    locator = tail[end_at - 20 : end_at]
    if len(locator) != 20 or locator[:4] != b"PK\x06\x07":
        raise Refused("archive_damaged", why="zip64")
    (where,) = struct.unpack_from("<Q", locator, 8)
    record = os.pread(descriptor, _END64.size, where) if where < 1 << 62 else b""
    if len(record) != _END64.size or record[:4] != b"PK\x06\x06":
        raise Refused("archive_damaged", why="zip64")
    *_, count, length, at = _END64.unpack(record)
    return count, length, at


def _central(data: bytes, offset: int) -> tuple[_Member, int]:
    try:
        (
            magic, _, system, _, flags, method, _, _, crc, packed, size,
            name_length, extra_length, comment_length, _, _, mode, header_at,
        ) = _CENTRAL.unpack_from(data, offset)  # fmt: skip
    except struct.error as error:
        raise Refused("archive_damaged", why="directory") from error
    if magic != b"PK\x01\x02":
        raise Refused("archive_damaged", why="directory")
    start = offset + _CENTRAL.size
    raw = data[start : start + name_length]
    extra = data[start + name_length : start + name_length + extra_length]
    size, packed, header_at = _zip64_sizes(extra, size, packed, header_at)
    name = _unicode_name(extra, raw) or names.decode_zip_name(raw, bool(flags & _UTF8))
    # Windows writes backslashes into zips against the rule (4.4.17.1).
    name = name.replace("\\", "/") if system not in _UNIX else name
    kind = stat.S_IFMT(mode >> 16) if system in _UNIX else 0
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused("archive_special_file", name=name[:200])
    if flags & _ENCRYPTED:
        raise Refused("archive_encrypted")
    if method not in (STORED, DEFLATED):
        raise Refused("archive_method", method=method)
    member = _Member(name, method, flags, crc, packed, size, header_at, raw)
    return member, start + name_length + extra_length + comment_length


def _zip64_sizes(
    extra: bytes, size: int, packed: int, header_at: int
) -> tuple[int, int, int]:
    for tag, field in _extras(extra):
        if tag == 0x0001:
            values = iter(
                struct.unpack(f"<{len(field) // 8}Q", field[: len(field) // 8 * 8])
            )
            if size == 0xFFFFFFFF:
                size = next(values, size)
            if packed == 0xFFFFFFFF:
                packed = next(values, packed)
            if header_at == 0xFFFFFFFF:
                header_at = next(values, header_at)
    return size, packed, header_at


def _unicode_name(extra: bytes, raw: bytes) -> str | None:
    for tag, field in _extras(extra):
        if tag == 0x7075 and len(field) > 5 and field[0] == 1:
            (crc,) = struct.unpack_from("<I", field, 1)
            if crc == zlib.crc32(raw):
                return field[5:].decode("utf-8", "replace")
    return None


def _extras(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<HH", extra, at)
        yield tag, extra[at + 4 : at + 4 + length]
        at += 4 + length


def _judge_total(total: int, room_bytes: int, limits: ArchiveLimits) -> None:
    """Refuse an archive that unpacked would be too large, or larger than there is room."""
    if total > limits.total_bytes:
        raise Refused("archive_too_large", total_bytes=total)
    if total > room_bytes:
        raise Refused(
            "archive_no_room", total_bytes=total, room_bytes=max(room_bytes, 0)
        )


def _judge(
    members: list[_Member], size: int, room_bytes: int, limits: ArchiveLimits
) -> None:
    """Refuse the archive as a whole by what its directory says."""
    _judge_total(sum(m.size_bytes for m in members), room_bytes, limits)
    seen: set[str] = set()
    for member in members:
        if (
            member.size_bytes > limits.ratio_from_bytes
            and member.size_bytes > limits.ratio * max(member.packed_bytes, 1)
        ):
            raise Refused("archive_bomb", name=member.name[:200])
        folded = unicodedata.normalize("NFC", member.name).casefold().rstrip("/")
        if folded in seen:
            raise Refused("archive_twice", name=member.name[:200])
        seen.add(folded)
        names.relative(member.name)
        if member.header_at + member.packed_bytes > size:
            raise Refused("archive_damaged", why="range")


def _starts(descriptor: int, members: list[_Member], size: int) -> list[int]:
    """Return where each member's data begins; local headers must agree, nothing overlap."""
    starts, ranges = [], []
    for member in members:
        header = os.pread(descriptor, _LOCAL.size, member.header_at)
        if len(header) != _LOCAL.size:
            raise Refused("archive_damaged", why="header")
        (
            magic,
            _,
            flags,
            method,
            _,
            _,
            _,
            packed,
            unpacked,
            name_length,
            extra_length,
        ) = _LOCAL.unpack(header)
        raw = os.pread(descriptor, name_length, member.header_at + _LOCAL.size)
        differs = (
            magic != b"PK\x03\x04"
            or method != member.method
            or raw != member.raw_name
            or (flags ^ member.flags) & (_ENCRYPTED | _UTF8)
        )
        later = flags & 8 or 0xFFFFFFFF in (packed, unpacked)
        if differs or (
            not later and (packed, unpacked) != (member.packed_bytes, member.size_bytes)
        ):
            raise Refused("archive_contradicts", name=member.name[:200])
        start = member.header_at + _LOCAL.size + name_length + extra_length
        starts.append(start)
        ranges.append((member.header_at, start + member.packed_bytes))
        if ranges[-1][1] > size:
            raise Refused("archive_damaged", why="range")
    ranges.sort()
    for (_, end), (begin, _) in pairwise(ranges):
        if begin < end:
            raise Refused("archive_overlap", members=len(members))
    return starts


def _inflate(descriptor: int, member: _Member, start: int, target: Path) -> None:
    crc, written, read = 0, 0, 0
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    with target.open("xb") as out:
        while read < member.packed_bytes:
            step = os.pread(
                descriptor, min(STEP_BYTES, member.packed_bytes - read), start + read
            )
            if not step:
                raise Refused("archive_damaged", why="short")
            read += len(step)
            while step:
                if member.method == STORED:
                    data, step = step, b""
                else:
                    try:
                        data = inflater.decompress(step, STEP_BYTES)
                    except zlib.error as error:
                        raise Refused("archive_damaged", why="data") from error
                    step = inflater.unconsumed_tail
                written += len(data)
                if written > member.size_bytes:
                    raise Refused("archive_contradicts", name=member.name[:200])
                crc = zlib.crc32(data, crc)
                out.write(data)
                if not data and not step:
                    break
        if member.method == DEFLATED:
            data = inflater.flush()
            written += len(data)
            crc = zlib.crc32(data, crc)
            out.write(data)
    if written != member.size_bytes or crc != member.crc:
        raise Refused("archive_damaged", why="crc")


_LIMITS = sandbox.Limits(cpu_s=1800, wall_s=3600, memory_bytes=1_000_000_000)


def _unpack_by_bsdtar(
    path: Path, out: Path, room_bytes: int, limits: ArchiveLimits
) -> list[Unpacked]:
    """Unpack RAR or 7z: list and judge first, then extract, then look again."""
    listed = _listed(path, limits)
    total = sum(size for _, size in listed)
    _judge_total(total, room_bytes, limits)
    if total > limits.ratio_from_bytes and total > limits.ratio * path.stat().st_size:
        raise Refused("archive_bomb", name="")
    raw = out / "raw"
    raw.mkdir()
    done = sandbox.run(
        ["bsdtar", "-x", "-f", "/in/archive", "--no-same-owner", "--no-same-permissions",
         "--no-xattrs", "--no-acls", "--no-fflags", "-C", "/out"],
        inputs={"archive": path},
        out=raw,
        limits=sandbox.Limits(
            cpu_s=_LIMITS.cpu_s,
            wall_s=_LIMITS.wall_s,
            memory_bytes=_LIMITS.memory_bytes,
            file_bytes=max((size for _, size in listed), default=0) + 4096,
        ),
    )  # fmt: skip
    if done.exit_status != 0:
        raise Refused("archive_damaged", why="data")
    return _came_out(raw, out)


def _listed(path: Path, limits: ArchiveLimits) -> list[tuple[str, int]]:
    """Return (name, size) of the files in an archive; refuse anything else in it.

    bsdtar's ``--format mtree`` on standard output tells type, size and name of each entry
    in one line, with odd bytes as ``\\ooo`` (mtree(5)).
    """
    done = sandbox.run(
        ["bsdtar", "-c", "-f", "-", "--format", "mtree", "--options",
         "mtree:!all,mtree:type,mtree:size", "@/in/archive"],
        inputs={"archive": path},
        limits=_LIMITS,
        output_bytes=limits.directory_bytes,
    )  # fmt: skip
    if b"ncrypted" in done.errors.encode() or b"assphrase" in done.errors.encode():
        raise Refused("archive_encrypted")
    if done.exit_status != 0:
        raise Refused("archive_damaged", why="list")
    found, seen = [], set()
    for line in done.output.decode("utf-8", "replace").splitlines():
        if not line or line.startswith("#"):
            continue
        raw, *words = line.split(" ")
        told = dict(word.partition("=")[::2] for word in words)
        name = _mtree_name(raw)
        if told.get("type") == "dir" or name in (".", ""):
            continue
        if told.get("type") != "file":
            raise Refused("archive_special_file", name=name[:200])
        folded = unicodedata.normalize("NFC", names.relative(name)).casefold()
        if folded in seen:
            raise Refused("archive_twice", name=name[:200])
        seen.add(folded)
        found.append((name, int(told.get("size", "0"))))
        if len(found) > limits.members:
            raise Refused("archive_too_many", members=len(found), most=limits.members)
    return found


def _mtree_name(raw: str) -> str:
    data, at = bytearray(), 0
    while at < len(raw):
        octal = raw[at + 1 : at + 4]
        if raw[at] == "\\" and len(octal) == 3 and octal.isdigit():
            data.append(int(octal, 8) & 0xFF)
            at += 4
        else:
            data += raw[at].encode()
            at += 1
    return bytes(data).decode("utf-8", "surrogateescape").removeprefix("./")


def _came_out(raw: Path, out: Path) -> list[Unpacked]:
    unpacked: list[Unpacked] = []
    for folder, folders, files in os.walk(raw):
        for name in [*folders, *files]:
            mode = (Path(folder) / name).lstat().st_mode
            if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
                raise Refused("archive_special_file", name=name[:200])
        for name in sorted(files):
            path = Path(folder) / name
            told = path.relative_to(raw).as_posix()
            target = out / str(len(unpacked))
            clean = "/".join(names.clean(part) for part in told.split("/"))
            size = path.stat().st_size
            path.rename(target)
            unpacked.append(Unpacked(clean, target, size))
    return unpacked
