"""A deck in which every click is a slide of its own, and the films that lie inside it.

LibreOffice prints a slide once, with everything on it. So before it prints, a deck is
rewritten: a slide with clicks (`edge_server.media.clicks`) becomes one copy for each
state, in which what has not entered yet is taken out. A shape is removed; a paragraph
becomes transparent, so that the lines below it stay where they are.

A deck is a stranger's zip of a stranger's XML, so this runs in the sandbox::

    python -m edge_server.media.slide_show      reads /in/input, writes /out/deck.pptx,
                                                /out/clip-<slide>-<n> and /out/show.json

and only `rewrite` is called from outside. ``show.json`` says how many pictures each shown
slide becomes, ``[1, 3, 1]``, and names the clips. A slide that is set to be hidden is not
printed and not counted.
"""

import json
import posixpath
import shutil
import sys
import zipfile
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml import ElementTree

from edge_server.errors import EdgeError, PermanentError
from edge_server.guard import archive, sandbox
from edge_server.guard.sandbox import Limits
from edge_server.media.clicks import P, Target, states

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
SLIDE_TYPE = "application/vnd.openxmlformats-officedocument.presentationml.slide+xml"
FILM_KINDS = ("video", "audio", "media")
"""Last words of the relationship types that point to films and sounds."""
FORMATS = ("pptx", "ppt", "dps", "odp")
"""What a show is made of; all but the first become a .pptx before."""
MOST_PICTURES = 600
"""Of all slides together."""
MOST_CLIPS = 50
MOST_UNPACKED_BYTES = 2_000_000_000
MOST_XML_BYTES = 30_000_000
FIRST_FREE_ID = 1_000_000
"""Slide ids go from 256 to 2³¹; PowerPoint counts up from the lowest."""
LIMITS = Limits(cpu_s=120, wall_s=300, file_bytes=2_000_000_000)


@dataclass(frozen=True, slots=True)
class Clip:
    """A film or sound inside a deck."""

    page: int
    """Number of the slide among those that are shown, from 1."""
    number: int
    """On its slide, from 1."""
    path: Path


@dataclass(frozen=True, slots=True)
class Show:
    """A rewritten deck."""

    deck: Path | None
    """None: no slide has clicks, the deck prints as it is."""
    pictures: list[int]
    """How many pictures each shown slide becomes."""
    clips: list[Clip]


def rewrite(source: Path, out: Path) -> Show:
    """Rewrite a .pptx in the sandbox.

    Args:
        source: The deck.
        out: An empty folder.

    Raises:
        PermanentError: ``deck_unreadable``: it is no deck that we can read.
    """
    finished = sandbox.run_python(
        "edge_server.media.slide_show",
        [],
        inputs={"input": source},
        out=out,
        limits=LIMITS,
    )
    try:
        told = json.loads((out / "show.json").read_text("utf-8"))
    except (OSError, ValueError):
        told = None
    if finished.exit_status != 0 or told is None:
        lines = finished.errors.strip().splitlines() or [""]
        raise PermanentError("deck_unreadable", what=lines[-1][:200])
    deck = out / "deck.pptx"
    return Show(
        deck=deck if deck.is_file() else None,
        pictures=[int(count) for count in told["pictures"]],
        clips=[
            Clip(int(page), int(n), out / f"clip-{int(page)}-{int(n)}")
            for page, n in told["clips"]
        ],
    )


class Deck:
    """The parts of an unpacked deck, by name."""

    def __init__(self, source: Path, folder: Path) -> None:
        self.files = {
            part.name: part.path
            for part in archive.unpack(
                source, "zip", folder, room_bytes=MOST_UNPACKED_BYTES
            )
        }
        self.read: dict[str, Element] = {}
        self.changed: set[str] = set()
        self.presentation = self.xml("ppt/presentation.xml")
        self.relations = self.relations_of("ppt/presentation.xml")

    def xml(self, name: str) -> Element:
        """Return a part; whoever changes it says so in ``changed``."""
        if name not in self.read:
            path = self.files[name]
            if path.stat().st_size > MOST_XML_BYTES:
                raise ValueError(f"{name} is too long")
            self.read[name] = _parsed(path)
        return self.read[name]

    def relations_of(self, name: str) -> Element:
        """Return the relationships of a part, empty ones where it has none."""
        where = _relations_name(name)
        if where not in self.files and where not in self.read:
            self.read[where] = Element(f"{RELATIONS}Relationships")
        return self.xml(where)

    def add(self, name: str, part: Element) -> None:
        """Add a part."""
        self.read[name] = part
        self.changed.add(name)

    def slides(self) -> Iterator[tuple[Element, str]]:
        """Yield each shown slide: its entry in the list, and the name of its part."""
        targets = {one.get("Id"): one.get("Target", "") for one in self.relations}
        for entry in list(self.presentation.iter(f"{P}sldId")):
            target = targets.get(entry.get(f"{R}id"), "")
            name = _resolved("ppt/presentation.xml", target)
            if name in self.files and self.xml(name).get("show") not in ("0", "false"):
                yield entry, name

    def write(self, path: Path) -> None:
        """Write the deck with all that was changed."""
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as out:
            # Readers want the list of types first.
            names = sorted({*self.files, *self.changed}, key=lambda n: (n[0] != "[", n))
            for name in names:
                if name in self.changed:
                    data = tostring(self.read[name], "utf-8", xml_declaration=True)
                    out.writestr(name, data)
                else:
                    out.write(self.files[name], name)


def step_through(deck: Deck) -> list[int]:
    """Give every state of every slide a slide of its own; return how many each has."""
    counts: list[int] = []
    shown = list(deck.slides())
    for n, (entry, name) in enumerate(shown, 1):
        slide = deck.xml(name)
        # Each slide still to come needs one picture.
        left = MOST_PICTURES - sum(counts) - (len(shown) - n)
        found = _few(states(slide), left)
        counts.append(len(found))
        if found == [frozenset()]:
            continue
        whole = deepcopy(slide)
        hide(slide, found[0])
        deck.changed.add(name)
        for state in found[1:]:
            copy = deepcopy(whole)
            hide(copy, state)
            entry = _insert_behind(deck, entry, name, copy)
    return counts


def _few(found: list[frozenset[Target]], most: int) -> list[frozenset[Target]]:
    """Leave out states between the first and the last; the first is always needed."""
    if len(found) <= most:
        return found
    return [*found[: most - 1], found[-1]] if most > 1 else found[:1]


def _insert_behind(deck: Deck, entry: Element, name: str, slide: Element) -> Element:
    """Add a further slide behind another that it was copied from; return its entry."""
    listed = deck.presentation.find(f"{P}sldIdLst")
    if listed is None:
        raise ValueError("a deck without a list of slides")
    number = 1 + sum(part.startswith("ppt/slides/click") for part in deck.read)
    part = f"ppt/slides/click{number}.xml"
    deck.add(part, slide)
    deck.add(_relations_name(part), _without_notes(deck.relations_of(name)))
    about = {"PartName": f"/{part}", "ContentType": SLIDE_TYPE}
    SubElement(deck.xml("[Content_Types].xml"), f"{TYPES}Override", about)
    relation = {
        "Id": f"click{number}",
        "Type": f"{R[1:-1]}/slide",
        "Target": f"slides/click{number}.xml",
    }
    SubElement(deck.relations, f"{RELATIONS}Relationship", relation)
    identity = {"id": str(FIRST_FREE_ID + number), f"{R}id": relation["Id"]}
    new = Element(f"{P}sldId", identity)
    listed.insert(list(listed).index(entry) + 1, new)
    deck.changed |= {
        "[Content_Types].xml",
        "ppt/presentation.xml",
        _relations_name("ppt/presentation.xml"),
    }
    return new


def hide(slide: Element, hidden: frozenset[Target]) -> None:
    """Take shapes out of a slide, and make paragraphs transparent."""
    shapes = {target.shape for target in hidden if target.paragraph < 0}
    paragraphs = {target for target in hidden if target.paragraph >= 0}
    for parent in list(slide.iter()):
        for child in list(parent):
            identity = _identity(child)
            if identity in shapes:
                parent.remove(child)
            elif paragraphs and identity:
                for n, paragraph in enumerate(child.iter(f"{A}p")):
                    if Target(identity, n) in paragraphs:
                        _make_transparent(paragraph)
    timing = slide.find(f"{P}timing")
    if timing is not None:
        slide.remove(timing)


def clips(deck: Deck, out: Path) -> list[tuple[int, int]]:
    """Copy the films and sounds of each slide out; return (slide, number) of each."""
    found: list[tuple[int, int]] = []
    for page, (_, name) in enumerate(list(deck.slides()), 1):
        parts = [
            _resolved(name, relation.get("Target", ""))
            for relation in deck.relations_of(name)
            if relation.get("TargetMode") != "External"
            and relation.get("Type", "").rsplit("/", 1)[-1] in FILM_KINDS
        ]
        films = [part for part in dict.fromkeys(parts) if part in deck.files]
        for n, part in enumerate(films, 1):
            if len(found) < MOST_CLIPS:
                shutil.copyfile(deck.files[part], out / f"clip-{page}-{n}")
                found.append((page, n))
    return found


def _identity(element: Element) -> str:
    """Return the id of a shape, empty for what is no shape."""
    for head in element:
        if head.tag.startswith(f"{P}nv"):
            named = head.find(f"{P}cNvPr")
            return named.get("id", "") if named is not None else ""
    return ""


def _make_transparent(paragraph: Element) -> None:
    for run in [*paragraph.iter(f"{A}r"), *paragraph.iter(f"{A}fld")]:
        looks = run.find(f"{A}rPr")
        if looks is None:
            looks = Element(f"{A}rPr")
            run.insert(0, looks)
        for fill in ("solidFill", "gradFill", "noFill", "pattFill", "blipFill", "ln"):
            for old in looks.findall(f"{A}{fill}"):
                looks.remove(old)
        paint = Element(f"{A}solidFill")
        colour = SubElement(paint, f"{A}srgbClr", {"val": "FFFFFF"})
        SubElement(colour, f"{A}alpha", {"val": "0"})
        looks.insert(0, paint)
    about = paragraph.find(f"{A}pPr")
    if about is None:
        about = Element(f"{A}pPr")
        paragraph.insert(0, about)
    for old in [child for child in about if child.tag.startswith(f"{A}bu")]:
        about.remove(old)
    before = [n for n, child in enumerate(about) if child.tag in _BEFORE_BULLET]
    about.insert(before[-1] + 1 if before else 0, Element(f"{A}buNone"))


_BEFORE_BULLET = tuple(f"{A}{name}" for name in ("lnSpc", "spcBef", "spcAft"))


def _without_notes(relations: Element) -> Element:
    """Copy a slide's relationships; its notes point back to one slide only."""
    copy = deepcopy(relations)
    for relation in list(copy):
        if relation.get("Type", "").endswith("/notesSlide"):
            copy.remove(relation)
    return copy


def _relations_name(part: str) -> str:
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def _resolved(part: str, target: str) -> str:
    """Return the name of the part that a relationship of another points to."""
    if target.startswith("/"):
        return posixpath.normpath(target[1:])
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


def _parsed(path: Path) -> Element:
    """Parse a part, and have its own prefixes written again: ``mc:Requires`` names them."""
    root: Element | None = None
    events = ElementTree.iterparse(path, events=("start", "start-ns"), forbid_dtd=True)
    for event, value in events:
        if event == "start-ns":
            prefix, uri = value
            try:
                register_namespace(prefix, uri)
            except ValueError:  # ns0 and the like are the writer's own
                continue
        elif root is None:
            root = value
    if root is None:
        raise ValueError("an empty part")
    return root


def main(source: Path, out: Path) -> None:
    """Rewrite one deck; only to be called in the sandbox."""
    folder = out / "parts"
    folder.mkdir()
    deck = Deck(source, folder)
    found = clips(deck, out)
    counts = step_through(deck)
    if deck.changed:
        deck.write(out / "deck.pptx")
    told = {"pictures": counts, "clips": found}
    (out / "show.json").write_text(json.dumps(told), "utf-8")
    shutil.rmtree(folder)


if __name__ == "__main__":
    try:
        main(Path("/in/input"), Path("/out"))
    except (EdgeError, ValueError, KeyError, OSError, SyntaxError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
