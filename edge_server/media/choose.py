"""The least work that makes a film play on every screen.

Nothing, if it already is what the weakest TV plays; another container, if only that or
the place of the index is wrong; else only the stream that is wrong is encoded again, at
its own size. A copy is about 200 times cheaper than an encode.

What every screen plays (facts of the DLNA and browser world): MP4 with its index in
front, H.264 up to High 4.1, 8-bit 4:2:0, up to 1920×1088, square pixels, unturned, up to
60 frames and 8 Mbit a second, AAC-LC with at most two channels.

Pure: a `Probe` in, a `Plan` out.
"""

from dataclasses import dataclass
from fractions import Fraction

from edge_server.media.probe import Picture, Probe, Sound

PROFILES = ("Constrained Baseline", "Baseline", "Main", "High")
MOST_LEVEL = 41
MOST_WIDTH, MOST_HEIGHT = 1920, 1088
FIT_WIDTH, FIT_HEIGHT = 1920, 1080
"""What a larger picture is scaled into."""
MOST_FRAMES_PER_S = 60
ROUNDED = Fraction(101, 100)
"""Time stamps in milliseconds make 60 frames a second a little more."""
MOST_BITS_PER_S = 8_000_000
MOST_BLOCKS_PER_S = 245_760
"""Level 4.1: macroblocks of 16×16 a second (H.264, table A-1), 1080p at 30."""
MOST_RATE_HZ = 48_000
MOST_SOUNDS = 8
"""Further tracks beyond these are left alone."""
SMALL_ABOVE_KBPS = 1000
"""Weak Wi-Fi carries this; only films above it get a small rendition."""


@dataclass(frozen=True, slots=True)
class PictureWork:
    """What becomes of the picture."""

    index: int
    encode: bool
    deinterlace: bool
    turn_degrees: int
    """Clockwise: 0, 90, 180 or 270."""
    width: int
    height: int
    """Of the result, even, with square pixels."""
    frames_per_s: Fraction | None
    """To thin out to; None leaves each frame where it is."""


@dataclass(frozen=True, slots=True)
class SoundWork:
    """What becomes of the sound."""

    index: int
    encode: bool
    rate_hz: int
    """Of the result."""
    channels: int
    """Of the result, 1 or 2."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The work for the main rendition."""

    serve: bool
    """The source itself is the main rendition."""
    picture: PictureWork | None
    sound: SoundWork | None
    further: tuple[Sound, ...]
    """Sound tracks that get a rendition of their own."""
    why: tuple[str, ...]
    """What is not as every screen needs it, in a few technical words each."""


def choose(probe: Probe) -> Plan:
    """Return the least work for a probed file."""
    why: list[str] = []
    picture = _picture_work(probe.picture, why) if probe.picture else None
    main = main_sound(probe.sounds)
    sound = sound_work(main) if main else None
    if main and sound and sound.encode:
        why.append(f"sound {main.codec} {main.profile} {main.channels} channels")
    further = tuple(s for s in probe.sounds if s != main)[:MOST_SOUNDS]
    if picture is None:
        return _sound_only(probe, sound, why)
    if probe.container != "mov":
        why.append(f"container {probe.container}")
    elif not probe.ready:
        why.append("index not in front")
    if probe.damaged:
        why.append("damaged")
    if main and probe.sounds[0] != main:
        why.append("default sound is not the first")
    return Plan(not why, picture, sound, further, tuple(why))


def _sound_only(probe: Probe, sound: SoundWork | None, why: list[str]) -> Plan:
    """A recording without picture: MP3 and AAC stay as they are."""
    first = probe.sounds[0]
    if first.codec == "mp3" and probe.container == "mp3":
        # Frames of MP3 stand alone: a cut-off file plays to its end everywhere.
        return Plan(True, None, sound, (), ())
    if probe.container != "mov" or not probe.ready:
        why.append(f"container {probe.container}")
    if probe.damaged:
        why.append("damaged")
    return Plan(not why, None, sound, (), tuple(why))


def main_sound(sounds: tuple[Sound, ...]) -> Sound | None:
    """Return the track a player begins with: the one marked default, else the first."""
    return next((s for s in sounds if s.is_default), sounds[0] if sounds else None)


def sound_work(sound: Sound) -> SoundWork:
    """Return what one sound track needs."""
    fine = (
        sound.codec == "aac"
        and sound.profile == "LC"
        and 1 <= sound.channels <= 2
        and 0 < sound.rate_hz <= MOST_RATE_HZ
    )
    # The rates AAC players know; speech at 8 or 11 kHz is rare and small anyway.
    rate_hz = sound.rate_hz if sound.rate_hz in (32_000, 44_100, 48_000) else 48_000
    return SoundWork(sound.index, not fine, rate_hz, 1 if sound.channels == 1 else 2)


def _picture_work(picture: Picture, why: list[str]) -> PictureWork:
    before = len(why)
    if picture.codec != "h264":
        why.append(f"codec {picture.codec}")
    elif picture.profile not in PROFILES or picture.level > MOST_LEVEL:
        why.append(f"profile {picture.profile} level {picture.level}")
    if picture.pixels not in ("yuv420p", "yuvj420p"):
        why.append(f"pixels {picture.pixels}")
    if picture.width > MOST_WIDTH or picture.height > MOST_HEIGHT:
        why.append(f"size {picture.width}x{picture.height}")
    if picture.width % 2 or picture.height % 2:
        why.append("odd size")
    if not square(picture.aspect):
        why.append(f"pixel aspect {picture.aspect}")
    if picture.turned_degrees:
        why.append(f"turned by {picture.turned_degrees}")
    if picture.frames_per_s > MOST_FRAMES_PER_S * ROUNDED:
        why.append(f"{float(picture.frames_per_s):.1f} frames per second")
    if picture.interlaced:
        why.append("interlaced")
    if picture.bits_per_s > MOST_BITS_PER_S:
        why.append(f"{picture.bits_per_s} bits per second")
    width, height = fitted(picture)
    return PictureWork(
        index=picture.index,
        encode=len(why) > before,
        # The filter touches only frames marked as interlaced, so it is always safe for
        # MPEG-2, whose files often do not say what they are.
        deinterlace=picture.interlaced or picture.codec == "mpeg2video",
        turn_degrees=picture.turned_degrees,
        width=width,
        height=height,
        frames_per_s=thinned(picture.frames_per_s, width, height),
    )


def square(aspect: Fraction) -> bool:
    """Return whether pixels are square, or nobody can see that they are not."""
    return abs(aspect - 1) < Fraction(1, 100)


def fitted(
    picture: Picture, most_width: int = FIT_WIDTH, most_height: int = FIT_HEIGHT
) -> tuple[int, int]:
    """Return the size as shown: square pixels, turned upright, even, within the bounds.

    A picture is never made larger than square pixels need.
    """
    width, height = Fraction(picture.width), Fraction(picture.height)
    # Square pixels by stretching the shorter way, so that no detail is lost.
    if square(picture.aspect):
        pass
    elif picture.aspect > 1:
        width *= picture.aspect
    else:
        height /= picture.aspect
    if picture.turned_degrees in (90, 270):
        width, height = height, width
    factor = min(Fraction(1), most_width / width, most_height / height)
    return _even(width * factor), _even(height * factor)


def thinned(frames_per_s: Fraction, width: int, height: int) -> Fraction | None:
    """Return the rate to thin out to by a whole number, None when all frames may stay."""
    blocks = -(-width // 16) * -(-height // 16)
    most = min(Fraction(MOST_FRAMES_PER_S), Fraction(MOST_BLOCKS_PER_S, blocks))
    if frames_per_s <= most * ROUNDED:
        return None
    return frames_per_s / -(-frames_per_s // (most * ROUNDED))


def _even(length: Fraction) -> int:
    return max(2, round(length / 2) * 2)
