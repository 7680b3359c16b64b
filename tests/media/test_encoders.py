"""Hardware is used only after it has made a film here, and never costs a lesson."""

import pytest

from edge_server.errors import PermanentError
from edge_server.media import encoders, picture, transcode
from edge_server.media.choose import choose
from edge_server.media.encoders import Encoder, Quality
from edge_server.media.probe import probe
from edge_server.media.segments import Watch

pytestmark = pytest.mark.lab("sandbox")
WATCH = Watch(
    on_seconds=lambda seconds: None,
    on_durable=lambda: None,
    should_stop=lambda: False,
)


class StandIn(Encoder):
    """An encoder of any machine, whose device is one that is always there."""

    def options(self, quality):
        return {"c:v": self.name, "b:v": f"{quality.most_kbps // 2}k"}


STANDS_IN = StandIn("libx264", devices="null")
FAILS = Encoder("h264_vaapi", devices="null", opening=("-vaapi_device", "/dev/null"))


@pytest.fixture(autouse=True)
def forget(monkeypatch):
    """Forget which encoders were found, before and after."""
    monkeypatch.setattr(encoders, "_given_up", set())
    works = encoders.works
    works.cache_clear()
    yield
    works.cache_clear()


def test_hardware_without_its_device_is_not_even_tried(monkeypatch, tmp_path):
    monkeypatch.setattr(encoders, "DEVICES", tmp_path)
    monkeypatch.setattr(encoders.runner, "run", None)

    assert encoders.encoder() == encoders.SOFTWARE


@pytest.mark.parametrize("one", encoders.HARDWARE, ids=lambda one: one.name)
def test_what_ffmpeg_lists_but_this_machine_has_not_is_not_used(monkeypatch, one):
    """The device is there by name only, as in a virtual machine."""
    monkeypatch.setattr(Encoder, "shown", lambda self: [encoders.DEVICES / "null"])

    assert not encoders.works(one)


def test_hardware_that_makes_a_film_here_is_used(monkeypatch):
    monkeypatch.setattr(encoders, "HARDWARE", (FAILS, STANDS_IN))

    assert encoders.encoder() == STANDS_IN


def test_the_software_encoder_passes_the_same_trial():
    assert encoders.works(encoders.SOFTWARE)


def test_a_film_on_which_hardware_fails_is_made_in_software(
    film, tmp_path, monkeypatch
):
    monkeypatch.setattr(encoders, "HARDWARE", (FAILS,))
    monkeypatch.setattr(encoders, "works", lambda one: True)
    source = film("ten-bit.mkv")
    found = probe(source)

    made = transcode.main(source, found, choose(found), tmp_path, WATCH)

    assert probe(made.path).picture.codec == "h264"
    assert encoders.encoder() == encoders.SOFTWARE  # from now on


def test_a_film_that_fails_everywhere_is_not_the_hardwares_fault(
    film, tmp_path, monkeypatch
):
    monkeypatch.setattr(encoders, "HARDWARE", (STANDS_IN,))
    # As of a film of which nothing can be decoded.
    monkeypatch.setattr(picture, "frame_times", lambda piece: [])
    source = film("ten-bit.mkv")
    found = probe(source)

    with pytest.raises(PermanentError):
        transcode.main(source, found, choose(found), tmp_path, WATCH)

    assert encoders.encoder() == STANDS_IN


def test_frames_are_laid_into_the_memory_of_a_device_that_wants_them_there():
    from edge_server.media import runner

    (vaapi,) = (one for one in encoders.HARDWARE if one.on_device)
    output = runner.ffmpeg.output(
        vaapi.fed(runner.source()["v:0"]), "x.mp4", **vaapi.options(Quality(23, 8000))
    )
    words = " ".join(runner.compiled(output, also=vaapi.opening))

    assert "-vaapi_device /dev/dri/renderD128" in words
    assert "format=nv12[s0];[s0]hwupload" in words
    assert "-profile:v 100" in words
