"""What became of files, told as a table by kind; and which promises were broken."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

VISIBLE = "visible"
OPENED = "opened"
"""As an archive: each of its members has a fate of its own."""
LOST = "LOST"


@dataclass
class Result:
    """What became of the files, and which promises were broken."""

    fates: dict[str, str] = field(default_factory=dict)
    """`VISIBLE`, `OPENED`, `LOST` or the code of the refusal, by path."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Kind of each file, by path."""
    without: Counter[str] = field(default_factory=Counter)
    """Visible, but a screen shows only the file: how often, by code."""
    figures: dict[str, float] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """Yield the report."""
        yield f"{'kind':<12}{'files':>6}{'visible':>9}{'opened':>8}  set aside"
        for kind in sorted(set(self.kinds.values())):
            fates = Counter(
                fate for path, fate in self.fates.items() if self.kinds[path] == kind
            )
            yield _line(kind, fates)
        yield _line("all", Counter(self.fates.values()))
        if self.without:
            yield "visible, with a reason why a rendition is missing: " + _counted(
                self.without
            )
        yield ", ".join(
            f"{name} {value:g}" for name, value in sorted(self.figures.items())
        )
        yield from (f"BROKEN: {promise}" for promise in self.broken)
        files = len(self.fates)
        yield (
            f"{files} files of strangers: {len(self.broken)} promises broken"
            if self.broken
            else f"{files} files of strangers: every promise kept"
        )


def _line(kind: str, fates: Counter[str]) -> str:
    aside = Counter(
        {fate: n for fate, n in fates.items() if fate not in (VISIBLE, OPENED)}
    )
    return (
        f"{kind:<12}{fates.total():>6}{fates[VISIBLE]:>9}{fates[OPENED]:>8}"
        f"{aside.total():>5}  {_counted(aside)}".rstrip()
    )


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in counter.most_common())
