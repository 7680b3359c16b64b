"""Mathematics on paper: measuring an angle, multiplying step by step."""

from collections.abc import Sequence

from .canvas import (
    AMBER,
    COVERS,
    GREEN,
    INK,
    INK_FAINT,
    INK_SOFT,
    PAPER,
    RED,
    SHEET,
    Canvas,
    around,
    ease,
    fade,
    rgb,
)  # fmt: skip
from .film import Paint
from .narration import Cue, Line

# fmt: off
# A shape is one thought: its points stay on one line.

BLUE = COVERS["数学"][1]

ANGLE = (
    Line("量一量，这个角是多少度？", pause_s=1.2),
    Line("第一步，中心对准顶点。", pause_s=1.4),
    Line("第二步，零刻度线对准一条边。", pause_s=1.4),
    Line("第三步，看另一条边，读出度数。", pause_s=1.4),
    Line("从右边的零数起，是六十度。", pause_s=1.6),
)
MULTIPLY = (
    Line("列竖式，算二十四乘三。", pause_s=0.6),
    Line("先算个位，四乘三等于十二，写二进一。", pause_s=0.6),
    Line("再算十位，二乘三等于六，加一得七。", pause_s=0.6),
    Line("二十四乘三等于七十二。", pause_s=0.8),
)


def at(cues: Sequence[Cue], n: int) -> float:
    """Return when line ``n`` begins; a picture without sound has it all said."""
    return cues[n].start_s if n < len(cues) else 0.0


def board(size: tuple[int, int], heading: str, subject: str = "数学") -> Canvas:
    """Return a lesson's sheet: paper, a card, a heading with the subject's mark."""
    c = Canvas(*size, 1280, PAPER)
    ground, ink = COVERS[subject]
    c.box(60, 104, 1160, 556, SHEET, r=24, edge=rgb("#E4DFD4"))
    c.box(60, 34, 96, 46, ground, r=23)
    c.text(108, 57, subject, 24, ink, bold=True)
    c.text(180, 57, heading, 32, INK, bold=True, anchor="lm")
    return c


def caption(c: Canvas, t: float, cues: Sequence[Cue]) -> None:
    """Write the sentence being said on a pill at the foot."""
    for n, cue in enumerate(cues):
        gone = min(cue.end_s + 0.5, cues[n + 1].start_s - 0.55) if n + 1 < len(cues) else cue.end_s + 0.5
        share = ease(t, cue.start_s - 0.25, 0.3) - ease(t, gone, 0.3)
        if cue.text and share > 0:
            wide = len(cue.text) * 31 + 60
            c.box(640 - wide / 2, 590, wide, 52, fade(rgb("#E6F1EA"), share), r=26)
            c.text(640, 616, cue.text, 28, fade(GREEN, share))


def protractor(c: Canvas, x: float, y: float, share: float, tilt: float) -> None:
    """Draw a transparent half-circle protractor with both rows of numbers, ``tilt`` degrees turned."""
    edge, face = fade(rgb("#2B5FA8"), share), rgb("#7FB2E8", round(74 * share))
    foot = [around(*around(x, y, 330, side + tilt), 34, tilt - 90) for side in (180, 0)]
    rim = [around(x, y, 330, a + tilt) for a in range(0, 181, 3)]
    c.shape([*rim, *foot], face, smooth=False)
    c.ring(x, y, 330, 2.5, edge, start=180 - tilt, end=360 - tilt)
    c.ring(x, y, 214, 1.4, fade(edge, 0.6), start=180 - tilt, end=360 - tilt)
    c.stroke([rim[-1], *foot, rim[0]], 2.5, edge, smooth=False)
    c.stroke([rim[-1], rim[0]], 1.6, edge, smooth=False)
    for a in range(181):
        long = 24 if a % 10 == 0 else 16 if a % 5 == 0 else 10
        c.stroke([around(x, y, 330, a + tilt), around(x, y, 330 - long, a + tilt)], 2 if a % 10 == 0 else 1, edge, smooth=False)
        if a % 10 == 0:
            c.text(*around(x, y, 288, a + tilt), str(180 - a), 15, edge)
            c.text(*around(x, y, 252, a + tilt), str(a), 18, fade(RED, share), bold=True)
    c.disc(x, y, 5, edge)


def angle(size: tuple[int, int]) -> Paint:
    """角的度量: the protractor slides on, the reading lights up."""
    back = board(size, "角的度量")
    x, y = 560, 520

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        shine = ease(t, at(cues, 4), 0.8) if cues else 1.0
        if shine:
            c.shape([(x, y), *(around(x, y, 110, a) for a in range(0, 61, 2))], rgb("#F0B44C", round(150 * shine)), smooth=False)
        c.stroke([(x, y), (x + 500, y)], 6, INK, smooth=False)
        c.stroke([(x, y), around(x, y, 430, 60)], 6, INK, smooth=False)
        c.ring(x, y, 70, 4, GREEN, start=300, end=360)
        come = ease(t, at(cues, 1) - 0.3, 2.2)
        settle = ease(t, at(cues, 2), 1.6)
        if come:
            protractor(c, x - 260 * (1 - come), y - 150 * (1 - come), come, 16 * (1 - settle))
        if come > 0.95:
            pulse = ease(t, at(cues, 1) + 1, 0.5) - ease(t, at(cues, 2) + 0.5, 0.5)
            c.ring(x, y, 18, 4, fade(RED, pulse))
        zero = ease(t, at(cues, 2) + 1, 0.5) - ease(t, at(cues, 3), 0.5)
        c.stroke([(x, y), (x + 330, y)], 9, fade(AMBER, zero), smooth=False)
        c.disc(x, y, 8, GREEN)
        c.text(x - 26, y - 24, "顶点", 22, INK_SOFT, anchor="rm")
        c.text(x + 506, y - 20, "边", 22, INK_SOFT)
        c.text(*around(x + 30, y, 440, 60), "边", 22, INK_SOFT)
        read = ease(t, at(cues, 3) + 0.4, 0.8)
        if read:
            sweep = 60 * ease(t, at(cues, 3) + 0.4, 2.2)
            c.ring(x, y, 232, 7, fade(RED, 0.85), start=360 - sweep, end=360)
            px, py = around(x, y, 252, 60)
            c.ring(px, py, 24, 4, fade(RED, ease(t, at(cues, 4), 0.5)))
        if shine:
            c.box(930, 150, 230, 120, fade(rgb("#E6F1EA"), shine), r=20)
            c.text(1045, 210, "60°", 68, fade(GREEN, shine), bold=True)
        for n, words in enumerate(("点对点", "线对边", "读刻度")):
            done = ease(t, at(cues, n + 1), 0.6)
            if done:
                c.disc(112, 164 + n * 62, 19, fade(BLUE, done))
                c.text(112, 164 + n * 62, str(n + 1), 22, fade(SHEET, done), bold=True)
                c.text(146, 164 + n * 62, words, 28, fade(INK, done), anchor="lm")
        caption(c, t, cues)
        return c

    return paint


def multiply(size: tuple[int, int]) -> Paint:
    """笔算乘法: 24 × 3 in columns, bundles of ten beside it."""
    back = board(size, "笔算乘法")
    for i in range(9):
        back.stroke([(130 + i * 60, 130), (130 + i * 60, 570)], 1.2, rgb("#DCE8F5"), smooth=False)
        if i < 8:
            back.stroke([(110, 140 + i * 60), (630, 140 + i * 60)], 1.2, rgb("#DCE8F5"), smooth=False)

    def paint(t: float, cues: Sequence[Cue]) -> Canvas:
        c = back.copy()
        ones, tens, end = (at(cues, n) for n in (1, 2, 3))
        c.text(400, 214, "2", 88, INK, bold=True)
        c.text(500, 214, "4", 88, INK, bold=True)
        c.text(270, 316, "×", 76, INK_SOFT)
        c.text(500, 316, "3", 88, INK, bold=True)
        c.stroke([(210, 382), (570, 382)], 5, INK, smooth=False)
        c.text(400, 148, "十位", 20, INK_FAINT)
        c.text(500, 148, "个位", 20, INK_FAINT)
        first = ease(t, ones + 2.2, 0.6)
        c.ring(500, 216, 52, 4, fade(AMBER, ease(t, ones, 0.4) - ease(t, tens, 0.4)))
        c.ring(400, 216, 52, 4, fade(AMBER, ease(t, tens, 0.4) - ease(t, end, 0.4)))
        c.ring(500, 318, 52, 4, fade(AMBER, ease(t, ones, 0.4) - ease(t, end, 0.4)))
        c.text(500, 450, "2", 88, fade(GREEN, first), bold=True)
        c.text(440, 364, "1", 34, fade(RED, ease(t, ones + 3, 0.5)), bold=True)
        c.text(400, 450, "7", 88, fade(GREEN, ease(t, tens + 2.4, 0.6)), bold=True)
        sticks(c, ease(t, ones, 0.8), ease(t, ones + 2.4, 1.2), ease(t, tens, 0.8))
        done = ease(t, end, 0.7)
        c.box(740, 486, 360, 84, fade(rgb("#E6F1EA"), done), r=20)
        c.text(920, 528, "24 × 3 = 72", 48, fade(GREEN, done), bold=True)
        caption(c, t, cues)
        return c

    return paint


def sticks(c: Canvas, ones: float, bind: float, tens: float) -> None:
    """Draw three rows of two bundles and four sticks; twelve sticks give a new bundle."""
    for row in range(3):
        y = 150 + row * 104
        for b in range(2):
            bundle(c, 740 + b * 86, y, 0.55 + 0.45 * tens)
        for k in range(4):
            gone = bind if row * 4 + k < 10 else 0.0
            c.box(930 + k * 30, y, 11, 84, fade(rgb("#D99A2B"), (0.45 + 0.55 * ones) * (1 - gone)), r=5)
    if bind:
        c.stroke([(1056, 210), (1092, 230), (1110, 262)], 4, fade(RED, bind))
        bundle(c, 1096, 276, bind)
        c.text(1127, 392, "满十进一", 22, fade(RED, bind))


def bundle(c: Canvas, x: float, y: float, share: float) -> None:
    """Draw ten sticks tied together."""
    for k in range(6):
        c.box(x + k * 10, y, 11, 84, fade(rgb("#C98A3A" if k % 2 else "#D9A14E"), share), r=5)
    c.box(x - 3, y + 34, 68, 15, fade(RED, share), r=5)
