"""Made-up courseware for the benches: volumes, lessons, titles and texts, from one seed.

As a county's library looks: nine grades, the subjects each is taught in, of each subject
one edition that most have and others that few have, of some the old and the new textbooks.
Texts are words drawn as languages have them: a few hundred of them make half of what is
said, so that common words stand in nearly every text and bring a search the most work.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate

from edge_server.records import curriculum
from edge_server.records.contents import ContentsVolume, Lesson, Unit
from edge_server.records.curriculum import Axis, Place
from indexer import tables

SUBJECTS = {
    "yuwen": (1, 9), "shuxue": (1, 9), "yingyu": (3, 9), "daofa": (1, 9),
    "kexue": (1, 6), "yinyue": (1, 9), "meishu": (1, 9), "tiyu": (1, 9),
    "xinxi": (3, 9), "laodong": (1, 9), "wuli": (8, 9), "huaxue": (9, 9),
    "shengwu": (7, 8), "lishi": (7, 9), "dili": (7, 8),
}  # fmt: skip
"""First and last grade in which each is taught."""
EDITIONS = {
    "yuwen": ("tongbian.xin", "tongbian.jiu"),
    "daofa": ("tongbian.xin", "tongbian.jiu"),
    "lishi": ("tongbian",),
    "shuxue": ("renjiao.xin", "renjiao.jiu", "beishida", "sujiao"),
    "yingyu": ("renjiao-pep", "waiyan", "yilin"),
}
"""The one that most have comes first."""
OTHER_EDITIONS = ("renjiao", "beishida")
MOST_HAVE = 4
"""How much more courseware there is for the first edition."""

COMMON = (
    "的", "了", "是", "在", "一", "不", "我们", "他们", "你们", "这个", "那个", "什么", "怎么",
    "可以", "没有", "自己", "一个", "时候", "知道", "大家", "同学", "老师", "学生", "学习", "课文",
    "生字", "词语", "句子", "段落", "朗读", "背诵", "默写", "阅读", "作文", "练习", "问题", "回答",
    "思考", "讨论", "观察", "实验", "方法", "数学", "加法", "减法", "乘法", "除法", "分数", "小数",
    "图形", "面积", "周长", "长方形", "正方形", "三角形", "圆", "比较", "计算", "应用", "语文",
    "英语", "单词", "对话", "春天", "夏天", "秋天", "冬天", "太阳", "月亮", "星星", "大海", "小河",
    "高山", "森林", "花园", "小鸟", "小鱼", "蝴蝶", "青蛙", "小马", "古诗", "诗人", "唐代", "宋代",
    "李白", "杜甫", "静夜", "明月", "故乡", "江南", "柳树", "桃花", "家乡", "祖国", "北京", "长城",
    "黄河", "长江", "科学", "植物", "动物", "种子", "空气", "水", "光", "声音", "温度", "电路",
    "磁铁", "地球", "安全", "法律", "规则", "友谊", "诚实", "劳动", "音乐", "节奏", "歌曲", "舞蹈",
    "美术", "颜色", "线条", "剪纸", "体育", "跑步", "跳绳", "篮球", "信息", "网络", "程序", "文件",
    "历史", "朝代", "皇帝", "战争", "地图", "气候", "河流", "人口", "城市", "农村", "细胞", "遗传",
    "力", "速度", "质量", "密度", "氧气", "反应", "溶液",
)  # fmt: skip
FORMS = (
    "", "教学课件", "课堂实录", "微课", "朗读", "同步练习", "导学案", "教案", "单元测试",
    "知识点", "生字动画", "复习", "拓展阅读", "课后作业", "思维导图", "公开课",
)  # fmt: skip
KINDS = {
    "video": ("mp4", "video/mp4", 44), "slides": ("pptx", "application/pptx", 22),
    "document": ("docx", "application/docx", 10), "audio": ("mp3", "audio/mpeg", 8),
    "picture": ("jpeg", "image/jpeg", 6), "html": ("html", "text/html", 2),
    "ebook": ("epub", "application/epub+zip", 2),
    "original": ("enbx", "application/octet-stream", 3),
}  # fmt: skip
"""Kind: format, media type, how many of a hundred. What is left is plain texts."""
TEXTS = {"slides": 600, "document": 1500, "html": 900, "ebook": 15_000, "video": 900}
"""How many characters a file of a kind holds; of a film, its subtitles."""


@dataclass(frozen=True, slots=True)
class Book:
    """A textbook volume, and how much courseware there is for it beside the others."""

    contents: ContentsVolume
    weight: int


def books(chance: random.Random) -> Iterator[Book]:
    """Yield every textbook volume of nine grades with its units and lessons."""
    for grade in range(1, 10):
        for subject, (first, last) in SUBJECTS.items():
            if not first <= grade <= last:
                continue
            for n, edition in enumerate(EDITIONS.get(subject, OTHER_EDITIONS)):
                for half in ("shang", "xia"):
                    place = _place(grade, subject, edition, half)
                    yield Book(_contents(chance, place), 1 if n else MOST_HAVE)


def _place(grade: int, subject: str, edition: str, half: str) -> Place:
    edition, _, year = edition.partition(".")
    place = Place()
    slugs: tuple[tuple[Axis, str], ...] = (
        ("stage", "xiaoxue" if grade < 7 else "chuzhong"), ("grade", f"g{grade}"),
        ("subject", subject), ("edition", edition), ("textbook_year", year),
        ("volume", half),
    )  # fmt: skip
    for axis, slug in slugs:
        if slug:
            value = curriculum.by_slug(axis, slug)
            assert value is not None, slug
            place = place.at(value)
    return place


def _contents(chance: random.Random, place: Place) -> ContentsVolume:
    axes = {axis: getattr(place, axis) for axis in curriculum.AXES}
    units, number = [], 0
    for n in range(1, chance.randint(6, 8) + 1):
        lessons = []
        for _ in range(chance.randint(3, 5)):
            number += 1
            lessons.append(Lesson(number, lesson_title(chance), chance.randint(1, 3)))
        units.append(
            Unit(n, lesson_title(chance), (*lessons, Lesson(None, "语文园地")))
        )
    return ContentsVolume(**axes, units=tuple(units))


def lesson_title(chance: random.Random) -> str:
    """Return what a lesson may be called."""
    return "".join(chance.choices(COMMON[8:], k=2)) + chance.choice(_rare())


def text(chance: random.Random, characters: int) -> str:
    """Return a text of about so many characters."""
    words = chance.choices(_words(), cum_weights=_weights(), k=characters // 2)
    return "".join(
        word + ("。" if n % 23 == 22 else "，" if n % 9 == 8 else "")
        for n, word in enumerate(words)
    )


def kind(chance: random.Random) -> tuple[str, str, str]:
    """Return kind, format and media type of the next file."""
    at = chance.randrange(100)
    for name, (format, media_type, share) in KINDS.items():
        if at < share:
            return name, format, media_type
        at -= share
    return "document", "txt", "text/plain"


@cache
def _rare() -> Sequence[str]:
    words = list(tables.phrases())
    random.Random(1).shuffle(words)
    return tuple(words)


@cache
def _words() -> Sequence[str]:
    return (*COMMON, *_rare())


@cache
def _weights() -> Sequence[float]:
    # Zipf: the n-th word is said a n-th as often as the first.
    return tuple(accumulate(1 / (n + 3) for n in range(len(_words()))))
