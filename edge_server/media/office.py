"""Slides and documents become PDF by LibreOffice, where it is installed.

A fresh profile for each document, in the sandbox and without network, so links, macros and
WEBSERVICE call nobody; one at a time. soffice ends with status 0 on some failures, so only
the PDF counts. Fonts that courseware names and no box has (宋体, 楷体, 微软雅黑 …) are
aliased to what is installed.
"""

import shutil
from pathlib import Path

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Limits

FONTS = Path(__file__).parent / "fonts"
CONFIGURATION = Path("/etc/libreoffice")
FORMATS = (
    "pptx", "ppt", "dps", "odp", "docx", "doc", "wps", "odt", "rtf",
    "xlsx", "xls", "et", "ods", "csv",
)  # fmt: skip
LIMITS = Limits(
    cpu_s=180,
    wall_s=240,
    memory_bytes=3_000_000_000,
    file_bytes=400_000_000,
    processes=128,
    open_files=512,
)
READ_AS = {"dps": "ppt", "wps": "doc", "et": "xls"}
"""WPS's own kinds are the old Microsoft ones under another name."""


def installed() -> bool:
    """Return whether LibreOffice is here."""
    return shutil.which("soffice") is not None


def to_pdf(source: Path, format: str, out: Path) -> Path:
    """Convert a document; returns the PDF in ``out``.

    Raises:
        PermanentError: ``office_missing``: LibreOffice is not installed;
            ``office_failed``: it made no PDF.
    """
    return convert(source, format, "pdf", out)


def convert(source: Path, format: str, to: str, out: Path) -> Path:
    """Convert a document to another format by LibreOffice; see `to_pdf`."""
    if not installed():
        raise PermanentError("office_missing")
    name = f"document.{READ_AS.get(format, format)}"
    finished = sandbox.run(
        [
            "soffice",
            "-env:UserInstallation=file:///tmp/profile",
            "--headless",
            "--norestore",
            "--nologo",
            "--nodefault",
            "--convert-to",
            to,
            "--outdir",
            "/out",
            f"/in/{name}",
        ],
        inputs={name: source, "fonts": FONTS},
        out=out,
        limits=LIMITS,
        shown=[CONFIGURATION],
        environment={"FONTCONFIG_FILE": "/in/fonts/fonts.conf"},
    )
    made = out / f"document.{to}"
    if not made.is_file() or made.stat().st_size == 0:
        raise PermanentError("office_failed", what=finished.errors.strip()[-200:])
    return made
