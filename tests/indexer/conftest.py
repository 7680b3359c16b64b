"""An index with a handful of lessons in it, as a village school would have them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from indexer import fulltext
from indexer.fulltext import Entry, Words
from indexer.passages import Passage
from indexer.rebuilding import Rebuilding
from tests.indexer import office_files

POEM, FILM = "a" * 64, "b" * 64
NIGHT = Entry(
    "box/night",
    1,
    "静夜思",
    "李白",
    ("小学", "三年级", "语文", "第5课", "Chinese"),
    {"grade": "g3", "subject": "yuwen"},
    (POEM,),
)
WALL = Entry(
    "box/wall", 1, "长城", "县电教馆", ("四年级", "语文"), {"grade": "g4"}, (FILM,)
)
AUTUMN = Entry("box/autumn", 1, "秋", "", ("三年级", "科学"), {"grade": "g3"})
RAIN = Entry("box/rain", 1, "秋天的雨", "", ("三年级", "语文"), {"grade": "g3"})
GROW = Entry("box/grow", 1, "成长的烦恼 PPT课件", "", ("六年级",), {"grade": "g6"})
EVERYTHING = (NIGHT, WALL, AUTUMN, RAIN, GROW)


@pytest.fixture
def words(tmp_path: Path) -> Iterator[Words]:
    """A small index: five resources, two of them with text."""
    opened = fulltext.open_words(tmp_path)
    fill(opened)
    yield opened
    opened.close()


def fill(words: Words) -> None:
    """Index some texts under the ids above."""
    fulltext.keep_text(
        words,
        POEM,
        [
            Passage("床前明月光，疑是地上霜。", page=1),
            Passage("举头望明月，低头思故乡。", page=2),
            Passage("A computer shows the photograph of 3 moons.", page=3),
        ],
    )
    fulltext.keep_text(
        words,
        FILM,
        [
            Passage("长城有多长", at_s=0.0),
            Passage("站在烽火台上看月光", at_s=12.5),
        ],
    )
    for entry in EVERYTHING:
        fulltext.index(words, entry)


def rebuild(words: Words) -> None:
    """Make the index again, in one piece."""
    assert Rebuilding(words).piece(60.0)


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Files made by LibreOffice, by format."""
    return office_files.make(tmp_path_factory.mktemp("office"))
