"""An address drawn as a QR code, for phones that stand before a screen or a card."""

import io

import segno
from markupsafe import Markup


def drawn(address: str) -> Markup:
    """Return an address as an SVG drawing that fills what it is put into."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=False, omitsize=True, border=2,
        svgclass=None, lineclass=None, dark="#1C2730",
    )  # fmt: skip
    return Markup(out.getvalue().decode())
