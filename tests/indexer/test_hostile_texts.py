"""Files that are cut, random, false or bombs: a reader may fail, the box may not."""

import random
import time
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_server.errors import PermanentError
from edge_server.language import all_sentences
from indexer.extract import MEMBER_BYTES, READERS, TEXT_BYTES, Reader
from indexer.extract.child import LIMITS, extract
from indexer.passages import Passage
from tests.indexer.test_extract import EPUB, zipped

WHYS = {"damaged", "too_big", "too_long", "other_kind"}


def read(path: Path, format: str) -> tuple[list[Passage], str]:
    """Return the passages and "", or none and why; anything else is a failed test."""
    try:
        return extract(path, format), ""
    except PermanentError as error:
        assert error.reason in all_sentences()
        if error.reason == "text_unreadable":
            assert error.values["why"] in WHYS
            return [], str(error.values["why"])
        return [], "locked"


@pytest.mark.parametrize("format", sorted(READERS))
def test_random_bytes_are_no_file_of_any_format(tmp_path: Path, format: str) -> None:
    path = tmp_path / "input"
    path.write_bytes(random.Random(3).randbytes(50_000))

    passages, why = read(path, format)

    if READERS[format] not in ("plain", "web_page", "subtitles"):
        assert (passages, why) != ([], "")
        assert not passages


@pytest.mark.parametrize("format", ["ppt", "doc", "pptx", "docx", "xlsx", "pdf"])
def test_half_a_file_gives_what_it_holds_or_a_reason(
    office: dict[str, Path], tmp_path: Path, format: str
) -> None:
    whole = office[format].read_bytes()
    path = tmp_path / "input"
    path.write_bytes(whole[: len(whole) // 2])

    passages, why = read(path, format)

    assert passages or why or format == "pdf"


@pytest.mark.parametrize("format", ["doc", "ppt", "docx", "pdf", "epub"])
@pytest.mark.parametrize("content", ["program", "empty", "other office file"])
def test_a_file_of_another_kind_is_no_text(
    office: dict[str, Path], tmp_path: Path, format: str, content: str
) -> None:
    path = tmp_path / "input"
    if content == "program":
        path.write_bytes(Path("/bin/true").read_bytes())
    elif content == "empty":
        path.write_bytes(b"")
    else:
        path = office["doc" if format != "doc" else "ppt"]

    passages, why = read(path, format)

    assert not passages
    assert why in ("damaged", "other_kind")


@pytest.mark.parametrize("format", ["docx", "pptx", "xlsx", "epub"])
def test_a_zip_bomb_is_given_up_early(tmp_path: Path, format: str) -> None:
    names = {
        "docx": "word/document.xml",
        "pptx": "ppt/presentation.xml",
        "xlsx": "xl/workbook.xml",
        "epub": "META-INF/container.xml",
    }
    path = tmp_path / "bomb"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bomb,
        bomb.open(names[format], "w") as member,
    ):
        for _ in range(MEMBER_BYTES // (1 << 20) + 2):
            member.write(b" " * (1 << 20))
    began = time.monotonic()

    assert read(path, format) == ([], "too_big")

    assert time.monotonic() - began < 10


def test_a_pdf_whose_page_unpacks_to_a_gigabyte_is_ended(tmp_path: Path) -> None:
    squeezed, packer = bytearray(), zlib.compressobj(1)
    for _ in range(1000):
        squeezed += packer.compress(bytes(1_000_000))
    squeezed += packer.flush()
    path = tmp_path / "bomb.pdf"
    path.write_bytes(pdf_with_page(bytes(squeezed)))

    passages, _ = read(path, "pdf")

    assert passages == []


def pdf_with_page(content: bytes) -> bytes:
    """Return a PDF of one page with this content stream."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream"
        % (len(content), content),
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n"
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Root 1 0 R /Size 5 >>\nstartxref\n%d\n%%%%EOF" % start
    return bytes(out)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"<p>" * 3_000_000)

    with pytest.raises(PermanentError) as caught:
        extract(path, "html", limits=replace(LIMITS, wall_s=0.3))

    assert caught.value.values["why"] == "too_long"


def test_a_child_that_takes_too_much_memory_is_ended(tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(b"<p>" * 3_000_000)

    with pytest.raises(PermanentError) as caught:
        extract(path, "html", limits=replace(LIMITS, memory_bytes=60 << 20))

    assert caught.value.reason == "text_unreadable"


SLOW = {
    "unclosed comments": b"<!--" * 500_000,
    "unclosed tags": b"<a " * 700_000,
    "unclosed scripts": b"<script>" * 300_000,
    "lone brackets": b"<" * 2_000_000,
    "blanks": b" " * 2_000_000 + b"x",
    "blanks between characters": "中".encode() + b" " * 2_000_000 + b"x",
    "entities": b"&" * 2_000_000,
    "attributes": b"<item " + b"a" * 2_000_000 + b">",
}


@pytest.mark.parametrize("content", SLOW)
@pytest.mark.parametrize(
    "module", ["web_page", "office", "zipped", "plain", "subtitles"]
)
def test_no_text_makes_a_reader_slow(tmp_path: Path, content: str, module: str) -> None:
    text = SLOW[content].decode()
    began = time.process_time()

    if module == "office":
        import_module("indexer.extract.office").words(text)
    elif module == "zipped":
        list(import_module("indexer.extract.zipped").tags(text, "item"))
    else:
        path = tmp_path / "input"
        path.write_bytes(SLOW[content])
        reader = cast(Reader, import_module(f"indexer.extract.{module}"))
        for format in ("html", "md", "srt", "ass", "lrc"):
            if READERS[format] == module:
                list(reader.read(path, format))

    assert time.process_time() - began < 10


def test_more_text_than_is_kept_ends_inside_a_character(tmp_path: Path) -> None:
    path = tmp_path / "long.html"
    path.write_text("<p>" + "古诗" * 900_000, encoding="utf-8")

    [passage] = extract(path, "html")

    assert TEXT_BYTES - 3 <= len(passage.text.encode()) <= TEXT_BYTES


def test_control_signs_and_broken_characters_do_not_get_through(tmp_path: Path) -> None:
    book = dict(EPUB) | {"OEBPS/二.xhtml": "<p>古\x00\x08诗&#xD800;&#0;\ufffe</p>"}

    text = extract(zipped(tmp_path / "book.epub", book), "epub")[1].text

    text.encode()
    assert not any(ord(c) < 32 and c != "\n" for c in text)


def test_a_document_with_a_password_says_so(tmp_path: Path) -> None:
    path = tmp_path / "locked.docx"
    wrapping = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)
    path.write_bytes(wrapping + "EncryptionInfo".encode("utf-16-le"))

    assert read(path, "docx") == ([], "locked")


MODULES = {
    "doc": "doc",
    "ppt": "ppt",
    "docx": "docx",
    "pptx": "pptx",
    "xlsx": "xlsx",
}
"""Read in this process: none of them is native code."""


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
@pytest.mark.parametrize("format", sorted(MODULES))
def test_flipped_bytes_end_in_passages_or_an_exception(
    office: dict[str, Path], tmp_path: Path, format: str, data: st.DataObject
) -> None:
    content = bytearray(office[format].read_bytes())
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(
            st.integers(0, 255)
        )
    path = tmp_path / "input"
    path.write_bytes(content)
    reader = cast(Reader, import_module(f"indexer.extract.{MODULES[format]}"))

    ended = ends(lambda: list(reader.read(path, format)))

    assert ended


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=3000))
@pytest.mark.parametrize("format", ["html", "txt", "md", "srt", "vtt", "ass", "lrc"])
def test_any_bytes_are_some_text(
    tmp_path_factory: pytest.TempPathFactory, format: str, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "input"
    path.write_bytes(content)
    reader = cast(Reader, import_module(f"indexer.extract.{READERS[format]}"))

    assert all(isinstance(p.text, str) for p in reader.read(path, format))


def ends(call: Callable[[], object]) -> bool:
    """Return that it ended within its memory, however."""
    try:
        call()
    except MemoryError:
        return False
    except Exception:
        return True
    return True
