"""Reads a place in the curriculum out of a path, or out of the words of a query.

Folders name the axes in any order and depth, several in one name if they like:
``小学/三年级/语文/统编版/上册/第一单元/5 大青树下的小学/课堂实录.mp4`` and
``部编版三上语文/第1单元/第5课 大青树下的小学/课堂实录.mp4`` are the same place. A folder
nearer to the file outranks one further out.

How far a word is believed depends on what stands beside it (`segments`): 语文园地, a
lesson in every Chinese book, is not taken for the subject, and nothing inside a lesson's
own title is read at all. What was guessed says so; a sidecar or a volume's contents may
know better.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from edge_server.records import curriculum, headings, segments
from edge_server.records.axis_words import LONGEST_NAME, SHORT_LATIN, Found
from edge_server.records.curriculum import TEXT, Place
from edge_server.records.headings import Heading

_UNKNOWN_EDITION = re.compile(r"[一-鿿]{1,8}(?:[A-Za-z]{1,2})?版")
_NOT_AN_EDITION = re.compile(
    r".*(?:完整|高清|标清|流畅|电子|学生|教师|老师|打印|修订|精简|最终|正式|原|彩色|微课|动画"
    r"|视频|图片|文字|第.|新|旧|老|简|终|全|试用|通用|测试|家长|手机|电脑|网络|无水印|可编辑|答案"
    r"|珍藏|升级|豪华|典藏|初|普通|标准|珍藏|排|出)版"
)
_EXTENSION = re.compile(r"\.(?=[0-9]*[A-Za-z])[A-Za-z0-9]{1,8}\Z")
_OPENING = frozenset("(（[【")
_DEEPEST = 40
"""Folders looked at, from the file outwards."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a path says."""

    place: Place
    title: str
    """What a teacher would call the file; never empty unless its name is."""
    leftover: tuple[str, ...]
    """Words of folders that name no place, outermost first."""
    guessed: bool
    """Something in ``place`` is a guess and should be shown as one."""


@dataclass(frozen=True, slots=True)
class Words:
    """What the words of a query or a cell say."""

    place: Place
    rest: str
    """The words that name no place, joined by single spaces."""


@dataclass(slots=True)
class _Known:
    """What has been read so far, on the way from the outermost folder inwards."""

    sure: Place = field(default_factory=Place)
    guess: Place = field(default_factory=Place)
    five_four: bool = False
    in_module: bool = False
    leftover: list[str] = field(default_factory=list)

    def believe(self, words: Sequence[Found]) -> None:
        for word in words:
            if word.value is None:
                self.five_four = True
            elif word.sure:
                self.sure = self.sure.at(word.value)
            else:
                self.suppose([word])

    def suppose(self, words: Sequence[Found]) -> None:
        for word in words:
            if word.value is not None:
                self.guess = self.guess.at(word.value)

    def unplace(self) -> None:
        """Take back guesses at a unit or lesson."""
        names = (self.guess.unit, self.guess.lesson)
        self.leftover.extend(name for name in names if name is not None)
        self.guess = replace(
            self.guess, unit=None, unit_no=None, lesson=None, lesson_no=None
        )

    def place(self) -> Place:
        return self.sure.over(self.guess)

    def copy(self) -> "_Known":
        return replace(self, leftover=[*self.leftover])


def place_of(relative_path: str) -> Reading:
    """Read where a file belongs from its path.

    Args:
        relative_path: With ``/`` between folders, relative to where the offer began.
            Any string is read; nothing raises.
    """
    *folders, name = (
        name.strip()[:LONGEST_NAME]
        for name in unicodedata.normalize("NFC", relative_path).split("/")
    )
    known = _read_folders(tuple(folders[-_DEEPEST:])).copy()
    stem = _EXTENSION.sub("", name) or name
    title = _read_file(known, stem)
    place = known.place()
    guessed = place != known.sure
    return Reading(
        _followed(place, five_four=known.five_four),
        title,
        tuple(known.leftover),
        guessed,
    )


@lru_cache(maxsize=256)
def _read_folders(folders: tuple[str, ...]) -> _Known:
    """Return what folders say; the files of a heap lie in few of them."""
    known = _Known()
    for folder in folders:
        _read_folder(known, folder)
    return known


def read_words(words: str) -> Words:
    """Read the axes out of a query or a cell: 三年级语文古诗 is a place and 古诗.

    Unit and lesson are left among the words: whoever searches 第5课 means the text.
    """
    known = _Known()
    taken: list[Found] = []
    for segment in segments.cut(words):
        believed: Sequence[Found] = segment.words
        if segment.beside == "other":
            first = next((w.start for w in segment.words), -1)
            run = segments.runs(segment.words)[:1] if first == segment.start else []
            believed = run[0] if run and segments.tells(words, run[0]) else []
        known.believe(believed)
        taken.extend(believed)
    rest = list(words)
    for word in taken:
        rest[word.start : word.end] = " " * (word.end - word.start)
    return Words(
        _followed(known.place(), five_four=known.five_four),
        headings.tidy("".join(rest)) if taken else " ".join(words.split()),
    )


def combine(given: Place, read: Place) -> Place:
    """Return the place that somebody gave, filled from what was read elsewhere.

    The stage goes with the grade: 七年级 in a sidecar is not in the 小学 of the folder.
    """
    place = given.over(read)
    moved = place.stage is None or place.grade != read.grade
    if given.stage is None and place.grade is not None and moved:
        place = replace(place, stage=curriculum.stage_of(place.grade) or place.stage)
    return place


def _read_folder(known: _Known, folder: str) -> None:
    (_, head), *headed = headings.pieces(folder)
    before = known.sure
    rest = headings.tidy(_read_axes(known, head, folder=True))
    if known.sure != before:
        # 1 语文组/三年级/…: no book lies inside a lesson, so the number was an order.
        known.unplace()
    if not headed and rest:
        _read_plain_folder(known, rest)
    elif rest:
        _leave(known, rest)
    for heading, words in headed:
        if heading is not None:
            title = headings.title_of(_without_axes(known, words))
            _keep(known, heading, title)


def _read_plain_folder(known: _Known, rest: str) -> None:
    """Read a folder that says neither unit nor lesson, only perhaps a number."""
    place = known.place()
    in_unit = place.unit is not None or place.unit_no is not None
    in_lesson = place.lesson is not None or place.lesson_no is not None
    if not in_lesson and (split := headings.numbered(rest)):
        number, title = split
        name = headings.title_of(title)
        known.guess = replace(known.guess, lesson=name, lesson_no=number)
    elif not in_unit and (split := headings.chinese_numbered(rest)):
        known.guess = replace(
            known.guess, unit=headings.title_of(split[1]), unit_no=split[0]
        )
    elif in_unit and not in_lesson and (name := headings.title_of(rest)):
        known.guess = replace(known.guess, lesson=name, lesson_no=None)
    else:
        _leave(known, rest)


def _leave(known: _Known, rest: str) -> None:
    if any(map(str.isalpha, rest)):
        known.leftover.append(rest)


def _read_file(known: _Known, stem: str) -> str:
    """Read what the file's own name adds, and return the title."""
    (_, head), *headed = headings.pieces(stem)
    rest = headings.tidy(_read_axes(known, head, folder=False))
    place = known.place()
    if not headed:
        in_lesson = place.lesson is not None or place.lesson_no is not None
        split = headings.numbered(rest)
        if split and not in_lesson:
            name = headings.title_of(split[1])
            known.guess = replace(known.guess, lesson=name, lesson_no=split[0])
            rest = split[1]
        return rest or headings.tidy(stem) or stem
    title = ""
    for index, (heading, words) in enumerate(headed):
        if heading is None:
            continue
        words = _without_axes(known, words)
        # Behind a unit's number a file may say anything; only a lesson that follows
        # proves that it was the unit's title.
        names_unit = heading.level == "lesson" or index + 1 < len(headed)
        name = headings.title_of(words) if names_unit else None
        _keep(known, heading, name)
        title = headings.tidy(words)
    last = headed[-1][0]
    if last is None or last.level != "lesson" or not title:
        return headings.tidy(stem)
    return f"{title} {rest}".strip()


def _keep(known: _Known, heading: Heading, title: str | None) -> None:
    """Write a heading down; the same number as before keeps a title already known."""
    place = known.place()
    level = heading.level
    if level == "module":
        known.in_module = True
        level = "unit"
    elif level == "unit" and known.in_module:
        level = "lesson"
    if level == "unit":
        if place.unit_no == heading.number:
            title = place.unit or title
        empty = {"lesson": None, "lesson_no": None}
        known.sure = replace(known.sure, unit=title, unit_no=heading.number, **empty)
        known.guess = replace(known.guess, unit=None, unit_no=None, **empty)
    else:
        if place.lesson_no in (heading.number, None):
            title = place.lesson or title
        known.sure = replace(known.sure, lesson=title, lesson_no=heading.number)
        known.guess = replace(known.guess, lesson=None, lesson_no=None)


def _read_axes(known: _Known, name: str, *, folder: bool) -> str:
    """Take the axis words out of ``name`` and return what else it says."""
    kept = list(name)
    for segment in segments.cut(name):
        said = name[segment.start : segment.end]
        packaging = folder and any(map(str.isalpha, said))
        blank = segment.beside == "nothing" and (packaging or bool(segment.words))
        if not folder and said == name and said.isascii() and len(said) <= SHORT_LATIN:
            continue  # a folder RJ is an edition, a film called hy is a film
        if segment.beside != "other":
            known.believe(segment.words)
        elif folder and known.sure.edition is None and _may_be_edition(said):
            known.suppose(segment.words)  # 语文S版 is also about 语文
            known.guess = replace(known.guess, edition=TEXT + said)
            blank = True
        else:
            for run in segments.runs(segment.words):
                if segments.tells(name, run):
                    known.suppose(run)
        if blank:
            kept[segment.start : segment.end] = " " * len(said)
    return "".join(kept)


def _without_axes(known: _Known, title: str) -> str:
    """Take axis words out of a heading's text where they cannot be of the title.

    That is in brackets, or two axes at once: 大青树下的小学（统编版） loses its edition,
    小数的初步认识 数学广角 and 我爱语文 lose nothing.
    """
    kept = list(title)
    for segment in segments.cut(title):
        if segment.beside != "nothing" or not segment.words:
            continue
        before = title[segment.start - 1] if segment.start else ""
        if before in _OPENING or len({word.axis for word in segment.words}) > 1:
            known.believe(segment.words)
            kept[segment.start : segment.end] = " " * (segment.end - segment.start)
    return "".join(kept)


def _may_be_edition(words: str) -> bool:
    return bool(_UNKNOWN_EDITION.fullmatch(words)) and not _NOT_AN_EDITION.fullmatch(
        words
    )


def _followed(place: Place, *, five_four: bool) -> Place:
    """Add what follows: the stage from the grade, 七年级 from 初中 and 一年级."""
    stage = curriculum.value("stage", place.stage).slug if place.stage else ""
    grade = curriculum.value("grade", place.grade).slug if place.grade else ""
    if five_four and stage in ("xiaoxue", "chuzhong"):
        stage += "54"
    first = {"chuzhong": 6, "gaozhong": 9}.get(stage)
    if first and grade in ("g1", "g2", "g3"):
        grade = f"g{first + int(grade[1:])}"
    if grade:
        known = curriculum.by_slug("grade", grade)
        place = replace(place, grade=known.id if known else place.grade)
    if stage:
        known = curriculum.by_slug("stage", stage)
        return replace(place, stage=known.id if known else place.stage)
    if place.grade:
        stage_id = curriculum.stage_of(place.grade, five_four=five_four)
        return replace(place, stage=stage_id)
    return place
