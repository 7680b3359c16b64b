"""Opening RAR, 7z and tar with libarchive's ``bsdtar``, in the sandbox, by the same rules.

The archive is listed first, twice: ``-t`` names every entry and nothing else, so that in
``-tv``, which tells type and size too, one knows where the name begins. (``--format
mtree`` would be easier to read, but it tidies ``..`` away, keeps one of two files of a
name, and decompresses everything.) The list is judged as a zip's table is. Then the
archive is unpacked, and what came out is compared with what was listed, and of a RAR with
its checksums (`rar_headers`). libarchive passes over those of gzip, which are looked at first.
"""

import gzip
import os
import re
import stat
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

from edge_server.errors import PermanentError, Refused
from edge_server.guard import names, rar_headers, sandbox
from edge_server.guard.archive_rules import (
    ArchiveLimits,
    Unpacked,
    clean_names,
    is_bomb,
    judge_total,
)
from edge_server.guard.rar_headers import Checksum

_CPU_S, _WALL_S = 1800, 3600
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))", re.DOTALL)
_LINE = re.compile(
    r"(?P<kind>.)\S{9,10} +\d+ .* +(?P<size>\d+)"
    r" [A-Z][a-z]{2} [ \d]\d +(?:-?\d{4,}|\d\d:\d\d)"
)
_LETTERS = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


def unpack(
    path: Path, format: str, out: Path, room_bytes: int, limits: ArchiveLimits
) -> list[Unpacked]:
    """List, judge, unpack, compare; arguments and errors as `archive.unpack`."""
    if format == "tar":
        _judge_gzip(path, limits)
    expected = _expected(path, format, limits)
    total = sum(told.size_bytes for told in expected.values())
    if is_bomb(total, path.stat().st_size, limits):
        raise Refused("archive_bomb", name="")
    judge_total(total, room_bytes, limits)
    raw = out / "raw"
    raw.mkdir()
    largest = max((told.size_bytes for told in expected.values()), default=0)
    _run(
        ["-x", "-f", "/in/archive", "--no-same-owner", "--no-same-permissions",
         "--no-xattrs", "--no-acls", "--no-fflags", "-C", "/out"],
        path, out=raw, file_bytes=largest + 4096,
    )  # fmt: skip
    return list(_came_out(raw, out, expected))


def _judge_gzip(path: Path, limits: ArchiveLimits) -> None:
    """Refuse a tar in gzip that is damaged or a bomb; other tars are passed over."""
    packed_bytes, size_bytes = path.stat().st_size, 0
    with path.open("rb") as file:
        if file.read(2) != b"\x1f\x8b":
            return
        file.seek(0)
        try:
            with gzip.GzipFile(fileobj=file) as unpacked:
                while data := unpacked.read(1 << 20):
                    size_bytes += len(data)
                    if is_bomb(size_bytes, packed_bytes, limits):
                        raise Refused("archive_bomb", name="")
        except (OSError, EOFError, zlib.error) as error:
            raise Refused("archive_damaged", why="crc") from error


def _run(
    arguments: list[str],
    path: Path,
    *,
    out: Path | None = None,
    file_bytes: int = 0,
    on_line: Callable[[str], None] | None = None,
) -> None:
    """Run bsdtar, which must end well."""
    try:
        done = sandbox.run(
            ["bsdtar", *arguments],
            inputs={"archive": path},
            out=out,
            limits=sandbox.Limits(
                cpu_s=_CPU_S,
                wall_s=_WALL_S,
                memory_bytes=1_000_000_000,
                file_bytes=file_bytes,
            ),
            on_line=on_line,
        )
    except Refused:
        raise
    except PermanentError as error:
        if error.reason == "converter_too_long":
            raise Refused("archive_too_slow", limit_s=_WALL_S) from error
        raise Refused("archive_damaged", why=error.reason) from error
    if done.exit_status != 0:
        if re.search("[Ee]ncrypt|[Pp]assphrase|Crypto", done.errors):
            raise Refused("archive_encrypted")
        if re.search("unavailable|[Uu]nsupported|not supported", done.errors):
            # RAR 3 archives packed as one block; methods of 7z that nobody uses.
            raise Refused("archive_unsupported")
        raise Refused("archive_damaged", why="data" if out else "list")


def _expected(path: Path, format: str, limits: ArchiveLimits) -> dict[str, Checksum]:
    """Return what is to come out, by clean names; refuse what breaks the rules."""
    # A RAR's entries come in the order of its headers, which know best what it is.
    sums = list(rar_headers.checksums(path)) if format == "rar" else None
    lines = _lines(path, "-t", limits)
    long_lines = _lines(path, "-tv", limits)
    if len(long_lines) != len(lines) or (sums is not None and len(sums) != len(lines)):
        raise Refused("archive_damaged", why="list")
    sizes = [_size(line, name) for line, name in zip(long_lines, lines, strict=True)]
    told = [_unescaped(line) for line in lines]
    entries = [n for n, name in enumerate(told) if name not in ("./", ".")]
    expected: dict[str, Checksum] = {}
    for n, clean in zip(entries, clean_names(told[n] for n in entries), strict=True):
        size = sizes[n]
        if size is None:
            continue
        if sums is not None and sums[n].size_bytes != size:
            raise Refused("archive_contradicts", name=clean[:200])
        expected[clean] = Checksum(size, sums[n].crc if sums is not None else None)
    return expected


def _lines(path: Path, list_how: str, limits: ArchiveLimits) -> list[str]:
    found: list[str] = []

    def take(line: str) -> None:
        found.append(line)
        if len(found) > limits.members:
            raise Refused("archive_too_many", members=len(found), most=limits.members)

    _run([list_how, "-f", "/in/archive"], path, on_line=take)
    return found


def _size(line: str, name: str) -> int | None:
    """Return the size of the file that a line of ``-tv`` tells, None for a folder.

    The line is that of ``ls -l``. It is read from its end, where name, date and size
    stand: an owner's name, which the archive chooses, may hold blanks and numbers.
    """
    told = _LINE.fullmatch(line.removesuffix(f" {name}"))
    if told is None or told["kind"] not in "-d":
        # ' -> target' and ' link to target' stand behind the name.
        raise Refused("archive_special_file", name=name[:200])
    return int(told["size"]) if told["kind"] == "-" else None


def _unescaped(text: str) -> str:
    """Return a name as bsdtar had it: odd bytes are printed as ``\\ooo`` or ``\\n``."""

    def byte(found: re.Match[str]) -> str:
        octal, letter = found.groups()
        if octal is None and letter not in _LETTERS:
            return str(letter)
        value = int(octal, 8) & 0xFF if octal else _LETTERS[letter]
        return chr(value) if value < 0x80 else chr(0xDC00 + value)

    # Bytes of one character may be printed one by one; together they are one again.
    raw = _ESCAPE.sub(byte, text).encode("utf-8", "surrogateescape")
    return raw.decode("utf-8", "surrogateescape")


def _came_out(
    raw: Path, out: Path, expected: dict[str, Checksum]
) -> Iterator[Unpacked]:
    """Yield each file, under a number; all must be as they were listed."""
    missing = dict(expected)
    raw.chmod(0o700)
    for folder, folders, files in os.walk(raw):
        for name in [*folders, *files]:
            path = Path(folder) / name
            about = path.lstat()
            if stat.S_ISDIR(about.st_mode):
                path.chmod(0o700)  # an archive may say that nobody looks into it
            elif not stat.S_ISREG(about.st_mode) or about.st_nlink > 1:
                raise Refused("archive_special_file", name=name[:200])
        for name in sorted(files):
            path = Path(folder) / name
            parts = path.relative_to(raw).parts
            clean = "/".join(names.clean(part) for part in parts)
            path.chmod(0o600)
            size, told = path.stat().st_size, missing.pop(clean, None)
            if told is None or size != told.size_bytes:
                raise Refused("archive_contradicts", name=clean[:200])
            if told.crc is not None and _crc(path) != told.crc:
                raise Refused("archive_damaged", why="crc")
            target = out / str(len(expected) - len(missing) - 1)
            path.rename(target)
            yield Unpacked(clean, target, size)
    if missing:
        raise Refused("archive_damaged", why="short")


def _crc(path: Path) -> int:
    crc = 0
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            crc = zlib.crc32(data, crc)
    return crc
