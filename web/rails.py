"""What stands beside and above a page: the rail of a laptop, the way from the library."""

from collections.abc import Sequence

from edge_server.language import Words
from web import places, tree
from web.places import Given
from web.shown import Grade, Group, Link, Unit
from web.tree import Above


def grades_rail(words: Words, found: Sequence[Grade]) -> tuple[Group, ...]:
    """Return the grades as a rail."""
    links = tuple(Link(one.name, one.href, one.count) for one in found)
    return (Group(words._("年级"), links),) if links else ()


def volume_rail(
    words: Words, above: Above, given: Given, shown: Sequence[Unit], at: str
) -> tuple[Group, ...]:
    """Return a volume's units and lessons, and the grade's other subjects, as a rail.

    Args:
        words: The reader's language.
        above: What stands above the volume.
        given: The volume.
        shown: Its units.
        at: Address of the lesson where the reader is; only its unit is spread out.
    """
    subject = places.name(words, "subject", _text(given["subject"]))
    name = f"{subject} {tree.volume_name(words, given)}"
    links = []
    for unit in shown:
        open_here = any(lesson.href == at for lesson in unit.lessons) or len(shown) == 1
        first = next((one.href for one in unit.lessons if one.href), "")
        if unit.title and first:
            links.append(Link(unit.title, first, unit.count))
        if open_here:
            links += [
                Link(
                    f"{one.no} {one.title}".strip(),
                    one.href,
                    on=one.href == at,
                    deep=bool(unit.title),
                )
                for one in unit.lessons
                if one.href
            ]
    grade: Given = {"stage": given["stage"], "grade": given["grade"]}
    others = above.subjects_of(given["stage"], given["grade"])
    groups = [Group(name, tuple(links), places.address(given))] if links else []
    beside = tuple(
        Link(
            places.name(words, "subject", one.value),
            places.address({**grade, "subject": one.value}),
            tree.count(words, one.resources),
        )
        for one in others
        if one.value != given["subject"]
    )
    if beside:
        groups.append(Group(words._("其他学科"), beside))
    return tuple(groups)


def bread(words: Words, given: Given, *, only_stage: bool) -> tuple[Link, ...]:
    """Return the way to a place, from the library down.

    Args:
        words: The reader's language.
        given: The place's columns, from the stage down.
        only_stage: The school has one stage: it is passed over.
    """
    links = [Link(words._("课件库"), "/library")]
    sofar: Given = {}
    for axis in places.WAY[:3]:
        if axis not in given:
            return tuple(links)
        sofar[axis] = given[axis]
        if axis != "stage" or not only_stage:
            links.append(
                Link(
                    places.name(words, axis, _text(given[axis])), places.address(sofar)
                )
            )
    if "volume" in given:
        links.append(Link(tree.volume_name(words, given), places.address(given)))
    return tuple(links)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
