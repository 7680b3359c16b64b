"""Plots drawn by the server: SVG that stands in the page, without script and without style.

Places across are per cent and heights are pixels, so a plot fills the width it is given
and its letters keep their size. Colours come from the style sheet by class. A plot is a
picture beside a table that says the same: it has a name and one sentence, no more.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

HIGH = 160
"""Pixels of the highest column."""
MOST_NAMES = 6
"""Under columns; more would run into each other on a phone."""
ROW = 44
"""Pixels of one line of a ranking."""
LONGEST_NAME = 18


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a plot."""

    name: str
    value: float
    said: str
    """The value as people say it."""


def columns(bars: Sequence[Bar], name: str) -> Markup:
    """Return columns side by side, for what follows in time.

    Args:
        bars: Oldest first; the last one is the present and stands out.
        name: What the plot shows, for who hears it.
    """
    most = _most(bars)
    wide = 100 / max(len(bars), 1)
    every = max(1, math.ceil(len(bars) / MOST_NAMES))
    parts = [_line(HIGH + 21)]
    for n, bar in enumerate(bars):
        high = max(2.0, HIGH * (_value(bar) / most))
        left, middle = n * wide, (n + 0.5) * wide
        now = Markup(' class="now"') if n == len(bars) - 1 else ""
        parts.append(
            Markup(
                '<rect{} x="{}%" width="{}%" y="{}" height="{}" rx="2">'
                "<title>{}: {}</title></rect>"
            ).format(
                now, _n(left + wide * 0.15), _n(wide * 0.7), _n(HIGH + 20 - high),
                _n(high), bar.name, bar.said,
            )
        )  # fmt: skip
        if (len(bars) - 1 - n) % every == 0:
            parts.append(_text(f"{_n(middle)}%", HIGH + 40, bar.name, "middle"))
    highest = max(bars, key=_value, default=None)
    if highest is not None:
        parts.append(_text("0", 14, highest.said, "start"))
    return _svg("columns", HIGH + 48, name, parts)


def ranking(bars: Sequence[Bar], name: str) -> Markup:
    """Return lines one under the other, each with its name above it, largest first."""
    most = _most(bars)
    parts: list[Markup] = []
    for n, bar in enumerate(bars):
        top = n * ROW
        said = bar.name
        if len(said) > LONGEST_NAME:
            said = said[: LONGEST_NAME - 1] + "…"
        parts += [
            _text("0", top + 16, said, "start"),
            _text("100%", top + 16, bar.said, "end"),
            Markup('<rect x="0" width="100%" y="{}" height="8" rx="4"/>').format(
                top + 24
            ),
            Markup(
                '<rect class="now" x="0" width="{}%" y="{}" height="8" rx="4"/>'
            ).format(_n(100 * (_value(bar) / most)), top + 24),
        ]
    return _svg("ranking", max(len(bars), 1) * ROW, name, parts)


def _svg(kind: str, high: int, name: str, parts: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart {}" role="img" aria-label="{}" width="100%" height="{}">{}</svg>'
    ).format(kind, name, high, Markup("").join(parts))


def _text(x: str, y: int, said: str, anchor: str) -> Markup:
    return Markup('<text x="{}" y="{}" text-anchor="{}">{}</text>').format(
        x, y, anchor, said
    )


def _line(y: int) -> Markup:
    return Markup('<line x1="0" x2="100%" y1="{0}" y2="{0}"/>').format(y)


def _value(bar: Bar) -> float:
    """Return what a bar stands for; what is no length is none."""
    return bar.value if math.isfinite(bar.value) and bar.value > 0 else 0.0


def _most(bars: Sequence[Bar]) -> float:
    return max((_value(bar) for bar in bars), default=0.0) or 1.0


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")
