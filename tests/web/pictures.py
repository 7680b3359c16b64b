"""Pictures for tests: a landscape with words on it, and the storyboard of a film."""

import io

from PIL import Image, ImageDraw

COLOURS = ("#CFE3D4", "#F1DFC9", "#D7E1F0", "#EAD7DE")


def storyboard(words: str, count: int) -> bytes:
    """Draw a row of small pictures, each with a sun that stands higher."""
    strip = Image.new("RGB", (1600, 90), "#101010")
    small = Image.open(io.BytesIO(picture(words, 160)))
    for n in range(count):
        one = small.copy()
        top = 70 - 8 * n
        ImageDraw.Draw(one).ellipse((20, top, 40, top + 20), fill="#F0B44C")
        strip.paste(one, (160 * n, 0))
    made = io.BytesIO()
    strip.save(made, "JPEG", quality=80)
    return made.getvalue()


def picture(words: str, width: int = 960) -> bytes:
    """Draw a quiet landscape with words on it."""
    seed = sum(words.encode())
    image = Image.new("RGB", (width, width * 9 // 16), COLOURS[seed % len(COLOURS)])
    drawing = ImageDraw.Draw(image)
    height = image.height
    drawing.ellipse(
        (width * 0.7, height * 0.12, width * 0.82, height * 0.33), fill="#FFF6DF"
    )
    for n, colour in enumerate(("#9CBFA6", "#7DAA8B", "#5D9273")):
        top = height * (0.52 + 0.13 * n)
        drawing.polygon(
            [(0, height), (0, top + 40), (width * (0.2 + 0.25 * n), top - 50),
             (width * (0.6 + 0.12 * n), top + 30), (width, top - 20), (width, height)],
            fill=colour,
        )  # fmt: skip
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    return made.getvalue()
