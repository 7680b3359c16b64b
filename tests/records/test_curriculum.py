"""The axes: what people write is found, and nothing is ever lost or ambiguous."""

from collections import defaultdict

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge_server.records import curriculum, numerals
from edge_server.records.curriculum import AXES, Axis, Place, key

ANY_AXIS = st.sampled_from(AXES)


@pytest.mark.parametrize("axis", AXES)
def test_no_spelling_names_two_values_of_an_axis(axis: Axis):
    named = defaultdict(set)
    for value in curriculum.values(axis):
        for words in (value.zh, value.en, value.slug, *value.aliases):
            named[key(words)].add(value.zh)

    assert {words: names for words, names in named.items() if len(names) > 1} == {}


def test_no_spelling_names_values_of_two_axes():
    axes = defaultdict(set)
    for axis in AXES:
        for spelled, _ in curriculum.spellings(axis):
            axes[spelled].add(axis)

    assert {spelled: found for spelled, found in axes.items() if len(found) > 1} == {}


@pytest.mark.parametrize("axis", AXES)
def test_ids_and_slugs_are_unique_and_slugs_are_short_ascii(axis: Axis):
    values = curriculum.values(axis)
    ids = [id for value in values for id in (value.id, *value.also)]

    assert len(ids) == len(set(ids))
    assert len({value.slug for value in values}) == len(values)
    for value in values:
        assert value.slug.isascii() and value.slug.replace("-", "").isalnum()
        assert len(value.slug) <= 32
        assert value.zh and value.en
        assert curriculum.by_slug(axis, value.slug) is value
        assert curriculum.value(axis, value.id) is value


@pytest.mark.parametrize(
    ("axis", "words", "zh"),
    [
        ("stage", "小学（五•四学制）", "小学（五·四学制）"),
        ("stage", "Primary School", "小学"),
        ("grade", "3年级", "三年级"),
        ("grade", "３", "三年级"),
        ("grade", "三", "三年级"),
        ("grade", "Grade 3", "三年级"),
        ("grade", "third grade", "三年级"),
        ("grade", " 三 年级 ", "三年级"),
        ("grade", "初一", "七年级"),
        ("grade", "高一年级", "高一"),
        ("grade", "3-4年级", "三至四年级"),
        ("grade", "三、四年级", "三至四年级"),
        ("grade", "七至九年级", "七至九年级"),
        ("subject", "道法", "道德与法治"),
        ("subject", "品德与社会", "道德与法治"),
        ("subject", "信息技术", "信息科技"),
        ("subject", "艺术·音乐", "音乐"),
        ("subject", "体育", "体育与健康"),
        ("subject", "小学语文", "语文"),
        ("subject", "MATHS", "数学"),
        ("subject", "ＰＥ", "体育与健康"),
        ("subject", "生物", "生物学"),
        ("edition", "RJ", "人教版"),
        ("edition", "人民教育出版社", "人教版"),
        ("edition", "人教", "人教版"),
        ("edition", "部编", "统编版"),
        ("edition", "部编版", "统编版"),
        ("edition", "统编", "统编版"),
        ("edition", "北师大教材", "北师大版"),
        ("edition", "人教版 (PEP) (主编:吴欣)", "人教版（PEP）（主编：吴欣）"),
        ("textbook_year", "新版", "新教材"),
        ("volume", "上", "上册"),
        ("volume", "第二学期", "下册"),
        ("volume", "必修第1册", "必修 第一册"),
        ("subject", "5036343898", "信息科技"),
        ("subject", "6a747f2a-0772-11ed-ac74-092ab92074e6", "信息科技"),
    ],
)
def test_what_people_write_is_read(axis: Axis, words: str, zh: str):
    value = curriculum.read(axis, words)

    assert value is not None
    assert value.zh == zh


@pytest.mark.parametrize(
    ("axis", "words"),
    [("grade", "三年纪"), ("grade", "13"), ("subject", "围棋"), ("edition", ""), ("stage", "大学")],
)  # fmt: skip
def test_what_nobody_knows_is_read_as_nothing(axis: Axis, words: str):
    assert curriculum.read(axis, words) is None


def test_the_order_is_a_teachers():
    def names(axis: Axis, count: int) -> list[str]:
        return [value.zh for value in curriculum.values(axis)[:count]]

    assert names("stage", 2) == ["小学", "初中"]
    assert names("grade", 9) == [f"{numerals.chinese(n)}年级" for n in range(1, 10)]
    assert names("subject", 4) == ["语文", "数学", "英语", "道德与法治"]
    assert names("volume", 3) == ["上册", "下册", "全一册"]
    assert names("textbook_year", 2) == ["新教材", "旧教材"]


@given(axis=ANY_AXIS, words=st.text(max_size=30))
def test_any_words_become_a_value_that_shows_itself_and_has_an_address(
    axis: Axis, words: str
):
    value = curriculum.free(axis, words)

    again = curriculum.value(axis, value.id)
    assert again == value
    assert curriculum.by_slug(axis, value.slug) == value
    assert value.slug.isascii()


@given(axis=ANY_AXIS, text=st.text(max_size=40))
def test_no_address_and_no_id_from_outside_raises(axis: Axis, text: str):
    assume(all(text not in value.also for value in curriculum.values(axis)))

    curriculum.by_slug(axis, text)
    curriculum.by_slug(axis, "t-" + text)
    assert curriculum.value(axis, text).id == text


def test_a_grade_knows_its_stage():
    def stage(grade: str, *, five_four: bool = False) -> str | None:
        value = curriculum.by_slug("grade", grade)
        assert value is not None
        id = curriculum.stage_of(value.id, five_four=five_four)
        return None if id is None else curriculum.value("stage", id).zh

    assert stage("g6") == "小学"
    assert stage("g6", five_four=True) == "初中（五·四学制）"
    assert stage("g5-6") == "小学"
    assert stage("g7-9") == "初中"
    assert stage("g10") == "高中"
    assert curriculum.stage_of("text:大班") is None


def test_a_place_that_somebody_gave_wins_and_keeps_numbers_with_their_titles():
    given_place = Place(subject="a", lesson_no=5)
    read = Place(
        subject="b", edition="c", unit="校园", unit_no=1, lesson="秋", lesson_no=6
    )

    assert given_place.over(read) == Place(
        subject="a", edition="c", unit="校园", unit_no=1, lesson=None, lesson_no=5
    )


@given(st.integers(0, 99))
def test_numbers_are_read_as_they_are_spelled(value: int):
    assert numerals.number(numerals.chinese(value)) == value
    assert numerals.number(str(value)) == value


@pytest.mark.parametrize(
    "words", ["三四", "十十", "2024", "", "第", "百百", "一二三四五六"]
)
def test_what_is_no_number_is_none(words: str):
    assert numerals.number(words) is None


@given(st.text(max_size=12))
def test_no_words_make_number_raise(words: str):
    assert numerals.number(words) is None or 0 <= numerals.number(words) < 1000
