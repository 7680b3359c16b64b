"""Fixtures of the guard's tests."""

import pytest

from edge_server.guard import file_types


@pytest.fixture
def told(tmp_path):
    """Return a function: what bytes are told to be under a name."""
    path = tmp_path / "file"

    def of(data: bytes, name: str) -> str:
        path.write_bytes(data)
        found = file_types.of(path, name)
        return f"{found.kind} {found.format}"

    return of
