"""Decks: a picture for each click, no answer on the first one, films beside their slide."""

import zipfile
from pathlib import Path

import pytest
from PIL import Image

from edge_server.errors import PermanentError
from edge_server.media import office, pages, slide_show
from tests.media.decks import Slide, click, deck, effect, timing

RED, GREEN, BLUE, WHITE = "FF0000", "00FF00", "0000FF", "FFFFFF"
ANSWER = timing(click(effect(3)))
BOXES = [(RED, "三加四是几？"), (GREEN, "七")]


def rewritten(tmp_path: Path, slides: list[Slide]) -> slide_show.Show:
    """Make a deck of these slides and rewrite it, a page for each click."""
    out = tmp_path / "show"
    out.mkdir()
    return slide_show.rewrite(deck(tmp_path / "deck.pptx", slides), out)


def drawn(tmp_path: Path, show: slide_show.Show, source: Path) -> pages.Drawn:
    """Draw a show as the step does."""
    for folder in ("pdf", "pages"):
        (tmp_path / folder).mkdir()
    pdf = office.to_pdf(show.deck or source, "pptx", tmp_path / "pdf")
    return pages.draw(pdf, tmp_path / "pages", show.pictures)


def colours(path: Path) -> list[str]:
    """Return the colour of the upper and of the lower half, at their right edge."""
    with Image.open(path) as picture:
        assert picture.width == 1920
        spots = [(1800, picture.height // 4), (1800, picture.height * 3 // 4)]
        seen = [picture.getpixel(spot) for spot in spots]
    return ["".join("FF" if part > 128 else "00" for part in one) for one in seen]


def test_a_question_never_shows_its_answer_on_the_first_picture(tmp_path):
    slides = [Slide(BOXES), Slide(BOXES, ANSWER), Slide(BOXES)]
    show = rewritten(tmp_path, slides)
    found = drawn(tmp_path, show, tmp_path / "deck.pptx")

    names = [[one.name for one in page] for page in found.pictures]
    assert names == [["0001.jpg"], ["0002.jpg", "0002-02.jpg"], ["0003.jpg"]]
    assert found.pages == 3
    first, second, third = found.pictures
    assert colours(first[0]) == [RED, GREEN]
    assert colours(second[0]) == [RED, WHITE]
    assert colours(second[1]) == [RED, GREEN]
    assert colours(third[0]) == [RED, GREEN]


def test_paragraphs_that_are_still_to_come_cannot_be_seen(tmp_path):
    text = "█" * 30
    boxes = [(WHITE, f"{text}|{text}")]
    tree = timing(click(effect(2, paragraphs=(1, 1))))
    show = rewritten(tmp_path, [Slide(boxes, tree)])
    found = drawn(tmp_path, show, tmp_path / "deck.pptx")

    before, after = (dark_rows(path) for path in found.pictures[0])
    assert 1.6 < after / before < 2.4


def dark_rows(path: Path) -> int:
    """Count the dark pixels of one column of a picture."""
    with Image.open(path) as picture:
        column = picture.convert("L").crop((300, 0, 301, picture.height))
        return sum(value < 100 for value in column.tobytes())


def test_a_deck_without_clicks_is_left_alone(tmp_path):
    show = rewritten(tmp_path, [Slide(BOXES), Slide(BOXES)])
    assert show.deck is None
    assert show.pictures == [1, 1]


def test_slides_that_are_hidden_are_neither_shown_nor_counted(tmp_path):
    slides = [Slide(BOXES), Slide(BOXES, ANSWER, hidden=True), Slide(BOXES, ANSWER)]
    show = rewritten(tmp_path, slides)
    assert show.pictures == [1, 2]
    found = drawn(tmp_path, show, tmp_path / "deck.pptx")
    assert [len(page) for page in found.pictures] == [1, 2]


def test_an_old_ppt_keeps_its_clicks(tmp_path):
    """LibreOffice writes the .ppt here, and reads it back as .pptx."""
    source = deck(tmp_path / "new.pptx", [Slide(BOXES, ANSWER), Slide(BOXES)])
    for folder in ("old", "new", "show"):
        (tmp_path / folder).mkdir()
    old = office.convert(source, "pptx", "ppt", tmp_path / "old")
    again = office.convert(old, "ppt", "pptx", tmp_path / "new")
    show = slide_show.rewrite(again, tmp_path / "show")
    assert show.pictures == [2, 1]
    found = drawn(tmp_path, show, again)
    assert colours(found.pictures[0][0]) == [RED, WHITE]


def test_films_come_out_beside_their_slide_and_links_do_not(tmp_path):
    slides = [
        Slide(BOXES),
        Slide(BOXES, media=[("a.mp4", b"one"), ("b.wav", b"two")]),
        Slide(BOXES, links=["https://example.org/film.mp4"]),
    ]
    show = rewritten(tmp_path, slides)
    found = [(clip.page, clip.number, clip.path.read_bytes()) for clip in show.clips]
    assert found == [(2, 1, b"one"), (2, 2, b"two")]


def test_a_thousand_clicks_make_six_hundred_pictures_at_most(tmp_path):
    tree = timing(*(click(effect(n)) for n in range(3, 30)))
    boxes = [(RED, "问")] + [(GREEN, "答")] * 28
    show = rewritten(tmp_path, [Slide(boxes, tree)] * 40)
    assert sum(show.pictures) <= slide_show.MOST_PICTURES
    assert show.pictures[0] == 20
    assert min(show.pictures) == 1


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("ppt/presentation.xml", b" " * 400_000_000)


def entities(path: Path) -> None:
    deck(path, [Slide(BOXES)])
    with zipfile.ZipFile(path) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    head = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
    slide = parts["ppt/slides/slide1.xml"]
    parts["ppt/slides/slide1.xml"] = slide.replace(b"?>\n", b"?>\n" + head, 1)
    with zipfile.ZipFile(path, "w") as out:
        for name, data in parts.items():
            out.writestr(name, data)


def outside(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("../../escaped", b"x")


HOSTILE = {
    "no zip": lambda path: path.write_bytes(b"PK\3\4" + bytes(1000)),
    "no deck": lambda path: zipfile.ZipFile(path, "w").writestr("a.txt", "x"),
    "a bomb": bomb,
    "entities": entities,
    "a path that leaves": outside,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_deck_is_refused_and_leaves_nothing(tmp_path, kind):
    path = tmp_path / "deck.pptx"
    HOSTILE[kind](path)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(PermanentError) as refused:
        slide_show.rewrite(path, out)
    assert refused.value.reason == "deck_unreadable"
    assert not (out / "deck.pptx").exists()
    assert not (tmp_path / "escaped").exists()
