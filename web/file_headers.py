"""What a file's headers say about it: its type, its name, and what it must not do.

Courseware comes from strangers. A browser that opens a page or a drawing of theirs at our
address would run it as ours, so all that is not plainly harmless is confined by its own
headers: `SANDBOX` gives it no script, no origin and no requests. PDF is left out, because
Chrome's viewer does not start in a sandbox and runs nothing of the file there either.

TVs read headers of their own (DLNA). They are what minidlna sends, read off the wire; see
`dlna_headers`.
"""

from urllib.parse import quote

Headers = list[tuple[str, str]]

SANDBOX = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "media-src data:; font-src data:; frame-ancestors 'self'"
)
HARMLESS = ("video/", "audio/", "image/")
HARMLESS_TYPES = {
    "application/pdf",
    "application/octet-stream",
    "text/plain",
    "text/vtt",
}
SVG = "image/svg+xml"

# OP=01: seeking by bytes. A TV that sees neither OP nor FLAGS offers no seeking, time
# seek broke two makes, and a wrong DLNA.ORG_PN is worse than none, so there is none.
_DLNA = "DLNA.ORG_OP=01;DLNA.ORG_CI=0;DLNA.ORG_FLAGS="
DLNA_STREAM = _DLNA + "01700000000000000000000000000000"
DLNA_PICTURE = _DLNA + "00f00000000000000000000000000000"
TRANSFER_MODES = {
    mode.lower(): mode for mode in ("Streaming", "Interactive", "Background")
}


def headers_for(media_type: str, download_name: str | None, dlna_mode: str) -> Headers:
    """Return the headers that follow from what a file is.

    Args:
        media_type: As it is sent, parameters and all.
        download_name: Save under this name instead of showing; None shows.
        dlna_mode: The request's ``transferMode.dlna.org``, empty when there was none.
    """
    headers = [("Content-Type", media_type), ("X-Content-Type-Options", "nosniff")]
    if download_name is not None:
        headers.append(("Content-Disposition", disposition(download_name)))
    if may_act(media_type):
        headers.append(("Content-Security-Policy", SANDBOX))
    return headers + dlna_headers(media_type, dlna_mode)


def may_act(media_type: str) -> bool:
    """Whether a browser might run something in a file of this type."""
    bare = media_type.partition(";")[0].strip().lower()
    return bare == SVG or not (bare in HARMLESS_TYPES or bare.startswith(HARMLESS))


def disposition(name: str) -> str:
    """Return ``Content-Disposition`` for a download, by RFC 6266 and RFC 8187.

    Old clients read the first form and get the ASCII letters of the name; all others take
    the second, in which nothing is lost.
    """
    plain = "".join(c if " " <= c <= "~" and c not in '"\\%' else "_" for c in name)
    exact = quote(name, safe="!#$&+-.^_`|~", errors="replace")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"


def dlna_headers(media_type: str, asked_mode: str) -> Headers:
    """Return what a TV wants to hear beside the bytes of a film, a sound or a picture.

    The mode it asks for is echoed. minidlna answers 406 to a picture asked for as a
    stream, which helps nobody.
    """
    if not media_type.startswith(HARMLESS):
        return []
    is_picture = media_type.startswith("image/")
    usual = "Interactive" if is_picture else "Streaming"
    headers = [
        ("contentFeatures.dlna.org", DLNA_PICTURE if is_picture else DLNA_STREAM),
        (
            "transferMode.dlna.org",
            TRANSFER_MODES.get(asked_mode.strip().lower(), usual),
        ),
    ]
    if not is_picture:
        headers.append(("realTimeInfo.dlna.org", "DLNA.ORG_TLAG=*"))
    return headers
