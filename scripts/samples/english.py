"""English with pictures: four animals, and the things of a classroom."""

import math
from collections.abc import Sequence

from .animals import BEASTS
from .canvas import AMBER, COVERS, GREEN, INK, PAPER, SHEET, Canvas, ease, fade, rgb
from .film import Paint
from .maths import at, board
from .narration import Cue, Line

# fmt: off
# A shape is one thought: its points stay on one line.

PURPLE = COVERS["英语"][1]

ANIMALS = (
    Line("Look! A cat.", voice="en", pause_s=0.9, speed=120),
    Line("Look! A dog.", voice="en", pause_s=0.9, speed=120),
    Line("Look! A duck.", voice="en", pause_s=0.9, speed=120),
    Line("Look! A panda. We love animals!", voice="en", pause_s=0.9, speed=120),
)
SONG = (
    Line("Hello, little cat, meow, meow, meow.", voice="en", pause_s=0.8, speed=115),
    Line("Hello, little dog, woof, woof, woof.", voice="en", pause_s=0.8, speed=115),
    Line("Hello, little duck, quack, quack, quack.", voice="en", pause_s=0.8, speed=115),
    Line("Hello, big panda. Good night, good night.", voice="en", pause_s=0.8, speed=115),
)
CLASSROOM_ZH = (
    Line("这是我的教室。", pause_s=1.2),
    Line("窗户，window。", say="窗户", pause_s=1.4),
    Line("黑板，blackboard。", say="黑板", pause_s=1.4),
    Line("课桌，desk。", say="课桌", pause_s=1.4),
    Line("欢迎你来。", pause_s=0.8),
)
CLASSROOM_EN = (
    Line("This is my classroom.", voice="en", pause_s=0.9, speed=125),
    Line("The window.", voice="en", pause_s=1.1, speed=125),
    Line("The blackboard.", voice="en", pause_s=1.1, speed=125),
    Line("The desk.", voice="en", pause_s=1.3, speed=125),
    Line("Welcome.", voice="en", pause_s=0.8, speed=125),
)




def card(name: str, size: tuple[int, int]) -> Canvas:
    """Return one animal's picture card."""
    _, ground, draw = next(beast for beast in BEASTS if beast[0] == name)
    c = Canvas(*size, 460, rgb(ground))
    c.glow(230, 292, 170, rgb("#1C2730", 40))
    draw(c, 220 if name == "duck" else 230, 150, 0.95, 0.0)
    return c


def animals(size: tuple[int, int]) -> Paint:
    """We love animals: four cards, one after the other comes alive."""
    back = board(size, "We love animals", "英语")

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        for n, (name, ground, draw) in enumerate(BEASTS):
            x = 212 + n * 285
            come = ease(t, at(cues, n) - 0.2, 0.6)
            now = come - ease(t, at(cues, n + 1) - 0.2, 0.5) if n < 3 else come
            c.box(x - 130, 140 - 8 * now, 260, 420, rgb(ground), r=22, edge=fade(PURPLE, now), edge_width=4)
            c.glow(x, 452, 110, rgb("#1C2730", 50))
            draw(c, x - (12 if name == "duck" else 0), 330 - 10 * abs(math.sin(t * 4)) * now, 0.78, t + n * 0.8)
            c.text(x, 514, name, 46, fade(PURPLE, come), bold=True)
        return c

    return paint


def classroom(size: tuple[int, int]) -> Paint:
    """My classroom: window, blackboard, desk, each named when it is heard."""
    c = Canvas(*size, 1280, PAPER)
    c.sky(rgb("#FBF7EC"), rgb("#F1E8D3"), bottom=540)
    c.sky(rgb("#D9BE95"), rgb("#C9A878"), top=540)
    for i in range(-2, 12):
        c.stroke([(640 + (i - 5) * 120, 540), (640 + (i - 5) * 240, 730)], 2, rgb("#B8966A", 120), smooth=False)
    c.box(0, 526, 1280, 16, rgb("#BFA27A"))
    c.box(80, 120, 270, 280, SHEET, r=8)  # window
    c.box(92, 132, 246, 256, rgb("#BFE3EE"))
    c.glow(150, 180, 90, rgb("#FFF1BF"))
    c.shape([(92, 330), (150, 260), (210, 310), (270, 240), (338, 300), (338, 388), (92, 388)], rgb("#8FBF97"), smooth=False)
    c.box(209, 132, 12, 256, SHEET)
    c.box(92, 252, 246, 10, SHEET)
    c.box(66, 398, 298, 18, rgb("#D9B98C"), r=6)
    c.box(250, 356, 44, 42, rgb("#C9673B"), r=6)
    for dx, dy in ((-18, -26), (0, -42), (18, -28)):
        c.stroke([(272, 356), (272 + dx, 356 + dy)], 4, rgb("#4F8F4A"), smooth=False)
        c.disc(272 + dx, 352 + dy, 12, rgb("#E58FA6"))
        c.disc(272 + dx, 352 + dy, 5, rgb("#F7CF4D"))
    c.box(430, 92, 590, 308, rgb("#8A6740"), r=10)  # blackboard
    c.box(446, 108, 558, 276, rgb("#22423A"), r=4)
    c.box(430, 398, 590, 14, rgb("#6F5230"), r=4)
    c.text(725, 200, "Good morning!", 58, rgb("#F4F1E6"))
    c.text(725, 290, "早上好", 46, rgb("#F4E3A1"), serif=True)
    for x in (520, 560):
        c.box(x, 390, 30, 9, rgb("#FFFFFF"), r=4)
    c.disc(1130, 178, 58, SHEET)  # clock
    c.ring(1130, 178, 58, 7, GREEN)
    for a in range(0, 360, 30):
        c.disc(1130 + 45 * math.cos(math.radians(a)), 178 + 45 * math.sin(math.radians(a)), 3, INK)
    c.stroke([(1130, 178), (1130 - 22, 178 + 12)], 6, INK, smooth=False)
    c.stroke([(1130, 178), (1130, 178 - 38)], 4, INK, smooth=False)
    for x in (250, 640, 1030):
        _desk(c, x, 520)
    back = c
    spots = ((1, 215, 92, "window", 215, 268, 156), (2, 725, 66, "blackboard", 725, 248, 314), (3, 640, 470, "desk", 640, 590, 176))

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        minute = math.radians(-90 + t * 6)
        c.stroke([(1130, 178), (1130 + 40 * math.cos(minute), 178 + 40 * math.sin(minute))], 2, rgb("#A32B1E"), smooth=False)
        for n, x, y, word, _, _, half in spots:
            share = ease(t, at(cues, n), 0.5)
            now = share - ease(t, at(cues, n + 1), 0.5)
            if share:
                wide = len(word) * 21 + 52
                c.box(x - wide / 2, y - 28, wide, 56, fade(PURPLE, share), r=28)
                c.text(x, y - 1, word, 34, fade(SHEET, share), bold=True)
                c.stroke([(x - half * now, y + 34), (x + half * now, y + 34)], 5, fade(AMBER, now), smooth=False)
        return c

    return paint


def _desk(c: Canvas, x: float, y: float) -> None:
    """Draw a pupil's desk with a book on it."""
    c.disc(x, y + 164, 170, rgb("#1C2730", 40), ry=18)
    for side in (-1, 1):
        c.stroke([(x + side * 120, y + 40), (x + side * 132, y + 164)], 13, rgb("#8A6740"), smooth=False)
    c.box(x - 136, y + 34, 272, 46, rgb("#C08D53"))
    c.shape([(x - 128, y), (x + 128, y), (x + 156, y + 36), (x - 156, y + 36)], rgb("#DDB27A"), smooth=False)
    c.shape([(x - 60, y + 6), (x - 2, y + 9), (x - 4, y + 30), (x - 72, y + 27)], SHEET, smooth=False)
    c.shape([(x + 2, y + 9), (x + 60, y + 6), (x + 72, y + 27), (x, y + 30)], rgb("#F1ECE0"), smooth=False)
    c.stroke([(x + 92, y + 24), (x + 122, y + 10)], 5, rgb("#2B5FA8"), smooth=False)
