"""A downloader's folder, a playlist and its pieces, becomes one MP4 by copying.

The playlist is read by us, strictly: it may name only files inside its own folder. ffmpeg
never sees it, because a playlist can make ffmpeg open any file or address.
"""

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from edge_server.errors import PermanentError
from edge_server.ground.box import Box
from edge_server.ground.jobs import Job
from edge_server.guard.encodings import decode
from edge_server.media import joining

MOST_PLAYLIST_BYTES = 4_000_000
MOST_PIECES = 20_000


def join(box: Box, job: Job, folder: Path, out: Path) -> Sequence[Path]:
    """Join the pieces that the folder's playlist names; returns one file in ``out``.

    Raises:
        PermanentError: ``playlist_encrypted``, ``playlist_outside`` (it names something
            that is not in its folder), ``playlist_incomplete`` (pieces are missing),
            ``copy_failed``.
    """
    playlists = sorted(folder.glob("*.m3u8")) + sorted(folder.glob("*.M3U8"))
    found = [_pieces(folder, playlist) for playlist in playlists]
    pieces = max(found, key=len, default=[])
    if not pieces:
        raise PermanentError("playlist_incomplete", missing=0)
    return [joining.join(box, job, pieces, out, "film.mp4")]


def _pieces(folder: Path, playlist: Path) -> list[Path]:
    text = decode(playlist.read_bytes()[:MOST_PLAYLIST_BYTES])
    found: list[Path] = []
    missing = 0
    for line in text.splitlines()[: 4 * MOST_PIECES]:
        line = line.strip()
        if line.startswith("#EXT-X-KEY") and "METHOD=NONE" not in line:
            raise PermanentError("playlist_encrypted")
        if line.startswith("#EXT-X-MAP"):
            line = line.partition('URI="')[2].partition('"')[0]
        if not line or line.startswith("#"):
            continue
        # Whatever folders or hosts stood before it, the piece lies here under its name.
        name = PurePosixPath(unquote(line.split("?")[0]).replace("\\", "/")).name
        piece = folder / name
        if name in ("", ".", "..") or piece.is_symlink():
            raise PermanentError("playlist_outside", name=line[:100])
        if name.lower().endswith(".m3u8"):
            continue  # a master playlist names others, which are read by themselves
        if piece.is_file():
            found.append(piece)
        else:
            missing += 1
    if missing and found:
        raise PermanentError("playlist_incomplete", missing=missing)
    return found[:MOST_PIECES]
