"""An archive opened, for tests: what came out of it, or why it was refused."""

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
    with pytest.raises(Refused) as refused:
        came_out(data, folder, format, **how)
    return refused.value.reason
