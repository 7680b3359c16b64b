"""Documents with a password: what a teacher is told, and that she may download them.

Word, Excel and PowerPoint of today are locked by msoffcrypto as Office does. Nothing that
runs here locks an old .doc, .xls or .ppt: those are real files in which the mark that
says so is set ([MS-DOC] 2.5.2, [MS-XLS] 2.4.117, [MS-PPT] 2.3.2), at which programs ask
for a password before they read on. A PDF is locked by LibreOffice itself.
"""

import json
import struct
import subprocess
from pathlib import Path

import olefile
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from edge_server.guard import file_types, passwords
from edge_server.media import office
from edge_server.records import renditions
from tests.media.test_steps import made_of

LIBRARY = Path(__file__).parents[2] / "media_samples" / "library"


def sample(suffix: str) -> Path:
    """Return the first sample with this suffix."""
    return next(iter(sorted(LIBRARY.rglob(f"*.{suffix}"))))


def lock(suffix: str, target: Path) -> None:
    """Write a sample of today's Office with a password."""
    with sample(suffix).open("rb") as plain, target.open("wb") as locked:
        OOXMLFile(plain).encrypt("geheim", locked)


def mark(suffix: str, target: Path) -> None:
    """Write a sample of old Office in which it says that it is encrypted."""
    target.write_bytes(sample(suffix).read_bytes())
    with olefile.OleFileIO(target, write_mode=True) as ole:
        names = {"doc": "WordDocument", "xls": "Workbook", "ppt": "Current User"}
        name = names[suffix]
        data = bytearray(ole.openstream(name).read())
        if suffix == "doc":
            data[11] |= 1
        elif suffix == "xls":
            begin = 4 + struct.unpack_from("<H", data, 2)[0]
            struct.pack_into("<H", data, begin, 0x2F)
        else:
            struct.pack_into("<I", data, 12, 0xF3D1C4DF)
        ole.write_stream(name, bytes(data))


TODAY, OLD = ("docx", "pptx", "xlsx"), ("doc", "xls", "ppt")


@pytest.mark.parametrize("suffix", [*TODAY, *OLD])
def test_a_password_is_seen_and_what_has_none_has_none(tmp_path, suffix):
    path = tmp_path / f"课件.{suffix}"
    (lock if suffix in TODAY else mark)(suffix, path)
    assert file_types.of(path, path.name).format == suffix
    assert passwords.needed(path)
    assert not passwords.needed(sample(suffix))


def test_a_locked_document_under_an_old_name_is_what_its_name_begins_with(tmp_path):
    path = tmp_path / "a"
    lock("docx", path)
    for name, format in {
        "a.doc": "docx", "a.pps": "pptx", "a.xlsm": "xlsx", "a.wps": "docx",
        "a.dps": "pptx", "a.et": "xlsx", "a.zip": "unknown", "a": "unknown",
    }.items():  # fmt: skip
        assert file_types.of(path, name).format == format


@pytest.mark.parametrize("suffix", ["docx", "pptx"])
def test_a_document_with_a_password_says_so(box, tmp_path, suffix):
    path = tmp_path / f"课件.{suffix}"
    lock(suffix, path)
    row = made_of(box, path)[renditions.PAGES]
    assert (row.object_id, row.code) == (None, "office_locked")


def test_an_old_document_with_a_password_says_so(box, tmp_path):
    path = tmp_path / "教案.doc"
    mark("doc", path)
    row = made_of(box, path)[renditions.PAGES]
    assert (row.object_id, row.code) == (None, "office_locked")


def test_a_pdf_that_libreoffice_has_locked_says_so(box, tmp_path):
    said = {
        "EncryptFile": {"type": "boolean", "value": "true"},
        "DocumentOpenPassword": {"type": "string", "value": "geheim"},
    }
    assert office.installed()
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", f"pdf:writer_pdf_Export:{json.dumps(said)}",
         "--outdir", str(tmp_path), str(sample("docx"))],
        check=True, capture_output=True,
    )  # fmt: skip
    (path,) = tmp_path.glob("*.pdf")
    assert b"/Encrypt" in path.read_bytes()
    row = made_of(box, path)[renditions.PAGES]
    assert (row.object_id, row.code) == (None, "pdf_locked")
