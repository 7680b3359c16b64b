"""What a client's ``Range`` and ``If-…`` headers ask for: arithmetic without IO.

Source: RFC 9110, chapters 13 (conditions) and 14 (ranges). One range is answered; several
at once, or one that makes no sense, get the whole file, which the RFC allows and every
player copes with. Werkzeug answers such a request with 416, and players that probe with
two ranges then give up.
"""

import re
from dataclasses import dataclass
from email.utils import mktime_tz, parsedate_tz

_RANGE = re.compile(r"bytes[ \t]*=[ \t]*([0-9]{0,18})-([0-9]{0,18})[ \t]*", re.I)
_ETAG = re.compile(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")')


@dataclass(frozen=True, slots=True)
class NotSatisfiable:
    """A range that lies wholly behind the end of the file: status 416."""

    size_bytes: int

    @property
    def content_range(self) -> str:
        """The header that tells the client how long the file is."""
        return f"bytes */{self.size_bytes}"


@dataclass(frozen=True, slots=True)
class Asked:
    """The headers of one request that decide between 200, 206, 304, 412 and 416."""

    range: str | None = None
    if_range: str | None = None
    if_match: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None
    if_unmodified_since: str | None = None


def parse_range(header: str | None, size_bytes: int) -> range | NotSatisfiable | None:
    """Read a ``Range`` header.

    Args:
        header: As it came; None when there was none.
        size_bytes: Length of the whole file.

    Returns:
        The half-open range of byte offsets to send, within the file and not empty; None
        when the whole file is the answer; `NotSatisfiable` when nothing of it is.
    """
    match = _RANGE.fullmatch(header.strip()) if header else None
    if match is None or size_bytes == 0:
        return None
    first, last = match.groups()
    if first == "":
        if last == "":
            return None
        length = int(last)  # a suffix: the last so many bytes
        if length == 0:
            return NotSatisfiable(size_bytes)
        return range(max(0, size_bytes - length), size_bytes)
    start = int(first)
    stop = int(last) + 1 if last else size_bytes
    if stop <= start and last:
        return None
    if start >= size_bytes:
        return NotSatisfiable(size_bytes)
    return range(start, min(stop, size_bytes))


def wanted(
    asked: Asked, etag: str, modified_at: int, size_bytes: int
) -> range | NotSatisfiable | None:
    """Return the piece to send with 206, `NotSatisfiable`, or None for the whole file.

    ``If-Range`` with another ETag or date means: the client's part is of another file, so
    it gets this one whole.
    """
    if asked.if_range is not None and not _is_same(asked.if_range, etag, modified_at):
        return None
    return parse_range(asked.range, size_bytes)


def is_current(asked: Asked, etag: str, modified_at: int) -> bool:
    """Whether the client already has this file: status 304."""
    if asked.if_none_match is not None:
        return _names(asked.if_none_match, etag, weak_too=True)
    since = parse_date(asked.if_modified_since)
    return since is not None and modified_at <= since


def has_changed(asked: Asked, etag: str, modified_at: int) -> bool:
    """Whether the client wants only a file that this is no longer: status 412."""
    if asked.if_match is not None:
        return not _names(asked.if_match, etag, weak_too=False)
    since = parse_date(asked.if_unmodified_since)
    return since is not None and modified_at > since


def parse_date(header: str | None) -> int | None:
    """Read an HTTP date as Unix seconds; None for one that makes no sense."""
    try:
        parsed = parsedate_tz(header) if header else None
        return mktime_tz(parsed) if parsed else None
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _is_same(if_range: str, etag: str, modified_at: int) -> bool:
    if '"' in if_range:
        return if_range.strip() == etag  # strong: a weak one never matches
    return parse_date(if_range) == modified_at


def _names(header: str, etag: str, *, weak_too: bool) -> bool:
    if header.strip() == "*":
        return True
    return any(
        tag == etag and (weak_too or not weak) for weak, tag in _ETAG.findall(header)
    )
