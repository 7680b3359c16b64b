"""What was taken in and turns out to hold nothing is set aside after all, with its reason.

Only a look into the whole file tells a film from noise that begins like one, and that look
is dear, so it comes when the film is made ready. Its resource may have been seen until
then. From then on it is refused like any other: its file in ``refused/``, its reason where
refused things are listed, and what it had taken the place of is shown again.
"""

from collections.abc import Iterable

from edge_server.errors import Refused
from edge_server.ground import store
from edge_server.ground.box import Box
from edge_server.ground.db import Tx
from edge_server.ground.together import Together
from edge_server.ground.worker import WriteDown
from edge_server.guard import names
from edge_server.records import catalogue, refusals, versions


def after_all(box: Box, object_id: str, error: Refused) -> WriteDown:
    """Set an object aside; its result names the resources that lost it.

    Args:
        box: The box.
        object_id: What resources consist of; its file becomes refused too, by a link.
        error: Why.
    """
    part = catalogue.part_of(box.db, object_id)
    if part is None:
        return lambda tx: ()
    target = box.folder / "refused" / names.clean(f"{object_id[:8]}-{part.name}")
    if not target.exists():
        with Together() as together:
            together.link(store.path_of(box, object_id), target)
            together.finish()

    def write_down(tx: Tx) -> Iterable[str]:
        gone = {r.id: r for r in versions.take_back(tx, box.clock, object_id)}
        for resource in gone.values():
            refusals.add(
                tx,
                box.clock,
                name=resource.path,
                file=target.name,
                channel=resource.channel,
                code=error.reason,
                values=error.values,
                size_bytes=target.stat().st_size,
            )
        return list(gone)

    return write_down
