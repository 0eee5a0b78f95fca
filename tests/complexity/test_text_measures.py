"""Measures of one text: worked values, reasons, and how they are named."""

import doctest
import importlib
import re
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from triaxis.complexity import TextMeasure, all_measures, parse_measure
from triaxis.complexity.vocabulary import frequencies
from triaxis.errors import InputError, MissingDependency, Undefined
from triaxis.registry import create, names

MODULES = (
    "prose", "length", "readability", "vocabulary", "syntax", "text_measure", "code", "code_measures", "constraints", "reasoning",
)  # fmt: skip
ENGLISH_ONLY = ("flesch-kincaid", "flesch-reading-ease", "automated-readability", "rare-words", "subordination")


def value(spec: str, text: str) -> float:
    made = parse_measure(spec)
    assert isinstance(made, TextMeasure)
    return made.value(text)


@pytest.mark.parametrize("module", MODULES)
def test_the_worked_values_in_the_docstrings_are_what_comes_out(module: str) -> None:
    found = doctest.testmod(importlib.import_module(f"triaxis.complexity.{module}"))
    assert found.attempted > 0
    assert found.failed == 0


def test_flesch_kincaid_is_its_formula_on_counted_words() -> None:
    text = "The little rabbit was hungry. It wanted a carrot."
    assert value("flesch-kincaid", text) == pytest.approx(0.39 * 9 / 2 + 11.8 * 14 / 9 - 15.59)
    assert value("flesch-reading-ease", text) == pytest.approx(206.835 - 1.015 * 9 / 2 - 84.6 * 14 / 9)


def test_longer_words_and_sentences_read_harder() -> None:
    easy = "The cat sat on the mat. The dog ran to the cat. It was a nice day for them all."
    hard = "Notwithstanding considerable reservations, investigators characterised the sesquipedalian phenomenon as genuine."
    for name in ("flesch-kincaid", "automated-readability", "sentence-length", "word-surprisal", "rare-words"):
        assert value(name, hard) > value(name, easy), name
    assert value("flesch-reading-ease", hard) < value("flesch-reading-ease", easy)


@pytest.mark.parametrize("name", ENGLISH_ONLY)
def test_measures_of_english_have_no_value_for_german(name: str) -> None:
    text = "Obwohl das Argument einfach aussieht, verbirgt es eine Annahme, die nur wenige Leser wirklich bemerken werden."
    with pytest.raises(Undefined, match="not English prose"):
        value(name, text)


def test_rare_words_can_have_another_bound() -> None:
    assert value("rare-words", "the photon cat sat") == 0.0
    assert value("rare-words:4", "the photon cat sat") == 0.25
    with pytest.raises(InputError, match="rare-words:3"):
        parse_measure("rare-words:often")


def test_surprisal_is_the_mean_of_minus_log2_of_frequencies() -> None:
    known = frequencies()
    expected = np.mean([-np.log2(known[word]) for word in ("the", "cat", "sat")])
    assert value("word-surprisal", "The cat sat") == pytest.approx(expected)


def test_a_compound_is_as_rare_as_its_rarest_part() -> None:
    assert value("word-surprisal", "the cat-photon") == pytest.approx(value("word-surprisal", "the photon"))


def test_subordination_counts_openers_in_each_sentence() -> None:
    assert value("subordination", "He left because it rained. She stayed.") == 0.5


def test_bracket_depth_passes_over_what_closes_nothing() -> None:
    assert value("bracket-depth", ") ] a (b [c] )") == 2.0


def test_a_measure_reads_the_response_unless_the_prompt_is_named() -> None:
    frame = pl.DataFrame({"prompt": ["one two three"], "response": ["one"]})
    assert parse_measure("words").scores(frame).tolist() == [1.0]
    assert parse_measure("words@response").scores(frame).tolist() == [1.0]
    assert parse_measure("words@prompt").scores(frame).tolist() == [3.0]
    assert parse_measure("constraints").scores(frame.with_columns(prompt=pl.lit("Use no commas."))).tolist() == [1.0]


def test_a_field_that_is_not_there_is_told() -> None:
    with pytest.raises(InputError, match="near: 'prompt'"):
        parse_measure("words@promt")


def test_an_unknown_measure_is_told_its_neighbours() -> None:
    with pytest.raises(InputError, match="near: 'words'"):
        parse_measure("word")


def test_a_missing_package_is_told_with_what_to_type_and_left_out_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    frequencies.cache_clear()
    try:
        with pytest.raises(MissingDependency, match="pip install 'triaxis\\[words\\]'"):
            parse_measure("rare-words")
        found = {m.name for m in all_measures()}
    finally:
        frequencies.cache_clear()
    assert "words" in found
    assert not {"rare-words", "word-surprisal"} & found


def test_lone_surrogates_and_nul_bytes_are_texts_like_others() -> None:
    for made in all_measures():
        assert isinstance(made, TextMeasure)
        with suppress(Undefined):
            assert np.isfinite(made.value("a \ud800 b \x00 c"))


def test_every_measure_has_its_section_that_says_when_it_misleads() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "complexity.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^### `([\w-]+)`\n(.*?)(?=^##|\Z)", page, re.MULTILINE | re.DOTALL))
    ours = {name for name in names("complexity") if create("complexity", name).__class__ is TextMeasure}
    assert ours <= set(sections)
    assert [name for name in ours if "Misleads" not in sections[name]] == []
