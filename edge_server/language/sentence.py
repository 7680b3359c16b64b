"""What a person is told about a code: what happened, and what to do next."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """One code in both languages; ``{names}`` are filled from the error's values."""

    zh: str
    """What happened, and what is safe."""
    zh_do: str
    """What to do next; empty where nothing needs doing."""
    en: str
    en_do: str
