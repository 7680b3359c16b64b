"""静夜思: a moonlit yard with its well, drawn and moving."""

import math
import random
from collections.abc import Sequence

from .canvas import Canvas, Point, ease, rgb
from .film import Paint
from .narration import Cue
from .poems import JINGYESI, columns

# fmt: off
# A shape is one thought: its points stay on one line.


def moon_well(size: tuple[int, int]) -> Paint:
    """静夜思: moonlight on the ground before the well."""
    dice = random.Random(5)
    c = Canvas(*size, 1280)
    c.sky(rgb("#0E1A2E"), rgb("#1B3050"), rgb("#34507A"), rgb("#57729A"), bottom=520)
    for _ in range(80):
        c.disc(dice.uniform(0, 1280), dice.uniform(0, 330), dice.uniform(0.8, 2.2), rgb("#FFFFFF", dice.randint(60, 190)))
    c.glow(430, 190, 330, rgb("#FFF6D8", 150))
    c.glow(430, 190, 190, rgb("#FFF6D8", 190))
    c.disc(430, 190, 92, rgb("#FFF4CF"))
    for x, y, r in ((400, 165, 20), (455, 215, 27), (462, 160, 12), (410, 225, 11)):
        c.disc(x, y, r, rgb("#EADFB4", 150))
    c.shape([(-60, 520), (120, 400), (300, 450), (470, 380), (640, 450), (800, 400), (1000, 450), (1340, 390), (1340, 560), (-60, 560)], rgb("#22395A"))
    c.sky(rgb("#6C86A8"), rgb("#9DB2C6"), rgb("#7C93AC"), top=505)
    c.mist([(180, 560), (500, 530), (820, 560), (900, 660), (500, 720), (120, 680)], rgb("#F3F6EE", 170), 40)
    for i in range(9):  # flagstones
        row = 520 + i * i * 2.9
        c.stroke([(0, row), (1280, row)], 1.6, rgb("#5F7894", 110), smooth=False)
    for i in range(-6, 24):
        c.stroke([(560 + (i - 8) * 46, 516), (560 + (i - 8) * 150, 740)], 1.6, rgb("#5F7894", 90), smooth=False)
    eaves(c)
    well(c, 560, 560)
    back, cloud, thin = c, c.cloud(250, 3, 0.75), c.cloud(330, 11, 0.6)
    stars = [(dice.uniform(20, 960), dice.uniform(20, 300), dice.uniform(0, 6)) for _ in range(24)]

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        for x, y, phase in stars:
            if math.hypot(x - 430, y - 190) > 130:
                c.disc(x, y, 2.3, rgb("#FFFFFF", round(120 + 110 * math.sin(t * 1.5 + phase))))
        c.stamp(cloud, 210 + 14 * t, 262, rgb("#8FA6C4"))
        c.stamp(thin, 700 - 9 * t, 330, rgb("#6F8AAF"))
        shimmer = 1 + 0.04 * math.sin(t * 2)
        c.disc(560, 549, 38 * shimmer, rgb("#FFF4CF"), ry=9)
        c.stroke([(528, 552 + math.sin(t * 2.2)), (560, 550 - math.sin(t * 2.2)), (592, 552 + math.sin(t * 2.2))], 1.6, rgb("#22395A", 160))
        bamboo(c, t)
        traveller(c, 742, 560, ease(t, cues[3].start_s, 1) - ease(t, cues[4].start_s, 1) * 1.8 if len(cues) > 4 else 0)
        columns(c, JINGYESI, t, cues, right=1196, top=96, size=46, ink=rgb("#FFF8E4"), soft=rgb("#B8C6D8"))
        return c

    return paint


def eaves(c: Canvas) -> None:
    """Draw the corner of a roof and a lit paper window on the left."""
    c.box(-10, 330, 190, 260, rgb("#3A3434"))
    c.box(24, 372, 120, 128, rgb("#F0C878"), r=4)
    c.glow(84, 436, 150, rgb("#F6D38C", 90))
    for i in range(5):
        c.stroke([(24 + i * 30, 372), (24 + i * 30, 500)], 4, rgb("#4A332A"), smooth=False)
        c.stroke([(24, 372 + i * 32), (144, 372 + i * 32)], 4, rgb("#4A332A"), smooth=False)
    c.shape([(-40, 180), (60, 240), (170, 300), (270, 306), (250, 336), (120, 346), (-40, 346)], rgb("#1D2126"))
    for i in range(7):
        c.stroke([(-20 + i * 36, 214 + i * 15), (-10 + i * 36, 340)], 4, rgb("#333A42"), smooth=False)
    c.stroke([(-40, 342), (130, 346), (250, 334), (272, 304)], 7, rgb("#4A525B"))


def well(c: Canvas, x: float, y: float) -> None:
    """Draw a stone well with its railing."""
    c.disc(x + 26, y + 66, 120, rgb("#2B3F5A", 120), ry=24)
    c.shape([(x - 92, y - 10), (x - 84, y + 62), (x - 40, y + 82), (x + 40, y + 82), (x + 84, y + 62), (x + 92, y - 10)], rgb("#55677B"))
    c.shape([(x - 92, y - 10), (x - 84, y + 62), (x - 40, y + 82), (x - 20, y + 82), (x - 30, y)], rgb("#7890A6"))
    for row in range(3):
        yy = y + 16 + row * 22
        c.ring(x, yy - 12, 92, 2, rgb("#42536A"), ry=20, start=12, end=168)
        for i in range(-2, 3):
            xx = x + i * 38 + (row % 2) * 18
            if abs(xx - x) < 80:
                c.stroke([(xx, yy + 5 - abs(xx - x) * 0.06), (xx, yy + 24 - abs(xx - x) * 0.06)], 2, rgb("#42536A"), smooth=False)
    c.disc(x, y - 10, 96, rgb("#9DB1C4"), ry=24)
    c.disc(x, y - 11, 76, rgb("#1B2A41"), ry=17)


def bamboo(c: Canvas, t: float) -> None:
    """Draw some bamboo at the right edge of the yard, moving."""
    for n, (x, lean) in enumerate(((1130, 14), (1176, -6), (1100, 24))):
        sway = math.sin(t * 0.9 + n) * 6
        stalk: list[Point] = [(x, 640), (x + lean * 0.3, 570), (x + lean * 0.7 + sway * 0.5, 500), (x + lean + sway, 440)]
        c.stroke(stalk, 9 - n, rgb("#1F3B3A"))
        for k in range(6):
            u = 0.4 + k * 0.12
            px, py = x + lean * u + sway * u, 640 - 200 * u
            c.disc(px, py, 6, rgb("#2C524E"), ry=2)
            for side in (-1, 1):
                tip = (px + side * (58 + 8 * math.sin(k)), py + 30 + 5 * math.sin(t * 1.3 + k))
                c.shape([(px, py), ((px + tip[0]) / 2, (py + tip[1]) / 2 - 9), tip, ((px + tip[0]) / 2, (py + tip[1]) / 2 + 6)], rgb("#27504A"))


def traveller(c: Canvas, x: float, y: float, look: float) -> None:
    """Draw the poet seen from behind; ``look`` 1 is up to the moon, below 0 is down."""
    c.disc(x + 30, y + 94, 74, rgb("#2B3F5A", 120), ry=14)
    c.shape([(x - 46, y + 96), (x - 34, y + 20), (x - 20, y - 26), (x, y - 40), (x + 20, y - 26), (x + 34, y + 20), (x + 50, y + 96)], rgb("#E6E9EA"))
    c.shape([(x - 4, y - 38), (x + 20, y - 26), (x + 34, y + 20), (x + 50, y + 96), (x + 6, y + 96), (x + 10, y + 10)], rgb("#B9C4CE"))
    c.shape([(x - 30, y - 4), (x - 50, y + 30), (x - 44, y + 58), (x - 22, y + 40)], rgb("#D5DBDF"))
    c.stroke([(x - 33, y + 22), (x + 34, y + 22)], 7, rgb("#5C7A93"))
    hx, hy = x - 7 * look, y - 58 - 5 * look
    c.disc(hx, hy, 22, rgb("#E3C3A2"))
    c.disc(hx + 3 + 3 * look, hy - 3 + 3 * look, 22, rgb("#25262B"), ry=20)
    c.disc(hx + 5 + 5 * look, hy - 25 + 4 * look, 9, rgb("#25262B"))
