"""2,000 points on one page: few bytes, no query a row."""

from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.engine import Engine

from sync.centre.ledger import Point

POINTS = 2_000
MOST_BYTES = 600_000


@contextmanager
def statements():
    """Give the list of what the ledger's database is asked."""
    asked = []

    def note(connection, cursor, statement, *rest):
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield asked
    event.remove(Engine, "before_cursor_execute", note)


def test_two_thousand_points_are_one_light_page(county, desk):
    county.ledger.put_points(
        [
            Point(f"青山乡第{n}村小学教学点", centre_school=f"青山乡中心小学{n % 40}")
            for n in range(POINTS)
        ],
        at=county.now,
    )
    with statements() as asked:
        answer = desk.get("/")
    assert answer.text.count("/points/") >= POINTS
    assert len(answer.data) <= MOST_BYTES
    assert len(asked) <= 3
    assert " style=" not in answer.text
