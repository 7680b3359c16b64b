"""发布: what waits, asking for it, how far it is, and what waits for the passphrase."""

import re

from edge_server.errors import PermanentError
from edge_server.ground import jobs
from edge_server.ground.db import transaction
from sync.centre import books, keys, sign
from tests.boxes import make_box, make_teacher
from tests.sync.county import Centre, make_centre
from tests.web.centre.county import County, close, visit


def _county(centre):
    make_teacher(centre.box)
    ledger = books.open_ledger(centre.box)
    ledger.prepare()
    return County(centre, ledger, {}, {})


def main(answer):
    return answer.text.split("<main", 1)[1].split("</main>")[0]


def test_the_latest_publishes_are_listed(desk):
    html = main(desk.get("/publish"))
    assert "教学点看到的是第 8 号" in html
    assert re.findall(r'<th scope="row">(\d+)</th>', html) == ["8", "7"]
    assert "3 GB" in html


def test_a_publish_is_asked_for_once(county, desk):
    for _ in range(2):
        assert desk.post("/publish", {}).headers["Location"] == "/publish"
    rows = [row for row in jobs.rows(county.box.db) if row.kind == "publish"]
    assert [(row.key, row.urgency) for row in rows] == [("all", jobs.URGENT)]
    assert "在排队" in main(desk.get("/publish"))


def test_how_far_it_is_comes_from_the_job(county, desk):
    desk.post("/publish", {})
    with transaction(county.box.db) as tx:
        (job,) = jobs.claim(tx, "publish", now=county.box.clock(), boot="b")
        jobs.note_progress(tx, job, 3, 12, "collections")
    answer = desk.get("/publish.json").json
    assert (
        answer["busy"] and "3 / 12" in answer["html"] and 'value="25"' in answer["html"]
    )
    assert answer["tag"] == desk.get("/publish.json").json["tag"]


def test_why_it_failed_is_said(county, desk):
    desk.post("/publish", {})
    with transaction(county.box.db) as tx:
        (job,) = jobs.claim(tx, "publish", now=county.box.clock(), boot="b")
        error = PermanentError("number_used", number=3, newest=4)
        jobs.fail(tx, job, error, now=county.box.clock())
    html = main(desk.get("/publish"))
    assert 'class="note problem' in html and "正在发布" not in html


def test_what_is_built_waits_for_the_passphrase(tmp_path):
    box = make_box(tmp_path / "centre", role="county-centre", convert=False)
    keys.make(box.folder, "a passphrase", ["127.0.0.1"], now_at=box.clock.moment().at)
    centre = Centre(box, keys.chain(box.folder)[0])
    county = _county(centre)
    desk = visit(county)
    desk.post("/publish", {})
    centre.work()
    html = main(desk.get("/publish"))
    assert "第 1 号做好了，等签名" in html and "等签名</td>" in html
    sign.release(box, "a passphrase")
    assert "教学点看到的是第 1 号" in main(desk.get("/publish"))
    close(county)


def test_a_publish_of_the_worker_is_seen(tmp_path):
    county = _county(make_centre(tmp_path / "centre"))
    desk = visit(county)
    assert "还没有发布过" in main(desk.get("/publish"))
    desk.post("/publish", {})
    county.centre.work()
    html = main(desk.get("/publish"))
    assert "教学点看到的是第 1 号" in html and "已发布" in html
    close(county)
