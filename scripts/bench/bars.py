"""How a bench states what it must hold: one table, one last line, one exit status.

    bars = Bars("serve")
    bars.at_most("CPU of a GB against nginx", ours / theirs, 1.6, "x")
    bars.note("CPU of a GB, ours", ours, "s")
    sys.exit(bars.close())

The last line is ``bars: 3 of 3 hold``; the exit status is 1 when one falls short. A note
is a figure that explains another and has no bar.
"""

import unicodedata
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One figure, and its bar if it has one."""

    name: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure keeps to its bar; a figure that is no number does not."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.at_least else self.value <= self.bar

    def cells(self) -> tuple[str, str, str, str]:
        """Return name, figure, bar and verdict as text."""
        if self.bar is None:
            return self.name, _figure(self.value, self.unit), "", ""
        sign = ">=" if self.at_least else "<="
        bar = f"{sign} {_figure(self.bar, self.unit)}"
        verdict = "holds" if self.holds else "FALLS SHORT"
        return self.name, _figure(self.value, self.unit), bar, verdict


@dataclass(slots=True)
class Bars:
    """What one bench measured, in the order in which it was said."""

    title: str
    rows: list[Row] = field(default_factory=list)

    def at_most(self, name: str, value: float, bar: float, unit: str = "") -> None:
        """State a figure that must not be above ``bar``."""
        self.rows.append(Row(name, value, unit, bar))

    def at_least(self, name: str, value: float, bar: float, unit: str = "") -> None:
        """State a figure that must not be below ``bar``."""
        self.rows.append(Row(name, value, unit, bar, at_least=True))

    def note(self, name: str, value: float, unit: str = "") -> None:
        """State a figure without a bar."""
        self.rows.append(Row(name, value, unit))

    def close(self) -> int:
        """Print the table and the last line; return the exit status."""
        table = [row.cells() for row in self.rows]
        widths = [
            max(_width(cell) for cell in column) for column in zip(*table, strict=True)
        ]
        print(f"\n{self.title}")
        for cells in table:
            padded = (
                cell + " " * (width - _width(cell))
                for cell, width in zip(cells, widths, strict=True)
            )
            print("  " + "  ".join(padded).rstrip())
        with_bar = [row for row in self.rows if row.bar is not None]
        held = sum(row.holds for row in with_bar)
        print(f"bars: {held} of {len(with_bar)} hold", flush=True)
        return 0 if held == len(with_bar) else 1


def _figure(value: float, unit: str) -> str:
    digits = 0 if value % 1 == 0 else 2  # no number at all (nan) has two
    if 0 < abs(value) < 0.1:
        digits = 4
    return f"{value:.{digits}f} {unit}".rstrip()


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
