"""The page of a resource: how each kind is shown, and how one is taken away."""

import re

import pytest

from edge_server.ground.db import transaction
from edge_server.records import catalogue, renditions, versions
from tests.boxes import PIN, make_teacher


def page_of(client, resource, more=""):
    """Return the page of a resource, which must be there."""
    answer = client.get(f"/resource/{resource.id_on_disk}{more}")
    assert answer.status_code == 200
    return answer.text


def test_a_film_plays_in_two_qualities_with_its_poster(filled, client):
    html = page_of(client, filled.found["film"])
    assert 'data-name="高清"' in html and 'data-name="流畅"' in html
    source = re.search(
        r'<source src="(/media/[0-9a-f]{64}\.mp4)" type="video/mp4"', html
    )
    assert client.get(source[1], headers={"Range": "bytes=0-3"}).status_code == 206
    poster = re.search(r'poster="(/media/[^"]+\.jpg)"', html)
    answer = client.get(poster[1])
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]


def test_a_film_without_script_has_the_elements_own_controls(filled, client):
    assert re.search(r"<video controls", page_of(client, filled.found["film"]))


def test_the_lesson_stands_beside_the_player(filled, client):
    html = page_of(client, filled.found["film"])
    assert "这一课" in html and "课堂课件" in html
    assert html.count('aria-current="page"') >= 2


def test_slides_are_pages_and_the_second_click_is_not_shown_first(filled, client):
    html = page_of(client, filled.found["deck"], "?page=2")
    shown = re.search(r'data-picture src="([^"]+)"', html)[1]
    assert shown.endswith("0002.jpg")
    assert client.get(shown).headers["Content-Type"] == "image/jpeg"
    following = re.search(r'href="([^"]+)"[^>]*data-do="on"', html)[1]
    assert following == "?page=2&amp;step=1"
    second = page_of(client, filled.found["deck"], "?page=2&step=1")
    assert re.search(r'data-picture src="[^"]+0002-02.jpg"', second)
    strip = html.split('class="strip"')[1]
    assert (
        strip.count("data-pictures=") == 8 and "src=" not in strip
    )  # asked for when seen


@pytest.mark.parametrize("number", ["0", "-3", "99999999999999999999", "x", ""])
def test_a_page_that_is_not_there_is_the_nearest(filled, client, number):
    page_of(client, filled.found["deck"], f"?page={number}&step={number}")


def test_an_original_names_the_program_that_opens_it(filled, client):
    html = page_of(client, filled.found["original"])
    assert "用希沃白板打开" in html
    client.get("/lang?lang=en")
    english = page_of(client, filled.found["original"])
    assert "open it with Seewo Whiteboard (希沃白板)." in english
    assert "含互动游戏" in html


def test_what_is_not_ready_says_so_and_can_be_downloaded(filled, client):
    html = page_of(client, filled.found["waiting"])
    assert "正在准备" in html
    answer = client.get(f"/download/{filled.found['waiting'].id_on_disk}")
    assert answer.data == b"mov"
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]


def test_what_could_not_be_made_says_why(filled, client):
    resource = filled.found["waiting"]
    with transaction(filled.box.db) as tx:
        renditions.failed(
            tx, filled.box.clock, resource.main.object_id, renditions.MAIN, "not_media"
        )
    html = page_of(client, resource)
    assert 'role="alert"' in html and "not_media" not in html


def test_a_picture_and_a_page_of_html_are_shown(filled, client):
    assert '<div class="whole"><img src="/media/' in page_of(
        client, filled.found["picture"]
    )
    html = page_of(client, filled.found["page"])
    frame = re.search(r'<iframe src="([^"]+)"[^>]* sandbox=""', html)[1]
    answer = client.get(frame)
    policy = answer.headers["Content-Security-Policy"]
    assert (
        "sandbox" in policy
        and "allow-scripts" not in policy
        and "default-src 'none'" in policy
    )


def test_a_withdrawn_resource_and_its_bytes_are_gone_at_once(filled, client):
    resource = filled.found["film"]
    media = re.findall(r'"(/media/[^"]+)"', page_of(client, resource))
    with transaction(filled.box.db) as tx:
        versions.withdraw(tx, filled.box.clock, resource.id)
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 404
    assert client.get(f"/download/{resource.id_on_disk}").status_code == 404
    own = [address for address in media if address.endswith(".mp4")]
    assert own and {client.get(address).status_code for address in own} == {404}


@pytest.mark.parametrize(
    "name",
    ["", "x", "../edge.db", "a" * 64 + ".mp4", "A" * 64 + ".mp4", "0" * 63, "%00" * 22],
)
def test_media_that_nobody_shows_is_not_found(filled, client, name):
    assert client.get(f"/media/{name}").status_code == 404


def test_an_object_of_the_store_that_no_resource_uses_is_not_served(filled, client):
    object_id = filled.keep(b"nobody's")
    assert client.get(f"/media/{object_id}.bin").status_code == 404


def test_a_teacher_withdraws_what_is_the_schools_own(filled, client):
    make_teacher(filled.box)
    resource = filled.found["deck"]
    assert "下架" not in page_of(client, resource)
    client.sign_in(PIN)
    assert f"/withdraw/{resource.id_on_disk}" in page_of(client, resource)
    answer = client.post(f"/withdraw/{resource.id_on_disk}", {})
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 404
    html = client.get(answer.headers["Location"]).text
    assert "已下架“课堂课件”" in html
    back = re.search(r'action="(/withdraw/[^"]+/back)"', html)[1]
    assert client.post(back, {}).status_code == 302
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 200
    deeds = filled.box.db.all("select what from audit order by seq")
    assert [row["what"] for row in deeds][-2:] == ["withdraw", "restore"]


def test_withdrawing_asks_for_the_pin_again_later(filled, client, monkeypatch):
    make_teacher(filled.box)
    client.sign_in(PIN)
    with transaction(filled.box.db) as tx:
        tx.execute(
            "update sessions set seen_s = seen_s - 3600, began_s = began_s - 3600"
        )
    resource = filled.found["deck"]
    address = f"/withdraw/{resource.id_on_disk}"
    assert 'name="pin"' in client.get(address).text
    assert client.post(address, {"pin": "11119999"}).status_code == 400
    assert client.get(f"/resource/{resource.id_on_disk}").status_code == 200
    assert client.post(address, {"pin": PIN}).status_code == 302


def test_what_the_county_published_is_not_the_teachers_to_withdraw(filled, client):
    county = next(one for one in catalogue.newest(filled.box.db, 50) if not one.own)
    make_teacher(filled.box)
    client.sign_in(PIN)
    assert client.get(f"/withdraw/{county.id_on_disk}").status_code == 404
