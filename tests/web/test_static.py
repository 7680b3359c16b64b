"""What is sent to browsers must be understood by Chrome 64, and be small."""

import re

import esprima
import pytest

from web.site import STATIC

CSS = sorted((STATIC / "css").glob("*.css"))
JS = sorted((STATIC / "js").glob("*.js"))
BASE, DESK = (
    (STATIC / "css" / f"{name}.css").read_text("utf-8") for name in ("base", "desk")
)
SPRITE = (STATIC / "icons.svg").read_text("utf-8")

REFUSED_CSS = {
    r"(?<![-\w])(?:row-|column-)?gap\s*:": "gap: flex has it from 84, grid from 66; use grid-gap",
    r"aspect-ratio": "aspect-ratio: from 88",
    r"(?<![-\w])inset(?:-\w+)*\s*:": "inset: from 87",
    r":(?:is|where|has)\(": ":is, :where from 88, :has from 105",
    r"(?<![-\w])(?:clamp|min|max)\(": "clamp, min, max: from 79",
    r"color-mix|oklch|lab\(": "colours of later years",
    r"@(?:layer|container|property|scope|starting-style)\b": "later at-rules",
    r"(?:margin|padding|border)-(?:inline|block)": "logical sides: from 87",
    r"content-visibility|accent-color|place-content|overscroll-behavior-": "later",
    r"\b\d+(?:dvh|svh|lvh|cqw)\b": "later units",
    r"(?:^|[{;}])\s*&": "nesting: from 112",
    r"text-wrap|scrollbar-gutter|translate\s*:|rotate\s*:|scale\s*:": "later",
}
REFUSED_JS = {
    r"\.replaceChildren\(|\.toggleAttribute\(|\.flat(?:Map)?\(|fromEntries\(": "later",
    r"\bglobalThis\b|\bstructuredClone\b|\.matchAll\(|\.replaceAll\(|\.at\(": "later",
    r"randomUUID|serviceWorker|navigator\.clipboard|wakeLock|crypto\.subtle": "https only",
    r"sendBeacon\(": "throws on JSON from Chrome 59 to 80",
    r"AbortController|toggleAttribute": "from 66 and 69",
    r"https?://": "nothing leaves the box",
    r"\beval\(|new Function": "the policy forbids it",
}


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.S)


@pytest.mark.parametrize("path", CSS, ids=lambda path: path.name)
def test_style_sheets_use_what_chrome_64_knows(path):
    css = without_comments(path.read_text("utf-8"))
    found = {
        why for refused, why in REFUSED_CSS.items() if re.search(refused, css, re.M)
    }
    assert found == set()


@pytest.mark.parametrize(
    "css",
    [
        "a{gap:4px}", "a{row-gap:4px}", "a{aspect-ratio:16/9}", "a{inset:0}", "a:has(b){}",
        "a{width:clamp(1px,2vw,3px)}", "a{width: max(1px, 2px)}", "@layer a{}",
        "a{margin-inline:4px}", "a{& b{}}", "a{height:100dvh}",
    ],
)  # fmt: skip
def test_the_list_of_refused_style_sees_it(css):
    assert any(re.search(refused, css, re.M) for refused in REFUSED_CSS)


@pytest.mark.parametrize(
    "css",
    [
        "a{grid-gap:4px}",
        "a{grid-row-gap:4px}",
        "a{max-width:4px}",
        "a{x:minmax(1px,1fr)}",
    ],
)
def test_the_list_of_refused_style_lets_old_names_pass(css):
    assert not any(re.search(refused, css, re.M) for refused in REFUSED_CSS)


def test_a_focus_ring_that_old_engines_do_not_know_stands_in_a_rule_of_its_own():
    css = without_comments(BASE + DESK)
    for rule in re.findall(r"([^{}]*:focus-visible[^{}]*)\{", css):
        assert "," not in rule  # an unknown selector takes the whole rule with it


@pytest.mark.parametrize("path", JS, ids=lambda path: path.name)
def test_modules_parse_as_the_language_of_2018(path):
    esprima.parseModule(path.read_text("utf-8"))


@pytest.mark.parametrize(
    "script", ["a?.b", "a ?? b", "try {} catch {}", "class A { x = 1 }", "a ||= b"]
)
def test_the_parser_refuses_later_syntax(script):
    with pytest.raises(esprima.Error):
        esprima.parseModule(script)


@pytest.mark.parametrize("path", JS, ids=lambda path: path.name)
def test_modules_ask_for_nothing_that_chrome_64_or_http_lacks(path):
    script = path.read_text("utf-8")
    code = re.sub(r"/\*.*?\*/|//[^\n]*", "", script, flags=re.S)
    assert {
        why for refused, why in REFUSED_JS.items() if re.search(refused, code)
    } == set()


def test_there_are_two_style_sheets_of_forty_kilobytes_and_one_of_the_desk():
    sizes = {path.name: path.stat().st_size for path in CSS}
    assert sizes.keys() == {"base.css", "desk.css", "tokens.css"}
    assert sizes["base.css"] + sizes["tokens.css"] <= 40_000
    assert sizes["desk.css"] <= 5_000


def test_a_page_has_at_most_sixty_kilobytes_of_script():
    assert sum(path.stat().st_size for path in JS) <= 60_000  # all of them together


def test_colours_and_sizes_stand_in_the_tokens_alone():
    css = without_comments(BASE + DESK)
    css = re.sub(r"@media[^{]*", "", css)  # a media query cannot read a property
    css = css.replace("0px", "0")  # calc() wants a unit even there
    own = r"#[0-9A-Fa-f]{3,8}\b|rgba?\([^)]*\)|\b\d*\.?\d+(?:px|rem)\b"
    assert re.findall(own, css) == []


def test_every_token_is_known_and_used():
    tokens = (STATIC / "css" / "tokens.css").read_text("utf-8")
    base = BASE + DESK
    known = set(re.findall(r"(--[\w-]+):", tokens))
    used = set(re.findall(r"var\((--[\w-]+)", base)) - {"--done"}
    assert used - known == set()
    subjects = {name for name in known if name in base or name.split("-")[2] in SPRITE}
    assert known - used - subjects == set()


def test_every_icon_that_a_template_names_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', SPRITE))
    for path in (STATIC.parent / "templates").rglob("*.html"):
        for name in re.findall(r"icon\('([\w-]+)'", path.read_text("utf-8")):
            assert name in drawn, path.name
    for path in JS:
        for name in re.findall(r"setIcon\([^)]*'([\w-]+)'", path.read_text("utf-8")):
            assert name in drawn, path.name


def test_no_template_has_inline_style_or_script():
    for path in (STATIC.parent / "templates").rglob("*.html"):
        html = path.read_text("utf-8")
        assert not re.search(r"\sstyle=|<style|\son\w+=\"|javascript:", html), path.name
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", html)), (
            path.name
        )


def test_no_page_speaks_in_emoji():
    for path in (STATIC.parent / "templates").rglob("*.html"):
        assert not re.search("[\U0001f000-\U0001faff☀-➿]", path.read_text("utf-8"))


def test_static_files_are_kept_for_ever_under_the_name_of_their_content(client, site):
    address = f"/static/{site.look}/css/base.css"
    assert address in client.get("/").text
    assert "immutable" in client.get(address).headers["Cache-Control"]
    assert client.get("/static/old/css/base.css").status_code == 200
    assert client.get(f"/static/{site.look}/../app.py").status_code == 404
