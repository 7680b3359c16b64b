"""Plots are well-formed pictures with names, whatever they are given."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from web.charts import HIGH, MOST_NAMES, Bar, columns, ranking

BARS = st.lists(
    st.builds(
        Bar, st.text(st.characters(exclude_categories=("Cc", "Cs"))), st.floats(),
        st.text("0123456789 次", max_size=8),
    ),
    max_size=20,
)  # fmt: skip


@pytest.mark.parametrize("draw", [columns, ranking])
@example(bars=[Bar("a", float("inf"), ""), Bar("b", 1.0, "")], name="x")
@example(bars=[Bar("a", float("nan"), "")], name="x")
@given(bars=BARS, name=st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_any_bars_make_a_well_formed_plot(draw, bars, name):
    svg = ET.fromstring(draw(bars, name))
    assert svg.get("role") == "img" and svg.get("aria-label") == name
    for rect in svg.iter("rect"):
        width = float(rect.get("width").rstrip("%"))
        assert 0 <= width <= 100.01
        assert 0 <= float(rect.get("height")) <= HIGH + 1
        assert rect.get("style") is None


def test_columns_are_as_high_as_their_values():
    svg = ET.fromstring(
        columns([Bar("a", 5, "5"), Bar("b", 10, "10"), Bar("c", 0, "0")], "x")
    )
    heights = [float(rect.get("height")) for rect in svg.iter("rect")]
    assert heights == [HIGH / 2, HIGH, 2]
    assert [rect.get("class") for rect in svg.iter("rect")] == [None, None, "now"]


def test_a_year_of_weeks_has_few_names_and_the_last_is_one_of_them():
    svg = ET.fromstring(columns([Bar(f"w{n}", n, str(n)) for n in range(52)], "x"))
    said = [text.text for text in svg.iter("text")]
    assert "w51" in said and len(said) <= MOST_NAMES + 1


def test_a_long_name_in_a_ranking_is_cut():
    svg = ET.fromstring(ranking([Bar("很" * 50, 1, "1 次")], "x"))
    assert next(svg.iter("text")).text.endswith("很…")
