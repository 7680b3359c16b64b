"""Which file an address of media means: only what a visible resource uses.

``/media/<object id>.<suffix>`` is an object, ``/media/<object id>/<member>`` one picture
of a pack, ``/download/<id on disk>`` the original of a resource under its own name. An
object id names its bytes, so the first two never change and are kept for ever by
browsers. The suffix is for TVs, which go by it; the type comes from the catalogue.

One query a request decides whether a teacher may see it now; the index of a pack is read
once and kept.
"""

from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from edge_server.errors import EdgeError
from edge_server.ground import pack, store
from edge_server.guard import encodings
from edge_server.records import catalogue
from web.ranges import MediaFile
from web.site import Site

HEX = frozenset("0123456789abcdef")
PACKS_KEPT = 64
TEXTS = ("text/html", "text/plain")
LOOKED_AT_BYTES = 1 << 16
DECLARED_WITHIN_BYTES = 2048
SUFFIXES = {
    "video/mp4": "mp4", "audio/mpeg": "mp3", "audio/mp4": "m4a", "text/vtt": "vtt",
    "image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf",
}  # fmt: skip
MEMBER_TYPES = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    ".gif": "image/gif", ".vtt": "text/vtt", ".mp3": "audio/mpeg", ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
}  # fmt: skip

_IS_USED = """
select coalesce(
    (select p.media_type from parts p join versions v using (resource_id, version)
     where p.object_id = :id and v.state = 'shown' limit 1),
    (select r.media_type from renditions r where r.object_id = :id and exists
     (select 1 from parts p join versions v using (resource_id, version)
      where p.object_id = r.source_object_id and v.state = 'shown') limit 1))
"""


def media_address(object_id: str, suffix: str) -> str:
    """Return the address of an object."""
    return f"/media/{object_id}.{SUFFIXES.get(suffix, suffix)}"


def member_address(object_id: str, member: str) -> str:
    """Return the address of a file inside a pack."""
    return f"/media/{object_id}/{quote(member)}"


class Finder:
    """Finds files for `web.ranges.MediaFirst`."""

    def __init__(self, site: Site) -> None:
        self._box = site.box
        self._members = lru_cache(maxsize=PACKS_KEPT)(self._read_members)

    def media(self, name: str) -> MediaFile | None:
        """Return the file behind an address below ``/media/``."""
        object_id = name[:64]
        if len(name) < 66 or not HEX.issuperset(object_id) or name[64] not in "./":
            return None
        media_type: str | None = self._box.db.value(_IS_USED, {"id": object_id})
        path = store.place_of(self._box, object_id)
        if media_type is None or not path.is_file():
            return None
        if name[64] == "/":
            return self._member(object_id, name[65:])
        return MediaFile(
            path=path,
            size_bytes=path.stat().st_size,
            etag=object_id,
            media_type=_told(path, media_type or "application/octet-stream"),
            immutable=True,
        )

    def download(self, name: str) -> MediaFile | None:
        """Return the original of a resource, to be saved under its own name."""
        if len(name) != 32 or not HEX.issuperset(name):
            return None
        resource = catalogue.by_disk_id(self._box.db, name)
        if resource is None:
            return None
        main = resource.main
        path = store.place_of(self._box, main.object_id)
        if not path.is_file():
            return None
        return MediaFile(
            path=path,
            size_bytes=path.stat().st_size,
            etag=main.object_id,
            media_type=main.media_type or "application/octet-stream",
            download_name=file_name(resource.title, main.name),
        )

    def _member(self, object_id: str, name: str) -> MediaFile | None:
        try:
            member = self._members(object_id).get(name)
        except (EdgeError, OSError):
            return None
        if member is None:
            return None
        suffix = PurePosixPath(name).suffix.lower()
        return MediaFile(
            path=store.place_of(self._box, object_id),
            size_bytes=member.size_bytes,
            offset_bytes=member.offset_bytes,
            etag=member.sha256,
            media_type=MEMBER_TYPES.get(suffix, "application/octet-stream"),
            immutable=True,
        )

    def _read_members(self, object_id: str) -> dict[str, pack.Member]:
        members = pack.read_index(store.place_of(self._box, object_id))
        return {member.name: member for member in members}


def _told(path: Path, media_type: str) -> str:
    """Return a text's type with its encoding; browsers take what is not said for Latin.

    A page that declares its own is left to it.
    """
    if media_type not in TEXTS:
        return media_type
    with path.open("rb") as file:
        head = file.read(LOOKED_AT_BYTES)
    if b"charset" in head[:DECLARED_WITHIN_BYTES].lower():
        return media_type
    return f"{media_type}; charset={encodings.encoding_of(head)}"


def file_name(title: str, name: str) -> str:
    """Return what a downloaded file is called: its title, with the suffix it came with."""
    suffix = PurePosixPath(name).suffix
    return title if title.lower().endswith(suffix.lower()) else title + suffix
