"""Units and lessons as people head them: 第一单元, Unit 1, 第5课 搭船的鸟, 5 搭船的鸟.

Two strengths. A *heading* says what it is (第5课, Lesson 5, 第三章) and is believed. A
*numbered* name only begins with a number; it may be a lesson (5 搭船的鸟), the order of
files (1 课件) or mathematics (3 的倍数, 24时计时法), so it is refused where it looks like
one of the latter and is a guess where it does not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from edge_server.records import numerals
from edge_server.records.curriculum import fold

Level = Literal["module", "unit", "lesson"]
"""A module holds units in some English books; anywhere else it is another unit."""

_N = f"(?:{numerals.NUMERAL})"
_ENGLISH_NUMBERS = {
    word: number
    for number, word in enumerate(
        [
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
        ],
        1,
    )
}
_EN = rf"(?:[0-9]{{1,2}}|{'|'.join(_ENGLISH_NUMBERS)})(?![a-z0-9])"
_NOT_LATIN = "(?<![a-z0-9])"
_NOT_NUMBER = "(?<![0-9零〇一二两三四五六七八九十百第.])"
_PATTERNS: tuple[tuple[Level, re.Pattern[str]], ...] = (
    ("module", re.compile(rf"第\s*(?P<n>{_N})\s*模块")),
    ("module", re.compile(rf"{_NOT_NUMBER}模块\s*(?P<n>{_N})(?![\w.])")),
    ("module", re.compile(rf"{_NOT_LATIN}module\s*\.?\s*(?P<n>{_EN})")),
    ("unit", re.compile(rf"第\s*(?P<n>{_N})\s*(?:单元|章|主题)")),
    ("unit", re.compile(rf"{_NOT_NUMBER}(?P<n>{_N})\s*单元")),
    ("unit", re.compile(rf"单元\s*(?P<n>{_N})(?![\w.])")),
    ("unit", re.compile(rf"{_NOT_LATIN}(?:unit|chapter)\s*\.?\s*(?P<n>{_EN})")),
    ("unit", re.compile(rf"{_NOT_LATIN}u(?P<n>[0-9]{{1,2}})(?![a-z0-9])")),
    # 第一课时 is a class hour of a lesson, not a lesson; 讲义 and 课件 are kinds.
    ("lesson", re.compile(rf"第\s*(?P<n>{_N})\s*(?:课(?!时)|节(?!课)|讲(?!义))")),
    (
        "lesson",
        re.compile(rf"{_NOT_NUMBER}(?P<n>{_N})课(?![时件堂文本外后前程题表间桌余业])"),
    ),
    ("lesson", re.compile(rf"{_NOT_LATIN}lesson\s*\.?\s*(?P<n>{_EN})")),
)

_GLUED_KINDS = (
    "课堂实录|教学实录|课堂教学|教学设计|教学反思|教学视频|教学课件|教案|导学案|学案|课件"
    "|说课稿?|微课|公开课|优质课|示范课|同步练习|练习题|测试题|测试卷|习题|试题|试卷"
    "|单元测试|作业|第[一二三四五六七八九十0-9]+课时|[0-9]课时|ppt|pptx|mp4|mp3"
)
"""Words no title ends with, so that they are known as kinds even without a gap."""
_KINDS = (
    f"{_GLUED_KINDS}|教学|练习|测试|课后|课前|课堂|视频|音频|录音|朗读|范读|跟读|动画|图片"
    "|插图|素材|反思|板书|期中|期末|复习|检测|答案|解析|知识点|知识|总结|整理|归纳|预习"
    "|听写|生字|词语|单词|听力|学习单|任务单|资料|题|卷|课时|word|pdf"
)
_KIND = re.compile(_KINDS)
_GLUED_KIND_TAIL = re.compile(rf"(?:{_GLUED_KINDS})\Z")
_TAIL = re.compile(r"[\s_\-–—(（\[【](?P<words>[^\s_\-–—()（）\[\]【】]+)[)）\]】]?\Z")
_QUOTED = re.compile(r"《(?P<title>[^《》]+)》")
_EDGES = " \t\r\n_-–—―.,:;、，。：；·•~～|*+=&"
_NUMBERED = re.compile(
    r"\*?(?P<n>[0-9]{1,2})\*?(?P<gap>[\s._、,\-–—)）】\]]*)(?P<title>[^\W\d_《“\"].*"
    r"|《.*|[“\"].*)\Z",
    re.DOTALL,
)
_SECTION = re.compile(
    r"[0-9]{1,2}\.(?P<n>[0-9]{1,2})(?:\.[0-9]{1,2})?\s+(?P<title>[^\W\d_].*)\Z",
    re.DOTALL,
)
"""1.2 数轴: the second section of chapter 1, in books of mathematics and science."""
_CHINESE_NUMBERED = re.compile(
    r"(?P<n>[一二三四五六七八九十]{1,3})[\s._、,\-–—]+(?P<title>\S.*)\Z", re.DOTALL
)
_MEASURES = frozenset(
    "以的和与时吨克千百万亿元角分个只加减乘除至到年月日岁米厘毫公倍位号班次种页秒度点"
    "块层维寸级册讲节章课单天周升里斤人份件条张道名"
)
"""What follows a number in arithmetic or in a date, when nothing stands between."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A unit's or lesson's heading found inside a name."""

    level: Level
    number: int
    start: int
    end: int
    """Half-open, in characters of the name; the title follows."""


@lru_cache(maxsize=1024)  # the files of a folder share all names but the last
def find(name: str) -> tuple[Heading, ...]:
    """Return the headings in ``name`` in order, never overlapping."""
    folded = fold(name)
    found: list[Heading] = []
    for level, pattern in _PATTERNS:
        for match in pattern.finditer(folded):
            number = _number(match["n"])
            apart = all(match.start() >= h.end or match.end() <= h.start for h in found)
            if number is not None and apart:
                found.append(Heading(level, number, match.start(), match.end()))
    return tuple(sorted(found, key=lambda heading: heading.start))


def numbered(name: str) -> tuple[int, str] | None:
    """Return number and title of a name that begins with a number, None if unlikely."""
    folded = fold(name).strip()
    section = _SECTION.match(folded)
    match = section or _NUMBERED.match(folded)
    if match is None:
        return None
    title = name.strip()[match.start("title") :]
    glued = not section and not match["gap"].strip("*")
    if glued and match["title"][0] in _MEASURES and not match["n"].startswith("0"):
        return None
    if match["title"][0] in "的和与" or only_kind(title):
        return None
    return int(match["n"]), title.strip()


def chinese_numbered(name: str) -> tuple[int, str] | None:
    """Return number and title of 一、测量 or 二 混合运算, None for other names."""
    match = _CHINESE_NUMBERED.match(name.strip())
    if match is None:
        return None
    number = numerals.number(match["n"])
    title = match["title"].strip()
    return None if number is None or only_kind(title) else (number, title)


def only_kind(words: str) -> bool:
    """Say whether ``words`` only tell what a thing is (课件, 第1课时练习), not its name."""
    return not any(map(str.isalnum, _KIND.sub("", fold(words)))) and bool(words)


def without_kinds(words: str) -> str:
    """Blank the words that only tell what a thing is, keeping every other index."""
    return _KIND.sub(lambda match: " " * len(match[0]), fold(words))


def title_of(words: str) -> str | None:
    """Return the bare title in what follows a heading, None when there is none.

    《搭船的鸟》课件（第1课时） and 搭船的鸟 教学设计 both give 搭船的鸟.
    """
    quoted = _QUOTED.search(words)
    if quoted and quoted["title"].strip():
        return tidy(quoted["title"])
    title = tidy(words)
    while title:
        shorter = title
        apart = _TAIL.search(title)
        glued = _GLUED_KIND_TAIL.search(fold(title))
        if apart and only_kind(apart["words"]):
            shorter = title[: apart.start()]
        elif glued:
            shorter = title[: glued.start()]
        shorter = tidy(shorter)
        if len(shorter) < 2 or shorter == title:
            # 作业 is nobody's title; a title of one character and a kind stays whole.
            return None if only_kind(title) else title
        title = shorter
    return None


def tidy(words: str) -> str:
    """Strip what joins pieces of a name from both ends, and brackets left empty."""
    words = re.sub(r"[(（\[【]\s*[)）\]】]", " ", words.replace("_", " "))
    return " ".join(words.split()).strip(_EDGES)


def read(words: str, level: Level) -> tuple[int | None, str | None]:
    """Return number and title of a sheet's cell that holds one unit or one lesson.

    ``第一单元 走进校园``, ``1``, ``5.搭船的鸟`` and a bare title are all understood.
    """
    bare = numerals.number(words)
    if bare is not None:
        return bare, None
    for heading in find(words):
        if heading.start == 0 or not any(map(str.isalnum, words[: heading.start])):
            return heading.number, tidy(words[heading.end :]) or None
    split = numbered(words) or (chinese_numbered(words) if level == "unit" else None)
    if split:
        return split[0], tidy(split[1]) or None
    return None, tidy(words) or None


def _number(words: str) -> int | None:
    return _ENGLISH_NUMBERS.get(words) or numerals.number(words)


def pieces(name: str) -> Iterator[tuple[Heading | None, str]]:
    """Yield the text before the first heading, then each heading with its text."""
    headings = find(name)
    ends = [*(heading.start for heading in headings), len(name)]
    yield None, name[: ends[0]]
    for heading, end in zip(headings, ends[1:], strict=True):
        yield heading, name[heading.end : end]
