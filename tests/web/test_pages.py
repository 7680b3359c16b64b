"""What every page has in common: words, letters, the phone it speaks to."""

import re
from dataclasses import replace

from werkzeug.test import Client

from tests.web.conftest import Visit
from web.app import create_app


def test_an_empty_box_says_what_to_do_first(client):
    html = client.get("/").text
    assert "盒子里还没有课件" in html and 'href="/upload"' in html
    for address in (
        "/library",
        "/library/new",
        "/search",
        "/status",
        "/status.json",
        "/signin",
    ):
        assert client.get(address).status_code == 200, address


def test_language_and_letters_are_remembered_on_the_phone(filled, client):
    client.speak("en")
    html = client.get("/library").text
    assert (
        '<html lang="en"' in html
        and "Grade 3" in html
        and "15 resources in all" in html
    )
    client.get("/lang?large=1&back=/")
    assert '<html lang="en" class="large">' in client.get("/").text
    client.get("/lang?lang=zh&large=0&back=/")
    assert '<html lang="zh-CN">' in client.get("/").text


def test_no_english_page_shows_chinese_of_ours(filled, client):
    client.speak("en")
    for address in ("/library", "/status", "/signin", "/search", "/nothing"):
        main = client.get(address).text.split("<main", 1)[1].split("</main>")[0]
        assert not re.search("[一-鿿]", main), (address, re.findall("[一-鿿]+", main))


def test_pages_ask_dual_engine_browsers_for_their_modern_one(client):
    assert '<meta name="renderer" content="webkit">' in client.get("/").text


def test_behind_the_front_server_guessers_are_told_apart_by_their_own_address(filled):
    box = replace(filled.box, config=replace(filled.box.config, front="nginx"))
    client = Visit(Client(create_app(box)))
    client.PHONE = "127.0.0.1"
    front = {"X-Edge-Front": "nginx", "X-Real-IP": "192.168.1.77"}
    resource = filled.found["film"]
    answer = client.get(f"/download/{resource.id_on_disk}", headers=front)
    assert answer.headers["X-Accel-Redirect"].endswith(resource.main.object_id)
    client.post("/signin", {"pin": "11119999"}, headers=front)
    rows = box.db.all("select who from throttle")
    assert "|192.168.1.77" in {row["who"] for row in rows}
