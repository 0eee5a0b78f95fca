"""Correlations between axes over rows: values by hand, what is left given length, and when there is none."""

import numpy as np
import polars as pl
import pytest

from tests.measure.profile.planted import seen_of
from triaxis.measure.options import Options
from triaxis.measure.profile import profile_of_texts
from triaxis.measure.profile.correlations import chosen_rows, correlation, rarity
from triaxis.measure.profile.figures import Figure
from triaxis.measure.profile.rows import data_sets
from triaxis.measure.profile.word_vectors import nearest_by_words, vocabulary
from triaxis.responses import Responses

UNGATED = np.array([-np.inf])


def test_rho_is_spearmans_with_midranks() -> None:
    x, y = np.array([1.0, 2, 2, 3, 4, 5, 6, 7, 8, 9]), np.array([2.0, 1, 3, 3, 5, 4, 6, 8, 7, 9])
    ranks_x, ranks_y = np.array([1, 2.5, 2.5, 4, 5, 6, 7, 8, 9, 10]), np.array([2, 1, 3.5, 3.5, 6, 5, 7, 9, 8, 10])
    found = correlation([x, y], np.arange(10), draws=100, seed=0)
    assert isinstance(found, Figure)
    assert found.value == pytest.approx(np.corrcoef(ranks_x, ranks_y)[0, 1])
    assert found.low < found.value <= found.high


def test_what_length_explains_is_gone_given_length() -> None:
    rng = np.random.default_rng(0)
    length = rng.normal(size=400)
    x, y = length + 0.3 * rng.normal(size=400), length + 0.3 * rng.normal(size=400)
    plain = correlation([x, y], np.arange(400), draws=200, seed=0)
    partial = correlation([x, y, length], np.arange(400), draws=200, seed=0)
    assert isinstance(plain, Figure)
    assert isinstance(partial, Figure)
    assert plain.low > 0.8
    assert partial.low < 0 < partial.high


def test_ten_rows_under_each_prompt_are_no_more_evidence_than_one() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 30))
    once = correlation([x, y], np.arange(30), draws=300, seed=0)
    often = correlation([np.repeat(x, 10), np.repeat(y, 10)], np.repeat(np.arange(30), 10), draws=300, seed=0)
    assert often == pytest.approx(once)


def test_constant_few_and_fixed_have_reasons_and_few_prompts_no_interval() -> None:
    x = np.arange(12.0)
    assert correlation([x[:9], x[:9]], np.arange(9), draws=100, seed=0) == "needs 10 rows with both, got 9"
    assert correlation([x, np.ones(12)], np.arange(12), draws=100, seed=0) == "all 12 rows have the same value"
    assert correlation([x, x[::-1] ** 2, x], np.arange(12), draws=100, seed=0) == "length fixes the order"
    few = correlation([x, x], np.arange(12) // 2, draws=100, seed=0)
    assert isinstance(few, Figure)
    assert few.value == pytest.approx(1)
    assert np.isnan(few.low)


def test_rarity_of_a_copy_is_0_of_a_text_that_shares_no_word_1_and_of_no_word_none() -> None:
    texts = ["red sky at night", "red sky at night", "entirely other words", "???"]
    seen = seen_of([(f"p{place}", None, text, 1.0) for place, text in enumerate(texts)])
    (data,) = data_sets(seen.cells, UNGATED, is_gated=False, seed=0)
    found = rarity(data, np.arange(4))
    assert found.values[:3] == pytest.approx([0, 0, 1], abs=1e-6)
    assert np.isnan(found.values[3])


def test_the_nearest_by_words_is_that_of_all_pairs_whatever_the_block() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(f"w{word}" for word in rng.integers(0, 30, 8)) for _ in range(50)]
    rows = vocabulary(texts).vectors(texts)
    cosine = rows.toarray() @ rows.toarray().T
    np.fill_diagonal(cosine, -1)
    found = np.concatenate([distance for _, distance in nearest_by_words(rows, block=7)])
    assert found == pytest.approx(1 - cosine.max(axis=1), abs=1e-6)


def test_rarity_by_vectors_is_the_distance_to_the_nearest() -> None:
    seen = seen_of([(f"p{place}", None, f"text {place}", 1.0) for place in range(3)])
    vectors = np.array([[1, 0], [0.6, 0.8], [np.nan, np.nan]], dtype=np.float32)
    cells = [
        type(cell)(cell.model, cell.domain, cell.prompt, Responses(cell.responses.texts, row[None]), cell.quality, cell.order)
        for cell, row in zip(seen.cells, vectors, strict=True)
    ]
    (data,) = data_sets(cells, UNGATED, is_gated=False, seed=0)
    found = rarity(data, np.arange(3))
    assert found.measure == "rarity, vectors"
    assert found.values[:2] == pytest.approx([0.4, 0.4])


def test_rows_are_drawn_as_whole_prompts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("triaxis.measure.profile.correlations.MOST_ROWS", 7)
    seen = seen_of([(f"p{place // 3}", None, f"text {place}", 1.0) for place in range(12)])
    (data,) = data_sets(seen.cells, UNGATED, is_gated=False, seed=0)
    rows = chosen_rows(data)
    assert rows.size == 6
    assert np.bincount(data.prompt[rows]).tolist().count(3) == 2


def test_pairs_with_length_itself_have_no_part_given_length_and_the_others_do() -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(["word"] * int(rng.integers(1, 30)) + [f"w{place % 7}"]) for place in range(40)]
    rows = [(f"p{place}", "q", text, float(rng.integers(5))) for place, text in enumerate(texts)]
    found = profile_of_texts(seen_of(rows, floors=[3.0]), Options()).tables["axis_correlations"][0]
    pairs = found.filter(pl.col("domain").is_null()).select("measure_a", "measure_b").rows()
    assert pairs == [
        ("quality", "words"), ("quality", "rarity, words"), ("quality", "rarity, words, given words"), ("words", "rarity, words"),
    ]  # fmt: skip
    assert found["rho"].is_not_null().all()
