"""咏鹅: a green pond with two geese, drawn and moving."""

import math
import random
from collections.abc import Sequence

from .canvas import Canvas, Point, mix, rgb
from .film import Paint
from .narration import Cue
from .poems import YONGE, columns

# fmt: off
# A shape is one thought: its points stay on one line.


def pond_goose(size: tuple[int, int]) -> Paint:
    """咏鹅: white feathers on green water, red feet below."""
    dice = random.Random(2)
    c = Canvas(*size, 1280)
    c.sky(rgb("#DDEFEA"), rgb("#F4F6E6"), bottom=300)
    c.shape([(-60, 300), (100, 200), (300, 250), (520, 190), (760, 250), (1000, 180), (1340, 240), (1340, 340), (-60, 340)], rgb("#B9D6BF"))
    c.shape([(-60, 310), (200, 262), (520, 292), (860, 256), (1340, 286), (1340, 360), (-60, 360)], rgb("#8FBF97"))
    c.sky(rgb("#A9D6C4"), rgb("#6FB79C"), rgb("#3E8F78"), rgb("#2A7263"), top=300)
    for _ in range(70):
        y = 306 + dice.random() ** 1.5 * 400
        x, w = dice.uniform(0, 1280), (y - 280) * dice.uniform(0.1, 0.35)
        c.stroke([(x - w, y), (x, y - 1.5), (x + w, y)], 1.6 + (y - 300) / 200, rgb("#D8F0E4", 70))
    for x, y, r in ((110, 640, 84), (240, 690, 64), (70, 560, 46), (860, 668, 78), (760, 700, 56), (980, 610, 44)):
        c.disc(x + 4, y + 8, r, rgb("#1F5B4E", 120), ry=r * 0.34)
        c.disc(x, y, r, rgb("#5DA865"), ry=r * 0.34)
        c.disc(x - r * 0.06, y - r * 0.03, r * 0.86, rgb("#74BA74"), ry=r * 0.27)
        for a in range(0, 360, 40):
            c.stroke([(x, y), (x + r * 0.8 * math.cos(math.radians(a)), y + r * 0.25 * math.sin(math.radians(a)))], 1.5, rgb("#5DA865"), smooth=False)
    lotus(c, 150, 560, 1.0)
    lotus(c, 905, 600, 0.8)
    back = c

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        swim = 26 * math.sin(t * 0.42 - 0.6)
        bob = 4 * math.sin(t * 2.0)
        sing = len(cues) > 2 and any(cue.start_s < t < cue.end_s for cue in cues[1:3])
        goose(c, 250 + swim * 1.3, 452 - bob * 0.6, 0.56, t + 1.1, False)
        goose(c, 500 + swim, 520 + bob, 1.0, t, sing)
        willow(c, t)
        columns(c, YONGE, t, cues, right=1196, top=92, size=46, ink=rgb("#173B31"), soft=rgb("#3F7B69"))
        return c

    return paint


def lotus(c: Canvas, x: float, y: float, s: float) -> None:
    """Draw a pink water lily."""
    c.stroke([(x, y + 60 * s), (x - 4 * s, y + 20 * s)], 6 * s, rgb("#3F8F5A"))
    for dx, tilt, colour in ((-34, -20, "#E58FA6"), (34, 20, "#E58FA6"), (-18, -8, "#F2B3C1"), (18, 8, "#F2B3C1"), (0, 0, "#F9D3DB")):
        c.shape([(x, y + 26 * s), (x + (dx - 13) * s, y), (x + (dx + tilt * 0.6) * s, y - 42 * s), (x + (dx + 13) * s, y)], rgb(colour))


def willow(c: Canvas, t: float) -> None:
    """Hang willow branches from above."""
    dice = random.Random(9)
    for n in range(11):
        x, long = 20 + n * 74 + dice.uniform(-20, 20), dice.uniform(110, 250)
        if 560 < x < 700:
            long *= 0.6
        sway = math.sin(t * 1.0 + n * 0.7) * 14
        line: list[Point] = [(x, -10), (x + sway * 0.2, long * 0.4), (x + sway, long)]
        c.stroke(line, 2.4, rgb("#5E8A3E"))
        for k in range(12):
            u = (k + 1) / 12.5
            px, py = x + sway * u * u, long * u
            side = -1 if k % 2 else 1
            c.shape([(px, py), (px + side * 9, py + 7), (px + side * 11, py + 26), (px + side * 3, py + 12)], mix(rgb("#7DB04C"), rgb("#B4CF6E"), dice.random()))


def goose(c: Canvas, x: float, y: float, s: float, t: float, sing: bool) -> None:
    """Draw a swimming goose, its feet paddling; it opens its beak to ``sing``."""

    def at(points: Sequence[Point]) -> list[Point]:
        return [(x + px * s, y + py * s) for px, py in points]

    for n in range(3):  # rings on the water
        grow = (t * 0.5 + n / 3) % 1
        c.ring(x, y + 52 * s, (150 + 120 * grow) * s, 2.4 * s, rgb("#E9F7F0", round(150 * (1 - grow))), ry=(26 + 26 * grow) * s)
    kick = math.sin(t * 5)
    for side in (-1, 1):
        fx = x + (10 + side * 26 + side * kick * 16) * s
        c.stroke([(x + side * 18 * s, y + 48 * s), (fx, y + 92 * s)], 7 * s, rgb("#D9622B", 205), smooth=False)
        c.shape([(fx, y + 88 * s), (fx + 26 * s, y + 104 * s), (fx + 4 * s, y + 112 * s), (fx - 18 * s, y + 106 * s)], rgb("#E0703A", 215), smooth=False)
    c.disc(x + 8 * s, y + 58 * s, 140 * s, rgb("#1F5B4E", 90), ry=16 * s)
    body = [(-150, 0), (-178, -34), (-128, -30), (-60, -52), (20, -44), (84, -20), (116, 8), (108, 40), (40, 62), (-60, 60), (-124, 36)]
    c.shape(at(body), rgb("#F6F7F2"))
    c.shape(at([(-120, 34), (-40, 44), (60, 40), (108, 36), (40, 62), (-60, 60)]), rgb("#D3E4DC"))
    up = 8 * math.sin(t * 1.4) + (14 if sing else 0)
    neck = [(88, 16), (120, -34), (104, -92), (112, -138 - up), (136, -168 - up)]
    c.stroke(at(neck), 34 * s, rgb("#FFFFFF"))
    c.stroke(at([(74, 20), (106, -34), (92, -90), (99, -134 - up)]), 6 * s, rgb("#DFE9E3"))
    c.disc(x + 140 * s, y - (172 + up) * s, 27 * s, rgb("#FFFFFF"))
    hx, hy = x + 140 * s, y - (172 + up) * s
    gape = 10 * abs(math.sin(t * 6)) if sing else 0
    c.shape([(hx + 18 * s, hy - 8 * s), (hx + 66 * s, hy - (16 + gape) * s), (hx + 64 * s, hy - (6 + gape) * s), (hx + 20 * s, hy + 4 * s)], rgb("#F08A2C"), smooth=False)
    c.shape([(hx + 18 * s, hy), (hx + 58 * s, hy + (2 + gape) * s), (hx + 54 * s, hy + (9 + gape) * s), (hx + 18 * s, hy + 10 * s)], rgb("#D9741F"), smooth=False)
    c.disc(hx + 16 * s, hy - 20 * s, 11 * s, rgb("#F08A2C"), ry=9 * s)
    c.disc(hx + 8 * s, hy - 6 * s, 4.4 * s, rgb("#1C2730"))
    c.disc(hx + 9.4 * s, hy - 7.4 * s, 1.4 * s, rgb("#FFFFFF"))
    for i in range(3):  # wing
        c.shape(at([(-126 + i * 6, -16 + i * 14), (-60, -34 + i * 16), (22 - i * 10, -22 + i * 16), (38 - i * 14, 2 + i * 12), (-30, 6 + i * 14)]), mix(rgb("#E4ECE6"), rgb("#FAFBF8"), i / 2))
