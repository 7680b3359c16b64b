"""The curriculum: where in school life a piece of courseware belongs.

A `Place` names one spot by national ids (axes from stage to volume) and plain labels
(unit and lesson). Every field may be unknown.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource belongs; what is not known is None."""

    stage: str | None = None
    """学段: the id of an axis value, like all fields down to ``volume``."""
    grade: str | None = None
    subject: str | None = None
    edition: str | None = None
    textbook_year: str | None = None
    volume: str | None = None
    unit: str | None = None
    """The unit's title without its number: a label, not an id."""
    unit_no: int | None = None
    lesson: str | None = None
    """The lesson's title without its number: a label, not an id."""
    lesson_no: int | None = None

    def over(self, other: "Place") -> "Place":
        """Return this place, with what it does not know taken from ``other``."""
        return Place(
            **{
                field.name: getattr(other, field.name)
                if getattr(self, field.name) is None
                else getattr(self, field.name)
                for field in fields(Place)
            }
        )
