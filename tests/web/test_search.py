"""Searching: what narrows it stands beside its count, as links that need no script."""

import json
import re
from html import unescape

import pytest

from edge_server.ground.db import transaction
from indexer import fulltext, search
from indexer.described import entry
from tests.web.school import place
from web.search import marked


@pytest.fixture
def found(filled):
    """The filled school with all of it in the index."""
    words = fulltext.open_words(filled.box.folder)
    for name, resource in filled.found.items():
        if name != "waiting":
            fulltext.index(words, entry(resource, ()))
    for n in range(3):
        resource = filled.film(f"四年级的水 {n}", place("g4", "kexue", "jiaoke"))
        fulltext.index(words, entry(resource, ()))
    words.close()
    return filled


def chips(html: str) -> dict[str, tuple[str, str]]:
    """Return the chips of a page: name to (count, address)."""
    return {
        name: (count, unescape(href))
        for href, name, count in re.findall(
            r'<a class="chip[^"]*" href="([^"]+)"[^>]*>([^<]+)(?:<small>([^<]+)</small>)?',
            html,
        )
    }


def test_what_narrows_a_search_stands_beside_its_count(found, client):
    offered = chips(client.get("/search?q=小学").text)
    assert {name: count for name, (count, _) in offered.items()} == {
        "三年级": "6", "四年级": "5", "语文": "5", "英语": "1", "科学": "3", "美术": "1",
        "信息科技": "1", "视频": "4", "幻灯片": "1", "音频": "1", "图片": "1",
        "网页": "1", "电子书": "1", "文档": "1", "原件": "1",
    }  # fmt: skip


def test_a_chip_leads_to_as_many_hits_as_it_says_and_back(found, client):
    first = client.get("/search?q=小学").text
    for name, (count, address) in chips(first).items():
        html = client.get(address).text
        assert html.count('class="hit"') == int(count), name
        back = chips(html)[name][1]
        assert chips(client.get(back).text) == chips(first), name


def test_what_all_hits_share_is_not_offered(found, client):
    offered = chips(client.get("/search?q=四年级的水").text)
    assert offered == {}


def test_two_chips_narrow_together(found, client):
    grade = chips(client.get("/search?q=小学").text)["四年级"][1]
    html = client.get(chips(client.get(grade).text)["视频"][1]).text
    assert html.count('class="hit"') == 3
    assert "grade=" in html and "kind=" in html


def test_where_only_the_best_were_counted_it_says_at_least(found, client, monkeypatch):
    monkeypatch.setattr(search, "_RERANKED", 4)
    monkeypatch.setattr("web.search.PER_PAGE", 2)
    offered = chips(client.get("/search?q=小学").text)
    assert offered and all(count.endswith("+") for count, _ in offered.values())


def test_what_was_withdrawn_is_not_counted(found, client):
    """The page asks the catalogue at that moment, not the index."""
    with transaction(found.box.db) as tx:
        tx.execute(
            "update versions set state = 'withdrawn' where title like '四年级的水%'"
        )
    assert chips(client.get("/search?q=小学").text)["四年级"][0] == "2"


def test_an_invented_filter_finds_nothing_and_can_be_left(found, client):
    html = client.get("/search?q=小学&kind=no%22such&grade=<b>x").text
    assert "没有找到" in html and "<b>x" not in html and "&lt;b&gt;x" in html
    back = chips(html)
    assert back["&lt;b&gt;x"][1] == "/search?q=%E5%B0%8F%E5%AD%A6&kind=no%22such"


def test_a_search_finds_nothing_and_says_where_to_look(filled, client):
    html = client.get("/search?q=没有这个").text
    assert "换个说法试试" in html and 'href="/library"' in html
    assert json.loads(client.get("/suggest?q=shui").text) == {"words": []}


def test_markup_in_a_snippet_stays_text():
    shown = marked([("<b>早", False), ("<i>晨", True), ("&", False)])
    assert shown == "&lt;b&gt;早<mark>&lt;i&gt;晨</mark>&amp;"


def test_markup_in_a_query_stays_text(filled, client):
    html = client.get("/search?q=<script>alert(1)</script>").text
    assert "<script>alert" not in html
