"""Science on the table: water that boils, a drum that sounds, a bean that grows."""

import math
import random
from collections.abc import Sequence

from .canvas import (
    COVERS,
    INK,
    INK_FAINT,
    INK_SOFT,
    RED,
    Canvas,
    Point,
    ease,
    fade,
    mix,
    rgb,
    spline,
)  # fmt: skip
from .film import Paint
from .maths import at, board, caption
from .narration import Cue, Line

# fmt: off
# A shape is one thought: its points stay on one line.

GREENISH = COVERS["科学"][1]

BOIL = (
    Line("水加热以后，会怎么样？", pause_s=1.0),
    Line("点燃酒精灯，每两分钟看一次温度计。", pause_s=1.6),
    Line("水里先冒出很小的气泡。", pause_s=1.6),
    Line("温度越来越高，气泡又多又大。", pause_s=1.6),
    Line("到了一百摄氏度，水沸腾了。", pause_s=1.4),
    Line("继续加热，温度不再升高。", pause_s=1.4),
)
DRUM = (Line("敲一敲鼓，鼓面在振动。", pause_s=0.8), Line("鼓面上的米粒跳了起来。", pause_s=0.8), Line("声音是由物体振动产生的。", pause_s=0.8))
BEAN = (Line("我种的蚕豆发芽啦！", pause_s=0.8), Line("第五天，它长出了根。", pause_s=0.8), Line("第十天，两片叶子张开了。", pause_s=0.8))


def boil(size: tuple[int, int]) -> Paint:
    """水沸腾了: flame, bubbles, steam, and the temperature drawn as a line."""
    back = board(size, "水沸腾了", "科学")
    c = back
    c.box(120, 548, 460, 14, rgb("#C9B493"), r=7)  # table
    c.box(264, 478, 172, 70, rgb("#DCE9F2"), r=20)  # spirit lamp
    c.box(264, 506, 172, 42, rgb("#B9A7E0", 150), r=16)
    c.box(324, 458, 52, 24, rgb("#8C7A62"), r=6)
    c.box(343, 444, 14, 18, rgb("#F2ECE0"))
    for x in (196, 504):  # tripod
        c.stroke([(x, 548), (x + (12 if x < 300 else -12), 384)], 8, rgb("#5B6770"), smooth=False)
    c.stroke([(196, 384), (504, 384)], 8, rgb("#5B6770"), smooth=False)
    chart(c)
    dice = random.Random(4)
    bubbles = [(dice.uniform(236, 464), dice.random(), dice.uniform(0.5, 1.4), dice.random()) for _ in range(46)]

    def heat(t: float, cues: Sequence[Cue]) -> float:
        if len(cues) < 5:
            return 1.0
        return max(0.0, min(1.0, (t - at(cues, 1) - 1.5) / (at(cues, 4) - at(cues, 1) - 1.0)))

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        hot = heat(t, cues)
        lit = ease(t, at(cues, 1), 0.6)
        if lit:
            flick = 5 * math.sin(t * 11) + 3 * math.sin(t * 17)
            c.glow(350, 420, 110, rgb("#F0A03C", round(130 * lit)))
            c.shape([(332, 446), (328, 424), (350 + flick * 0.4, 388 - flick), (372, 424), (368, 446)], fade(rgb("#F08A2C"), lit))
            c.shape([(341, 446), (339, 432), (350 + flick * 0.2, 410 - flick * 0.5), (361, 432), (359, 446)], fade(rgb("#FFE08A"), lit))
        water = mix(rgb("#BFE0F2"), rgb("#D3E9F2"), hot)
        c.box(212, 196, 276, 184, rgb("#EAF4F8", 190), r=16)
        top = 232 + math.sin(t * 7) * 2.4 * hot
        wave: list[Point] = [(218 + i * 29.3, top + math.sin(t * 8 + i) * 4 * max(0, hot - 0.6)) for i in range(10)]
        c.shape([*wave, (482, 366), (470, 374), (230, 374), (218, 366)], water, smooth=False)
        for x, start, r, when in bubbles:
            if when < hot * 1.05 and hot > 0.12:
                rise = (t * (0.25 + 0.6 * hot) + start) % 1
                big = (2 + 11 * hot * hot) * r * (0.5 + 0.6 * rise)
                bx, by = x + math.sin(t * 4 + x) * 4, 366 - rise * (366 - top - big)
                c.disc(bx, by, big, rgb("#FFFFFF", 150))
                c.ring(bx, by, big, 1.6, rgb("#8DBBD6"))
        c.box(212, 196, 276, 184, None, r=16, edge=rgb("#8FA9B8"), edge_width=4)
        c.stroke([(204, 196), (240, 196)], 6, rgb("#8FA9B8"), smooth=False)
        for i in range(3):
            c.stroke([(456, 270 + i * 34), (482, 270 + i * 34)], 2.5, rgb("#8FA9B8"), smooth=False)
        thermometer(c, 396, hot)
        steam = max(0.0, hot - 0.55) / 0.45
        for n in range(9 if steam else 0):
            up = (t * 0.22 + n / 9) % 1
            c.glow(300 + n * 16 + 26 * math.sin(t + n * 2), 190 - up * 100, 34 + 40 * up, rgb("#B7C8D2", round(120 * steam * (1 - up) * min(1, up * 5))))
        plot(c, hot, ease(t, at(cues, 5), 2.5) if len(cues) > 5 else 1.0)
        c.text(548, 300, f"{round(20 + 80 * hot)}℃", 36, RED if hot >= 1 else INK, bold=True, anchor="lm")
        caption(c, t, cues)
        return c

    return paint


def thermometer(c: Canvas, x: float, hot: float) -> None:
    """Draw a thermometer in the water; ``hot`` 0 to 1 is 20 to 100 degrees."""
    c.box(x - 9, 116, 18, 214, rgb("#FFFFFF", 225), r=9, edge=rgb("#7A8A94"))
    c.disc(x, 330, 13, RED)
    high = 300 - 160 * hot
    c.box(x - 3.5, high, 7, 334 - high, RED, r=3)
    for i in range(9):
        c.stroke([(x + 2, 140 + i * 20), (x + 9, 140 + i * 20)], 1.4, rgb("#7A8A94"), smooth=False)


def chart(c: Canvas) -> None:
    """Draw the axes the temperature is entered in."""
    c.text(910, 150, "水的温度变化", 26, INK, bold=True)
    for i in range(5):
        y = 500 - i * 76
        c.stroke([(740, y), (1150, y)], 1.4, rgb("#E4DFD4"), smooth=False)
        c.text(728, y, str(20 + i * 20), 20, INK_FAINT, anchor="rm")
    c.stroke([(740, 180), (740, 500), (1160, 500)], 3, INK_SOFT, smooth=False)
    for i in range(6):
        c.text(740 + i * 78, 522, str(i * 2), 20, INK_FAINT)
    c.text(1160, 548, "时间（分）", 20, INK_SOFT, anchor="rm")
    c.text(700, 160, "℃", 22, INK_SOFT)


def plot(c: Canvas, hot: float, flat: float) -> None:
    """Enter the temperatures read so far; once it boils the line stays level."""
    points: list[Point] = []
    for i in range(5):
        u = min(i / 4, hot)
        points.append((740 + u * 312, 500 - u * 304))
        if i / 4 >= hot:
            break
    if hot >= 1:
        points.append((1052 + 78 * flat, 196))
    if len(points) > 1:
        c.stroke(points, 5, GREENISH, smooth=False)
    for x, y in points:
        c.disc(x, y, 8, GREENISH)
        c.disc(x, y, 3.5, rgb("#FFFFFF"))


def drum(size: tuple[int, int]) -> Paint:
    """声音的产生: rice hops on the drum skin, rings of sound reach the ear."""
    back = board(size, "声音是怎样产生的", "科学")
    dice = random.Random(6)
    rice = [(dice.uniform(-128, 128), dice.uniform(-14, 14), dice.uniform(0.5, 1.2), dice.uniform(0, 6)) for _ in range(34)]

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        since = (t - 0.4) % 1.5
        force = math.exp(-since * 2.2) if t > 0.4 else 0.0
        for n in range(5):
            r = (since * 300 + n * 62) if t > 0.4 else 0
            share = max(0.0, 1 - r / 620)
            c.ring(390, 330, 150 + r, 6, rgb("#2F7A4F", round(120 * share)), ry=(150 + r) * 0.72, start=-38, end=24)
        ear(c, 1040, 320)
        x, y = 390, 330
        c.disc(x + 14, y + 206, 180, rgb("#1C2730", 34), ry=30)
        c.disc(x, y + 184, 146, rgb("#93291C"), ry=34)
        left = spline([(x - 172, y), (x - 192, y + 70), (x - 180, y + 130), (x - 146, y + 184)])
        right = [(2 * x - px, py) for px, py in reversed(left)]
        c.shape([*left, *right], rgb("#B23A2A"), smooth=False)
        c.disc(x, y + 182, 146, rgb("#B23A2A"), ry=32)
        c.mist([(x + 100, y + 20), (x + 170, y + 10), (x + 186, y + 90), (x + 140, y + 190), (x + 96, y + 200)], rgb("#7E2418", 110), 16)
        for row in (y + 24, y + 176):
            for i in range(-6, 7):
                c.disc(x + i * (26 if row < 400 else 22.5), row + 14 * math.cos(i / 4.2) + (14 if row < 400 else -6), 5.4, rgb("#F0C878"))
        c.ring(x, y + 96, 40, 8, rgb("#F0C878"))
        c.disc(x, y, 176, rgb("#7E2418"), ry=48)
        shake = math.sin(t * 55) * 7 * force
        c.disc(x, y - 6, 166, rgb("#F3E3C4"), ry=42)
        c.disc(x, y - 6 + shake, 120, rgb("#FAF0DA"), ry=26)
        for dx, dy, r, phase in rice:
            hop = abs(math.sin(since * 9 * r + phase * 0.2)) * 74 * force * r
            c.disc(x + dx + 6 * math.sin(phase + t) * force, y - 8 + dy - hop, 5.6, rgb("#FFFFFF"), ry=3.2)
            c.ring(x + dx + 6 * math.sin(phase + t) * force, y - 8 + dy - hop, 5.6, 1, rgb("#C9B493"), ry=3.2)
        lift = 130 * min(1, abs(since - 0.02) * 2.2) if since < 1.05 else 130 * max(0, (1.5 - since) / 0.45)
        tip = (x + 30, y - 22 - lift)
        c.stroke([(x + 210, y - 150 - lift * 0.7), tip], 11, rgb("#A9794B"), smooth=False)
        c.disc(*tip, 21, rgb("#E0703A"))
        c.text(x - 190, 190, "振动", 30, fade(INK, ease(t, at(cues, 0) + 1, 0.6)), bold=True)
        c.text(760, 520, "声音传出去", 26, fade(GREENISH, ease(t, at(cues, 2), 0.6)))
        caption(c, t, cues)
        return c

    return paint


def ear(c: Canvas, x: float, y: float) -> None:
    """Draw a listening child, from the side."""
    skin, hair = rgb("#F0CBA6"), rgb("#2A2523")
    c.shape([(x - 60, y + 130), (x - 20, y + 108), (x + 70, y + 118), (x + 120, y + 220), (x - 110, y + 220)], rgb("#17694A"))
    c.box(x - 16, y + 76, 52, 52, rgb("#E3B98F"), r=14)
    c.shape([(x - 92, y - 10), (x - 80, y - 70), (x - 10, y - 108), (x + 70, y - 84), (x + 96, y - 10), (x + 70, y + 70), (x, y + 98), (x - 66, y + 70)], skin)
    c.shape([(x - 88, y - 40), (x - 70, y - 92), (x, y - 126), (x + 84, y - 100), (x + 110, y - 10), (x + 92, y + 50), (x + 66, y + 10), (x + 40, y - 40), (x - 20, y - 62)], hair)
    c.disc(x + 34, y + 14, 19, rgb("#E8B88F"), ry=27)
    c.ring(x + 36, y + 14, 11, 3, rgb("#C98F66"), ry=17, start=90, end=330)
    c.disc(x - 50, y + 4, 6, rgb("#1C2730"))
    c.stroke([(x - 66, y - 18), (x - 50, y - 24), (x - 36, y - 18)], 4, hair)
    c.stroke([(x - 68, y + 48), (x - 52, y + 58), (x - 34, y + 52)], 4, rgb("#B0563F"))
    c.disc(x - 18, y + 38, 13, rgb("#EBA58C", 120))


def seedling(size: tuple[int, int]) -> Paint:
    """蚕豆发芽: an upright phone film of a glass on the window sill, ten days in ten seconds."""
    c = Canvas(*size, 720)
    high = c.units[1]
    c.sky(rgb("#CFE6EE"), rgb("#EAF3EC"), rgb("#F7EFD9"))
    c.glow(120, 170, 320, rgb("#FFF3C4"))
    c.disc(120, 170, 66, rgb("#FFE9A6"))
    c.shape([(-60, 700), (160, 560), (380, 660), (560, 580), (800, 690), (800, 960), (-60, 960)], rgb("#A9C7A4"))
    c.shape([(-60, 790), (220, 720), (500, 780), (800, 730), (800, 1000), (-60, 1000)], rgb("#84AE86"))
    for x in (0, 700):
        c.box(x - 14, 0, 34, high, rgb("#FAF8F3"))
    c.box(348, 0, 22, 930, rgb("#FAF8F3"))
    c.box(0, 360, 720, 20, rgb("#FAF8F3"))
    c.box(0, 930, 720, high - 930, rgb("#D9B98C"))
    c.box(0, 930, 720, 22, rgb("#EBD3AC"))
    back = c

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        grow = ease(t, 0.6, 9.0)
        if len(cues) == 3:  # days 1 to 5 before the second sentence, to 10 before the third
            grow = 4 / 9 * ease(t, 0.6, cues[1].start_s - 0.6) + 5 / 9 * ease(t, cues[1].end_s - 0.6, 1.6)
        x, soil = 360, 900
        c.disc(x + 20, 1108, 190, rgb("#1C2730", 40), ry=26)
        c.shape([(x - 150, 780), (x + 150, 780), (x + 128, 1104), (x - 128, 1104)], rgb("#EAF4F6", 190), smooth=False)
        c.shape([(x - 143, soil), (x + 143, soil), (x + 128, 1100), (x - 128, 1100)], rgb("#7A5A43"), smooth=False)
        dice = random.Random(1)
        for _ in range(60):
            c.disc(x + dice.uniform(-124, 124), dice.uniform(soil + 12, 1092), dice.uniform(2, 5), rgb("#634633"))
        for i, (dx, long) in enumerate(((0, 130), (-44, 96), (40, 104), (-18, 120), (22, 84))):
            g = ease(grow, 0.08 + i * 0.06, 0.35)
            if g:
                c.stroke([(x, 980), (x + dx * 0.5 * g + 6, 980 + long * 0.5 * g), (x + dx * g, 980 + long * g)], 6, rgb("#F1E6CF"))
        c.shape([(x - 44, 968), (x - 30, 938), (x + 10, 936), (x + 42, 958), (x + 34, 992), (x - 10, 1000)], rgb("#B7A15A"))
        c.shape([(x - 34, 964), (x - 22, 946), (x + 8, 944), (x + 26, 956)], rgb("#CDBB78"))
        stem = 960 - 470 * grow
        sway = math.sin(t * 1.4) * 8 * grow
        if grow > 0.02:
            c.stroke([(x, 950), (x + 8, 950 - (950 - stem) * 0.5), (x + sway, stem)], 15, rgb("#6FA552"))
            open_ = ease(grow, 0.45, 0.5)
            for side in (-1, 1):
                for level, big in ((0, 1.0), (0.32, 0.8), (0.55, 0.55)):
                    s = open_ * big * (1 if grow > 0.4 + level * 0.3 else 0)
                    if s > 0.05:
                        lx, ly = x + sway * (1 - level), stem + (950 - stem) * level
                        c.shape([(lx, ly), (lx + side * 60 * s, ly - 74 * s), (lx + side * 150 * s, ly - 66 * s), (lx + side * 108 * s, ly + 6 * s)], rgb("#7DB85C" if side < 0 else "#5E9C47"))
                        c.stroke([(lx, ly), (lx + side * 132 * s, ly - 52 * s)], 3, rgb("#A9D38A"), smooth=False)
        c.stroke([(x - 150, 780), (x - 128, 1104), (x + 128, 1104), (x + 150, 780)], 6, rgb("#9DB7C0"), smooth=False)
        c.disc(x, 780, 150, rgb("#FFFFFF", 40), ry=16)
        c.ring(x, 780, 150, 5, rgb("#9DB7C0"), ry=16)
        c.stroke([(x - 122, 820), (x - 106, 1060)], 9, rgb("#FFFFFF", 150), smooth=False)
        c.box(48, 52, 208, 84, rgb("#FFFFFF", 235), r=20)
        c.text(152, 94, f"第 {1 + round(9 * grow)} 天", 44, INK, bold=True)
        for cue in cues:
            if cue.start_s - 0.2 <= t < cue.end_s + 0.6:
                c.box(60, 1168, 600, 76, rgb("#1C2730", 215), r=20)
                c.text(360, 1206, cue.text, 38, rgb("#FFFFFF"))
        return c

    return paint
