"""What a folder of files really is: a heap of files, or pieces of one film.

Teachers' downloaders leave a playlist with hundreds of ``.ts`` pieces; a copied DVD is a
``VIDEO_TS`` folder, a VCD ``MPEGAV``. Offered file by file they would fill the library
with splinters, so such a folder is offered as one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from edge_server.guard import names
from sync.arrivals import contents_sheet, sidecar
from sync.arrivals.offers import SUBTITLE_SUFFIXES

DISC_FOLDERS = ("VIDEO_TS", "MPEGAV")
PLAYLIST_SUFFIX = ".m3u8"
PIECE_SUFFIXES = (".ts", ".m4s", ".key", ".m2ts")
MOST_DEPTH = 16


@dataclass(frozen=True, slots=True)
class Found:
    """One file, or one folder that is one film."""

    path: Path
    shape: str
    """``file``, ``playlist`` or ``disc``."""
    size_bytes: int
    changed_at: float
    """Newest modification, Unix seconds, by the clock of whoever wrote it."""


@dataclass(frozen=True, slots=True)
class PassedOver:
    """What somebody may miss: a link, or a folder that lies too deep."""

    path: Path
    code: str
    """``is_link`` or ``path_too_deep``."""


def walk(
    root: Path,
    depth: int = 0,
    on_passed: Callable[[PassedOver], None] = lambda passed: None,
) -> Iterator[Found]:
    """Yield what is to be offered below a folder, in the order it is to be taken.

    Sheets come before the files they describe and subtitles after them. Links, devices,
    litter and unfinished files are passed over; so is what lies deeper than 16 folders.

    Args:
        root: The folder.
        depth: How many folders stand between it and the one that was meant.
        on_passed: Told of links, and of folders too deep to look into.
    """
    files: list[Path] = []
    folders: list[Path] = []
    for entry in sorted(root.iterdir()):
        if names.is_litter(entry.name):
            continue
        if entry.is_symlink():
            on_passed(PassedOver(entry, "is_link"))
        elif entry.is_dir():
            folders.append(entry)
        elif entry.is_file() and not names.is_unfinished(entry.name):
            files.append(entry)
    if depth and root.name.upper() in DISC_FOLDERS and files:
        yield _whole(root, "disc")
        return
    if depth and _is_playlist_folder(files):
        yield _whole(root, "playlist")
        return
    for file in sorted(files, key=_rank):
        stat = file.stat()
        yield Found(file, "file", stat.st_size, stat.st_mtime)
    for folder in folders:
        if depth < MOST_DEPTH:
            yield from walk(folder, depth + 1, on_passed)
        else:
            on_passed(PassedOver(folder, "path_too_deep"))


def _is_playlist_folder(files: list[Path]) -> bool:
    suffixes = [file.suffix.lower() for file in files]
    return PLAYLIST_SUFFIX in suffixes and any(s in PIECE_SUFFIXES for s in suffixes)


def _whole(folder: Path, shape: str) -> Found:
    stats = [p.lstat() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return Found(
        folder,
        shape,
        sum(stat.st_size for stat in stats),
        max((stat.st_mtime for stat in stats), default=0.0),
    )


def _rank(file: Path) -> tuple[int, str]:
    if contents_sheet.is_contents_name(file.name):
        return 0, file.name
    if sidecar.is_sidecar_name(file.name):
        return 1, file.name
    return (3 if file.name.lower().endswith(SUBTITLE_SUFFIXES) else 2), file.name
