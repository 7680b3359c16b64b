"""Single pictures: as files, and the two that belong to no film."""

import io
import math
import random

from PIL import Image

from . import poems
from .canvas import AMBER, GREEN, PAPER, SHEET, Canvas, rgb
from .mountain import maple
from .narration import Cue

# fmt: off
# A shape is one thought: its points stay on one line.

LATE = tuple(Cue(2 + 3.5 * n, 4.8 + 3.5 * n, "") for n in range(8))
"""Cues for pictures out of a film in which nothing is spoken."""


def picture(drawn: Canvas | Image.Image, form: str = "JPEG", quality: int = 82) -> bytes:
    """Return a drawing as the bytes of a picture file."""
    image = drawn.finished() if isinstance(drawn, Canvas) else drawn
    kept = io.BytesIO()
    options = {"quality": quality, "optimize": True} if form == "JPEG" else {"optimize": True}
    image.save(kept, form, **({} if form == "BMP" else options))
    return kept.getvalue()


def small(image: Image.Image) -> Image.Image:
    """Return a picture of flat colours in 200 of them: a third of the bytes, as a PNG."""
    return image.quantize(200, method=Image.Quantize.MEDIANCUT)


def speaker() -> bytes:
    """Return the loudspeaker one clicks on in a slide."""
    c = Canvas(128, 128, 128, PAPER)
    c.disc(64, 64, 62, GREEN)
    c.shape([(30, 52), (46, 52), (66, 34), (66, 94), (46, 76), (30, 76)], SHEET, smooth=False)
    for r in (18, 32):
        c.ring(66, 64, r, 6, SHEET, start=-48, end=48)
    return picture(c, "PNG")


def blackboard() -> Canvas:
    """Return the school's own blackboard newspaper: 秋天来了, as a phone sees it."""
    c = Canvas(1280, 960, 1280, rgb("#CDB58E"))
    c.box(60, 60, 1160, 840, rgb("#8A6740"), r=14)
    c.box(84, 84, 1112, 792, rgb("#24463D"), r=6)
    c.text(640, 190, "秋天来了", 110, rgb("#F7E7A6"), serif=True, bold=True)
    for n, line in enumerate(("枫叶红了，像一只只小手。", "柿子黄了，像一盏盏灯笼。", "我们在山坡上，捡到了秋天。")):
        c.text(640, 360 + n * 92, line, 50, rgb("#F4F1E6"), serif=True)
    for n, (x, y) in enumerate(((170, 200), (1100, 210), (180, 740), (1090, 730), (300, 790), (980, 800))):
        maple(c, x, y, 58, n * 50, rgb(("#E0703A", "#F0B44C", "#C9472B")[n % 3]))
    c.text(640, 760, "三、四年级 合办", 38, rgb("#B9D6BF"))
    c.stroke([(84, 700), (400, 716), (880, 690), (1196, 706)], 3, rgb("#F4F1E6", 90))
    return c


def spring_dawn() -> Canvas:
    """Return the picture of 春晓: blossoms, birds, the rain of the night gone by."""
    c = Canvas(1280, 720, 1280)
    c.sky(rgb("#CFE3EC"), rgb("#F6EBDD"), rgb("#FBE3D6"))
    c.glow(620, 470, 480, rgb("#FFEBB8", 240))
    c.disc(620, 470, 62, rgb("#FFDF9A"))
    c.shape([(-60, 560), (200, 440), (480, 520), (760, 430), (1340, 520), (1340, 780), (-60, 780)], rgb("#B5CFB1"))
    c.shape([(-60, 640), (300, 580), (700, 620), (1340, 560), (1340, 780), (-60, 780)], rgb("#8DB587"))
    c.stroke([(-20, 380), (180, 330), (380, 350), (620, 250), (760, 262)], 15, rgb("#5B4334"))
    c.stroke([(330, 350), (460, 240), (560, 180)], 9, rgb("#5B4334"))
    dice = random.Random(12)
    for _ in range(95):
        u = dice.random()
        x = 20 + 760 * u + dice.uniform(-50, 50)
        y = 360 - 110 * u + dice.uniform(-70, 60)
        r, pink = (dice.uniform(9, 17), rgb(dice.choice(("#F4B8C4", "#F9D3DB", "#EC9DB0"))))
        for k in range(5):
            a = k * math.tau / 5 + x
            c.disc(x + r * 0.7 * math.cos(a), y + r * 0.7 * math.sin(a), r * 0.62, pink)
        c.disc(x, y, r * 0.36, AMBER)
    for _ in range(46):
        c.disc(dice.uniform(80, 1200), dice.uniform(590, 710), dice.uniform(4, 8), rgb("#F4B8C4"), ry=3)
    for x, y, s in ((640, 232, 1.0), (470, 222, 0.8)):
        c.shape([(x - 44 * s, y - 12 * s), (x - 10 * s, y - 34 * s), (x + 24 * s, y - 26 * s), (x + 30 * s, y), (x - 6 * s, y + 10 * s)], rgb("#4A6C8C"))
        c.shape([(x - 30 * s, y - 14 * s), (x - 82 * s, y + 4 * s), (x - 78 * s, y + 12 * s), (x - 20 * s, y)], rgb("#36526E"))
        c.disc(x + 26 * s, y - 32 * s, 17 * s, rgb("#4A6C8C"))
        c.disc(x + 12 * s, y - 8 * s, 15 * s, rgb("#F3C9A0"))
        c.shape([(x + 40 * s, y - 36 * s), (x + 62 * s, y - 30 * s), (x + 40 * s, y - 26 * s)], AMBER, smooth=False)
        c.disc(x + 31 * s, y - 36 * s, 3.4 * s, rgb("#1C2730"))
    poem = ("春晓", "唐 孟浩然", ("春眠不觉晓", "处处闻啼鸟", "夜来风雨声", "花落知多少"))
    poems.columns(c, poem, 99, LATE, right=1196, top=96, size=44, ink=rgb("#3A2B2E"), soft=rgb("#7A5F63"))
    return c
