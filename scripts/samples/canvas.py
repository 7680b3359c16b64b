"""A sheet to draw on, in the colours of the classroom.

All pictures of the samples are drawn in *design units*: 1280 wide and 720 high for a film,
whatever a picture wants otherwise. The sheet is kept at twice the size asked for and shrunk
at the end, which is what makes Pillow's hard edges soft. A fill may carry an alpha value;
it is blended, so overlapping strokes of one see-through shape show where they overlap.

Curves are Catmull-Rom splines through the points given: one thinks in points *on* the hill,
not in handles beside it.
"""

import math
import random
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Point = tuple[float, float]
Colour = tuple[int, int, int] | tuple[int, int, int, int]

OVERSAMPLE = 2
FONTS = Path("/usr/share/fonts/opentype/noto")
SIMPLIFIED = 2  # the face for mainland glyphs inside Noto's font collections


def rgb(text: str, alpha: int = 255) -> tuple[int, int, int, int]:
    """Read ``#RRGGBB``."""
    value = int(text.lstrip("#"), 16)
    return (value >> 16, value >> 8 & 255, value & 255, alpha)


PAPER, SHEET, INK = rgb("#FAF8F3"), rgb("#FFFFFF"), rgb("#1C2730")
INK_SOFT, INK_FAINT, LINE = rgb("#4C5A64"), rgb("#8F9CA3"), rgb("#E4DFD4")
GREEN, GREEN_WASH, AMBER, RED = (
    rgb("#17694A"),
    rgb("#E6F1EA"),
    rgb("#D99A2B"),
    rgb("#A32B1E"),
)
SLATE = rgb("#1D2B2A")
COVERS = {  # subject: the light pair of a cover, ground and ink
    "语文": (rgb("#F6E7E2"), rgb("#7E2F20")),
    "数学": (rgb("#E3EBF6"), rgb("#1F4A86")),
    "英语": (rgb("#ECE6F5"), rgb("#4F3580")),
    "科学": (rgb("#E4F1E9"), rgb("#1F5B38")),
}


def fade(colour: Colour, share: float) -> tuple[int, int, int, int]:
    """Return ``colour`` with its opacity times ``share`` (0 to 1)."""
    alpha = colour[3] if len(colour) == 4 else 255
    return (*colour[:3], round(alpha * max(0.0, min(1.0, share))))


def mix(a: Colour, b: Colour, share: float) -> tuple[int, int, int, int]:
    """Return the colour ``share`` of the way (0 to 1) from ``a`` to ``b``."""
    red, green, blue = (
        round(x + (y - x) * share) for x, y in zip(a[:3], b[:3], strict=True)
    )
    return (red, green, blue, 255)


def ease(t: float, start: float, seconds: float) -> float:
    """Return how far (0 to 1) a soft movement from ``start`` has come at ``t`` seconds."""
    x = max(0.0, min(1.0, (t - start) / seconds))
    return x * x * (3 - 2 * x)


def spline(
    points: Sequence[Point], *, closed: bool = False, steps: int = 14
) -> list[Point]:
    """Return a smooth line through ``points``, ``steps`` pieces between two of them."""
    count = len(points)
    if count < 3:
        return list(points)
    line: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            a, b, c, d = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2))
        for step in range(steps):
            u = step / steps
            x, y = (
                0.5
                * (
                    2 * b[k]
                    + (c[k] - a[k]) * u
                    + (2 * a[k] - 5 * b[k] + 4 * c[k] - d[k]) * u * u
                    + (3 * b[k] - a[k] - 3 * c[k] + d[k]) * u**3
                )
                for k in (0, 1)
            )
            line.append((x, y))
    if not closed:
        line.append(points[-1])
    return line


@cache
def font(size: int, serif: bool, bold: bool) -> ImageFont.FreeTypeFont:
    """Return Noto's Chinese face in ``size`` pixels."""
    name = f"Noto{'Serif' if serif else 'Sans'}CJK-{'Bold' if bold else 'Regular'}.ttc"
    return ImageFont.truetype(str(FONTS / name), size, index=SIMPLIFIED)


@cache
def _soft_disc(size: int) -> Image.Image:
    falling = [
        round(255 * max(0.0, 1 - v / 180) ** 2) for v in range(256)
    ]  # 181: the rim
    return Image.radial_gradient("L").resize((size, size)).point(falling)


class Canvas:
    """A picture being drawn; ``k`` pixels of the sheet are one design unit."""

    def __init__(self, width: int, height: int, units: float, ground: Colour = PAPER):
        """Take ``width`` × ``height`` final pixels, ``units`` design units wide."""
        self.k = width * OVERSAMPLE / units
        self.image = Image.new(
            "RGB", (width * OVERSAMPLE, height * OVERSAMPLE), ground[:3]
        )
        self.units = (units, units * height / width)
        self._pen = ImageDraw.Draw(self.image, "RGBA")

    def copy(self) -> "Canvas":
        """Return a second sheet with the same drawing: the next frame starts on it."""
        twin = object.__new__(Canvas)
        twin.k, twin.units = self.k, self.units
        twin.image = self.image.copy()
        twin._pen = ImageDraw.Draw(twin.image, "RGBA")
        return twin

    def finished(self) -> Image.Image:
        """Return the picture in the size asked for."""
        return self.image.reduce(OVERSAMPLE)

    def _scaled(self, points: Iterable[Point]) -> list[Point]:
        return [(x * self.k, y * self.k) for x, y in points]

    def sky(self, *stops: Colour, top: float = 0, bottom: float | None = None) -> None:
        """Fill from ``top`` to ``bottom`` with colours that pass into each other."""
        high = round(top * self.k)
        low = round((self.units[1] if bottom is None else bottom) * self.k)
        strip = Image.new("RGB", (1, low - high))
        for y in range(low - high):
            place = y / max(1, low - high - 1) * (len(stops) - 1)
            i = min(int(place), len(stops) - 2)
            strip.putpixel((0, y), mix(stops[i], stops[i + 1], place - i)[:3])
        self.image.paste(strip.resize((self.image.width, low - high)), (0, high))

    def shape(
        self, points: Sequence[Point], fill: Colour, *, smooth: bool = True
    ) -> None:
        """Fill a closed shape."""
        line = spline(points, closed=True) if smooth else points
        self._pen.polygon(self._scaled(line), fill=fill)

    def stroke(
        self,
        points: Sequence[Point],
        width: float,
        fill: Colour,
        *,
        smooth: bool = True,
    ) -> None:
        """Draw a line with round ends."""
        line = self._scaled(spline(points) if smooth else points)
        self._pen.line(line, fill=fill, width=max(1, round(width * self.k)))
        if len(fill) == 3 or fill[3] == 255:  # see-through discs would show
            r = width * self.k / 2
            for x, y in line:
                self._pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)

    def disc(
        self, x: float, y: float, r: float, fill: Colour, ry: float | None = None
    ) -> None:
        """Fill a circle, or an ellipse when ``ry`` is given."""
        ry = r if ry is None else ry
        self._pen.ellipse(
            tuple(v * self.k for v in (x - r, y - ry, x + r, y + ry)), fill=fill
        )

    def ring(
        self, x: float, y: float, r: float, width: float, fill: Colour,
        *, ry: float | None = None, start: float = 0, end: float = 360,
    ) -> None:  # fmt: skip
        """Draw a circle's line, or a part of it; degrees clockwise from the right."""
        ry = r if ry is None else ry
        box = tuple(v * self.k for v in (x - r, y - ry, x + r, y + ry))
        self._pen.arc(box, start, end, fill=fill, width=max(1, round(width * self.k)))

    def box(
        self, x: float, y: float, w: float, h: float, fill: Colour | None, *,
        r: float = 0, edge: Colour | None = None, edge_width: float = 2,
    ) -> None:  # fmt: skip
        """Fill a rectangle with rounded corners."""
        self._pen.rounded_rectangle(
            tuple(v * self.k for v in (x, y, x + w, y + h)),
            r * self.k,
            fill=fill,
            outline=edge,
            width=round(edge_width * self.k) if edge else 0,
        )

    def glow(self, x: float, y: float, r: float, colour: Colour) -> None:
        """Lay a soft light (or shadow) of ``colour`` around a point."""
        size = max(2, round(2 * r * self.k))
        share = (colour[3] if len(colour) == 4 else 255) / 255
        mask = _soft_disc(size).point(lambda v: round(v * share))
        self.image.paste(
            colour[:3], (round((x - r) * self.k), round((y - r) * self.k)), mask
        )

    def mist(self, points: Sequence[Point], fill: Colour, blur: float) -> None:
        """Fill a closed shape with soft edges, ``blur`` units wide."""
        mask = Image.new("L", self.image.size)
        alpha = fill[3] if len(fill) == 4 else 255
        ImageDraw.Draw(mask).polygon(
            self._scaled(spline(points, closed=True)), fill=alpha
        )
        mask = mask.filter(ImageFilter.GaussianBlur(blur * self.k))
        self.image.paste(fill[:3], (0, 0), mask)

    def stamp(self, mask: Image.Image, x: float, y: float, colour: Colour) -> None:
        """Print a mask made by `cloud`, its middle at (x, y)."""
        left, top = (
            round(x * self.k - mask.width / 2),
            round(y * self.k - mask.height / 2),
        )
        self.image.paste(colour[:3], (left, top), mask)

    def cloud(self, long: float, seed: int, opacity: float = 0.9) -> Image.Image:
        """Return the mask of a soft flat-bottomed cloud, ``long`` units long."""
        dice = random.Random(seed)
        wide, high = round(long * 1.5 * self.k), round(long * 0.6 * self.k)
        mask = Image.new("L", (wide, high))
        pen = ImageDraw.Draw(mask)
        for i in range(13):
            u = i / 12
            r = (
                (0.06 + 0.13 * math.sin(u * math.pi))
                * dice.uniform(0.75, 1.15)
                * wide
                / 1.5
            )
            x, y = wide * (0.2 + 0.6 * u), high * 0.68 - r * 0.5
            pen.ellipse(
                (x - r, y - r * 0.8, x + r, y + r * 0.5), fill=round(255 * opacity)
            )
        return mask.filter(ImageFilter.GaussianBlur(long * 0.022 * self.k))

    def text(
        self, x: float, y: float, words: str, size: float, fill: Colour = INK, *,
        serif: bool = False, bold: bool = False, anchor: str = "mm",
    ) -> None:  # fmt: skip
        """Write one line; ``anchor`` is Pillow's (``mm`` is the middle)."""
        face = font(round(size * self.k), serif, bold)
        at = (x * self.k, y * self.k)
        alpha = fill[3] if len(fill) == 4 else 255
        if alpha == 255:
            self._pen.text(at, words, fill, face, anchor=anchor)
        elif alpha:  # Pillow blends shapes but not letters
            left, top, right, bottom = (
                round(v) for v in self._pen.textbbox(at, words, face, anchor=anchor)
            )
            mask = Image.new("L", (right - left + 2, bottom - top + 2))
            ImageDraw.Draw(mask).text(
                (at[0] - left, at[1] - top), words, alpha, face, anchor=anchor
            )
            self.image.paste(fill[:3], (left, top), mask)

    def column(
        self, x: float, y: float, words: str, size: float, fill: Colour = INK, *,
        pitch: float = 1.22, bold: bool = False, share: float = 1.0,
    ) -> None:  # fmt: skip
        """Write downwards, as poems are; of the characters ``share`` (0 to 1) has appeared."""
        shown = share * len(words)
        for i, character in enumerate(words):
            here = max(0.0, min(1.0, shown - i))
            if here:
                self.text(
                    x, y + i * size * pitch, character, size, fade(fill, here),
                    serif=True, bold=bold,
                )  # fmt: skip


def around(
    x: float, y: float, r: float, degrees: float, ry: float | None = None
) -> Point:
    """Return the point ``r`` from (x, y); degrees count anticlockwise from the right."""
    angle = math.radians(degrees)
    return (x + r * math.cos(angle), y - (r if ry is None else ry) * math.sin(angle))
