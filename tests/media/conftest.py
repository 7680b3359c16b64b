"""Films made once a session, each when the first test asks for it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.media.films import FILMS

Film = Callable[[str], Path]


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """Return a function from a name in `FILMS` to that file."""
    folder = tmp_path_factory.mktemp("films")

    def get(name: str) -> Path:
        path = folder / name
        if not path.exists():
            FILMS[name](path)
        return path

    return get
