"""Cutting, folding and reading Chinese."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer import analysis, tables

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("静夜思", "静夜 夜思 思"),
        ("静夜思 PPT课件", "静夜 夜思 思 ppt 课件 件"),
        ("第5课", "第 5 课"),
        ("床前，明月", "床前 前 明月 月"),
        ("靜夜思", "静夜 夜思 思"),
        ("ＡＢＣ１２３", "abc123"),
        ("café", "cafe"),
        ("□月", "□月 月"),
        ("𠮷野家", "𠮷野 野家 家"),
        ("x" * 50, "x" * 40),
        ("……", ""),
    ],
)
def test_a_text_is_cut_into_pairs_and_whole_words(text: str, tokens: str) -> None:
    assert analysis.tokens(text) == tokens


@given(st.text())
def test_folding_keeps_every_offset(text: str) -> None:
    assert len(analysis.fold(text)) == len(text)
    assert analysis.fold(analysis.fold(text)) == analysis.fold(text)


@given(st.text())
def test_tokens_and_runs_tell_the_same(text: str) -> None:
    made: list[str] = []
    for run in analysis.runs(text):
        made += [*analysis.pairs(run.text), run.text[-1]] if run.han else [run.text]
    assert analysis.tokens(text) == " ".join(made)


@pytest.mark.parametrize(
    ("text", "pinyin"),
    [
        ("长城", "changcheng"),
        ("成长", "chengzhang"),
        ("音乐", "yinyue"),
        ("快乐", "kuaile"),
        ("银行", "yinhang"),
        ("行走", "xingzou"),
        ("重复", "chongfu"),
        ("重量", "zhongliang"),
        ("乾隆", "qianlong"),
        ("長安", "changan"),
        ("绿色", "luse"),
        ("女生", "nusheng"),
    ],
)
def test_a_character_is_read_as_its_phrase_reads_it(text: str, pinyin: str) -> None:
    assert analysis.spellings(text)[0] == pinyin


def test_a_title_is_spelt_from_each_of_its_characters() -> None:
    assert analysis.pinyin_keys("静夜思") == [
        *("jingyesi", "jys", "yesi", "ys", "si", "s")
    ]
    assert analysis.pinyin_keys("PPT 2024") == []


def test_u_with_dots_is_found_however_it_is_typed() -> None:
    assert analysis.typed_pinyin("lvse") == analysis.typed_pinyin("luse") == "luse"
    assert analysis.typed_pinyin("video") == "video"


@given(st.text())
def test_anything_can_be_spelt(text: str) -> None:
    assert all(analysis.pinyin_keys(text))
    analysis.spellings(text)


def test_the_tables_are_what_the_script_makes() -> None:
    script = ROOT / "scripts" / "make_search_tables.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_tables_are_small() -> None:
    folder = Path(tables.__file__).parent
    assert sum(path.stat().st_size for path in folder.glob("*.txt")) < 300_000
