"""A county with points in every state, and a browser at its desk, over TLS."""

import secrets
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from werkzeug.test import Client

from edge_server.ground.db import transaction
from edge_server.records import usage
from sync.centre import books
from sync.centre.ledger import Ledger, Point
from sync.format import batch as wire
from tests.boxes import PIN, make_teacher
from tests.sync.county import Centre, make_centre
from tests.web.conftest import Visit
from web.app import create_app

DAY_S = 86_400.0
GB = 10**9


@dataclass
class County:
    """A centre with its ledger and what stands in it, by name."""

    centre: Centre
    ledger: Ledger
    points: dict[str, int]
    boxes: dict[str, str]

    @property
    def box(self):
        """The centre's own box."""
        return self.centre.box

    @property
    def now(self) -> float:
        """UTC."""
        return self.box.clock.moment().at

    def add(self, name: str, school: str = "城关中心校", **about) -> int:
        """Write a point down."""
        point = Point(name, centre_school=school, township="城关镇", **about)
        ((id, _),) = self.ledger.put_points([point], at=self.now)
        self.points[name] = id
        return id

    def enrol(self, name: str, *, days_ago: float = 40.0) -> str:
        """Have a box join as a point."""
        secret, box_id = secrets.token_hex(8), secrets.token_hex(16)
        at = self.now - days_ago * DAY_S
        self.ledger.add_codes({self.points[name]: secret}, at=at)
        self.ledger.enrol(secret=secret, box_id=box_id, public_key=bytes(32), at=at)
        self.boxes[name] = box_id
        return box_id

    def call(
        self, name: str, *, days_ago: float = 0.1, opened: int = 0, rows=(), **said
    ) -> None:
        """Have a point's box call with a heartbeat, and tell of use."""
        at = self.now - days_ago * DAY_S
        box_id = self.boxes[name]
        known = self.ledger.box(box_id)
        self.ledger.hear(box_id, known.counter + 1, at=at)
        bodies = [*rows]
        for _ in range(opened):
            event = usage.Event(
                "opened", visit=secrets.token_hex(8), resource_id="county/lesson"
            )
            bodies.append(("usage", _body(event)))
        beat = {
            "at": at, "head_version": 0, "disk_free_bytes": 52 * GB,
            "disk_bytes": 128 * GB, "failing": 0, "refused": 0, **said,
        }  # fmt: skip
        epoch = secrets.token_hex(8)
        self.ledger.take_batch(
            wire.Batch(
                box_id, epoch, 1, b"",
                tuple(
                    wire.Row(n, kind, body, "boot", float(n), at)
                    for n, (kind, body) in enumerate(bodies, start=1)
                ),
                (wire.Boot("boot", at, "centre"),),
                beat,
            ),
            at=at,
        )  # fmt: skip

    def publish(self, number: int, *, days_ago: float, state: str = "live") -> None:
        """Write a publish down as `publish` and `sign` leave it."""
        with transaction(self.box.db) as tx:
            tx.execute(
                "insert into publishes (number, begun_at, state, resources, new_bytes)"
                " values (?, ?, ?, 12, 3000000000)",
                (number, self.now - days_ago * DAY_S, state),
            )


def _body(event: usage.Event) -> str:
    import json
    from dataclasses import asdict

    return json.dumps({k: v for k, v in asdict(event).items() if v is not None})


def make_county(folder: Path, **settings) -> County:
    """Make a centre without points, and the account of who works there."""
    centre = make_centre(folder, **settings)
    make_teacher(centre.box)
    ledger = books.open_ledger(centre.box)
    ledger.prepare()
    return County(centre, ledger, {}, {})


def fill(county: County) -> None:
    """Add points in every state."""
    county.publish(7, days_ago=20)
    county.publish(8, days_ago=1)
    for name in (
        "向阳小学教学点", "红旗小学教学点", "沉默的教学点", "没人用的教学点", "满盘的教学点",
        "旧头的教学点", "钟不准的教学点",
    ):  # fmt: skip
        county.add(name, head="王老师", phone="13800000000")
        county.enrol(name)
    county.add("没盒子的教学点", "河西中心校")
    county.add("撤掉的教学点", "河西中心校")
    county.ledger.close_point(county.points["撤掉的教学点"])
    for name in ("向阳小学教学点", "红旗小学教学点"):
        county.call(name, opened=5, head_version=8)
    county.call("沉默的教学点", days_ago=9, opened=1, head_version=7)
    county.call("没人用的教学点", head_version=8)
    county.call("满盘的教学点", opened=1, head_version=8, disk_free_bytes=1 * GB)
    county.call("旧头的教学点", opened=2, head_version=3)
    county.call("钟不准的教学点", opened=2, head_version=7, at=county.now - 7200)


class DeskVisit(Visit):
    """A browser at the desk, over TLS."""

    HOST = "192.168.1.5:8443"
    BASE = f"https://{HOST}"

    def get(self, address, **more):
        """Ask for a page."""
        return super().get(address, base_url=self.BASE, **more)

    def post(self, address, data=None, *, origin=BASE, **more):
        """Send a form."""
        return super().post(address, data, origin=origin, base_url=self.BASE, **more)


def visit(county: County, *, signed_in: bool = True) -> DeskVisit:
    """Open a browser at a county's desk."""
    met = DeskVisit(Client(create_app(county.box)))
    if signed_in:
        assert met.post("/signin", {"pin": PIN, "back": "/"}).status_code == 302
    return met


def forget_full_rights(county: County) -> None:
    """Let the half hour pass in which nobody is asked again."""
    with transaction(county.box.db) as tx:
        tx.execute("update sessions set rights = 'upload'")


def close(county: County) -> None:
    """Close everything."""
    with closing(county.ledger):
        county.box.db.close()
