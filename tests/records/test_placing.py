"""Folder names as teachers write them, and where they place a file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.records import curriculum, headings, placing
from edge_server.records.curriculum import AXES, Place, value

TREE = "小学/三年级/语文/统编版/上册/第一单元/5 大青树下的小学/课堂实录.mp4"


def names(place: Place) -> str:
    """The axes of a place as a teacher says them, in order."""
    ids = ((axis, getattr(place, axis)) for axis in AXES)
    return " ".join(value(axis, id).zh for axis, id in ids if id is not None)


@pytest.mark.parametrize(
    ("path", "axes"),
    [
        (TREE.replace("5 大", "第5课 大"), "小学 三年级 语文 统编版 上册"),
        ("上册/统编版/语文/三年级/小学/a.mp4", "小学 三年级 语文 统编版 上册"),
        ("三上语文/a.mp4", "小学 三年级 语文 上册"),
        ("3上语文/a.mp4", "小学 三年级 语文 上册"),
        ("三年级上册语文（统编版）/a.mp4", "小学 三年级 语文 统编版 上册"),
        ("人教版数学四年级上册.pdf", "小学 四年级 数学 人教版 上册"),
        (
            "义务教育教科书·数学（人教版）四年级 上册/1.pdf",
            "小学 四年级 数学 人教版 上册",
        ),
        ("部编版小学语文三年级上册全册教案/a.doc", "小学 三年级 语文 统编版 上册"),
        ("2024新版/三上语文/a.mp4", "小学 三年级 语文 新教材 上册"),
        ("旧教材/三年级/a.mp4", "小学 三年级 旧教材"),
        ("道法/3年级下/RJ/a.mp4", "小学 三年级 道德与法治 人教版 下册"),
        ("信息技术/四年级（下册）/a.mp4", "小学 四年级 信息科技 下册"),
        ("01 语文/02 三年级/a.mp4", "小学 三年级 语文"),
        ("语文/三年级第一学期/a.mp4", "小学 三年级 语文 上册"),
        (
            "英语/人教PEP/三年级上册/a.mp4",
            "小学 三年级 英语 人教版（PEP）（主编：吴欣） 上册",
        ),
        ("外研版（三起）/四年级/英语/a.mp4", "小学 四年级 英语 外研社版（主编：陈琳）"),
        ("三、四年级复式/数学/a.mp4", "小学 三至四年级 数学"),
        ("Grade 3/English/a.mp4", "小学 三年级 英语"),
        ("七年级/历史/a.mp4", "初中 七年级 历史"),
        ("初中/一年级/数学/a.mp4", "初中 七年级 数学"),
        ("初一上/数学/a.mp4", "初中 七年级 数学 上册"),
        ("五四制/六年级/数学/a.mp4", "初中（五·四学制） 六年级 数学"),
        ("五四制/小学/三年级/a.mp4", "小学（五·四学制） 三年级"),
        (
            "义务教育教科书（五•四学制）·语文一年级上册.pdf",
            "小学（五·四学制） 一年级 语文 上册",
        ),
        (
            "（根据2022年版课程标准修订）义务教育教科书·语文三年级上册.pdf",
            "小学 三年级 语文 新教材 上册",
        ),
        ("高二上册/物理/a.mp4", "高中 高二 物理 上册"),
        ("高中/物理/必修第一册/a.mp4", "高中 物理 必修 第一册"),
        ("小学科学粤教版/三年级/a.mp4", "小学 三年级 科学 粤教版"),
        ("三年级/下/a.mp4", "小学 三年级 下册"),
        ("三年级语文RJ/a.mp4", "小学 三年级 语文 人教版"),
        ("三年级/语文期末试卷.docx", "小学 三年级 语文"),
        ("4年级/三年级/a.mp4", "小学 三年级"),
    ],
)
def test_folders_give_the_axes_in_any_order_and_depth(path: str, axes: str):
    reading = placing.place_of(path)

    assert names(reading.place) == axes
    assert not reading.guessed


@pytest.mark.parametrize(
    "path",
    [
        "语文园地一.pptx",
        "大青树下的小学.pptx",
        "科学的力量.mp4",
        "13年级.mp4",
        "img3/a.mp4",
        "G123/a.mp4",
        "三上课/a.mp4",
        "三下五除二.mp4",
        "My new school.mp4",
        "hy.mp4",
        "高清版/a.mp4",
        "24时计时法.pptx",
        "10以内的加减法.pptx",
        "3.14 159.pptx",
        "1.5倍.pptx",
        "2、5的倍数的特征.pptx",
        "11~20各数的认识.pptx",
        "第1课时.mp4",
        "01 课件.pptx",
    ],
)
def test_words_that_only_look_like_a_place_are_left_alone(path: str):
    reading = placing.place_of(path)

    assert reading.place == Place()
    assert not reading.guessed


@pytest.mark.parametrize(
    ("path", "unit", "lesson"),
    [
        (TREE, (1, None), (5, "大青树下的小学")),
        ("三上语文/第1单元 学校/第5课 搭船的鸟/a.mp4", (1, "学校"), (5, "搭船的鸟")),
        ("三上语文/单元一/5.搭船的鸟.pptx", (1, None), (5, "搭船的鸟")),
        ("三上语文第一单元第2课花的学校.pptx", (1, None), (2, "花的学校")),
        ("三上语文/05_搭船的鸟.pptx", (None, None), (5, "搭船的鸟")),
        ("三上语文/4* 古诗三首.pptx", (None, None), (4, "古诗三首")),
        ("第5课《铺满金色巴掌的水泥道》课件（第1课时）.pptx", (None, None), (5, "铺满金色巴掌的水泥道")),
        ("第5课 大青树下的小学（统编版三上）.pptx", (None, None), (5, "大青树下的小学")),
        ("5 大青树下的小学 教学设计.docx", (None, None), (5, "大青树下的小学")),
        ("英语/Unit 1 Hello/Lesson 3 Let's talk.mp4", (1, "Hello"), (3, "Let's talk")),
        ("英语/Module 2/Unit One Turn left/a.mp3", (2, None), (1, "Turn left")),
        ("物理/第一章 运动/第2节 时间.mp4", (1, "运动"), (2, "时间")),
        ("数学/三年级/一、测量/a.mp4", (1, "测量"), (None, None)),
        ("数学/三年级/第八单元 数学广角/集合.mp4", (8, "数学广角"), (None, None)),
        ("数学/三上/5 倍的认识.pptx", (None, None), (5, "倍的认识")),
        ("语文/第一单元 学校/第一单元复习.pptx", (1, "学校"), (None, None)),
        ("语文/第一单元/花的学校/课件.pptx", (1, None), (None, "花的学校")),
        ("语文/第一单元/5 搭船的鸟/1 课件.pptx", (1, None), (5, "搭船的鸟")),
        ("语文/第5课 搭船的鸟/第5课教案.doc", (None, None), (5, "搭船的鸟")),
        ("数学/第一章 有理数/1.2 数轴.pptx", (1, "有理数"), (2, "数轴")),
        ("1 语文组资料/三年级/a.mp4", (None, None), (None, None)),
    ],
)  # fmt: skip
def test_units_and_lessons_are_found(
    path: str,
    unit: tuple[int | None, str | None],
    lesson: tuple[int | None, str | None],
):
    place = placing.place_of(path).place

    assert (place.unit_no, place.unit) == unit
    assert (place.lesson_no, place.lesson) == lesson


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (TREE, "课堂实录"),
        ("三上语文_5 大青树下的小学（统编版）.pptx", "大青树下的小学"),
        ("5 大青树下的小学 教案.docx", "大青树下的小学 教案"),
        ("人教版数学四年级上册.pdf", "人教版数学四年级上册"),
        ("三年级语文期末试卷.docx", "三年级语文期末试卷"),
        ("第一单元复习.pptx", "第一单元复习"),
        ("信息技术/第3课.mp4", "第3课"),
        ("24时计时法.pptx", "24时计时法"),
        ("My new school.mp4", "My new school"),
        ("a.b.mp4", "a.b"),
        ("没有后缀", "没有后缀"),
        (".mp4", "mp4"),
    ],
)
def test_the_title_is_what_a_teacher_would_call_it(path: str, title: str):
    assert placing.place_of(path).title == title


@pytest.mark.parametrize(
    ("path", "axes"),
    [
        ("张老师三年级语文/a.mp4", "小学 三年级 语文"),
        ("给三年级的信/a.mp4", "小学 三年级"),
        ("长春版/三年级/a.mp4", "小学 三年级 长春版"),
        ("语文S版/三年级/a.mp4", "小学 三年级 语文 语文S版"),
        ("2024版/三年级/a.mp4", "小学 三年级 新教材"),
        ("2013版/三年级/a.mp4", "小学 三年级 旧教材"),
    ],
)
def test_what_is_guessed_says_so(path: str, axes: str):
    reading = placing.place_of(path)

    assert names(reading.place) == axes
    assert reading.guessed


def test_a_bare_number_is_a_guess_and_a_heading_is_not():
    assert placing.place_of("三上语文/5 搭船的鸟.pptx").guessed
    assert not placing.place_of("三上语文/第5课 搭船的鸟.pptx").guessed


def test_folders_that_place_nothing_are_handed_on():
    reading = placing.place_of("张老师/三年级/公开课 2023/语文/a.mp4")

    assert reading.leftover == ("张老师", "公开课 2023")


@pytest.mark.parametrize(
    ("query", "axes", "rest"),
    [
        ("三年级语文古诗", "小学 三年级 语文", "古诗"),
        ("三上 数学 倍的认识", "小学 三年级 数学 上册", "倍的认识"),
        ("grade 3 english songs", "小学 三年级", "english songs"),
        ("语文园地", "", "语文园地"),
        ("第5课", "", "第5课"),
        ("  古诗   春天 ", "", "古诗 春天"),
        ("人教版（2024）", "人教版 新教材", ""),
    ],
)
def test_the_words_of_a_query_are_parted_into_place_and_rest(
    query: str, axes: str, rest: str
):
    words = placing.read_words(query)

    assert names(words.place) == axes
    assert words.rest == rest


def test_the_stage_goes_with_the_grade_that_somebody_gave():
    folders = placing.place_of("小学/三年级/语文/a.mp4").place
    grade = curriculum.read("grade", "七年级")
    assert grade is not None

    given_place = placing.combine(Place(grade=grade.id), folders)
    same = placing.combine(Place(grade=folders.grade), folders)

    assert names(given_place) == "初中 七年级 语文"
    assert same == folders


PIECES = st.sampled_from(
    ["小学", "三年级", "3年级", "三上", "上", "下册", "语文", "数学", "统编版", "RJ", "长春版", "第一单元", "第5课", "5", "05_", "Unit", "Lesson", "Module", "1", "一", "、", "（", "）", "《", "》", "-", ".", "_", "2024新版", "2024", "课件", "大青树下的小学", "五四制", "*", "new", "的", "第", "/", "/", ""]
)  # fmt: skip


@given(
    st.one_of(
        st.text(max_size=60), st.lists(PIECES, max_size=20).map("".join)
    )
)  # fmt: skip
def test_any_path_and_any_query_are_read(words: str):
    reading = placing.place_of(words)
    placing.read_words(words)

    known = {slug for slug in (v.id for a in AXES for v in curriculum.values(a))}
    for axis in AXES:
        id = getattr(reading.place, axis)
        assert id is None or id in known or (axis == "edition" and id[:5] == "text:")
    name = words.rpartition("/")[2].strip()
    assert bool(reading.title) == bool(name)
    for label in (reading.place.unit, reading.place.lesson):
        assert label is None or label.strip()


@given(st.text(max_size=60), st.sampled_from(["unit", "lesson"]))
def test_any_cell_is_read_as_a_unit_or_lesson(words: str, level: headings.Level):
    number, title = headings.read(words, level)

    assert number is None or 0 <= number < 1000
    assert title is None or title.strip()


@pytest.mark.parametrize(
    ("words", "level", "told"),
    [
        ("第一单元 走进校园", "unit", (1, "走进校园")),
        ("一 时分秒", "unit", (1, "时分秒")),
        ("3", "lesson", (3, None)),
        ("第12课", "lesson", (12, None)),
        ("5.搭船的鸟", "lesson", (5, "搭船的鸟")),
        ("语文园地", "lesson", (None, "语文园地")),
        ("1～5的认识", "lesson", (None, "1～5的认识")),
        ("", "lesson", (None, None)),
    ],
)
def test_a_cell_of_a_sheet_gives_number_and_title(
    words: str, level: headings.Level, told: tuple[int | None, str | None]
):
    assert headings.read(words, level) == told
