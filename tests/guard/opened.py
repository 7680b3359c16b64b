"""An archive opened, for tests: what came out of it, or why it was refused."""

import os
import subprocess
from pathlib import Path

import pytest

from edge_server.errors import Refused
from edge_server.guard import archive

ROOM = 1_000_000_000


def came_out(
    data: bytes, folder: Path, format: str = "zip", **how: object
) -> dict[str, bytes]:
    """Unpack an archive and return its files by the names that are told."""
    path, out = folder / "archive", folder / "out"
    path.write_bytes(data)
    out.mkdir()
    unpacked = archive.unpack(path, format, out, **{"room_bytes": ROOM} | how)  # type: ignore[arg-type]  # room_bytes and limits
    assert all(file.path.parent == out for file in unpacked)
    assert all(file.path.stat().st_size == file.size_bytes for file in unpacked)
    return {file.name: file.path.read_bytes() for file in unpacked}


def refusal(data: bytes, folder: Path, format: str = "zip", **how: object) -> str:
    """Return the code with which an archive is refused."""
    with pytest.raises(Refused) as refused:
        came_out(data, folder, format, **how)
    return refused.value.reason


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
