"""山行: the path up into the clouds, maples red in the evening, drawn and moving."""

import math
import random
from collections.abc import Sequence

from .canvas import Canvas, Colour, Point, mix, rgb, spline
from .film import Paint
from .narration import Cue
from .poems import SHANXING, columns

# fmt: off
# A shape is one thought: its points stay on one line.


def maple(c: Canvas, x: float, y: float, r: float, turn: float, fill: Colour) -> None:
    """Draw one maple leaf with its stalk."""
    points: list[Point] = []
    for degrees, long in ((90, 1), (62, 0.5), (35, 0.92), (5, 0.42), (-28, 0.66), (-62, 0.3),
                          (-90, 0.36), (-118, 0.3), (-152, 0.66), (175, 0.42), (145, 0.92), (118, 0.5)):  # fmt: skip
        a = math.radians(degrees + turn)
        points.append((x + r * long * math.cos(a), y - r * long * math.sin(a)))
    a = math.radians(turn - 90)
    c.stroke([(x, y), (x + r * math.cos(a), y - r * math.sin(a))], max(0.8, r * 0.06), mix(fill, rgb("#5A2A18"), 0.5), smooth=False)
    c.shape(points, fill, smooth=False)


def crown(c: Canvas, x: float, y: float, r: float, dice: random.Random, colours: Sequence[Colour]) -> None:
    """Draw a tree: trunk, then its leaves from dark below to light above."""
    c.stroke([(x - r * 0.05, y + r * 1.5), (x, y + r * 0.6), (x + r * 0.05, y)], r * 0.14, rgb("#5B4334"))
    c.stroke([(x, y + r * 0.8), (x + r * 0.45, y + r * 0.1)], r * 0.08, rgb("#5B4334"))
    c.stroke([(x, y + r * 0.7), (x - r * 0.5, y + r * 0.1)], r * 0.08, rgb("#5B4334"))
    for layer, colour in enumerate(colours):
        high = layer / max(1, len(colours) - 1)
        for _ in range(16):
            a, d = (dice.uniform(0, math.tau), math.sqrt(dice.random()) * r * (0.95 - 0.3 * high))
            c.disc(
                x + d * math.cos(a) - r * 0.12 * high,
                y + d * math.sin(a) * 0.72 - r * 0.25 * high,
                r * dice.uniform(0.16, 0.3) * (1.05 - 0.3 * high), colour,
            )  # fmt: skip


def mountain_path(size: tuple[int, int]) -> Paint:
    """山行: a stone path up into the clouds, a house, maples in the evening."""
    dice = random.Random(8)
    c = Canvas(*size, 1280)
    c.sky(rgb("#BCD0D6"), rgb("#E9E2CF"), rgb("#F7DDB4"), rgb("#F3CFA0"))
    c.glow(300, 300, 330, rgb("#FFE9B8", 200))
    c.disc(300, 300, 46, rgb("#FFF3D2"))
    c.shape([(-60, 520), (60, 330), (190, 392), (330, 250), (470, 372), (640, 262), (800, 396), (960, 300), (1120, 380), (1340, 320), (1340, 760), (-60, 760)], rgb("#B4C6C9"))
    c.mist([(-80, 470), (300, 410), (700, 440), (1360, 400), (1360, 540), (600, 560), (-80, 560)], rgb("#F7EBD6", 190), 34)
    c.shape([(-60, 600), (100, 440), (260, 470), (420, 360), (560, 250), (660, 196), (760, 262), (900, 420), (1060, 452), (1200, 400), (1340, 460), (1340, 780), (-60, 780)], rgb("#8FABA5"))
    c.shape([(660, 198), (600, 300), (640, 360), (590, 470), (700, 420), (760, 470), (740, 340), (700, 280)], rgb("#7F9D98", 150))
    c.mist([(300, 480), (560, 440), (900, 470), (1300, 450), (1300, 560), (800, 590), (300, 570)], rgb("#F5ECDC", 170), 30)
    c.shape([(-60, 640), (80, 545), (300, 560), (470, 470), (610, 372), (720, 350), (830, 392), (960, 500), (1120, 560), (1340, 530), (1340, 800), (-60, 800)], rgb("#6F9182"))
    path = [(420, 760), (560, 690), (690, 652), (640, 604), (520, 582), (520, 545), (610, 520), (690, 500), (672, 470), (620, 452), (632, 424), (672, 404)]
    width = [58, 50, 40, 34, 28, 23, 19, 16, 13, 11, 9, 7]
    left = [(x - w / 2, y - w * 0.08) for (x, y), w in zip(path, width, strict=True)]
    right = [(x + w / 2, y + w * 0.08) for (x, y), w in zip(path, width, strict=True)]
    rim = [*spline(left), *reversed(spline(right))]
    c.shape([(-60, 700), (150, 640), (420, 668), (760, 640), (1000, 668), (1340, 620), (1340, 800), (-60, 800)], rgb("#587C68"))
    c.shape(rim, rgb("#E8DCC2"), smooth=False)
    for i in range(26):
        u = (i / 26) ** 0.9
        at = u * (len(path) - 1.001)
        n, f = int(at), at % 1
        x = path[n][0] + (path[n + 1][0] - path[n][0]) * f
        y = path[n][1] + (path[n + 1][1] - path[n][1]) * f
        w = width[n] + (width[n + 1] - width[n]) * f
        c.stroke([(x - w * 0.38, y), (x + w * 0.38, y + w * 0.03)], max(1.2, w * 0.05), rgb("#C3B394"), smooth=False)
    # the house where the clouds begin
    for x, y, s in ((690, 384, 1.0), (744, 398, 0.8)):
        c.box(x - 24 * s, y, 48 * s, 24 * s, rgb("#F7F2E6"))
        c.shape([(x - 34 * s, y + 3), (x - 20 * s, y - 17 * s), (x + 20 * s, y - 17 * s), (x + 34 * s, y + 3)], rgb("#4B4A4C"), smooth=False)
        c.box(x - 5 * s, y + 8 * s, 10 * s, 16 * s, rgb("#7A5230"))
        c.box(x + 11 * s, y + 7 * s, 8 * s, 8 * s, rgb("#F0B44C"))
    reds = (rgb("#7E2418"), rgb("#A83520"), rgb("#C9472B"), rgb("#E0703A"))
    for x, y, r in ((836, 440, 26), (884, 470, 34), (946, 505, 42), (560, 500, 22), (480, 520, 30), (410, 548, 36)):
        crown(c, x, y, r, dice, reds)
    for x, y, r in ((1010, 566, 62), (300, 590, 56), (1130, 590, 84), (170, 560, 92)):
        crown(c, x, y, r, dice, reds)
    cart(c, 330, 648)
    back = c

    clouds = [(c.cloud(long, seed), x, y, speed) for long, seed, x, y, speed in (
        (230, 4, 570, 440, 4.5), (210, 6, 800, 446, -4), (190, 7, 360, 330, 6), (260, 9, 60, 410, 5))]  # fmt: skip
    leaves = [(dice.uniform(0, 1000), dice.uniform(0, 9), dice.uniform(9, 17), dice.uniform(0, 360)) for _ in range(22)]

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        for mask, left, high, speed in clouds:
            c.stamp(mask, left + speed * t, high, rgb("#FFFDF6"))
        for x, start, r, turn in leaves:
            fall = (t + start) % 9 / 9
            sway = math.sin((t + start) * 1.7) * 34
            maple(c, x + sway + fall * 90, 790 * fall - 30, r, turn + t * 50 + sway, mix(rgb("#C9472B"), rgb("#E8913F"), r % 1))
        branch(c, t)
        columns(c, SHANXING, t, cues, right=1196, top=78, size=44, ink=rgb("#3A2419"), soft=rgb("#7B5B45"))
        return c

    return paint


def branch(c: Canvas, t: float) -> None:
    """Hang a near maple branch into the upper left corner, moved by a little wind."""
    sway = math.sin(t * 1.1) * 5
    c.stroke([(-20, 60), (90, 74), (190, 62 + sway * 0.4), (300, 96 + sway)], 9, rgb("#4A342A"))
    c.stroke([(110, 74), (180, 120 + sway * 0.5), (220, 170 + sway)], 5, rgb("#4A342A"))
    dice = random.Random(3)
    for n in range(34):
        along = dice.random()
        x = -10 + along * 330 + dice.uniform(-30, 30)
        y = 66 + dice.uniform(-56, 90) * (0.4 + along * 0.6) + sway * along
        shade = mix(rgb("#A83520"), rgb("#EE8A3C"), dice.random())
        maple(c, x, y, dice.uniform(18, 34), dice.uniform(0, 360) + math.sin(t * 1.6 + n) * 7, shade)


def cart(c: Canvas, x: float, y: float) -> None:
    """Draw the poet, who has stopped his cart."""
    wood, dark = rgb("#7A5230"), rgb("#4B3222")
    c.glow(x + 10, y + 44, 90, rgb("#1C2730", 70))
    c.stroke([(x - 84, y + 22), (x + 66, y + 10)], 5, wood)
    c.box(x - 44, y - 34, 88, 46, rgb("#A9794B"), r=5)
    c.shape([(x - 56, y - 32), (x - 30, y - 66), (x + 34, y - 66), (x + 58, y - 32)], dark, smooth=False)
    c.box(x - 18, y - 28, 36, 34, rgb("#5E4029"), r=3)
    c.ring(x + 4, y + 22, 27, 5, dark)
    for i in range(6):
        a = i * math.pi / 3
        c.stroke([(x + 4, y + 22), (x + 4 + 25 * math.cos(a), y + 22 + 25 * math.sin(a))], 2.4, dark, smooth=False)
    c.disc(x + 4, y + 22, 5, wood)
    px, py = x + 104, y - 4  # the poet
    c.shape([(px - 20, py + 48), (px - 13, py - 8), (px, py - 20), (px + 13, py - 8), (px + 22, py + 48)], rgb("#E9E4DA"))
    c.shape([(px - 13, py - 8), (px + 2, py - 14), (px + 16, py + 18), (px - 4, py + 12)], rgb("#D6CFC2"))
    c.stroke([(px - 15, py + 16), (px + 17, py + 16)], 4, rgb("#3F6B5C"), smooth=False)
    c.disc(px, py - 28, 11, rgb("#EBC7A2"))
    c.disc(px + 1, py - 34, 11, rgb("#2A2523"), ry=8)
    c.disc(px + 1, py - 43, 5, rgb("#2A2523"))
