"""The slide decks of the lessons, each with a question whose answer waits for a click."""

from collections.abc import Sequence
from dataclasses import replace

from .ooxml import Box, Slide

RED, BLUE, PURPLE, GREEN = "7E2F20", "1F4A86", "4F3580", "17694A"
WASHES = {"语文": "F6E7E2", "数学": "E3EBF6", "英语": "ECE6F5"}
INKS = {"语文": RED, "数学": BLUE, "英语": PURPLE}


def _head(subject: str, words: str) -> list[Box]:
    return [
        Box(
            48,
            30,
            78,
            36,
            subject,
            16,
            INKS[subject],
            True,
            "ctr",
            fill=WASHES[subject],
        ),
        Box(140, 24, 760, 50, words, 26, bold=True),
    ]


def _ask(subject: str, question: str, answers: Sequence[str]) -> Slide:
    """Return a slide whose answers come one click after the other."""
    boxes = [*_head(subject, "想一想"), Box(70, 110, 820, 110, question, 30)]
    boxes += [
        Box(70, 240 + 92 * n, 820, 76, answer, 26, GREEN, True, "ctr", fill="E6F1EA", click=n + 1, name=f"答案 {n + 1}")
        for n, answer in enumerate(answers)
    ]  # fmt: skip
    return Slide(boxes)


def poems(pictures: dict[str, bytes], voice: bytes, speaker: bytes) -> list[Slide]:
    """Return the deck of 古诗三首."""
    verse = "远上寒山石径斜\n白云生处有人家\n停车坐爱枫林晚\n霜叶红于二月花"
    characters = (
        ("寒", "hán", "寒山 寒冷"),
        ("径", "jìng", "石径 小径"),
        ("斜", "xié", "斜坡 倾斜"),
        ("霜", "shuāng", "霜叶 霜花"),
    )
    cards = []
    for n, (sign, sound, words) in enumerate(characters):
        x = 70 + n * 210
        cards += [
            Box(x, 130, 186, 250, "", fill="FFFFFF"),
            Box(x, 142, 186, 40, sound, 20, "4C5A64", align="ctr"),
            Box(x, 176, 186, 120, sign, 72, RED, align="ctr", face="楷体"),
            Box(x, 316, 186, 44, words, 20, align="ctr"),
        ]
    return [
        Slide([
            Box(0, 0, 960, 540, picture=pictures["shanxing"], name="山行 插图"),
            Box(60, 372, 420, 84, "古诗三首", 44, "FFFFFF", True, "ctr", fill=RED),
            Box(60, 466, 420, 40, "三年级上册 · 第二单元 金秋", 18, "FFFFFF", align="ctr", fill="4C5A64"),
        ]),
        Slide([
            *_head("语文", "读一读"),
            Box(510, 110, 400, 320, verse, 38, RED, face="楷体"),
            Box(60, 110, 420, 236, picture=pictures["shanxing"]),
            Box(60, 366, 64, 64, picture=speaker, sound=voice, name="朗读"),
            Box(136, 376, 340, 44, "点喇叭听《山行》", 20, "4C5A64"),
        ]),
        Slide([*_head("语文", "认一认，写一写"), *cards, Box(70, 410, 800, 60, "“斜”读 xié：左边是“余”，右边是“斗”，最后一竖要站直。", 22, "4C5A64")]),
        _ask("语文", "“停车坐爱枫林晚”的“坐”，\n是坐下来的意思吗？", ("不是。这里的“坐”是“因为”。", "诗人因为喜爱傍晚的枫林，停下了车。")),
        Slide([
            *_head("语文", "比一比：三首诗里的颜色"),
            Box(60, 110, 270, 152, picture=pictures["shanxing"]), Box(345, 110, 270, 152, picture=pictures["jingyesi"]), Box(630, 110, 270, 152, picture=pictures["yonge"]),
            Box(60, 280, 270, 160, "山行\n霜叶红", 26, RED, align="ctr", face="楷体"),
            Box(345, 280, 270, 160, "静夜思\n月光白", 26, BLUE, align="ctr", face="楷体"),
            Box(630, 280, 270, 160, "咏鹅\n池水绿", 26, GREEN, align="ctr", face="楷体"),
        ]),
        Slide([*_head("语文", "今天的作业"), Box(70, 120, 820, 300, "1. 背给家里人听一首古诗。\n2. 捡一片叶子，夹在书里。\n3. 给《山行》画一幅画，写上你最喜欢的一句。", 28)]),
    ]  # fmt: skip


def angles(pictures: dict[str, bytes]) -> list[Slide]:
    """Return the deck of 角的度量, with square boxes: it becomes a .ppt."""
    slides = [
        Slide([
            Box(80, 150, 800, 100, "角的度量", 60, BLUE, True, "ctr"),
            Box(80, 260, 800, 50, "四年级上册 · 第三单元", 24, "4C5A64", align="ctr"),
        ], ground="E3EBF6"),
        Slide([*_head("数学", "三步量角"), Box(60, 100, 560, 315, picture=pictures["angle"]),
               Box(650, 110, 260, 300, "点对点\n线对边\n读刻度", 32, BLUE, True)]),
        _ask("数学", "小明量得 120°，这个角却比直角小。\n他错在哪里？应该是多少度？", ("他读了外圈的刻度，应该读内圈。", "应该是 60°。")),
        Slide([*_head("数学", "练一练"), Box(70, 120, 820, 300, "1. 用量角器量一量三角尺上的每个角。\n2. 先估一估，再量一量：书本打开的角。\n3. 时钟 3 时整，时针和分针的角是几度？", 28)]),
    ]  # fmt: skip
    return [
        replace(slide, boxes=[replace(box, square=True) for box in slide.boxes])
        for slide in slides
    ]


def animals(pictures: dict[str, bytes]) -> list[Slide]:
    """Return the word cards of We love animals."""
    cards = []
    for name, chinese in (
        ("cat", "猫"),
        ("dog", "狗"),
        ("duck", "鸭子"),
        ("panda", "熊猫"),
    ):
        cards.append(Slide([
            *_head("英语", "What's this?"),
            Box(250, 90, 460, 300, picture=pictures[name], name=chinese),
            Box(250, 405, 460, 90, f"It's a {name}.", 44, PURPLE, True, "ctr", fill="ECE6F5", click=1, name="答案"),
        ]))  # fmt: skip
    cover = Slide([
        Box(80, 150, 800, 100, "We love animals", 54, PURPLE, True, "ctr"),
        Box(80, 260, 800, 50, "三年级上册 · Unit 4 · Word cards", 24, "4C5A64", align="ctr"),
    ], ground="ECE6F5")  # fmt: skip
    return [cover, *cards]
