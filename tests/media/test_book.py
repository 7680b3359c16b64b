"""E-books of strangers: taken apart in the sandbox, whatever is in them.

The books here are what a hostile hand would send: bombs, entities, scripts, chapters
without end, names that lead out. The box goes on, and keeps what can be read.
"""

import io
import zipfile
from pathlib import Path

import pytest

from edge_server.errors import PermanentError
from edge_server.guard import sandbox
from edge_server.guard.sandbox import Finished
from edge_server.media import book, book_reader
from tests.media.epubs import epub

pytestmark = pytest.mark.lab("sandbox")


def changed(members: dict[str, str | bytes]) -> bytes:
    """Return a good book with some of its files replaced or added."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(epub(hostile=False))) as good,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out,
    ):
        for name in good.namelist():
            out.writestr(name, members.pop(name, good.read(name)))
        for name, data in members.items():
            out.writestr(name, data)
    return made.getvalue()


@pytest.fixture
def read(tmp_path):
    """Return a function that takes the bytes of a book apart."""

    def take(data: bytes) -> book.Book:
        source, out = tmp_path / "book.epub", tmp_path / "out"
        source.write_bytes(data)
        out.mkdir()
        return book.take_apart(source, out)

    return take


def text(found: book.Book, n: int = 0) -> str:
    """Return the HTML of a chapter."""
    return found.chapters[n].read_text("utf-8")


def test_a_book_comes_apart_into_chapters_and_their_pictures(read):
    found = read(epub())
    assert found.titles == ["小蝌蚪找妈妈", "井底的青蛙"]
    assert '<img src="in/p0001.png" alt="荷叶">' in text(found)
    assert [one.name for one in found.pictures] == ["p0001.png"]
    assert not found.cut


def test_no_script_of_a_book_is_kept(read):
    found = read(epub(hostile=True))
    whole = "".join(text(found, n) for n in range(2))
    for act in ("<script", "onerror", "onload", "<iframe", "javascript:", "<svg"):
        assert act not in whole


ENTITY = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
NAMED = (
    '<!DOCTYPE x [<!ENTITY n "a">]><package><manifest><item id="&n;" href="a.xhtml"/>'
    '</manifest><spine><itemref idref="a"/></spine></package>'
)
"""A whole book but for the entity in it: with one, a thousand could laugh."""
BOMB = "<p>" + "字" * 40_000_000
BROKEN = {
    "no zip": b"not a zip",
    "cut": epub()[:-200],
    "no container": changed({"META-INF/container.xml": ""}),
    "entities in the container": changed(
        {"META-INF/container.xml": ENTITY + "<container>&a;</container>"}
    ),
    "entities in the package": changed({"OPS/book.opf": NAMED}),
    "a package outside": changed(
        {
            "META-INF/container.xml": '<container><rootfile full-path="../../etc/passwd"/>'
            "</container>"
        }
    ),
    "a bomb for a chapter": changed({"OPS/a.xhtml": BOMB}),
    "a name that leads out": changed({"../../escaped.xhtml": "x"}),
    "all of it locked": changed(
        {
            "META-INF/encryption.xml": "<encryption>"
            '<CipherReference URI="OPS/a.xhtml"/><CipherReference URI="OPS/b.xhtml"/>'
            "</encryption>"
        }
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_honest_book_is_refused(read, tmp_path, name):
    with pytest.raises(PermanentError) as refused:
        read(BROKEN[name])
    assert refused.value.reason == "book_unreadable"
    assert "root:" not in str(refused.value.values)
    assert list(tmp_path.parent.glob("escaped*")) == []


def test_entities_of_a_chapter_are_never_looked_up(read):
    found = read(changed({"OPS/a.xhtml": ENTITY + "<p>前&a;后</p>"}))
    assert "root:" not in text(found) and "前" in text(found)


def test_of_a_huge_chapter_the_beginning_is_kept(read):
    lines = "".join(f"<p>第{n}行，{n * 7919 % 10_007}</p>" for n in range(300_000))
    found = read(changed({"OPS/a.xhtml": lines}))
    assert len(found.chapters) == 2
    assert "第0行" in text(found) and "第299999行" not in text(found)


def test_a_locked_chapter_is_left_out(read):
    locked = '<encryption><CipherReference URI="OPS/a.xhtml"/></encryption>'
    assert read(changed({"META-INF/encryption.xml": locked})).titles == ["井底的青蛙"]


def test_a_picture_is_known_by_its_bytes(read):
    page = "<p><img src='pic.png' alt='图'/></p>"
    found = read(
        changed({"OPS/a.xhtml": page, "OPS/pic.png": "<script>alert(1)</script>"})
    )
    assert text(found) == "<p>图</p>" and found.pictures == []


def test_a_book_that_never_ends_is_ended(read, monkeypatch):
    monkeypatch.setattr(book, "CPU_S", 1)
    endless = "<a " * 200_000 + "<!" * 200_000
    chapters = {f"OPS/{n}.xhtml": endless + str(n) for n in range(40)}
    items = "".join(f'<item id="i{n}" href="{n}.xhtml"/>' for n in range(40))
    refs = "".join(f'<itemref idref="i{n}"/>' for n in range(40))
    chapters["OPS/book.opf"] = (
        f"<package><manifest>{items}</manifest><spine>{refs}</spine></package>"
    )
    with pytest.raises(PermanentError):
        read(changed(chapters))


def test_what_a_process_did_before_leaves_a_book_its_whole_time(tmp_path, monkeypatch):
    (tmp_path / "book.epub").write_bytes(epub())
    monkeypatch.setattr(
        book_reader.time, "process_time", lambda: 2 * book_reader.ENOUGH_CPU_S
    )

    book_reader.take_apart(tmp_path / "book.epub", tmp_path, 1_000_000)

    chapters = {path.name for path in tmp_path.glob("*.html")}
    assert chapters == {"0001.html", "0002.html"}


def test_a_link_that_the_child_leaves_is_not_followed(read, monkeypatch):
    def broken_out(module, args, *, out: Path, **rest) -> Finished:
        (out / "0001.html").symlink_to("/etc/passwd")
        told = '{"titles": ["x"], "pictures": [], "cover": "", "cut": false}'
        (out / "book.json").write_text(told)
        return Finished(0, b"", "")

    monkeypatch.setattr(sandbox, "run_python", broken_out)
    with pytest.raises(PermanentError, match="no plain file"):
        read(epub())
