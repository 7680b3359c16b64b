"""Three old poems, each with the picture every child draws for it.

The lines stand in columns from right to left, as they were written, and appear while they
are read.
"""

from collections.abc import Sequence

from .canvas import Canvas, Colour, mix
from .narration import Cue, Line

# fmt: off
# A shape is one thought: its points stay on one line.

SHANXING = (
    "山行", "唐 杜牧",
    ("远上寒山石径斜", "白云生处有人家", "停车坐爱枫林晚", "霜叶红于二月花"),
)  # fmt: skip
JINGYESI = (
    "静夜思", "唐 李白",
    ("床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"),
)  # fmt: skip
YONGE = (
    "咏鹅", "唐 骆宾王",
    ("鹅，鹅，鹅", "曲项向天歌", "白毛浮绿水", "红掌拨清波"),
)  # fmt: skip


def reading(poem: tuple[str, str, Sequence[str]]) -> list[Line]:
    """Return the poem as it is read aloud: title and poet first."""
    title, poet, lines = poem
    marks = "，。，。"
    return [Line(f"《{title}》 {poet}", say=f"{title}，{poet.replace(' ', '，')}", pause_s=1.2), *(Line(text + mark, pause_s=0.9, speed=105) for text, mark in zip(lines, marks, strict=True))]


def columns(
    c: Canvas, poem: tuple[str, str, Sequence[str]], t: float, cues: Sequence[Cue], *,
    right: float, top: float, size: float, ink: Colour, soft: Colour,
) -> None:  # fmt: skip
    """Write what has been read of the poem, the title always."""
    title, poet, lines = poem
    c.column(right, top, title, size * 1.15, ink, bold=True)
    c.column(right, top + (len(title) + 0.5) * size * 1.4, poet.replace(" ", "·"), size * 0.56, soft)
    for n, text in enumerate(lines):
        cue = cues[n + 1] if len(cues) > n + 1 else Cue(0, 0.1, "")
        share = (t - cue.start_s) / max(0.1, cue.end_s - cue.start_s) * 1.15
        reading_now = cue.start_s <= t < cue.end_s + 0.6
        c.column(
            right - (n + 1.15) * size * 1.75, top, text.replace("，", ""), size,
            ink if reading_now else mix(ink, soft, 0.45), share=max(0.0, share),
            bold=reading_now,
        )  # fmt: skip
