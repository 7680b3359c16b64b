"""What is said: complete in both languages, and as people say it."""

import ast
import re
import string
from collections import Counter
from datetime import datetime

import pytest
from babel.messages.pofile import read_po

from edge_server import language
from edge_server.errors import Refused
from edge_server.language import LOCALES, NotCompiled, Words, say, sentence
from tests.language.keys import ROOT, extracted

PO = LOCALES / "en" / "LC_MESSAGES" / "pages.po"
PLACEHOLDER = re.compile(r"%\(\w+\)s")
FAMILIES = {
    "EdgeError",
    "PermanentError",
    "TemporaryError",
    "Refused",
    "WrongUsage",
    "Finding",
}


@pytest.fixture(scope="module")
def english():
    """The messages of the English catalogue, by their Chinese."""
    with PO.open("rb") as file:
        return {
            message.id: message for message in read_po(file, locale="en") if message.id
        }


def test_every_sentence_of_pages_and_terminal_has_its_english(english):
    assert [key for key in extracted() if key not in english] == []


def test_no_english_is_left_over_from_a_sentence_that_is_gone(english):
    assert sorted(map(str, english.keys() - set(extracted()))) == []


def test_english_fills_in_the_same_values_as_chinese(english):
    for key, message in english.items():
        ids = [key] if isinstance(key, str) else list(key)
        said = [message.string] if isinstance(key, str) else list(message.string)
        for text in said:
            assert text.strip(), key
            assert set(PLACEHOLDER.findall(text)) == set(
                PLACEHOLDER.findall(ids[-1])
            ), key


def test_no_english_holds_chinese_and_no_two_forms_are_missing(english):
    for key, message in english.items():
        said = (
            message.string if isinstance(message.string, tuple) else (message.string,)
        )
        assert isinstance(key, str) or len(said) == 2, key
        assert not any("一" <= c <= "鿿" for text in said for c in text), key


def raised_codes() -> dict[str, str]:
    """Return every code that the source raises or names, with where."""
    found = {}
    for package in ("edge_server", "sync", "indexer", "web"):
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and node.args:
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    first = node.args[0]
                    if (
                        name in FAMILIES
                        and isinstance(first, ast.Constant)
                        and isinstance(first.value, str)
                    ):
                        found[first.value] = f"{path.name}:{node.lineno}"
                if isinstance(node, ast.ClassDef):
                    for line in node.body:
                        if (
                            isinstance(line, ast.Assign)
                            and getattr(line.targets[0], "id", "") == "code"
                            and isinstance(line.value, ast.Constant)
                            and isinstance(line.value.value, str)
                            and line.value.value
                        ):
                            found[line.value.value] = f"{path.name}:{line.lineno}"
    return found


def test_every_code_that_is_raised_has_its_sentence():
    known = language.all_sentences()
    assert {code: at for code, at in raised_codes().items() if code not in known} == {}


def test_the_scan_sees_codes_of_calls_and_of_classes():
    codes = raised_codes()
    assert {"pins_differ", "disk_full", "language_not_compiled"} <= codes.keys()


def test_no_two_rooms_claim_one_code():
    claims = Counter(code for table in language.tables().values() for code in table)
    assert [code for code, n in claims.items() if n > 1] == []


def test_both_languages_of_a_sentence_name_the_same_values():
    for code, one in language.all_sentences().items():
        assert one.zh and one.en, code
        assert bool(one.zh_do) == bool(one.en_do), code
        assert _names(one.zh + one.zh_do) == _names(one.en + one.en_do), code
        for text in (one.zh, one.zh_do, one.en, one.en_do):
            assert "！" not in text and "!" not in text, code


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_an_error_is_said_with_its_values_in_the_units_of_people():
    told = sentence("disk_full", {"needed_bytes": 4_200_000_000, "free_bytes": 0}, "en")
    assert "4.2 GB" in told.what + told.do
    assert "needed_bytes" not in told.what + told.do


def test_a_value_that_a_row_did_not_keep_leaves_the_sentence_standing():
    assert sentence("too_many_files", {}, "zh").what


def test_a_code_of_a_newer_program_is_said_as_it_is():
    assert sentence("of_next_year", {}, "zh").what == "of_next_year"


def test_a_raised_error_is_said():
    assert language.of_error(Refused("pins_differ"), "en").do == "Write them once more."


def test_english_that_was_never_compiled_fails_at_once(monkeypatch, tmp_path):
    monkeypatch.setattr(language, "LOCALES", tmp_path)
    language._catalogue.cache_clear()
    try:
        with pytest.raises(NotCompiled):
            Words("en")
        assert Words("zh")._("首页") == "首页"
    finally:
        language._catalogue.cache_clear()


def test_what_counts_is_counted_in_both_languages():
    assert Words("zh").ngettext("%(num)s 课", "%(num)s 课", 1) == "1 课"
    assert Words("en").ngettext("%(num)s 课", "%(num)s 课", 1) == "1 lesson"
    assert Words("en").ngettext("%(num)s 课", "%(num)s 课", 1200) == "1,200 lessons"


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [(0, "0 B"), (999, "999 B"), (1400, "1.4 KB"), (86_000_000, "86 MB"),
     (999_600_000, "1 GB"), (1_440_000_000, "1.4 GB"), (9_960_000_000, "10 GB"),
     (4_200_000_000_000, "4.2 TB"), (5e15, "5000 TB")],
)  # fmt: skip
def test_a_size_has_at_most_one_decimal(size_bytes, said):
    assert say.size(size_bytes) == said


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [(372, "6 分 12 秒", "6 min 12 s"), (60, "1 分", "1 min"), (7, "7 秒", "7 s"),
     (3_900, "1 小时 5 分", "1 h 5 min"), (59.6, "1 分", "1 min"), (0, "0 秒", "0 s")],
)  # fmt: skip
def test_a_duration_has_its_two_largest_units(seconds, zh, en):
    assert (say.duration(seconds, "zh"), say.duration(seconds, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("seconds", "said"), [(7, "0:07"), (724.9, "12:04"), (3753, "1:02:33")]
)
def test_a_place_in_a_film(seconds, said):
    assert say.clock(seconds) == said


def at(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=say.BEIJING).timestamp()


@pytest.mark.parametrize(
    ("then", "zh", "en"),
    [("2026-11-25 02:14", "今天 02:14", "today 02:14"),
     ("2026-11-24 22:10", "昨晚", "last night"),
     ("2026-11-24 14:05", "昨天 14:05", "yesterday 14:05"),
     ("2026-11-20 09:00", "星期五", "Friday"),
     ("2026-11-18 09:00", "11月18日", "18 November"),
     ("2025-11-25 09:00", "2025年11月25日", "25 November 2025"),
     ("2027-01-01 00:00", "2027年1月1日", "1 January 2027")],
    ids=str,
)  # fmt: skip
def test_a_moment_is_said_the_nearer_the_finer(then, zh, en):
    now = at("2026-11-25 10:24")
    assert (say.when(at(then), now, "zh"), say.when(at(then), now, "en")) == (zh, en)


@pytest.mark.parametrize(
    ("then", "zh", "en"),
    [("2026-11-25 22:00", "今晚 22:00", "tonight 22:00"),
     ("2026-11-25 12:30", "今天 12:30", "today 12:30"),
     ("2026-11-26 06:00", "明天 06:00", "tomorrow 06:00"),
     ("2026-11-28 22:00", "星期六 22:00", "Saturday 22:00")],
    ids=str,
)  # fmt: skip
def test_a_moment_to_come_is_said_with_its_hour(then, zh, en):
    now = at("2026-11-25 10:24")
    assert (say.ahead(at(then), now, "zh"), say.ahead(at(then), now, "en")) == (zh, en)


def test_moments_are_said_in_beijing_time_on_a_box_that_stayed_on_utc(monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    assert say.when(1_795_630_440.0, 1_795_660_000.0, "zh") == "今天 02:14"
