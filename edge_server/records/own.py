"""The school's own resources as small files: what a rebuild reads when no database is left.

Each version is ``own/<ab>/<id on disk>.<version>.json``, below the id's first two digits
as objects are (a folder for each costs ext4 more than its file), durable before its row is
written, so ``objects/`` and ``own/`` together are enough to know every resource again.

Format, number 1, JSON in UTF-8: ``format`` (1), ``id``, ``version``, ``kind``,
``file_format``, ``title``, ``place`` (columns of a `Place`), ``tags``, ``source``,
``note``, ``extra``, ``guessed``, ``placed``, ``path``, ``channel``, ``size_bytes``,
``arrived_at`` (UTC seconds), ``parts`` (``role``, ``object_id``, ``name``, ``format``,
``media_type``, ``language``). Within the number fields are only added, and a reader keeps
what it does not know.
"""

import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from edge_server.ground.box import Box
from edge_server.ground.together import Together
from edge_server.records.catalogue import PLACE_COLUMNS, Description, Part, Resource
from edge_server.records.curriculum import Place

FORMAT = 1
PART_FIELDS = tuple(field.name for field in fields(Part))


def write(box: Box, resource: Resource, together: Together) -> Path:
    """Write a version's description; ``together`` is finished before its row is written.

    Raises:
        Busy: The same version is being described with it, by another arrival.
    """
    folder = box.folder.joinpath("own", resource.id_on_disk[:2])
    together.make_folders(folder)
    about = resource.about
    path = folder / f"{resource.id_on_disk}.{resource.version}.json"
    data = {
        "format": FORMAT,
        "id": resource.id,
        "version": resource.version,
        "kind": resource.kind,
        "file_format": resource.format,
        "title": about.title,
        "place": {
            column: value
            for column in PLACE_COLUMNS
            if (value := getattr(about.place, column)) is not None
        },
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
        "parts": [
            {field: getattr(part, field) for field in PART_FIELDS}
            for part in resource.parts
        ],
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
        id_on_disk=path.name.partition(".")[0],
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
        if len(folder.name) == 2:
            yield from sorted(folder.glob("*.json"))
