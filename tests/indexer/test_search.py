"""What a teacher types, and what she finds."""

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer import candidates, fulltext, search, snippets, terms
from indexer.fulltext import Entry, Words
from indexer.passages import Passage
from tests.indexer.conftest import AUTUMN, GROW, NIGHT, RAIN, WALL


def found(words: Words, text: str, **options: Any) -> list[str]:
    """Return the ids of what a search finds, the best first."""
    results = search.search(words, text, **options)
    return [hit.resource_id for hit in results.hits]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("静夜思", [NIGHT]),
        ("靜夜思", [NIGHT]),
        ("牀前明月光", [NIGHT]),
        ("举头望明月 computer", [NIGHT]),
        ("comp", [NIGHT]),
        ("COMPUTER", [NIGHT]),
        ("ｃｏｍｐｕｔｅｒ", [NIGHT]),
        ("烽火台", [WALL]),
        ("libai", [NIGHT]),
        ("jys", [NIGHT]),
        ("jing ye si", [NIGHT]),
        ("jìngyèsī", [NIGHT]),
        ("changcheng", [WALL]),
        ("zhangcheng", []),
        ("chengzhang", [GROW]),
        ("ppt课件", [GROW]),
        ("三年级 秋天", [RAIN]),
        ("第5课", [NIGHT]),
        ("第6课", []),
        ("（静夜 OR 烽火台） AND 月光", [NIGHT, WALL]),
        ("月光 NOT 李白", [WALL]),
        ("烽火台 NOT 月光", []),
        ("标题：静夜", [NIGHT]),
        ("作者：李白", [NIGHT]),
        ("标题：月光", []),
        ("“明月光，疑是地上霜”", [NIGHT]),
        ("“床前明月光，举头”", []),
        ("没有的东西", []),
        ("……", []),
        ("", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(
    words: Words, typed: str, expected: list[Entry]
) -> None:
    assert sorted(found(words, typed)) == sorted(e.resource_id for e in expected)


def test_one_character_finds_every_place_it_stands_in(words: Words) -> None:
    assert set(found(words, "月")) == {NIGHT.resource_id, WALL.resource_id}
    assert set(found(words, "霜")) == {NIGHT.resource_id}  # the last of its sentence


def test_the_exact_title_comes_first(words: Words) -> None:
    for number in range(30):
        title = f"秋天第{number}次来信"
        fulltext.index(words, Entry(f"box/letter{number}", 1, title, "秋秋秋"))

    assert found(words, "秋")[:1] == [AUTUMN.resource_id]
    assert found(words, "qiutiandeyu")[0] == RAIN.resource_id


def test_a_title_found_by_its_pinyin_precedes_one_that_holds_the_letters(
    words: Words,
) -> None:
    fulltext.index(words, Entry("box/long", 1, "家用电器 jys 说明", "嘉义市" * 5))

    assert found(words, "jys")[0] == NIGHT.resource_id


def test_a_hit_leads_to_its_page_and_its_second(words: Words) -> None:
    poem = search.search(words, "故乡").hits[0]
    film = search.search(words, "烽火台").hits[0]

    assert (poem.page, poem.at_s) == (2, None)
    assert (film.page, film.at_s) == (None, 12.5)
    assert ("故乡", True) in poem.snippet


def test_a_hit_in_the_title_alone_shows_the_beginning_of_the_text(words: Words) -> None:
    hit = search.search(words, "静夜思").hits[0]

    assert "".join(piece for piece, _ in hit.snippet).startswith("床前明月光")
    assert not any(marked for _, marked in hit.snippet)
    assert hit.page is None


def test_a_snippet_marks_what_is_folded_alike_in_a_long_text(words: Words) -> None:
    text = "没有用的话。" * 2000 + "牀前看月"
    fulltext.keep_text(words, "c" * 64, [Passage(text, page=9)])
    fulltext.index(words, Entry("box/long", 1, "长文", objects=("c" * 64,)))

    hit = search.search(words, "床前看").hits[0]

    assert ("牀前看", True) in hit.snippet
    assert hit.page == 9


def test_a_title_can_be_marked_too() -> None:
    assert snippets.mark("《靜夜思》", ["静夜"]) == [
        ("《", False),
        ("靜夜", True),
        ("思》", False),
    ]
    assert snippets.mark("want an apple", ["an"])[1] == ("an", True)
    assert snippets.mark("没有", ()) == [("没有", False)]


def test_what_may_not_be_seen_is_neither_shown_nor_counted(words: Words) -> None:
    def only_new(versions: Sequence[tuple[str, int]]) -> set[tuple[str, int]]:
        return {v for v in versions if v == (WALL.resource_id, WALL.version)}

    results = search.search(words, "月光", allowed=only_new)

    assert [hit.resource_id for hit in results.hits] == [WALL.resource_id]
    assert results.total == 1
    assert search.suggest(words, "静", allowed=only_new) == []


def test_a_filter_holds_for_the_exact_title_as_well(words: Words) -> None:
    assert found(words, "月光", facets={"grade": "g4"}) == [WALL.resource_id]
    assert found(words, "秋", facets={"grade": "g4"}) == []
    assert found(words, "g3") == []  # a filter is not a word


def test_pages_of_results_follow_each_other(words: Words) -> None:
    for number in range(45):
        fulltext.index(words, Entry(f"box/{number}", 1, f"古诗{number}"))

    pages = [
        search.search(words, "古诗", limit=20, offset=offset) for offset in (0, 20, 40)
    ]

    assert [len(page.hits) for page in pages] == [20, 20, 5]
    assert {page.total for page in pages} == {45}
    assert len({hit.resource_id for page in pages for hit in page.hits}) == 45


def test_what_sounds_the_same_is_found_and_named(words: Words) -> None:
    results = search.search(words, "京夜思")

    assert [hit.resource_id for hit in results.hits] == [NIGHT.resource_id]
    assert (results.corrected, results.way) == ("静夜思", "sound")


def test_a_slip_in_a_latin_word_is_mended(words: Words) -> None:
    for typed in ("computr", "compuetr", "comquter"):
        results = search.search(words, typed)
        assert [hit.resource_id for hit in results.hits] == [NIGHT.resource_id]
        assert (results.corrected, results.way) == ("computer", "slip")


def test_a_misquoted_line_finds_the_poem(words: Words) -> None:
    results = search.search(words, "窗前明月光")

    assert results.hits[0].resource_id == NIGHT.resource_id
    assert (results.corrected, results.way) == (None, "some")


def test_suggestions_complete_characters_pinyin_and_initials(words: Words) -> None:
    for typed in ("秋", "q", "qiu", "QIU"):
        offered = [s.text for s in search.suggest(words, typed)]
        assert offered == ["秋", "秋天的雨"], typed
    assert [s.text for s in search.suggest(words, "qtdy")] == ["秋天的雨"]
    assert search.suggest(words, "  ……") == []


def test_a_search_that_takes_too_long_is_ended_and_looks_in_titles(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(300):
        entry = Entry(f"box/{number}", 1, f"算术{number}", about=["明月" * 40])
        fulltext.index(words, entry)
    moments = iter([0.0, 1.0])  # the first look is over as soon as the clock is asked
    monkeypatch.setattr(candidates, "_STEPS_BETWEEN_LOOKS_AT_THE_CLOCK", 1)
    monkeypatch.setattr(candidates.time, "monotonic", lambda: next(moments, 0.0))

    results = search.search(words, "明月 OR 静夜")

    assert results.cut
    assert [hit.resource_id for hit in results.hits] == [NIGHT.resource_id]


def test_eight_threads_search_while_the_index_changes(words: Words) -> None:
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            for _ in range(20):
                assert NIGHT.resource_id in found(words, "明月")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(20):
        fulltext.index(words, Entry("box/new", number, f"明月几时有{number}"))
    for thread in threads:
        thread.join()

    assert failed == []


ANYTHING = st.text(max_size=300) | st.lists(
    st.sampled_from(
        [
            *"古诗月的ab1 ()（）\"“”:：*?~^-+[]{}<>\\'&|#，。\x00\ud800",
            *(" AND ", " OR ", " NOT ", " ANDNOT ", " ANDMAYBE ", " REQUIRE "),
            *("title:", "标题：", "grade:", "NEAR(", "py:", "text"),
        ]
    ),
    max_size=60,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(typed=ANYTHING)
def test_nothing_that_can_be_typed_is_an_error(full: Words, typed: str) -> None:
    results = search.search(full, typed)
    search.suggest(full, typed)

    assert len(results.hits) <= results.total


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Words:
    """An index of the texts of `fill`, made once."""
    from tests.indexer.conftest import fill

    words = fulltext.open_words(tmp_path_factory.mktemp("full"))
    fill(words)
    return words


def test_no_more_than_eight_words_are_looked_for(words: Words) -> None:
    many = " OR ".join("的一是不了人我在有他这")

    assert len(search.search(words, many).words) == terms.MOST_TERMS


def test_an_old_title_is_found_before_what_half_the_library_says(
    words: Words, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "_RERANKED", 4)
    monkeypatch.setattr(candidates, "MOST_RANKED", 4)
    fulltext.index(words, Entry("old/title", 1, "认识月亮的一课"))
    for n in range(20):
        fulltext.keep_text(words, f"{n:064}", [Passage("月亮升起来了")])
        fulltext.index(words, Entry(f"new/{n}", 1, f"课文 {n}", objects=[f"{n:064}"]))

    results = search.search(words, "月亮", limit=2)

    assert results.hits[0].resource_id == "old/title"
    assert results.hits[1].resource_id.startswith("new/1")
    assert results.total >= 21


def test_of_one_character_titles_that_begin_with_it_come_first_short_ones_before(
    words: Words,
) -> None:
    for n, title in enumerate(("荷花", "荷塘月色和一个夏天的晚上", "看荷", "荷")):
        fulltext.index(words, Entry(f"box/{n}", 1, title))

    assert found(words, "荷", limit=4) == ["box/3", "box/0", "box/1", "box/2"]
