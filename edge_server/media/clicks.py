"""What of a slide is still hidden after each click, from its ``p:timing``.

A teacher's question-and-answer slide shows the question, and the answer on a click. As
one picture it would give the answer away. So a slide becomes a row of *states*: before
the first click, and after each one that changes what is seen.

The timing tree (ECMA-376 part 1, 19.5) nests three levels of ``p:par`` below the main
sequence: clicks, then what starts together, then effects. An effect says of a shape, or
of some paragraphs in it, that it enters (``presetClass="entr"``) or leaves (``exit``).
A sequence that starts by a click on some shape (``interactiveSeq``) comes after the main
one: pictures cannot be clicked, but what it shows must not be seen before.

Movement and emphasis change nothing here. Pure; what is odd is passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
MOST_STATES = 20
"""Of one slide; what lies between is left out, never the first and the last."""
MOST_PARAGRAPHS = 200


@dataclass(frozen=True, slots=True, order=True)
class Target:
    """A shape, or one paragraph of its text."""

    shape: str
    """``id`` of its ``p:cNvPr``."""
    paragraph: int = -1
    """Counted from 0; −1 for the whole shape."""


@dataclass(frozen=True, slots=True)
class _Effect:
    target: Target
    enters: bool
    by_click: bool


def states(slide: Element) -> list[frozenset[Target]]:
    """Return what is hidden in each state of a slide, in order; at least one state."""
    clicks = list(_clicks(slide))
    # What enters at some time is not there before; what leaves first is.
    hidden: dict[Target, bool] = {}
    for effects in clicks:
        for effect in effects:
            hidden.setdefault(effect.target, effect.enters)
    found: list[frozenset[Target]] = []

    def note() -> None:
        state = frozenset(target for target, is_hidden in hidden.items() if is_hidden)
        if not found or found[-1] != state:
            found.append(state)

    for number, effects in enumerate(clicks):
        # The first step may play by itself, as soon as the slide is there.
        if number > 0 or any(effect.by_click for effect in effects):
            note()
        for effect in effects:
            hidden[effect.target] = not effect.enters
    note()
    if len(found) > MOST_STATES:
        found = [*found[: MOST_STATES - 1], found[-1]]
    return found


def _clicks(slide: Element) -> Iterator[list[_Effect]]:
    """Yield the effects of each click: the main sequence, then what shapes start."""
    sequences = [
        (step.get("nodeType"), step)
        for step in slide.iter(f"{P}cTn")
        if step.get("nodeType") in ("mainSeq", "interactiveSeq")
    ]
    for kind, sequence in sorted(sequences, key=lambda pair: pair[0] != "mainSeq"):
        for click in sequence.findall(f"{P}childTnLst/{P}par"):
            effects = list(_effects(click, interactive=kind != "mainSeq"))
            if effects:
                yield effects


def _effects(click: Element, interactive: bool) -> Iterator[_Effect]:
    for step in click.iter(f"{P}cTn"):
        kind = step.get("presetClass")
        if kind not in ("entr", "exit"):
            continue
        by_click = interactive or step.get("nodeType") == "clickEffect"
        seen: set[Target] = set()
        for shape in step.iter(f"{P}spTgt"):
            for target in _targets(shape):
                if target not in seen:
                    seen.add(target)
                    yield _Effect(target, kind == "entr", by_click)


def _targets(shape: Element) -> Iterator[Target]:
    identity = shape.get("spid", "")
    paragraphs = shape.find(f"{P}txEl/{P}pRg")
    if paragraphs is None:
        yield Target(identity)
        return
    try:
        first, last = int(paragraphs.get("st", "")), int(paragraphs.get("end", ""))
    except ValueError:
        yield Target(identity)
        return
    for number in range(max(first, 0), min(last, MOST_PARAGRAPHS) + 1):
        yield Target(identity, number)
