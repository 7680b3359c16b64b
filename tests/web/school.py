"""A small school in a real box: resources of every kind, as steps would have left them.

Rows and objects are written through the records and the store, so pages show what they
would show after a night of real work, without any converter having to run.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from edge_server.ground import pack, store
from edge_server.ground.box import Box, open_box
from edge_server.ground.db import transaction
from edge_server.media import book_reader
from edge_server.records import catalogue, curriculum, identity, renditions, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Axis, Place
from edge_server.records.renditions import Rendition
from tests.boxes import make_box
from tests.web.pictures import picture, storyboard


def id_of(axis: Axis, slug: str) -> str:
    """Return the national id of a value of the curriculum."""
    found = curriculum.by_slug(axis, slug)
    assert found is not None, (axis, slug)
    return found.id


def place(
    grade: str,
    subject: str,
    edition: str = "tongbian",
    volume: str = "shang",
    **labels: Any,
) -> Place:
    """Return a place of primary school by slugs; ``labels`` are its unit and lesson."""
    return Place(
        stage=id_of("stage", "xiaoxue"),
        grade=id_of("grade", grade),
        subject=id_of("subject", subject),
        edition=id_of("edition", edition),
        volume=id_of("volume", volume),
        **labels,
    )


class School:
    """Puts things into a box."""

    found: dict[str, Resource]

    def __init__(self, folder: Path, box: Box | None = None) -> None:
        self.box = box or make_box(folder)
        self.files = folder / "made-by-the-test"
        self.files.mkdir(exist_ok=True)
        self.arrived_at = self.box.clock.moment().at - 3 * 3600

    @classmethod
    def open(cls, folder: Path) -> "School":
        """Open a school that was made before."""
        return cls(folder, open_box(folder))

    def keep(self, data: bytes, origin: str = "own") -> str:
        """Put bytes into the store; returns their object id."""
        object_id = hashlib.sha256(data).hexdigest()
        path = self.files / object_id
        path.write_bytes(data)
        kept = store.keep(self.box, path, object_id)
        with transaction(self.box.db) as tx:
            store.record(tx, kept, origin, self.box.clock.moment().at)
        return object_id

    def add(
        self,
        title: str,
        kind: str,
        format: str,
        data: bytes,
        where: Place,
        *,
        media_type: str = "application/octet-stream",
        more: tuple[Part, ...] = (),
        own: bool = True,
        note: str = "",
    ) -> Resource:
        """Show a resource."""
        object_id = self.keep(data)
        name = f"{title}.{format}"
        resource_id = f"{identity.box_id(self.box.db)}/{name}/{object_id[:8]}"
        self.arrived_at += 60
        resource = Resource(
            id=resource_id,
            id_on_disk=catalogue.disk_id(resource_id),
            version=1,
            state="waiting",
            own=own,
            kind=kind,
            format=format,
            about=Description(title, where, note=note),
            path=name,
            channel="folder",
            size_bytes=len(data),
            arrived_at=self.arrived_at,
            parts=(Part("main", object_id, name, format, media_type), *more),
        )
        with transaction(self.box.db) as tx:
            versions.add_version(tx, self.box.clock, resource)
            versions.make_visible(tx, self.box.clock, resource.id)
        return resource

    def made(self, resource: Resource, profile: str, data: bytes, **about: Any) -> str:
        """Record what was made of a resource's main object."""
        object_id = self.keep(data, "derived")
        with transaction(self.box.db) as tx:
            rendition = Rendition(resource.main.object_id, profile, object_id, **about)
            renditions.record(tx, self.box.clock, rendition)
        return object_id

    def book(
        self, title: str, data: bytes, where: Place, *, cut: bool = False
    ) -> Resource:
        """Show an e-book that was taken apart."""
        resource = self.add(title, "ebook", "epub", data, where)
        out = self.files / f"book-{resource.id_on_disk}"
        out.mkdir()
        (out / "book.epub").write_bytes(data)
        book_reader.take_apart(out / "book.epub", out, 1_000_000)
        told = json.loads((out / "book.json").read_text("utf-8"))
        packed = out / "book.pack"
        members = [*sorted(out.glob("*.html")), *sorted(out.glob("p*.*g"))]
        pack.write(packed, [(one.name, one) for one in members])
        self.made(
            resource,
            renditions.CHAPTERS,
            packed.read_bytes(),
            pages=len(told["titles"]),
            about={"titles": told["titles"], "cut": cut},
        )
        return resource

    def film(
        self,
        title: str,
        where: Place,
        data: bytes = b"",
        length_s: float = 724.0,
        **more: Any,
    ) -> Resource:
        """Show a film that plays in two qualities, with a poster."""
        data = data or f"film {title}".encode()
        resource = self.add(
            title,
            "video",
            "mp4",
            data,
            where,
            media_type="video/mp4",
            **more,
        )
        main = {"media_type": "video/mp4", "duration_s": length_s}
        self.made(resource, renditions.MAIN, data, **main)
        self.made(resource, renditions.SMALL, data + b" small", **main)
        self.made(resource, renditions.POSTER, picture(title), media_type="image/jpeg")
        count = 8
        geometry = {
            "every_s": length_s / count, "columns": 10, "rows": 1, "count": count,
            "width": 160, "height": 90,
        }  # fmt: skip
        strip = storyboard(title, count)
        self.made(resource, renditions.STORYBOARD, strip, about=geometry)
        return resource

    def deck(
        self,
        title: str,
        where: Place,
        pages: int = 6,
        kind: str = "slides",
        clicks: int = 1,
    ) -> Resource:
        """Show slides or a document as pictures; the second page has several clicks."""
        format = "pptx" if kind == "slides" else "pdf"
        resource = self.add(title, kind, format, f"deck {title}".encode(), where)
        members, names = [], []
        for n in range(1, pages + 1):
            here = [f"{n:04d}.jpg"]
            if n == 2:
                here += [f"{n:04d}-{click:02d}.jpg" for click in range(2, clicks + 1)]
            for name in here:
                path = self.files / f"{resource.id_on_disk}-{name}"
                path.write_bytes(picture(f"{title} {name[:-4].lstrip('0')}"))
                members.append((name, path))
            names.append(here)
        target = self.files / f"{resource.id_on_disk}.pack"
        pack.write(target, members)
        self.made(
            resource,
            renditions.PAGES,
            target.read_bytes(),
            pages=pages,
            about={"pictures": names},
        )
        return resource
