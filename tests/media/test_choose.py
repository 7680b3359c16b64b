"""The least work: a table of what each kind of source needs."""

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.media.choose import choose, fitted, thinned
from edge_server.media.probe import Picture, Probe, Sound, probe

PICTURE = Picture(
    index=0, codec="h264", profile="High", level=41, pixels="yuv420p", width=1920,
    height=1080, aspect=Fraction(1), turned_degrees=0, frames_per_s=Fraction(25),
    interlaced=False, bits_per_s=4_000_000,
)  # fmt: skip
SOUND = Sound(
    index=1, codec="aac", profile="LC", channels=2, rate_hz=48_000, label=None,
    is_default=True,
)  # fmt: skip
FILM = Probe(
    container="mov", size_bytes=10_000_000, playable_s=20.0, damaged=False, ready=True,
    picture=PICTURE, sounds=(SOUND,), cover_index=None,
)  # fmt: skip


def test_what_plays_everywhere_is_left_as_it_is():
    plan = choose(FILM)
    assert plan.serve
    assert plan.why == ()
    assert not plan.picture.encode
    assert not plan.sound.encode


WRONG_PICTURES = {
    "hevc": {"codec": "hevc"},
    "ten bits": {"profile": "High 10", "pixels": "yuv420p10le"},
    "4:4:4": {"profile": "High 4:4:4 Predictive", "pixels": "yuv444p"},
    "level 4.2": {"level": 42},
    "too wide": {"width": 2560, "height": 1080},
    "too high": {"width": 1080, "height": 1920},
    "odd": {"width": 1919},
    "wide pixels": {"width": 720, "height": 576, "aspect": Fraction(64, 45)},
    "turned": {"turned_degrees": 90},
    "fast": {"width": 1280, "height": 720, "frames_per_s": Fraction(100)},
    "fields": {"interlaced": True},
    "heavy": {"bits_per_s": 8_500_000},
}


@pytest.mark.parametrize("wrong", WRONG_PICTURES)
def test_a_picture_that_some_screen_cannot_play_is_encoded_and_the_sound_copied(wrong):
    film = replace(FILM, picture=replace(PICTURE, **WRONG_PICTURES[wrong]))
    plan = choose(film)
    assert not plan.serve
    assert plan.picture.encode
    assert not plan.sound.encode
    assert len(plan.why) >= 1


WRONG_SOUNDS = {
    "mp3": {"codec": "mp3", "profile": ""},
    "ac3": {"codec": "ac3", "profile": ""},
    "HE-AAC": {"profile": "HE-AAC"},
    "5.1": {"channels": 6},
    "96 kHz": {"rate_hz": 96_000},
}


@pytest.mark.parametrize("wrong", WRONG_SOUNDS)
def test_a_sound_that_some_screen_cannot_play_is_encoded_and_the_picture_copied(wrong):
    plan = choose(replace(FILM, sounds=(replace(SOUND, **WRONG_SOUNDS[wrong]),)))
    assert not plan.serve
    assert not plan.picture.encode
    assert plan.sound.encode
    assert plan.sound.rate_hz <= 48_000
    assert plan.sound.channels <= 2


@pytest.mark.parametrize(
    "wrong", [{"container": "matroska"}, {"ready": False}, {"damaged": True}]
)
def test_only_the_container_is_wrong_so_everything_is_copied(wrong):
    plan = choose(replace(FILM, **wrong))
    assert not plan.serve
    assert not plan.picture.encode
    assert not plan.sound.encode


def test_each_further_sound_track_is_named_for_a_rendition_of_its_own():
    second = replace(SOUND, index=2, label="English", is_default=False)
    plan = choose(replace(FILM, sounds=(SOUND, second)))
    assert plan.serve
    assert plan.further == (second,)


def test_a_default_track_that_is_not_the_first_is_put_first():
    first = replace(SOUND, is_default=False)
    default = replace(SOUND, index=2)
    plan = choose(replace(FILM, sounds=(first, default)))
    assert plan.sound.index == 2
    assert plan.further == (first,)
    assert not plan.serve


def test_recordings_stay_mp3_or_aac_and_become_aac_otherwise():
    alone = replace(FILM, picture=None)
    mp3 = replace(SOUND, codec="mp3", profile="")
    assert choose(alone).serve
    assert choose(replace(alone, container="mp3", sounds=(mp3,))).serve
    assert choose(replace(alone, container="aac")).sound.encode is False
    assert choose(replace(alone, container="asf", sounds=(mp3,))).sound.encode


def test_a_film_without_sound_is_a_film():
    assert choose(replace(FILM, sounds=())).serve


SIZES = {
    "576 lines, 16:9": ((720, 576, Fraction(64, 45), 0), (1024, 576)),
    "576 lines, 4:3": ((720, 576, Fraction(16, 15), 0), (768, 576)),
    "480 lines, 4:3": ((720, 480, Fraction(8, 9), 0), (720, 540)),
    "4K": ((3840, 2160, Fraction(1), 0), (1920, 1080)),
    "phone upright": ((1920, 1080, Fraction(1), 90), (608, 1080)),
    "small": ((320, 240, Fraction(1), 0), (320, 240)),
    "coded 1088": ((1920, 1088, Fraction(1), 0), (1906, 1080)),
    "nearly square": ((720, 404, Fraction(404, 405), 0), (720, 404)),
}


@pytest.mark.parametrize("case", SIZES)
def test_pictures_are_made_square_upright_and_small_enough(case):
    (width, height, aspect, turn), expected = SIZES[case]
    picture = replace(
        PICTURE, width=width, height=height, aspect=aspect, turned_degrees=turn
    )
    assert fitted(picture) == expected


def test_frames_are_thinned_to_what_level_4_1_allows():
    assert thinned(Fraction(60), 1280, 720) is None
    assert thinned(Fraction(60), 1920, 1080) == 30
    assert thinned(Fraction(50), 1920, 1080) == 25
    assert thinned(Fraction(120), 320, 180) == 60
    assert thinned(Fraction(25), 1920, 1080) is None
    assert thinned(Fraction(60000, 1001), 1920, 1080) == Fraction(30000, 1001)


@given(
    width=st.integers(1, 20_000),
    height=st.integers(1, 20_000),
    aspect=st.fractions(Fraction(1, 50), 50),
    turn=st.sampled_from([0, 90, 180, 270]),
)
def test_any_picture_fits_every_screen(width, height, aspect, turn):
    picture = replace(
        PICTURE, width=width, height=height, aspect=aspect, turned_degrees=turn
    )
    wide, high = fitted(picture)
    assert 2 <= wide <= 1920
    assert 2 <= high <= 1080
    assert wide % 2 == high % 2 == 0


ON_FILMS = {
    "plays.mp4": (True, False, False),
    "silent.mp4": (True, False, None),
    "music.mp3": (True, None, True),
    "music.m4a": (True, None, False),
    "index-last.mp4": (False, False, False),
    "fragments.mp4": (False, False, False),
    "flash-h264.flv": (False, False, False),
    "vfr.mkv": (False, False, False),
    "surround.mkv": (False, False, True),
    "cut.mp4": (False, False, False),
    "odd.avi": (False, True, True),
    "turned.mp4": (False, True, False),
    "fast.mp4": (False, True, False),
    "large.mp4": (False, True, False),
    "upright.mp4": (False, True, False),
    "wide-pixels.mp4": (False, True, False),
}


@pytest.mark.parametrize("name", ON_FILMS)
def test_real_films_get_the_least_work(film, name):
    """(serve, encode the picture, encode the sound); None where there is none."""
    plan = choose(probe(film(name)))
    picture = plan.picture.encode if plan.picture else None
    sound = plan.sound.encode if plan.sound else None
    assert (plan.serve, picture, sound) == ON_FILMS[name]
