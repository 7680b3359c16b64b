"""Opening RAR and 7z with libarchive's ``bsdtar``, in the sandbox, by the same rules."""

import os
import stat
import unicodedata
from pathlib import Path

from edge_server.errors import Refused
from edge_server.guard import names, sandbox
from edge_server.guard.archive_rules import (
    ArchiveLimits,
    Unpacked,
    is_bomb,
    judge_total,
)

_LIMITS = sandbox.Limits(cpu_s=1800, wall_s=3600, memory_bytes=1_000_000_000)


def unpack(
    path: Path, out: Path, room_bytes: int, limits: ArchiveLimits
) -> list[Unpacked]:
    """Unpack RAR or 7z: list and judge first, then extract, then look again."""
    listed = _listed(path, limits)
    total = sum(size for _, size in listed)
    if is_bomb(total, path.stat().st_size, limits):
        raise Refused("archive_bomb", name="")
    judge_total(total, room_bytes, limits)
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
