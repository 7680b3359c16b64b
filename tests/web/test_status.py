"""The state of the box: what is wrong, in plain words, and what to do about it."""

import json
import re

from edge_server.ground import jobs
from edge_server.ground.db import transaction
from edge_server.language import all_sentences
from edge_server.records import refusals
from sync.arrivals import offers
from tests.boxes import PIN, make_teacher


def test_status_says_first_what_is_wrong_and_what_to_do(filled, client):
    with transaction(filled.box.db) as tx:
        refusals.add(
            tx, filled.box.clock, name="三年级/坏片.mp4", file=None, channel="folder",
            code="media_without_index", values={}, size_bytes=5,
        )  # fmt: skip
    html = client.get("/status").text
    assert "有 1 样东西没收下或没做成" in html and "坏片.mp4" in html
    state = json.loads(client.get("/status.json").text)
    assert "坏片.mp4" in state["html"] and state["busy"] is False
    assert json.loads(client.get("/status.json").text)["tag"] == state["tag"]


def test_asking_for_the_state_writes_nothing(filled, client):
    client.get("/status.json")
    connection = filled.box.db.connection()  # of this thread, which answers too
    before = connection.total_changes
    for address in ("/status.json", "/status", "/", "/library", "/search?q=水"):
        client.get(address)
    assert connection.total_changes == before


def test_status_shows_the_address_by_which_this_visitor_came(
    filled, client, monkeypatch
):
    monkeypatch.setattr(
        "web.status.lan.addresses", lambda: ["192.168.1.5", "127.0.0.1"]
    )
    html = client.get("/status").text
    assert "<b>http://192.168.1.5:8080</b>" in html
    assert (
        "<b>http://192.168.1.5</b>"
        in client.get("/status", headers={"Host": "10.0.0.1"}).text
    )
    monkeypatch.setattr("web.status.lan.addresses", lambda: ["127.0.0.1"])
    assert "192.168" not in client.get("/status").text


def test_what_was_set_aside_is_not_still_arriving_and_can_be_tried_again(
    filled, client
):
    box = filled.box
    with transaction(box.db) as tx:
        offer_id = offers.add(
            tx,
            box.clock,
            channel="cli",
            file="uploads/x/file",
            path="坏包.zip",
            size_bytes=9,
        )
        tx.execute(
            "update jobs set state = 'aside', code = 'unexpected', detail = '{}'"
        )
    assert "正在收" not in client.get("/").text
    html = client.get("/status").text
    assert "检查：坏包.zip" in html
    retry = re.search(r'action="(/status/retry/\d+)"', html)[1]
    came_from = {"Referer": f"http://{client.HOST}/status"}
    refused = client.post(retry, {}, headers=came_from)
    assert refused.status_code == 403
    assert 'class="btn" href="/signin?back=/status"' in refused.text
    make_teacher(filled.box)
    client.sign_in(PIN)
    client.post(retry, {})
    assert box.db.value("select state from jobs where key = ?", (offer_id,)) == "queued"
    assert "坏包.zip" in client.get("/status").text


def test_a_teacher_reads_plain_words_where_the_program_broke(filled, client):
    with transaction(filled.box.db) as tx:
        jobs.enqueue(tx, "take", "坏包.zip", now=0.0)
        tx.execute(
            "update jobs set state = 'aside', code = 'unexpected', detail = ?",
            (json.dumps({"what": "KeyError: 'sections/7'"}),),
        )
    for lang, words in (("zh", "这一步没做成"), ("en", "This step did not succeed")):
        client.speak(lang)
        html = client.get("/status").text
        assert words in html and "KeyError" not in html, lang


def test_no_sentence_for_teachers_repeats_what_a_program_said():
    said = {code: one for code, one in all_sentences().items() if "{what}" in str(one)}
    assert said == {}
