"""Members of a zip, by name, each within a limit that is counted while it unpacks.

What a member claims to be long is not believed. Only the members a reader asks for are
touched, so thousands of others, or ones that overlap, cost nothing.
"""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from types import TracebackType
from typing import Self

from edge_server.guard.encodings import decode
from indexer.extract import MEMBER_BYTES, Unreadable

ALL_BYTES = 4 * MEMBER_BYTES
_MOST_MEMBERS = 20_000
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptionInfo".encode("utf-16-le")
_ENCRYPTED = 0x1
_ATTRIBUTE = re.compile(
    r"""(?<![\w.:-])([\w.:-]++)\s*+=\s*+(?:"([^"<]*)"|'([^'<]*)')"""
)


class Zip:
    """An open zip, to be used in a ``with``."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            if file.read(len(_COMPOUND)) == _COMPOUND:
                # How Office wraps a document with a password: an old file round it.
                locked = _LOCKED in file.read(MEMBER_BYTES)
                raise Unreadable("locked" if locked else "other_kind")
        self._zip = zipfile.ZipFile(path)
        self.names = {info.filename: info for info in self._zip.infolist()}
        if len(self.names) > _MOST_MEMBERS:
            raise Unreadable("too_big")
        self._left = ALL_BYTES

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def bytes_of(self, name: str) -> bytes:
        """Return a member's bytes, none if there is no such member.

        Raises:
            Unreadable: It, or all that was read so far, is too big; or it is locked.
        """
        info = self.names.get(name)
        if info is None:
            return b""
        if info.flag_bits & _ENCRYPTED:
            raise Unreadable("locked")
        limit = min(MEMBER_BYTES, self._left)
        with self._zip.open(info) as member:
            data = member.read(limit + 1)
        if len(data) > limit:
            raise Unreadable("too_big")
        self._left -= len(data)
        return data

    def text(self, name: str) -> str:
        """Return a member as text, empty if there is no such member."""
        return decode(self.bytes_of(name))


def tags(xml: str, name: str) -> Iterator[dict[str, str]]:
    """Yield the attributes of each element of a name, whatever its prefix.

    Read by pattern: nothing is expanded, nothing is loaded, a part that is not
    well-formed costs only itself.
    """
    for found in re.finditer(rf"<(?:[\w.-]{{1,40}}:)?{name}\s([^<>]*)>", xml):
        yield {
            key: unescape(double or single)
            for key, double, single in _ATTRIBUTE.findall(found[1])
        }


def relations(package: Zip, part: str) -> dict[str, tuple[str, str]]:
    """Return what an Office part refers to: id to (kind, name of the member)."""
    folder, name = posixpath.split(part)
    rels = package.text(f"{folder}/_rels/{name}.rels".lstrip("/"))
    return {
        tag["Id"]: (
            tag.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, tag["Target"])).lstrip("/"),
        )
        for tag in tags(rels, "Relationship")
        if "Id" in tag and "Target" in tag and tag.get("TargetMode") != "External"
    }
