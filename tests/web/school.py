"""A small school in a real box: resources of every kind, as steps would have left them.

Rows and objects are written through the records and the store, so pages show what they
would show after a night of real work, without any converter having to run.
"""

import hashlib
import io
import json
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw

from edge_server.ground import pack, store
from edge_server.ground.box import Box, open_box
from edge_server.ground.db import transaction
from edge_server.media import book_reader
from edge_server.records import catalogue, curriculum, identity, renditions, versions
from edge_server.records.catalogue import Description, Part, Resource
from edge_server.records.curriculum import Place
from edge_server.records.renditions import Rendition
from tests.boxes import make_box

PIN = "20481357"
COLOURS = ("#CFE3D4", "#F1DFC9", "#D7E1F0", "#EAD7DE")


def id_of(axis: str, slug: str) -> str:
    found = curriculum.by_slug(axis, slug)  # type: ignore[arg-type]
    assert found is not None, (axis, slug)
    return found.id


def place(
    grade: str,
    subject: str,
    edition: str = "tongbian",
    volume: str = "shang",
    **labels: str | int,
) -> Place:
    return Place(
        stage=id_of("stage", "xiaoxue"),
        grade=id_of("grade", grade),
        subject=id_of("subject", subject),
        edition=id_of("edition", edition),
        volume=id_of("volume", volume),
        **labels,  # type: ignore[arg-type]
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

    def made(
        self, resource: Resource, profile: str, data: bytes, **about: object
    ) -> str:
        """Record what was made of a resource's main object."""
        object_id = self.keep(data, "derived")
        with transaction(self.box.db) as tx:
            rendition = Rendition(resource.main.object_id, profile, object_id, **about)  # type: ignore[arg-type]
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
        **more: object,
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
            **more,  # type: ignore[arg-type]
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


def storyboard(words: str, count: int) -> bytes:
    """Draw a row of small pictures, each with a sun that stands higher."""
    strip = Image.new("RGB", (1600, 90), "#101010")
    small = Image.open(io.BytesIO(picture(words, 160)))
    for n in range(count):
        one = small.copy()
        top = 70 - 8 * n
        ImageDraw.Draw(one).ellipse((20, top, 40, top + 20), fill="#F0B44C")
        strip.paste(one, (160 * n, 0))
    made = io.BytesIO()
    strip.save(made, "JPEG", quality=80)
    return made.getvalue()


def picture(words: str, width: int = 960) -> bytes:
    """Draw a quiet landscape with words on it."""
    seed = sum(words.encode())
    image = Image.new("RGB", (width, width * 9 // 16), COLOURS[seed % len(COLOURS)])
    drawing = ImageDraw.Draw(image)
    height = image.height
    drawing.ellipse(
        (width * 0.7, height * 0.12, width * 0.82, height * 0.33), fill="#FFF6DF"
    )
    for n, colour in enumerate(("#9CBFA6", "#7DAA8B", "#5D9273")):
        top = height * (0.52 + 0.13 * n)
        drawing.polygon(
            [(0, height), (0, top + 40), (width * (0.2 + 0.25 * n), top - 50),
             (width * (0.6 + 0.12 * n), top + 30), (width, top - 20), (width, height)],
            fill=colour,
        )  # fmt: skip
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    return made.getvalue()


def epub(*, hostile: bool = True, cover: bool = False) -> bytes:
    """Write a book of two chapters; a hostile one brings a script in every way it knows."""
    bad = (
        '<script>fetch("/usage",{method:"POST"})</script><img src="x" onerror="alert(1)"/>'
        '<iframe src="/status"></iframe><a href="javascript:alert(1)">x</a>'
        '<svg onload="alert(1)"><image xlink:href="pic.png"/></svg>'
        if hostile
        else ""
    )
    xhtml = (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>'
        '<html xmlns="http://www.w3.org/1999/xhtml"><head><title>t</title></head><body>{}</body></html>'
    )
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as book:
        book.writestr("mimetype", "application/epub+zip")
        book.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OPS/book.opf"/></rootfiles></container>',
        )
        book.writestr(
            "OPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
            '<item id="nav" href="nav.xhtml" properties="nav"/>'
            '<item id="a" href="a.xhtml"/><item id="b" href="b.xhtml"/>'
            + ('<item id="c" href="pic.png" properties="cover-image"/>' * cover)
            + "</manifest>"
            '<spine><itemref idref="a"/><itemref idref="b"/></spine></package>',
        )
        book.writestr(
            "OPS/nav.xhtml",
            xhtml.format(
                '<nav><ol><li><a href="a.xhtml">小蝌蚪找妈妈</a></li><li><a href="b.xhtml">井底的青蛙</a></li></ol></nav>'
            ),
        )
        book.writestr(
            "OPS/a.xhtml",
            xhtml.format(
                "<h1>小蝌蚪找妈妈</h1><p>池塘里有一群小蝌蚪，大大的脑袋，黑灰色的身子，甩着长长的尾巴，快活地游来游去。</p>"
                + '<p><img src="pic.png" alt="荷叶"/></p>'
                + bad
            ),
        )
        book.writestr(
            "OPS/b.xhtml", xhtml.format("<h1>井底的青蛙</h1><p>青蛙坐在井里。</p>")
        )
        book.writestr("OPS/pic.png", _png())
    return made.getvalue()


def _png() -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (320, 120), "#CFE3D4").save(made, "PNG")
    return made.getvalue()


def fill(school: School, film: bytes = b"") -> dict[str, Resource]:
    """Fill a school with a bit of everything; returns some of it by name."""
    first = {"unit": "学校生活", "unit_no": 1}
    tree = place("g3", "yuwen", lesson="大青树下的小学", lesson_no=1, **first)
    flowers = place("g3", "yuwen", lesson="花的学校", lesson_no=2, **first)
    autumn = place(
        "g3", "yuwen", unit="秋天", unit_no=2, lesson="古诗三首", lesson_no=4
    )
    cards = place(
        "g3",
        "yuwen",
        unit="秋天",
        unit_no=2,
        lesson="铺满金色巴掌的水泥道",
        lesson_no=5,
    )
    found = {
        "film": school.film("朗读与生字", tree, film),
        "deck": school.deck("课堂课件", tree, 8, clicks=3),
        "sheet": school.deck("课后练习", tree, 2, kind="document"),
    }
    school.film("花的学校 朗读", flowers, length_s=220)
    found["book"] = school.book("小故事", epub(), flowers)
    school.film("山行 赠刘景文 夜书所见", autumn, length_s=380)
    school.deck("铺满金色巴掌的水泥道 第一课时 抓住关键词句感受水泥道的美", cards, 24)
    sums = place(
        "g4",
        "shuxue",
        "renjiao",
        unit="三位数乘两位数",
        unit_no=4,
        lesson="笔算乘法",
        lesson_no=1,
    )
    school.deck("三位数乘两位数的笔算", sums, 18)
    angles = place(
        "g4",
        "shuxue",
        "renjiao",
        unit="角的度量",
        unit_no=3,
        lesson="量角器怎么用",
        lesson_no=2,
    )
    school.film("量角器怎么用", angles, length_s=412, own=False)
    water = place(
        "g3", "kexue", "jiaoke", unit="水", unit_no=1, lesson="水沸腾了", lesson_no=2
    )
    school.film("水沸腾了 实验", water, length_s=500)
    animals = place(
        "g3",
        "yingyu",
        "renjiao-pep",
        unit="We love animals",
        unit_no=4,
        lesson="Part A",
        lesson_no=1,
    )
    found["song"] = school.add(
        "We love animals 歌曲",
        "audio",
        "mp3",
        b"song",
        animals,
        media_type="audio/mpeg",
    )
    school.made(
        found["song"],
        renditions.MAIN,
        b"song",
        media_type="audio/mpeg",
        duration_s=182.0,
    )
    found["picture"] = school.add(
        "线条的魅力",
        "picture",
        "jpeg",
        picture("线条"),
        place("g3", "meishu", "renjiao"),
        media_type="image/jpeg",
    )
    found["page"] = school.add(
        "认识键盘",
        "html",
        "html",
        "<!doctype html><title>键盘</title><h1>认识键盘</h1><script>document.title='ran'</script>".encode(),
        place("g4", "xinxi", "renjiao"),
        media_type="text/html",
    )
    found["original"] = school.add(
        "观潮",
        "original",
        "enbx",
        b"enbx",
        place("g4", "yuwen", lesson="观潮", lesson_no=1, unit="自然之美", unit_no=1),
        note="希沃白板课件，含互动游戏。",
    )
    found["waiting"] = school.add(
        "刚传上来的视频", "video", "mov", b"mov", tree, media_type="video/quicktime"
    )
    return found
