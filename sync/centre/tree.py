"""The published tree on the centre's disk: plain files under names that never change.

Everything but ``timestamp.json`` is named by its content or its number and written once.
Objects are hard links into the store, so publishing costs no room and no time.
"""

from pathlib import Path

from edge_server.ground import durable, store
from edge_server.ground.box import Box
from edge_server.ground.together import Together
from sync.format import tree as names

FOLDER = "published"


def folder_of(box: Box) -> Path:
    """Return the top of the tree; what a web server or a stick carries."""
    return box.folder / FOLDER


def put_object(box: Box, object_id: str, together: Together) -> bool:
    """Have an object of the store in the tree; returns whether it is new there.

    Raises:
        ObjectMissing: The store does not have it now.
    """
    path = folder_of(box) / names.object_name(object_id)
    if path.exists():
        return False
    together.make_folders(path.parent)
    together.link(store.path_of(box, object_id), path)
    return True


def put_file(box: Box, name: str, made: Path, together: Together) -> None:
    """Have a file of a work folder in the tree under the name of its content."""
    path = folder_of(box) / name
    if not path.exists():
        together.make_folders(path.parent)
        together.link(made, path)


def put_bytes(box: Box, name: str, data: bytes, together: Together) -> None:
    """Have a small file in the tree under the name of its content or number."""
    path = folder_of(box) / name
    if not path.exists():
        together.make_folders(path.parent)
        together.write(path, data)


def put_timestamp(box: Box, data: bytes) -> None:
    """Replace the one file that ever changes; all that it leads to is durable already."""
    durable.make_folders(folder_of(box))
    durable.write(folder_of(box) / names.TIMESTAMP, data)


def read(box: Box, name: str) -> bytes | None:
    """Return a file of the tree, None: there is none of that name."""
    try:
        return (folder_of(box) / name).read_bytes()
    except FileNotFoundError:
        return None
