"""Four animals, drawn so that they can blink, wag and chew."""

import math
from collections.abc import Callable

from .canvas import Canvas, rgb

# fmt: off
# A shape is one thought: its points stay on one line.


def cat(c: Canvas, x: float, y: float, s: float, t: float) -> None:
    """Draw a sitting ginger cat."""
    fur, dark, pale = rgb("#E8A254"), rgb("#C47F38"), rgb("#FBE9D0")
    tail = 20 * math.sin(t * 2)
    c.stroke([(x + 60 * s, y + 120 * s), (x + 130 * s, y + 90 * s), (x + (128 + tail) * s, y + 10 * s)], 24 * s, dark)
    c.shape([(x - 78 * s, y + 140 * s), (x - 60 * s, y + 30 * s), (x, y), (x + 60 * s, y + 30 * s), (x + 78 * s, y + 140 * s)], fur)
    c.disc(x, y + 96 * s, 38 * s, pale, ry=50 * s)
    for side in (-1, 1):
        c.disc(x + side * 34 * s, y + 140 * s, 26 * s, pale, ry=17 * s)
        c.shape([(x + side * 78 * s, y - 40 * s), (x + side * 70 * s, y - 128 * s), (x + side * 18 * s, y - 92 * s)], fur, smooth=False)
        c.shape([(x + side * 66 * s, y - 60 * s), (x + side * 62 * s, y - 106 * s), (x + side * 34 * s, y - 86 * s)], rgb("#F2B8A8"), smooth=False)
    c.disc(x, y - 34 * s, 86 * s, fur, ry=72 * s)
    c.disc(x, y - 8 * s, 40 * s, pale, ry=30 * s)
    for k in (-1, 0, 1):
        c.stroke([(x + k * 20 * s, y - 102 * s), (x + k * 15 * s, y - 72 * s)], 8 * s, dark)
    _face(c, x, y - 36 * s, s, t, 36)
    c.shape([(x - 10 * s, y - 16 * s), (x + 10 * s, y - 16 * s), (x, y - 5 * s)], rgb("#D9776B"), smooth=False)
    c.stroke([(x - 18 * s, y + 4 * s), (x - 8 * s, y + 8 * s), (x, y - 2 * s), (x + 8 * s, y + 8 * s), (x + 18 * s, y + 4 * s)], 3 * s, rgb("#7A4A2A"))
    for side in (-1, 1):
        for k in (-1, 0, 1):
            c.stroke([(x + side * 44 * s, (y - 6 * s) + k * 8 * s), (x + side * 102 * s, y - 12 * s + k * 18 * s)], 2 * s, rgb("#8C6A48"), smooth=False)


def _face(c: Canvas, x: float, y: float, s: float, t: float, apart: float, r: float = 12) -> None:
    """Draw two eyes that blink now and then."""
    open_ = 0.12 if (t % 3.1) > 2.95 else 1.0
    for side in (-1, 1):
        c.disc(x + side * apart * s, y, r * s, rgb("#26211E"), ry=r * s * open_)
        if open_ == 1:
            c.disc(x + (side * apart + 4) * s, y - 4 * s, 4 * s, rgb("#FFFFFF"))


def dog(c: Canvas, x: float, y: float, s: float, t: float) -> None:
    """Draw a brown dog with hanging ears and a wagging tail."""
    fur, dark, pale = rgb("#B98258"), rgb("#8A5A38"), rgb("#F4E3D0")
    wag = 26 * math.sin(t * 8)
    c.stroke([(x + 64 * s, y + 110 * s), (x + 110 * s, y + 80 * s), (x + (124 + wag) * s, y + 36 * s)], 20 * s, fur)
    c.shape([(x - 76 * s, y + 140 * s), (x - 62 * s, y + 30 * s), (x, y), (x + 62 * s, y + 30 * s), (x + 76 * s, y + 140 * s)], fur)
    c.disc(x, y + 96 * s, 40 * s, pale, ry=50 * s)
    for side in (-1, 1):
        c.disc(x + side * 36 * s, y + 140 * s, 28 * s, pale, ry=18 * s)
    c.disc(x, y - 36 * s, 80 * s, fur, ry=78 * s)
    c.shape([(x - 20 * s, y - 112 * s), (x + 20 * s, y - 112 * s), (x + 26 * s, y - 20 * s), (x - 26 * s, y - 20 * s)], pale)
    c.disc(x, y - 2 * s, 46 * s, pale, ry=36 * s)
    flop = 5 * math.sin(t * 8)
    for side in (-1, 1):
        c.shape([(x + side * 52 * s, y - 104 * s), (x + side * 104 * s, y - 78 * s), (x + side * (112 + flop) * s, y + 6 * s), (x + side * 74 * s, y + 2 * s)], dark)
    _face(c, x, y - 44 * s, s, t, 34)
    c.disc(x, y - 18 * s, 17 * s, rgb("#2A2320"), ry=13 * s)
    c.shape([(x - 15 * s, y + 8 * s), (x + 15 * s, y + 8 * s), (x + 13 * s, y + 34 * s), (x - 13 * s, y + 34 * s)], rgb("#E58484"))
    c.stroke([(x - 30 * s, y + 4 * s), (x - 14 * s, y + 11 * s), (x, y + 2 * s), (x + 14 * s, y + 11 * s), (x + 30 * s, y + 4 * s)], 3.4 * s, rgb("#5A3A28"))
    c.ring(x, y + 26 * s, 58 * s, 11 * s, rgb("#A32B1E"), ry=22 * s, start=8, end=172)


def duck(c: Canvas, x: float, y: float, s: float, t: float) -> None:
    """Draw a yellow duckling on a puddle."""
    bob = 5 * math.sin(t * 3)
    c.disc(x, y + 132 * s, 170 * s, rgb("#BFE0F2"), ry=26 * s)
    c.ring(x, y + 132 * s, (110 + 20 * math.sin(t * 2)) * s, 3 * s, rgb("#FFFFFF", 190), ry=15 * s)
    y += bob * s
    c.shape(
        [
            (x - 120 * s, y + 30 * s),
            (x - 136 * s, y - 6 * s),
            (x - 80 * s, y + 16 * s),
            (x, y + 6 * s),
            (x + 84 * s, y + 40 * s),
            (x + 70 * s, y + 118 * s),
            (x - 20 * s, y + 134 * s),
            (x - 100 * s, y + 102 * s),
        ],
        rgb("#F7CF4D"),
    )
    c.shape([(x - 76 * s, y + 50 * s), (x - 10 * s, y + 42 * s), (x + 30 * s, y + 66 * s), (x - 10 * s, y + 104 * s), (x - 64 * s, y + 92 * s)], rgb("#E9B52F"))
    c.disc(x + 52 * s, y - 44 * s, 70 * s, rgb("#F7CF4D"))
    c.stroke([(x + 40 * s, y - 112 * s), (x + 30 * s, y - 136 * s), (x + 46 * s, y - 140 * s)], 7 * s, rgb("#E9B52F"))
    gape = 9 * abs(math.sin(t * 5))
    c.shape([(x + 108 * s, y - 52 * s), (x + 172 * s, y - (42 + gape) * s), (x + 168 * s, y - (28 + gape) * s), (x + 108 * s, y - 30 * s)], rgb("#F08A2C"))
    c.shape([(x + 108 * s, y - 34 * s), (x + 160 * s, y - (24 - gape) * s), (x + 150 * s, y - (14 - gape) * s), (x + 106 * s, y - 18 * s)], rgb("#D9741F"))
    open_ = 1.5 if (t % 3.1) > 2.95 else 12
    c.disc(x + 74 * s, y - 62 * s, 12 * s, rgb("#26211E"), ry=open_ * s)
    c.disc(x + 78 * s, y - 66 * s, 4 * s, rgb("#FFFFFF"), ry=min(4, open_) * s)
    c.disc(x + 62 * s, y - 26 * s, 13 * s, rgb("#F3A25C", 130), ry=9 * s)


def panda(c: Canvas, x: float, y: float, s: float, t: float) -> None:
    """Draw a panda who eats bamboo."""
    black, white = rgb("#2B2E31"), rgb("#FBFAF6")
    for side in (-1, 1):
        c.disc(x + side * 66 * s, y - 106 * s, 32 * s, black)
    c.shape([(x - 104 * s, y + 140 * s), (x - 92 * s, y + 50 * s), (x - 40 * s, y + 10 * s), (x + 40 * s, y + 10 * s), (x + 92 * s, y + 50 * s), (x + 104 * s, y + 140 * s)], white)
    c.ring(x, y + 90 * s, 100 * s, 2 * s, rgb("#DDD8CC"), ry=60 * s, start=20, end=160)
    for side in (-1, 1):
        c.disc(x + side * 64 * s, y + 130 * s, 42 * s, black, ry=30 * s)
        c.disc(x + side * 66 * s, y + 130 * s, 18 * s, rgb("#6A6460"), ry=14 * s)
    c.disc(x, y - 44 * s, 98 * s, white, ry=84 * s)
    for side in (-1, 1):
        c.shape([(x + side * 20 * s, y - 64 * s), (x + side * 44 * s, y - 82 * s), (x + side * 68 * s, y - 50 * s), (x + side * 50 * s, y - 24 * s), (x + side * 26 * s, y - 38 * s)], black)
        open_ = 1.5 if (t % 3.1) > 2.95 else 11
        c.disc(x + side * 42 * s, y - 56 * s, 11 * s, white, ry=open_ * s)
        c.disc(x + side * 41 * s, y - 55 * s, 6.5 * s, rgb("#26211E"), ry=min(6.5, open_) * s)
        c.disc(x + side * 66 * s, y - 8 * s, 16 * s, rgb("#F2B8A8", 140), ry=11 * s)
    c.disc(x, y - 24 * s, 15 * s, black, ry=10 * s)
    chew = 3 * math.sin(t * 7)
    c.stroke([(x - 20 * s, y), (x - 8 * s, y + (8 + chew) * s), (x, y - 4 * s), (x + 8 * s, y + (8 + chew) * s), (x + 20 * s, y)], 3.4 * s, black)
    c.stroke([(x + 30 * s, y + 96 * s), (x - 4 * s, y + 14 * s)], 13 * s, rgb("#6FA552"), smooth=False)
    for px, py in ((-2, 20), (16, 62)):
        c.shape([(x + px * s, y + py * s), (x + (px + 34) * s, y + (py - 26) * s), (x + (px + 58) * s, y + (py - 16) * s), (x + (px + 28) * s, y + (py + 2) * s)], rgb("#8CC06B"))
    for side in (-1, 1):
        c.stroke([(x + side * 84 * s, y + 52 * s), (x + side * 60 * s, y + 96 * s), (x + (12 + side * 16) * s, y + 78 * s)], 40 * s, black)


BEASTS: tuple[tuple[str, str, Callable[[Canvas, float, float, float, float], None]], ...] = (
    ("cat", "#FBEFDF", cat), ("dog", "#F3E9E0", dog), ("duck", "#E6F1F6", duck), ("panda", "#E7F1E4", panda),
)  # fmt: skip
