"""What a campaign found: promises that were broken, and what is worth knowing."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tests.faults.promises import Finding


@dataclass(slots=True)
class Verdict:
    """Findings summed up; campaigns add figures of their own."""

    damage: Counter[str] = field(default_factory=Counter)
    """Broken promises, each counted once a look."""
    examples: dict[str, str] = field(default_factory=dict)
    """The first of each."""
    counts: Counter[str] = field(default_factory=Counter)
    """What is worth knowing, summed over the looks."""
    wall_s: float = 0.0

    def add(self, findings: Iterable[Finding], where: str = "") -> bool:
        """Add what one look found; returns whether every promise was kept.

        Args:
            findings: Of the look.
            where: Stands before its examples.
        """
        broken: dict[str, str] = {}
        for kind, value in findings:
            if isinstance(value, int):
                self.counts[kind] += value
            else:
                broken[kind] = value
        for kind, text in broken.items():
            self.damage[kind] += 1
            self.examples.setdefault(kind, f"{where}{text}")
        return not broken

    def findings(self) -> Iterator[str]:
        """Yield the findings as lines to be printed."""
        yield f"  counted: {dict(sorted(self.counts.items()))}"
        yield f"  broken promises: {dict(self.damage) or 'none'}"
        for kind, example in self.examples.items():
            yield f"    {kind}: {example}"
