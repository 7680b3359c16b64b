"""Files over HTTP: whole, in ranges, conditionally; answered before Flask.

Flask's ``send_file`` answers a range by reading the file up to it in blocks of 8 KiB:
487 ms to the end of a 1 GB film, measured, where this takes under 2 ms. Here the file is
positioned and handed to the server with its exact length, which sends it without copying
it through Python. uWSGI sent *wrong bytes* for such a response, so only a server that
says it can (`POSITIONED`, set by `web.answer`) is trusted; elsewhere a generator reads.

A media request never enters Flask (`MediaFirst`): sixty players that seek would cost more
in dispatch than in bytes.

Behind the shipped nginx configuration (``scripts/nginx``) whole files are answered by
``X-Accel-Redirect`` and nginx does the rest.
"""

import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.utils import formatdate
from io import FileIO
from pathlib import Path
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from web.conditions import Asked, NotSatisfiable, has_changed, is_current, wanted
from web.file_headers import Headers, headers_for
from web.front import Accel, for_nginx

POSITIONED = "edge_server.positioned_files"
"""Set in the environ by a server whose file wrapper starts where the file stands."""
BLOCK_BYTES = 256 * 1024
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file, or a slice of one, as `MediaFirst` sends it."""

    path: Path
    size_bytes: int
    """Of what is sent: the member's, where the file is a pack."""
    etag: str
    """What names these bytes and no others, without quotes: an object id."""
    media_type: str
    offset_bytes: int = 0
    """Where in the file it begins."""
    download_name: str | None = None
    """Saved under this name instead of shown."""
    immutable: bool = False
    """The address names the content, so it is never asked for twice."""


class MediaFirst:
    """Answers GET and HEAD below ``prefix``; everything else is the application's.

    Args:
        app: The application behind.
        find: Told the address after the prefix, as text; None means 404.
        host_allowed: Told the ``Host`` header; a foreign one is refused with 400, so that
            no page elsewhere can read files by rebinding a name to this box.
        prefix: With both slashes.
        accel: Set when the shipped front server may stand before us.
    """

    def __init__(
        self,
        app: WSGIApplication,
        find: Callable[[str], MediaFile | None],
        *,
        host_allowed: Callable[[str], bool],
        prefix: str = "/media/",
        accel: Accel | None = None,
    ) -> None:
        self._app = app
        self._find = find
        self._host_allowed = host_allowed
        self._prefix = prefix
        self._accel = accel

    def __call__(  # noqa: D102 - what a WSGI application does
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        address: str = environ.get("PATH_INFO", "")
        if not address.startswith(self._prefix):
            return self._app(environ, start_response)
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return _plain(
                start_response, "405 Method Not Allowed", ("Allow", "GET, HEAD")
            )
        if not self._host_allowed(environ.get("HTTP_HOST", "")):
            return _plain(start_response, "400 Bad Request")
        name = address[len(self._prefix) :].encode("latin-1").decode("utf-8", "replace")
        media = self._find(name)
        if media is None:
            return _plain(start_response, "404 Not Found")
        return respond(
            environ,
            start_response,
            path=media.path,
            size_bytes=media.size_bytes,
            offset_bytes=media.offset_bytes,
            etag=media.etag,
            media_type=media.media_type,
            download_name=media.download_name,
            immutable=media.immutable,
            accel=self._accel,
        )


def respond(
    environ: WSGIEnvironment,
    start_response: StartResponse,
    *,
    path: Path,
    size_bytes: int,
    offset_bytes: int = 0,
    etag: str,
    media_type: str,
    download_name: str | None = None,
    immutable: bool = False,
    accel: Accel | None = None,
) -> Iterable[bytes]:
    """Answer a GET or HEAD with a file or a slice of one.

    The arguments are `MediaFile`'s. 200, 206, 304, 412 or 416 as the request's headers
    ask; 404 when the file is not there, or is shorter than the row says: better no answer
    than half of one.
    """
    tag = f'"{etag}"'
    try:
        found = path.stat()
    except OSError:
        return _plain(start_response, "404 Not Found")
    if not stat.S_ISREG(found.st_mode) or found.st_size < offset_bytes + size_bytes:
        return _plain(start_response, "404 Not Found")
    modified_at = int(found.st_mtime)
    validators: Headers = [
        ("ETag", tag),
        ("Last-Modified", formatdate(modified_at, usegmt=True)),
        ("Cache-Control", FOR_EVER if immutable else "no-cache"),
        ("Accept-Ranges", "bytes"),
    ]
    asked = _asked(environ)
    if has_changed(asked, tag, modified_at):
        return _plain(start_response, "412 Precondition Failed", *validators)
    if is_current(asked, tag, modified_at):
        start_response("304 Not Modified", validators)
        return []
    mode = environ.get("HTTP_TRANSFERMODE.DLNA.ORG", "")
    head = validators + headers_for(media_type, download_name, mode)

    whole = offset_bytes == 0 and size_bytes == found.st_size
    by_front = accel.headers(environ, path) if accel is not None and whole else None
    if by_front is not None:
        start_response("200 OK", [*for_nginx(head), *by_front])
        return []

    # RFC 9110 14.2: ranges are defined for GET alone.
    is_get = environ["REQUEST_METHOD"] == "GET"
    piece = wanted(asked, tag, modified_at, size_bytes) if is_get else None
    if isinstance(piece, NotSatisfiable):
        missed = ("Content-Range", piece.content_range)
        return _plain(start_response, "416 Range Not Satisfiable", missed, *validators)
    status = "200 OK"
    if piece is None:
        piece = range(size_bytes)
    else:
        status = "206 Partial Content"
        last = piece.stop - 1
        head.append(("Content-Range", f"bytes {piece.start}-{last}/{size_bytes}"))
    head.append(("Content-Length", str(len(piece))))
    if not is_get or not piece:
        start_response(status, head)
        return []
    try:
        file = FileIO(path)
    except OSError:
        return _plain(start_response, "404 Not Found")
    file.seek(offset_bytes + piece.start)
    start_response(status, head)
    if environ.get(POSITIONED):
        body: Iterable[bytes] = environ["wsgi.file_wrapper"](file, BLOCK_BYTES)
        return body
    return _blocks(file, len(piece))


def _asked(environ: WSGIEnvironment) -> Asked:
    return Asked(
        range=environ.get("HTTP_RANGE"),
        if_range=environ.get("HTTP_IF_RANGE"),
        if_match=environ.get("HTTP_IF_MATCH"),
        if_none_match=environ.get("HTTP_IF_NONE_MATCH"),
        if_modified_since=environ.get("HTTP_IF_MODIFIED_SINCE"),
        if_unmodified_since=environ.get("HTTP_IF_UNMODIFIED_SINCE"),
    )


def _blocks(file: FileIO, left_bytes: int) -> Iterator[bytes]:
    with file:
        while left_bytes > 0 and (block := file.read(min(BLOCK_BYTES, left_bytes))):
            left_bytes -= len(block)
            yield block


def _plain(
    start_response: StartResponse, status: str, *headers: tuple[str, str]
) -> Iterable[bytes]:
    start_response(status, [*headers, ("Content-Length", "0")])
    return []
