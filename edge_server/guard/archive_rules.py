"""What every archive must keep to, whatever its format, and what comes out of one."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge_server.errors import Refused
from edge_server.guard import names


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may hold."""

    members: int = 20_000
    total_bytes: int = 60_000_000_000
    ratio: int = 200
    """Unpacked to packed, of a member and of the whole, above ``ratio_from_bytes``."""
    ratio_from_bytes: int = 16_000_000
    """A white picture of 1920 x 1080 is 6 MB and packs 1,000 to 1."""
    directory_bytes: int = 32_000_000


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file that came out."""

    name: str
    """Clean relative path with forward slashes, as the archive calls it."""
    path: Path
    """Where it lies: a number in the folder that was given."""
    size_bytes: int


def is_bomb(size_bytes: int, packed_bytes: int, limits: ArchiveLimits) -> bool:
    """Return whether so much cannot honestly have been packed into so little."""
    return size_bytes > limits.ratio_from_bytes and size_bytes > limits.ratio * max(
        packed_bytes, 1
    )


def judge_total(total: int, room_bytes: int, limits: ArchiveLimits) -> None:
    """Refuse an archive that unpacked would be too large, or larger than there is room."""
    if total > limits.total_bytes:
        raise Refused("archive_too_large", total_bytes=total)
    if total > room_bytes:
        raise Refused(
            "archive_no_room", total_bytes=total, room_bytes=max(room_bytes, 0)
        )


def clean_names(told: Iterable[str]) -> list[str]:
    """Return the clean relative path of each entry; no two may be one file.

    Compared is what is left after cleaning, and without regard to case: ``a?.txt`` and
    ``a*.txt`` would both become ``a_.txt``, and the second would take the first one's
    place in the catalogue.

    Raises:
        Refused: ``archive_twice``, or what `names.relative` refuses.
    """
    clean: list[str] = []
    seen: set[str] = set()
    for name in told:
        clean.append(names.relative(name))
        folded = clean[-1].casefold()
        if folded in seen:
            raise Refused("archive_twice", name=name[:200])
        seen.add(folded)
    return clean
