"""Someone reads aloud: espeak-ng speaks, and says when each line began and ended.

Debian's Mandarin voice reads most characters as if their pinyin were English, so the
characters become pinyin here (pypinyin, with tone sandhi) and the voice that expects pinyin
speaks it. The voice is a machine's and sounds like one: clear, slow, and free to give away.
"""

import array
import subprocess
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pypinyin import Style, lazy_pinyin

RATE = 22_050  # Hz, mono, 16 bit: what espeak-ng writes


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a narration."""

    text: str
    """What stands in the subtitles."""
    say: str = ""
    """What is spoken, where that differs from the text."""
    voice: str = "zh"
    """``zh`` or ``en``."""
    pause_s: float = 0.7
    """Silence after the line, in seconds."""
    speed: int = 125
    """Words per minute, as espeak-ng counts them."""


@dataclass(frozen=True, slots=True)
class Cue:
    """When a line is heard, in seconds from the beginning."""

    start_s: float
    end_s: float
    text: str


def pinyin(chinese: str) -> str:
    """Spell Chinese as ``ni2 hao3``, punctuation kept for the pauses."""
    syllables = lazy_pinyin(
        chinese, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True
    )
    marks = str.maketrans("，。！？：、；", ",.!?,,,")
    return " ".join(syllables).translate(marks)


def _say(line: Line, target: Path) -> "array.array[int]":
    words = line.say or line.text
    voice = {"zh": "cmn-latn-pinyin", "en": "en-gb-x-rp"}[line.voice]
    spoken = pinyin(words) if line.voice == "zh" else words
    subprocess.run(
        ["espeak-ng", "-v", voice, "-s", str(line.speed), "-p", "42", "-g", "2",
         "-w", str(target), spoken],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with wave.open(str(target)) as sound:
        samples = array.array("h", sound.readframes(sound.getnframes()))
    # espeak-ng ends in silence; without the trim the cues would end late.
    loud = [i for i, sample in enumerate(samples) if abs(sample) > 300]
    return samples[max(0, loud[0] - 200) : loud[-1] + 1500]


def speak(
    lines: Sequence[Line], target: Path, *, lead_s: float, tail_s: float
) -> list[Cue]:
    """Write the lines as one WAV file and return when each is heard."""
    samples = array.array("h", bytes(2 * round(lead_s * RATE)))
    cues = []
    for line in lines:
        start = len(samples) / RATE
        samples.extend(_say(line, target))
        cues.append(Cue(start, len(samples) / RATE, line.text))
        samples.extend(array.array("h", bytes(2 * round(line.pause_s * RATE))))
    samples.extend(array.array("h", bytes(2 * round(tail_s * RATE))))
    with wave.open(str(target), "wb") as sound:
        sound.setparams((1, 2, RATE, 0, "NONE", ""))
        sound.writeframes(samples.tobytes())
    return cues


def _clock(seconds: float, mark: str) -> str:
    whole = round(seconds * 1000)
    return (
        f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:"
        f"{whole // 1000 % 60:02}{mark}{whole % 1000:03}"
    )


def srt(cues: Sequence[Cue]) -> str:
    """Return the cues as SubRip subtitles."""
    return "\n".join(
        f"{n}\n{_clock(cue.start_s, ',')} --> {_clock(cue.end_s, ',')}\n{cue.text}\n"
        for n, cue in enumerate(cues, 1)
    )


def ass(cues: Sequence[Cue], title: str) -> str:
    """Return the cues as Advanced SubStation subtitles."""
    head = (
        f"[Script Info]\nTitle: {title}\nScriptType: v4.00+\nPlayResX: 640\nPlayResY: 360\n\n"
        "[V4+ Styles]\nFormat: Name, Fontname, Fontsize, PrimaryColour, OutlineColour, "
        "BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV\n"
        "Style: 讲解,SimHei,24,&H00FFFFFF,&H00101010,1,2,0,2,10,10,18\n\n"
        "[Events]\nFormat: Layer, Start, End, Style, Text\n"
    )
    return head + "".join(
        f"Dialogue: 0,{_clock(c.start_s, '.')[1:-1]},{_clock(c.end_s, '.')[1:-1]},讲解,{c.text}\n"
        for c in cues
    )


def lrc(cues: Sequence[Cue], title: str, author: str) -> str:
    """Return the cues as the lyrics file that stands beside a recording."""
    rows = [f"[ti:{title}]", f"[ar:{author}]"]
    for cue in cues:
        minutes, seconds = divmod(cue.start_s, 60)
        rows.append(f"[{int(minutes):02}:{seconds:05.2f}]{cue.text}")
    return "\n".join(rows) + "\n"
