"""Real boxes in a folder of the test: prepared, with an identity, without ballast."""

from pathlib import Path

from edge_server.cli.opening import make_ready
from edge_server.ground import config
from edge_server.ground.box import Box
from edge_server.ground.config import Config
from edge_server.ground.worker import Worker

NAME = "向阳教学点"


def make_box(folder: Path, **settings) -> Box:
    """Make and open a box."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = {"name": NAME, "floor_bytes": 0, "ballast_bytes": 0, "mdns": False}
    chosen = Config(**(wanted | settings))
    (folder / config.FILE_NAME).write_text(config.text(chosen), "utf-8")
    return make_ready(folder)


def run_until_idle(box: Box) -> None:
    """Do every job that may start, as `work` would."""
    from edge_server.pipeline import STEPS

    Worker(box, STEPS).run(until_idle=True)
