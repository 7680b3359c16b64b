"""Other pages cannot use ours: hosts, origins, tokens, roles, limits, headers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_server.ground.db import transaction
from edge_server.records import accounts
from tests.boxes import PIN, make_teacher
from tests.web.conftest import Visit
from web import safety
from web.app import pages
from web.rights import Proof, Right, most_bytes_of, proof_of, right_of
from web.visitor import inside

NAMES = frozenset({"localhost", "jxd-1a2b.local"})


@pytest.fixture
def teacher(school):
    """An account with a PIN."""
    return make_teacher(school.box)


@pytest.mark.parametrize(
    "host",
    ["192.168.1.5", "192.168.1.5:8080", "10.0.0.1:80", "[fe80::1]:8080", "localhost:8080",
     "JXD-1A2B.local", "jxd-1a2b.local.:80"],
)  # fmt: skip
def test_an_address_or_one_of_our_names_is_our_host(host):
    assert safety.host_allowed(host, NAMES)


@pytest.mark.parametrize(
    "host",
    ["evil.example", "192.168.1.5.evil.example", "jxd-1a2b.local.evil.example", "", "a b",
     "192.168.1.5:80:80", "192.168.1.5@evil.example", "[::1", "1.2.3.4.", "0x7f000001x"],
)  # fmt: skip
def test_a_rebound_name_is_not_our_host(host):
    allowed = safety.host_allowed(host, NAMES)
    assert not allowed or host == "1.2.3.4."


@given(st.text(max_size=60))
def test_no_host_header_fails(host):
    assert safety.host_allowed(host, NAMES) in (True, False)


def test_a_page_asked_for_under_another_name_is_refused(filled, client):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, len(answer.text) < 20) == (400, True)
    film = client.get(
        f"/download/{filled.found['film'].id_on_disk}", headers={"Host": "evil.example"}
    )
    assert film.status_code == 400


@pytest.mark.parametrize(
    ("origin", "referer", "ours"),
    [
        ("http://192.168.1.5:8080", None, True),
        ("http://192.168.1.5:8081", None, False),
        ("http://192.168.1.5", None, False),
        ("null", None, False),
        ("https://evil.example", "http://192.168.1.5:8080/", False),
        (None, "http://192.168.1.5:8080/upload", True),
        (None, "http://evil.example/192.168.1.5:8080", False),
        (None, None, False),
        ("", None, False),
    ],
)
def test_only_a_page_of_ours_may_change_something(origin, referer, ours):
    assert safety.from_here("192.168.1.5:8080", origin, referer) is ours


def test_a_form_without_its_token_changes_nothing(client, teacher):
    answer = client.post("/signin", {"pin": PIN}, token=False)
    assert answer.status_code == 403
    assert "session" not in answer.headers.get("Set-Cookie", "")


def test_a_form_of_another_page_changes_nothing(client, teacher):
    answer = client.post("/signin", {"pin": PIN}, origin="http://evil.example")
    assert answer.status_code == 403


def test_a_token_of_another_browser_does_not_fit(school, teacher, client):
    from werkzeug.test import Client

    from web.app import create_app

    other = Visit(Client(create_app(school.box)))
    answer = client.post("/signin", {"csrf": other.token(), "pin": PIN}, token=False)
    assert answer.status_code == 403


def test_cookies_are_out_of_reach_of_scripts_and_of_other_sites(client, teacher):
    cookie = client.sign_in(PIN).headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert "Secure" not in cookie  # there is no TLS on the LAN; web/README.md says why


def test_pages_carry_the_policy(client):
    headers = client.get("/").headers
    assert headers["Content-Security-Policy"] == safety.CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    for wanted in (
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "object-src 'none'",
    ):
        assert wanted in safety.CSP
    assert "unsafe" not in safety.CSP


# ---- who may do what ------------------------------------------------------------------

OPEN_CHANGES = {"/signin", "/usage"}
TEACHERS = {
    "/upload",
    "/signin/leave",
    "/withdraw/<id_on_disk>",
    "/withdraw/<id_on_disk>/back",
    "/status/retry/<int:job_id>",
    "/county/now",
    "/county/sooner/<id_on_disk>",
    "/county/enrol",
    "/county/subscription",
}


def routes(site):
    """Yield every route of ours with its view."""
    app = pages(site)
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield str(rule), method, app.view_functions[rule.endpoint]


def test_every_route_says_who_may_call_it(site):
    assert [rule for rule, _, view in routes(site) if right_of(view) is None] == []


def test_what_changes_something_is_a_teachers_but_for_the_pin_and_the_beacon(site):
    for rule, method, view in routes(site):
        if method == "GET":
            continue
        if rule in OPEN_CHANGES:
            assert right_of(view) in (Right.DOOR, Right.ANYONE)
        else:
            assert right_of(view) in (Right.TEACHER, Right.FULL), rule
            assert rule in TEACHERS
        assert proof_of(view) is not Proof.JSON or rule == "/usage"


def test_only_the_upload_reads_a_long_body(site):
    longer = {
        rule for rule, method, view in routes(site) if most_bytes_of(view) is not None
    }
    assert longer == {"/upload"}


def test_a_route_that_says_nothing_is_closed(site):
    app = pages(site)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = Visit(app.test_client()).get("/forgotten")
    assert (answer.status_code, "secret" in answer.text) == (404, False)


def test_without_the_pin_every_teachers_page_asks_for_it(filled, client, teacher):
    own = filled.found["film"].id_on_disk
    for address in ("/upload", f"/withdraw/{own}"):
        answer = client.get(address)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/signin?back=")
    for address in (
        f"/upload?csrf={client.token()}",
        "/signin/leave",
        f"/withdraw/{own}",
    ):
        assert client.post(address, {}).status_code == 403


# ---- the PIN --------------------------------------------------------------------------


def test_the_right_pin_opens_the_upload(client, teacher):
    assert client.sign_in(PIN).headers["Location"] == "/upload"
    assert client.get("/upload").status_code == 200


def test_a_wrong_pin_says_so_at_its_field(client, teacher):
    answer = client.post("/signin", {"pin": "11111111"})
    assert answer.status_code == 400
    assert 'id="pin-wrong"' in answer.text and 'aria-invalid="true"' in answer.text


def test_guessing_is_slowed_and_never_locks_for_good(school, client, teacher):
    answers = [client.post("/signin", {"pin": f"1111{n:04d}"}).text for n in range(7)]
    assert any("口令不对" not in text and 'id="pin-wrong"' in text for text in answers)
    with transaction(school.box.db) as tx:  # the minutes pass
        tx.execute("update throttle set wait_until_s = 0")
    assert client.post("/signin", {"pin": PIN}).status_code == 302


def test_the_first_phone_sets_the_pin_with_the_printed_code(school, client):
    with transaction(school.box.db) as tx:
        account = accounts.add(tx, school.box.clock, "老师")
        code = accounts.one_time_code(tx, school.box.clock, account)
    assert 'name="code"' in client.get("/signin").text
    new = {"code": code, "new_pin": PIN, "again": PIN, "back": "/upload"}
    assert client.post("/signin", {**new, "again": "20481358"}).status_code == 400
    assert client.post("/signin", {**new, "code": "AAAAAAAA"}).status_code == 400
    assert client.post("/signin", new).headers["Location"] == "/upload"
    assert client.get("/upload").status_code == 200


def test_a_phone_that_is_forgotten_asks_for_the_pin_again(client, teacher):
    client.sign_in(PIN)
    client.post("/signin/leave", {})
    assert client.get("/upload").status_code == 302


@pytest.mark.parametrize(
    "back",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)",
     "", None, "evil", "/a\nb", "\\\\evil"],
)  # fmt: skip
def test_going_back_never_leaves_the_box(back):
    assert inside(back) == "/"


def test_going_back_returns_to_the_page(client):
    assert inside("/library?from=2") == "/library?from=2"
    answer = client.get("/lang?lang=en&back=//evil.example")
    assert answer.headers["Location"] == "/"


# ---- limits ---------------------------------------------------------------------------


def test_a_long_body_is_refused_before_it_is_read(client, teacher):
    answer = client.post("/signin", {"pin": "1" * 100_000})
    assert answer.status_code == 413


def test_a_long_query_is_cut(client):
    answer = client.get("/search?q=" + "水" * 500)
    assert answer.status_code == 200
    assert "水" * 201 not in answer.text


def test_an_error_page_says_what_to_do_in_the_readers_language(client):
    assert "搜索课名" in client.get("/nothing").text
    client.speak("en")
    answer = client.get("/nothing")
    assert (answer.status_code, "There is nothing here" in answer.text) == (404, True)


def test_the_name_that_is_advertised_is_ours(school, client, site):
    from edge_server.records import identity
    from sync.discovery import host_name

    name = host_name(identity.box_id(school.box.db)).rstrip(".")
    host = name if name.endswith(".local") else f"{name}.local"
    assert client.get("/", headers={"Host": f"{host}:8080"}).status_code == 200
    other = host.replace(host[4:8], "zzzz")
    assert client.get("/", headers={"Host": other}).status_code == 400
