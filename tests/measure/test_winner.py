"""The winner map: who is shown ahead of everyone, ties, and the equivalence of the first two."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from polars.testing import assert_frame_equal

from triaxis.measure.comparisons import TEN_PERCENT, Delta, PromptCurves, compare, pair_bands
from triaxis.measure.winner import winner_map
from triaxis.results import TABLES


@pytest.fixture
def rng() -> np.random.Generator:
    """Numbers of its own for each test, so that no test depends on which others ran before it."""
    return np.random.default_rng(0)
COUNTS = arrays(float, (3, 12, 3), elements=st.integers(0, 5).map(float))


def table(values: np.ndarray, names: str = "abcdefgh", *, delta: Delta = TEN_PERCENT) -> pl.DataFrame:
    curves = PromptCurves(tuple(names[: len(values)]), np.arange(1.0, values.shape[2] + 1), values, budget=2)
    return winner_map(pair_bands(curves, seed=0, draws=199), delta=delta)


def test_a_model_ahead_of_all_others_wins(rng: np.random.Generator) -> None:
    values = rng.normal(0, 0.5, (3, 30, 1)) + np.array([1, 5, 3])[:, None, None]
    row = table(values).row(0, named=True)
    assert (row["winner"], row["leader"], row["runner_up"], row["verdict"]) == ("b", "b", "c", "leads")
    assert 0 < row["low"] < row["difference"] < row["high"]


def test_a_leader_that_one_other_may_equal_does_not_win(rng: np.random.Generator) -> None:
    values = rng.normal(0, 1, (3, 30, 1)) + np.array([1, 5, 5])[:, None, None]
    row = table(values, delta=Delta(0.001)).row(0, named=True)
    assert (row["winner"], row["verdict"]) == (None, "cannot tell")
    assert row["low"] < 0 < row["high"]


def test_two_close_leaders_are_the_same_within_delta(rng: np.random.Generator) -> None:
    values = rng.normal(0, 0.1, (3, 30, 1)) + np.array([1, 5, 5])[:, None, None]
    row = table(values).row(0, named=True)
    assert (row["winner"], row["verdict"]) == (None, "same within delta")


def test_the_winner_may_change_with_the_floor(rng: np.random.Generator) -> None:
    values = rng.normal(0, 0.3, (2, 30, 2)) + np.array([[4, 1], [2, 2]])[:, None, :]
    assert table(values)["winner"].to_list() == ["a", "b"]


def test_a_tie_goes_to_the_name_that_sorts_first_and_has_no_winner(rng: np.random.Generator) -> None:
    values = np.repeat(rng.normal(3, 1, (1, 30, 1)), 3, axis=0)
    row = table(values, "zxy").row(0, named=True)
    assert (row["leader"], row["runner_up"], row["difference"], row["verdict"]) == ("x", "y", 0, "cannot tell")


def test_a_tie_but_for_rounding_is_a_tie() -> None:
    values = np.stack([np.full((30, 1), 0.3), np.full((30, 1), 0.1 + 0.2)])
    assert table(values, "ab")["leader"].to_list() == ["a"]


def test_a_leader_with_too_few_differing_prompts_cannot_be_told() -> None:
    values = np.zeros((2, 30, 1))
    values[0, :4] = 1
    row = table(values).row(0, named=True)
    assert (row["leader"], row["winner"], row["low"], row["verdict"]) == ("a", None, None, "cannot tell")


def test_two_models_have_the_verdicts_of_their_pair(rng: np.random.Generator) -> None:
    values = rng.normal(0, 1, (2, 30, 5)) + np.array([[1.5, 0.5, 0.2, -0.5, -1.5], [0, 0, 0, 0, 0]])[:, None, :] + 4
    bands = pair_bands(PromptCurves(("a", "b"), np.arange(5.0), values, budget=2), seed=0)
    pair, won = compare(bands), winner_map(bands)
    expected = [{"a leads": "a", "b leads": "b"}.get(verdict) for verdict in pair["verdict"]]
    assert won["winner"].to_list() == expected
    assert "a" in expected
    assert "b" in expected


def test_under_ten_prompts_there_is_a_leader_and_no_winner() -> None:
    row = table(np.arange(18.0).reshape(2, 9, 1)).row(0, named=True)
    assert (row["leader"], row["winner"], row["low"], row["verdict"], row["prompts"]) == ("b", None, None, "cannot tell", 9)


def test_one_model_has_no_map() -> None:
    frame = table(np.ones((1, 12, 2)))
    assert frame.height == 0
    assert frame.schema == pl.Schema(dict(TABLES["winner_map"]))


def test_rows_have_the_columns_of_the_table_and_ungated_has_no_floor(rng: np.random.Generator) -> None:
    curves = PromptCurves(("a", "b"), np.array([-np.inf, 1]), rng.normal(5, 1, (2, 20, 2)), budget=7, gate="g", domain=None)
    frame = winner_map(pair_bands(curves, seed=0))
    assert frame.schema == pl.Schema(dict(TABLES["winner_map"]))
    assert frame["floor"].to_list() == [None, 1]
    assert frame.select("gate", "domain", "budget", "prompts").unique().row(0) == ("g", None, 7, 20)


@given(COUNTS, st.permutations(range(3)))
def test_the_order_of_models_does_not_matter(values: np.ndarray, order: list[int]) -> None:
    names = "".join("abc"[place] for place in order)
    assert_frame_equal(table(values, "abc"), table(values[order], names), check_exact=True)


@given(COUNTS)
def test_a_winner_leads_each_pair_at_that_floor(values: np.ndarray) -> None:
    bands = pair_bands(PromptCurves(("a", "b", "c"), np.arange(3.0), values, budget=2), seed=0, draws=199)
    won = winner_map(bands).filter(verdict="leads")
    for winner, floor in won.select("winner", "floor").rows():
        rows = compare(bands).filter(pl.col("floor") == floor)
        ahead = rows.filter((pl.col("model_a") == winner) & (pl.col("difference") > 0))
        ahead_as_b = rows.filter((pl.col("model_b") == winner) & (pl.col("difference") < 0))
        assert ahead.height + ahead_as_b.height == 2
