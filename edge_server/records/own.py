"""The school's own resources as small files: what a rebuild reads when no database is left.

Each version is ``own/<id on disk>/<version>.json``, durable before its row is written, so
``objects/`` and ``own/`` together are enough to know every resource again.

Format, number 1, JSON in UTF-8: ``format`` (1), ``id``, ``version``, ``kind``,
``file_format``, ``title``, ``place`` (columns of a `Place`), ``tags``, ``source``,
``note``, ``extra``, ``guessed``, ``placed``, ``path``, ``channel``, ``size_bytes``,
``arrived_at`` (UTC seconds), ``parts`` (``role``, ``object_id``, ``name``, ``format``,
``media_type``, ``language``). Within the number fields are only added, and a reader keeps
what it does not know.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from edge_server.ground.box import Box
from edge_server.ground.together import Together
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place

FORMAT = 1


def write(box: Box, resource: Resource, together: Together) -> Path:
    """Write a version's description; ``together`` is finished before its row is written.

    Raises:
        Busy: The same version is being described with it, by another arrival.
    """
    folder = box.folder / "own" / resource.id_on_disk
    together.make_folders(folder)
    about = resource.about
    path = folder / f"{resource.version}.json"
    data = {
        "format": FORMAT,
        "id": resource.id,
        "version": resource.version,
        "kind": resource.kind,
        "file_format": resource.format,
        "title": about.title,
        "place": {k: v for k, v in asdict(about.place).items() if v is not None},
        "tags": about.tags,
        "source": about.source,
        "note": about.note,
        "extra": dict(about.extra),
        "guessed": about.guessed,
        "placed": about.placed,
        "path": resource.path,
        "channel": resource.channel,
        "size_bytes": resource.size_bytes,
        "arrived_at": resource.arrived_at,
        "parts": [asdict(part) for part in resource.parts],
    }
    together.write(path, json.dumps(data, ensure_ascii=False).encode())
    return path


def read(path: Path) -> Resource:
    """Return the version that a file describes.

    Raises:
        ValueError: It is not such a file, or of a later format.
    """
    data = json.loads(path.read_bytes())
    if data.get("format") != FORMAT:
        raise ValueError(f"format {data.get('format')!r}")
    return Resource(
        id=data["id"],
        id_on_disk=path.parent.name,
        version=data["version"],
        state="waiting",
        own=True,
        kind=data["kind"],
        format=data["file_format"],
        about=Description(
            title=data["title"],
            place=Place(**data["place"]),
            tags=data["tags"],
            source=data["source"],
            note=data["note"],
            extra=data["extra"],
            guessed=data["guessed"],
            placed=data["placed"],
        ),
        path=data["path"],
        channel=data["channel"],
        size_bytes=data["size_bytes"],
        arrived_at=data["arrived_at"],
        parts=tuple(Part(**part) for part in data["parts"]),
    )


def files(box: Box) -> Iterator[Path]:
    """Yield the files of all versions of all own resources."""
    for folder in sorted((box.folder / "own").iterdir()):
        if folder.is_dir():
            yield from sorted(folder.glob("*.json"))
