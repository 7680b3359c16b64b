"""What sidecars say of files, kept as rows, since files may come after their sheet.

A row is found by the path below its sheet's folder; the nearest folder's sheet wins. A
row that names a file without its suffix fits as well.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import PurePosixPath

from edge_server.ground.box import Box
from edge_server.ground.db import Db, Tx
from edge_server.records import placing, textbooks
from edge_server.records.catalogue import Description, Resource
from edge_server.records.curriculum import Place
from sync.arrivals import sidecar
from sync.arrivals.sidecar import SidecarRow


def put(tx: Tx, folder: str, rows: list[SidecarRow]) -> None:
    """Write rows of the sheet in a folder; a later sheet there replaces them."""
    tx.executemany(
        "insert into sidecar_rows values (?, ?, ?) on conflict (folder, file)"
        " do update set row = excluded.row",
        [
            (
                folder,
                sidecar.file_key(r.file),
                json.dumps(asdict(r), ensure_ascii=False),
            )
            for r in rows
        ],
    )


def forget(tx: Tx, folder: str) -> None:
    """Remove the rows of the sheet that lay in a folder."""
    tx.execute("delete from sidecar_rows where folder = ?", (folder,))


def row_for(db: Db, path: str) -> SidecarRow | None:
    """Return what the nearest sidecar says of the file at a path below the root."""
    levels = dict(_levels(path))
    sheets = db.all(
        "select value from json_each(?)"
        " where exists (select 1 from sidecar_rows where folder = value) order by key",
        (json.dumps(list(levels)),),
    )
    # Each sheet may call the file by its name with or without suffix; the nearest wins.
    for (folder,) in sheets:
        for name in (levels[folder], _without_suffix(levels[folder])):
            found = db.value(
                "select row from sidecar_rows where folder = ? and file = ?",
                (folder, sidecar.file_key(name)),
            )
            if found is not None:
                row = json.loads(found)
                place, tags = Place(**row.pop("place")), tuple(row.pop("tags"))
                return SidecarRow(**row, place=place, tags=tags)
    return None


def over(db: Db, path: str, about: Description) -> tuple[Description, str]:
    """Put a sidecar's row over a description; returns it with the id the row gives."""
    row = row_for(db, path)
    if row is None:
        return about, ""
    told = replace(
        about,
        title=row.title or about.title,
        place=placing.combine(row.place, about.place),
        tags="、".join(row.tags) or about.tags,
        source=row.source or about.source,
        note=row.note or about.note,
        extra={**about.extra, **row.extra},
        guessed=about.guessed and row.place == Place(),
    )
    return told, row.id


def again(box: Box, resource: Resource) -> Description:
    """Return what is to be said of a resource now that sheets or contents have changed.

    What a person said at the upload stays where no sheet says otherwise; unit and lesson
    are matched with the contents anew.
    """
    reading = placing.place_of(resource.path)
    base = replace(
        resource.about,
        place=placing.combine(reading.place, resource.place)
        if resource.about.placed
        else resource.place,
    )
    about, _ = over(box.db, resource.path, base)
    return textbooks.attach(box.db, about)


def _levels(path: str) -> Iterator[tuple[str, str]]:
    """Yield (folder, path below it) from the innermost folder outwards to the root."""
    parts = PurePosixPath(path).parts
    for n in range(len(parts) - 1, -1, -1):
        yield "/".join(parts[:n]), "/".join(parts[n:])


def _without_suffix(path: str) -> str:
    return str(PurePosixPath(path).with_suffix(""))
