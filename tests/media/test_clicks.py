"""What is hidden on a slide after each click: a table of timing trees."""

from itertools import pairwise

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from edge_server.media.clicks import MOST_STATES, states
from tests.media.decks import Slide, click, effect, slide_xml, timing

BOXES = [("FF0000", "问"), ("00FF00", "答"), ("0000FF", "再答|又答|三答")]


def hidden(tree: str) -> list[set[str]]:
    """Return what is hidden in each state: ``3``, or ``4.1`` for a paragraph."""
    slide = ElementTree.fromstring(slide_xml(Slide(BOXES, tree)))
    return [
        {f"{t.shape}.{t.paragraph}" if t.paragraph >= 0 else t.shape for t in state}
        for state in states(slide)
    ]


CASES = {
    "nothing moves": ("", [set()]),
    "an answer": (timing(click(effect(3))), [{"3"}, set()]),
    "two answers": (
        timing(click(effect(3)), click(effect(4))),
        [{"3", "4"}, {"4"}, set()],
    ),
    "two at once": (
        timing(click(effect(3), effect(4, node="withEffect"))),
        [{"3", "4"}, set()],
    ),
    "one after the other by itself": (
        timing(click(effect(3), effect(4, node="afterEffect"))),
        [{"3", "4"}, set()],
    ),
    "as soon as the slide is there": (
        timing(click(effect(3, node="withEffect")), click(effect(4))),
        [{"4"}, set()],
    ),
    "paragraph by paragraph": (
        timing(*(click(effect(4, paragraphs=(n, n))) for n in range(3))),
        [{"4.0", "4.1", "4.2"}, {"4.1", "4.2"}, {"4.2"}, set()],
    ),
    "the question leaves": (
        timing(click(effect(2, kind="exit"), effect(3, node="withEffect"))),
        [{"3"}, {"2"}],
    ),
    "comes and goes": (
        timing(click(effect(3)), click(effect(3, kind="exit"))),
        [{"3"}, set(), {"3"}],
    ),
    "only emphasis": (timing(click(effect(3, kind="emph"))), [set()]),
    "emphasis between": (
        timing(click(effect(3)), click(effect(2, kind="emph")), click(effect(4))),
        [{"3", "4"}, {"4"}, set()],
    ),
    "by a click on the question": (
        timing(by_shape=[click(effect(3))]),
        [{"3"}, set()],
    ),
    "clicks first, then what shapes start": (
        timing(click(effect(3)), by_shape=[click(effect(4))]),
        [{"3", "4"}, {"4"}, set()],
    ),
    "background and text apart": (
        timing(click(effect(4, inner="<p:bg/>"), effect(4, paragraphs=(0, 2)))),
        [{"4", "4.0", "4.1", "4.2"}, set()],
    ),
    "numbers that are none": (
        timing(click(effect(4, paragraphs=("x", "y")))),
        [{"4"}, set()],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_click_shows_what_enters_on_it(case):
    tree, expected = CASES[case]
    assert hidden(tree) == expected


def test_a_slide_of_many_clicks_keeps_the_first_and_the_last():
    found = hidden(timing(*(click(effect(n)) for n in range(3, 103))))
    assert len(found) == MOST_STATES
    assert len(found[0]) == 100
    assert found[-1] == set()


effects = st.tuples(st.integers(2, 5), st.sampled_from(["entr", "exit", "emph"]))


@given(st.lists(st.lists(effects, min_size=1, max_size=3), max_size=6))
def test_what_enters_on_a_click_is_never_on_the_first_picture(clicks):
    tree = timing(
        *(click(*(effect(shape, kind) for shape, kind in one)) for one in clicks)
    )
    found = hidden(tree)
    first: dict[str, str] = {}
    for shape, kind in (pair for one in clicks for pair in one):
        if kind != "emph":
            first.setdefault(str(shape), kind)
    assert found[0] == {shape for shape, kind in first.items() if kind == "entr"}
    assert all(before != after for before, after in pairwise(found))


@given(st.tuples(st.integers(-9, 9), st.integers(-9, 10**6)))
def test_odd_paragraph_numbers_do_no_harm(paragraphs):
    assert len(hidden(timing(click(effect(4, paragraphs=paragraphs))))) <= 2
