"""Usage: told in batches, kept once, whatever a browser sends."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge_server.records import outbox, usage
from web.beacon import MOST_EVENTS, read


def tell(client, events, **more):
    """Tell events as the script of a page does."""
    return client.post(
        "/usage",
        json.dumps({"events": events}),
        token=False,
        content_type=more.pop("content_type", "application/json"),
        **more,
    )


def event(filled, n=1, kind="opened", **more):
    """Return an event of the school's film."""
    return {
        "kind": kind,
        "visit": f"0123456789abcdef-{n}",
        "resource": filled.found["film"].id_on_disk,
        **more,
    }


def rows(filled):
    return filled.box.db.all("select * from usage_events order by id")


def test_what_was_played_is_kept_with_its_outbox_row(filled, client):
    batch = [event(filled), event(filled, 2, "played", position_s=95, played_s=30)]
    assert tell(client, batch).json == {"kept": 2}
    opened, played = rows(filled)
    assert opened["resource_id"] == filled.found["film"].id
    assert opened["grade"] == filled.found["film"].place.grade
    assert (played["position_s"], played["played_s"]) == (95, 30)
    assert outbox.waiting(filled.box.db) == 2


def test_a_batch_that_is_told_again_counts_once(filled, client):
    for _ in range(2):
        tell(client, [event(filled), event(filled, 2, "page", page=3)])
    assert len(rows(filled)) == 2


def test_a_search_is_kept_with_its_words(filled, client):
    tell(
        client, [{"kind": "searched", "visit": "0123456789abcdef-1", "words": " 古诗 "}]
    )
    assert rows(filled)[0]["words"] == "古诗"


def test_home_and_status_sum_it_by_week(filled, client):
    tell(
        client, [event(filled), event(filled, 2, "played", position_s=95, played_s=150)]
    )
    assert "这一周打开了 1 次课件" in client.get("/").text
    assert (
        usage.weeks(filled.box.db, now_at=filled.box.clock.moment().at)[0].opened == 1
    )


def test_nothing_about_a_pupil_is_kept(filled, client):
    tell(client, [event(filled, name="小明", pupil="小明", **{"class": "x"})])
    assert "小明" not in "".join(map(str, map(tuple, rows(filled))))


def test_another_page_cannot_tell_us_anything(filled, client):
    assert (
        tell(client, [event(filled)], origin="http://evil.example").status_code == 403
    )
    assert tell(client, [event(filled)], origin=None).status_code == 403
    assert tell(client, [event(filled)], content_type="text/plain").status_code == 415
    assert rows(filled) == []


def test_what_makes_no_sense_is_passed_over_and_the_rest_kept(filled, client):
    batch = [
        None, 7, "x", [], {},
        {"kind": "opened"},
        event(filled, kind="cast"),
        event(filled, kind="sold"),
        {**event(filled), "visit": "<script>"},
        {**event(filled), "resource": "0" * 32},
        {"kind": "searched", "visit": "0123456789abcdef-7", "words": "  "},
        event(filled, 9, "played", position_s=-5, played_s=1e300),
    ]  # fmt: skip
    assert tell(client, batch).json == {"kept": 1}
    (kept,) = rows(filled)
    assert kept["position_s"] == 0 and kept["played_s"] <= 86_400


def test_a_huge_batch_is_cut_not_refused(filled, client):
    batch = [event(filled, n) for n in range(500)]
    assert tell(client, batch).json == {"kept": MOST_EVENTS}


def test_bodies_that_are_no_batch_are_answered(client):
    for body in ("", "{", "[]", "null", '{"events": 3}', '{"events": {"a": 1}}'):
        answer = client.post(
            "/usage", body, token=False, content_type="application/json"
        )
        assert answer.json == {"kept": 0}


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["kind", "visit", "resource", "page", "position_s", "played_s", "words"]
)


@settings(
    max_examples=150, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(
    st.lists(
        st.dictionaries(NAMES, anything | st.sampled_from(usage.KINDS)) | anything,
        max_size=4,
    )
)
def test_no_batch_fails_whatever_is_in_it(filled, told):
    for found in read(filled.box.db, told):
        assert found.kind in usage.KINDS and usage.VISIT.fullmatch(found.visit)
