"""Who gets to the desk: over TLS, with the account; who changes something is asked again."""

import re

import pytest

from edge_server.ground.db import transaction
from edge_server.records import accounts, audit
from tests.boxes import PIN
from tests.web.centre.county import forget_full_rights, visit
from tests.web.conftest import Visit
from web.app import pages
from web.rights import Right, right_of
from web.site import open_site

OPEN = {"/signin", "/lang", "/favicon.ico", "/static/<look>/<path:name>"}


@pytest.fixture
def stranger(county):
    """A browser over TLS that has not signed in."""
    return visit(county, signed_in=False)


@pytest.fixture
def lan(county):
    """A browser in the LAN on the plain port."""
    return Visit(stranger_of(county))


def stranger_of(county):
    return visit(county, signed_in=False).client


def test_every_page_needs_the_account(county, stranger):
    site = open_site(county.box)
    app = pages(site)
    seen = 0
    for rule in app.url_map.iter_rules():
        if str(rule) in OPEN:
            continue
        address = re.sub(r"<int:[^>]*>", "1", str(rule))
        address = re.sub(r"<[^>]*>", "x", address)
        if "GET" in rule.methods:
            answer = stranger.get(address)
            assert answer.status_code == 302, address
            assert answer.headers["Location"].startswith("/signin"), address
        if "POST" in rule.methods:
            token = stranger.token()
            answer = stranger.post(f"{address}?csrf={token}", {})
            assert answer.status_code == 403, address
        seen += 1
    site.words.close()
    assert seen > 20


def test_only_the_door_stands_open(county):
    site = open_site(county.box)
    app = pages(site)
    doors = {
        str(rule)
        for rule in app.url_map.iter_rules()
        if right_of(app.view_functions[rule.endpoint]) is Right.DOOR
    }
    site.words.close()
    assert doors == OPEN


def test_what_is_not_published_is_not_given_to_strangers(county, stranger, desk):
    assert stranger.get(f"/media/{'0' * 64}.mp4").status_code == 403
    assert desk.get(f"/media/{'0' * 64}.mp4").status_code == 404


@pytest.mark.parametrize("address", ["/", "/signin", "/points/1", "/media/x", "/lang"])
def test_over_the_plain_port_the_lan_is_told_the_address(lan, address):
    answer = lan.get(address)
    assert answer.status_code == 403
    assert "https://192.168.1.5:8443/" in answer.text
    assert "Set-Cookie" not in answer.headers


def test_a_name_that_is_not_ours_is_no_link(lan):
    answer = lan.get("/", headers={"Host": 'evil.example"><script>'})
    assert "evil" not in answer.text and "<a " not in answer.text


def test_a_pin_sent_over_the_plain_port_opens_nothing(county, lan):
    before = county.box.db.value("select count(*) from sessions")
    answer = lan.post("/signin", {"pin": PIN, "csrf": "x"}, token=False)
    assert answer.status_code == 403
    assert county.box.db.value("select count(*) from sessions") == before


def test_the_published_tree_stays_open_to_all(county, lan):
    folder = county.box.folder / "published"
    folder.mkdir(exist_ok=True)
    (folder / "timestamp.json").write_text("{}")
    answer = lan.get("/published/timestamp.json")
    assert (answer.status_code, answer.text) == (200, "{}")


def test_this_machine_itself_sees_the_desk_on_the_plain_port(lan):
    lan.PHONE = "127.0.0.1"
    assert lan.get("/signin").status_code == 200


def test_cookies_given_over_tls_never_go_over_plain_http(county, stranger):
    answer = stranger.post("/signin", {"pin": PIN, "back": "/"})
    cookie = answer.headers["Set-Cookie"]
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Strict" in cookie


def test_a_form_of_another_page_changes_nothing(county, desk):
    point = county.points["红旗小学教学点"]
    answer = desk.post(f"/points/{point}/stop", {}, origin="https://evil.example")
    assert answer.status_code == 403
    assert county.ledger.point(point).seen.box_id is not None


@pytest.mark.parametrize(
    "address",
    ["/points/{}/stop", "/points/{}/close", "/points/{}/code", "/points/new",
     "/points/bring", "/cards", "/publish"],
)  # fmt: skip
def test_a_change_asks_for_the_pin_again(county, desk, address):
    address = address.format(county.points["红旗小学教学点"])
    forget_full_rights(county)
    before = county.ledger.points()
    if address != "/points/new":
        assert 'name="pin"' in desk.get(address).text
    token = f"?csrf={desk.token('/signin')}"
    answer = desk.post(address + token, {"name": "新的", "pin": "11111111"})
    assert answer.status_code == 400
    assert "口令不对" in answer.text
    assert county.ledger.points() == before
    assert county.box.db.value("select count(*) from jobs where kind = 'publish'") == 0


def test_who_is_asked_again_is_asked_as_herself(county, desk):
    with transaction(county.box.db) as tx:
        other = accounts.add(tx, county.box.clock, "一号", role="admin")
        code = accounts.one_time_code(tx, county.box.clock, other)
    accounts.set_pin(county.box.db, county.box.clock, code, "97318642", "")
    forget_full_rights(county)
    point = county.points["红旗小学教学点"]
    address = f"/points/{point}/stop"
    assert desk.post(address, {"pin": "97318642"}).status_code == 400
    assert desk.post(address, {"pin": PIN}).status_code == 302
    assert county.ledger.point(point).seen.box_id is None


def test_what_was_done_stands_in_the_log(county, desk):
    point = county.points["红旗小学教学点"]
    desk.post(f"/points/{point}/stop", {})
    desk.post(f"/points/{point}/code", {})
    desk.post(f"/points/{point}/close", {})
    desk.post("/publish", {})
    rows = county.box.db.all("select who, client, what from audit order by seq")
    assert [row["what"] for row in rows][-4:] == [
        "revoke_box", "make_codes", "close_point", "publish",
    ]  # fmt: skip
    assert {row["who"] for row in rows[-4:]} == {"老师"}
    assert rows[-1]["client"] == "192.168.1.20"
    assert audit.broken_at(county.box.db) is None


def test_guessing_is_slowed_at_the_desk_too(stranger):
    answers = [stranger.post("/signin", {"pin": f"1111{n:04d}"}).text for n in range(7)]
    assert any("口令不对" not in text and 'id="pin-wrong"' in text for text in answers)
