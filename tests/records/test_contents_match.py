"""A resource finds its lesson in the contents by number and title, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.records import placing
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.contents_match import Attachment, match
from edge_server.records.curriculum import Place

CHINESE = ContentsVolume(
    None, None, None, None, None, None,
    units=(
        Unit(1, "学校生活", (
            Lesson(1, "大青树下的小学", 2), Lesson(2, "花的学校", 2), Lesson(None, "语文园地"),
        )),
        Unit(2, "金秋时节", (
            Lesson(4, "古诗三首"), Lesson(5, "铺满金色巴掌的水泥道"), Lesson(None, "语文园地"),
        )),
    ),
)  # fmt: skip
ENGLISH = ContentsVolume(
    None, None, None, None, None, None,
    units=(
        Unit(1, "Hello", (Lesson(1, "Let's talk"), Lesson(2, "Let's learn"))),
        Unit(2, "Colours", (Lesson(1, "Let's talk"), Lesson(2, "Let's sing"))),
    ),
)  # fmt: skip


def found(volume: ContentsVolume, path: str) -> tuple[int, int | None, str] | None:
    """Return unit, lesson and how it was found for a path, None when it was not."""
    reading = placing.place_of(path)
    attachment = match(volume, reading.place, reading.title)
    if attachment is None:
        return None
    return attachment.unit, attachment.lesson, attachment.how


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("第一单元/1 大青树下的小学/课堂实录.mp4", (0, 0, "given")),
        ("1.大青树下的小学 教案.docx", (0, 0, "given")),
        ("4* 古诗三首.pptx", (1, 0, "given")),
        ("花的学校.pptx", (0, 1, "title")),
        ("《花的学校》朗读.mp3", (0, 1, "title")),
        ("9 花的学校.pptx", (0, 1, "title")),
        ("第二单元/语文园地.pptx", (1, 2, "title")),
        ("第5课.mp4", (1, 1, "number")),
        ("第5课/课件.pptx", (1, 1, "number")),
        ("金色巴掌的水泥道.mp4", (1, 1, "guessed")),
        ("我读大青树下的小学有感.mp4", (0, 0, "guessed")),
        ("第二单元/单元复习.docx", (1, None, "number")),
    ],
)
def test_files_attach_by_number_and_title(
    path: str, where: tuple[int, int | None, str]
):
    assert found(CHINESE, path) == where


@pytest.mark.parametrize(
    "path",
    [
        "语文园地.pptx",  # two units have one
        "第9课.mp4",
        "第5课 别的课文.mp4",  # its title denies its number
        "5 练兵.mp4",
        "课堂实录.mp4",
        "学校.mp4",
    ],
)
def test_what_fits_nothing_or_two_lessons_attaches_to_none(path: str):
    assert found(CHINESE, path) is None


def test_lessons_numbered_in_each_unit_need_the_unit():
    assert found(ENGLISH, "Lesson 2.mp4") is None
    assert found(ENGLISH, "Unit 2/Lesson 2.mp4") == (1, 1, "number")
    assert found(ENGLISH, "Unit 2 Colours/Lesson 1 Let's talk.mp4") == (1, 0, "given")


@given(
    st.builds(
        Place,
        unit=st.none() | st.text(max_size=8),
        unit_no=st.none() | st.integers(0, 9),
        lesson=st.none() | st.text(max_size=12),
        lesson_no=st.none() | st.integers(0, 9),
    ),
    st.text(max_size=20),
)
def test_whatever_a_resource_says_the_answer_is_a_place_in_the_book(
    place: Place, title: str
):
    attachment = match(CHINESE, place, title)

    assert attachment is None or isinstance(attachment, Attachment)
    if attachment is not None and attachment.lesson is not None:
        CHINESE.units[attachment.unit].lessons[attachment.lesson]
