"""Chooses different files of many kinds, and lays them out as somebody would copy them.

A kind here is what a file's name says, or what its author says is wrong with it: the box
makes up its own mind by looking inside. Kinds take turns, and within a kind the packages
do, so that no author and no format fills the tree; which of an author's files come first
is drawn by hash: fixed, and no respecter of names.
"""

import hashlib
import re
import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
MOST_BYTES = 12_000_000
ROOT = "strangers"
"""Name of the tree: the first part of each resource's path."""

_SUFFIXES = {
    "video": "mp4 mov avi mkv flv wmv mts m2ts mpg mpeg ogv oggtheora webm 3gp asf rm",
    "audio": "mp3 m4a m4b wav flac ogg oga wma aac aif aiff ape mpc amr spx mid",
    "slides": "pptx ppt pps ppsx pptm potx potm odp otp",
    "text": "docx doc docm dotx dotm odt ott rtf txt md",
    "sheet": "xls xlsx xlsm xlsb xlt xltx ods ots csv",
    "pdf": "pdf",
    "picture": "png jpg jpeg gif bmp webp tif tiff",
    "e-book": "epub",
    "html": "html htm xhtml",
    "subtitles": "srt vtt ass ssa lrc sbv",
    "archive": "zip rar 7z tar",
    "original": "swf psd svg tga eps wmf emf icns ico jp2 heic avif chm xcf slk npz ttf bin",
    "program": "exe elf macho dll sh bat sfx jar",
}
KIND_OF = {suffix: kind for kind, all_ in _SUFFIXES.items() for suffix in all_.split()}
BROKEN = "broken"
KINDS = (*_SUFFIXES, BROKEN)
_BROKEN = re.compile(
    r"crash|broken|corrupt|trunc|invalid|malform|fuzz|timeout|oom[-_]|oversize|overflow"
    r"|encrypt|hopper|negative|zero|illegal|missing|bad[-_]|[-_]bad|unsupported|password",
    re.IGNORECASE,
)
# What setup tools and test runners leave in a package is no file for a classroom.
_NO_DATA = re.compile(
    r"(license|copying|authors|requirements|changelog|changes|readme|top_level|sources"
    r"|dependency_links|entry_points|not-zip-safe|manifest|notice|package|pkg-info).*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stranger:
    """A file that nobody here wrote."""

    kind: str
    """One of `KINDS`, by its name."""
    path: Path
    sha256: str
    size_bytes: int


def candidates(
    folders: Mapping[str, Path], most_bytes: int = MOST_BYTES
) -> dict[str, dict[str, list[Stranger]]]:
    """Return all files by kind and package, each content once.

    Args:
        folders: The files of each package, by its name.
        most_bytes: Longer files are left out.
    """
    found: dict[str, dict[str, list[Stranger]]] = defaultdict(dict)
    seen: set[str] = set()
    for package, folder in folders.items():
        for path in sorted(folder.rglob("*")):
            kind = kind_of(path)
            if kind is None or path.is_symlink() or not path.is_file():
                continue
            size_bytes = path.stat().st_size
            if size_bytes > most_bytes:
                continue
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            if sha256 not in seen:
                seen.add(sha256)
                stranger = Stranger(kind, path, sha256, size_bytes)
                found[kind].setdefault(package, []).append(stranger)
    return found


def kind_of(path: Path) -> str | None:
    """Return what a file's name says it is, None for what is no courseware."""
    kind = KIND_OF.get(path.suffix.lower().lstrip("."))
    if kind is None or _NO_DATA.fullmatch(path.name):
        return None
    return BROKEN if _BROKEN.search(path.stem) and kind != "program" else kind


def choose(
    found: Mapping[str, Mapping[str, Sequence[Stranger]]], files: int
) -> list[tuple[str, Stranger]]:
    """Return (package, file) of so many different files, spread over kinds and packages."""
    kinds = {
        kind: _in_turn(
            {
                package: iter(
                    [(package, s) for s in sorted(some, key=lambda s: s.sha256)]
                )
                for package, some in packages.items()
            }
        )
        for kind, packages in sorted(found.items())
    }
    chosen = _in_turn(kinds)
    return [one for _, one in zip(range(files), chosen, strict=False)]


def lay_out(
    chosen: Iterable[tuple[str, Stranger]], folder: Path
) -> dict[str, Stranger]:
    """Copy files into a tree of kinds and packages; returns them by path below ``folder``."""
    laid: dict[str, Stranger] = {}
    for package, stranger in chosen:
        name = f"{ROOT}/{stranger.kind}/{package}/{stranger.path.name}"
        n = 1
        while name in laid:
            n += 1
            name = f"{ROOT}/{stranger.kind}/{package}/{n}/{stranger.path.name}"
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(stranger.path, target)
        laid[name] = stranger
    return laid


def _in_turn(given: Mapping[str, Iterator[T]]) -> Iterator[T]:
    """Yield one of each in turn until all are spent."""
    left = list(given.values())
    while left:
        for one in list(left):
            try:
                yield next(one)
            except StopIteration:
                left.remove(one)
