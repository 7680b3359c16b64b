"""A few plucked notes: the quiet sound under the voice.

Each note is a plucked string after Karplus and Strong (1983): a ring of noise that is
averaged with itself until only the tone is left. The tune walks through the five notes of
宫商角徵羽 by a seeded walk, so every run plays the same.
"""

import array
import random
import wave
from collections import deque
from pathlib import Path

from .narration import RATE

SCALE = (261.63, 293.66, 329.63, 392.00, 440.00, 523.25, 587.33, 659.25)  # C D E G A
LOUDEST = 9_000


def pluck(pitch_hz: float, seconds: float, noise: random.Random) -> list[float]:
    """Return the samples of one string, -1 to 1."""
    ring = deque(noise.uniform(-1, 1) for _ in range(round(RATE / pitch_hz)))
    samples = []
    for _ in range(round(seconds * RATE)):
        first = ring.popleft()
        ring.append((first + ring[0]) * 0.498)
        samples.append(first)
    return samples


def tune(seconds: float, target: Path, *, seed: int, beat_s: float = 0.8) -> None:
    """Write a WAV file of ``seconds`` of calm music, faded in and out."""
    dice = random.Random(seed)
    total = round(seconds * RATE)
    mixed = [0.0] * total
    step, at = 3, 0.1
    strings = [pluck(pitch, 2.2, dice) for pitch in SCALE]
    while at < seconds - 1:
        step = max(0, min(len(SCALE) - 1, step + dice.choice((-2, -1, -1, 1, 1, 2))))
        loud = dice.uniform(0.5, 0.9)
        begin = round(at * RATE)
        for i, sample in enumerate(strings[step][: total - begin]):
            mixed[begin + i] += sample * loud
        at += beat_s * dice.choice((1, 1, 1, 2, 0.5))
    edge = round(1.0 * RATE)
    peak = max(1.0, *(abs(v) for v in mixed))
    samples = array.array(
        "h",
        (
            round(v / peak * LOUDEST * min(1, i / edge, (total - i) / edge))
            for i, v in enumerate(mixed)
        ),
    )
    with wave.open(str(target), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())
