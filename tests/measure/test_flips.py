"""Flips: gaps between observed floors, which stretch an end belongs to, and what is not a flip."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.measure.comparisons import PairBands, PromptCurves, pair_bands
from triaxis.measure.flips import Means, flips, stretches
from triaxis.results import TABLES
from triaxis.stats.bands import Differences

GAP = ["crossing", "last_floor_below", "floor", "low", "high", "leader_below", "leader_above", "verdict"]


def made(means: list[float], reach: float | list[float], *, floors: list[float] | None = None) -> PairBands:
    """Bands of one pair with the given mean differences and half-widths, without any resampling."""
    mean, half = np.array([means], dtype=float), np.broadcast_to(reach, (1, len(means)))
    levels = np.arange(1.0, len(means) + 1) if floors is None else np.array(floors)
    curves = PromptCurves(("A", "B"), levels, np.zeros((2, 30, len(means))), budget=3)
    differences = Differences(np.array([0]), np.array([1]), mean, half, np.full(mean.shape, 30), 30)
    return PairBands(curves, differences, mean - half, mean + half, half, None, None)


def gaps(bands: PairBands) -> list[tuple[object, ...]]:
    return flips(bands).select(GAP).rows()


def test_a_flip_is_the_gap_between_the_last_floor_of_one_and_the_first_of_the_other() -> None:
    assert gaps(made([3, 2, -2, -3], 1)) == [(1, 2, 3, 2, 3, "A", "B", "flip")]


def test_ends_are_the_nearest_floors_beyond_doubt() -> None:
    assert gaps(made([3, 2, 0.5, -0.5, -0.5, -2, -3], 1)) == [(1, 3, 4, 2, 6, "A", "B", "flip")]


def test_a_crossing_with_one_end_in_doubt_is_undecided() -> None:
    assert gaps(made([3, 2, -0.5], 1)) == [(1, 2, 3, 2, None, "A", "B", "undecided")]
    assert gaps(made([0.5, -2, -2], 1)) == [(1, 1, 2, None, 2, "A", "B", "undecided")]


def test_small_crossings_to_and_fro_between_two_sure_stretches_are_one_flip() -> None:
    rows = gaps(made([3, 0.5, -0.5, 0.4, -0.3, -4], 1))
    assert rows == [
        (1, 2, 3, 1, None, "A", "B", "undecided"),
        (2, 3, 4, None, None, "B", "A", "undecided"),
        (3, 4, 5, 1, 6, "A", "B", "flip"),
    ]


def test_a_sure_stretch_of_the_new_leader_in_between_ends_the_old_one() -> None:
    rows = gaps(made([3, -3, 0.5, -3], 1))
    assert rows == [
        (1, 1, 2, 1, 2, "A", "B", "flip"), (2, 2, 3, 2, None, "B", "A", "undecided"), (3, 3, 4, None, 4, "A", "B", "undecided"),
    ]  # fmt: skip


def test_signs_come_from_all_floors_and_doubts_from_the_tested_ones() -> None:
    bands = made([3, -3], 1, floors=[1.0, 4.0])
    means = Means(np.array([-np.inf, 1.0, 2.0, 3.0, 4.0]), np.array([[2.0, 2, 2, 1, 0], [1.0, 1, 1.5, 1.2, 3]]))
    assert flips(bands, means).select(GAP).rows() == [(1, 2, 3, 1, 4, "A", "B", "flip")]


def test_two_crossings_are_two_rows_and_ends_stay_in_their_own_stretch() -> None:
    rows = gaps(made([3, 0.5, -0.5, -0.2, 0.4, 4], 1))
    assert rows == [(1, 2, 3, 1, None, "A", "B", "undecided"), (2, 4, 5, None, 6, "B", "A", "undecided")]


def test_a_flip_and_back_are_both_beyond_doubt() -> None:
    assert gaps(made([3, -3, 3], 1)) == [(1, 1, 2, 1, 2, "A", "B", "flip"), (2, 2, 3, 2, 3, "B", "A", "flip")]


def test_floors_without_a_leader_are_passed_over() -> None:
    assert gaps(made([0, 3, 0, 0, -3, 0], 1)) == [(1, 2, 5, 2, 5, "A", "B", "flip")]


def test_touching_zero_is_no_crossing() -> None:
    assert gaps(made([3, 0, 3], 1)) == [(0, None, None, None, None, "A", "A", "none")]


def test_no_change_of_sign_is_one_row_with_the_leader() -> None:
    assert gaps(made([-1, -2, -3], 5)) == [(0, None, None, None, None, "B", "B", "none")]


def test_models_that_never_differ_have_no_leader() -> None:
    assert gaps(made([0, 0], 1)) == [(0, None, None, None, None, None, None, "none")]


def test_the_ungated_curve_is_no_floor_of_the_sweep() -> None:
    assert gaps(made([-9, 3, -3], 1, floors=[-np.inf, 1, 2])) == [(1, 1, 2, 1, 2, "A", "B", "flip")]


def test_floors_that_are_not_testable_cross_but_prove_nothing() -> None:
    assert gaps(made([3, -3], [1, np.nan])) == [(1, 1, 2, 1, None, "A", "B", "undecided")]


def test_rows_have_the_columns_of_the_table() -> None:
    frame = flips(made([3, -3], 1))
    assert frame.schema == pl.Schema(dict(TABLES["flips"]))
    assert frame.select("model_a", "model_b", "budget", "prompts").row(0) == ("A", "B", 3, 30)


def test_one_model_has_no_rows() -> None:
    curves = PromptCurves(("A",), np.array([1.0]), np.ones((1, 12, 1)), budget=3)
    frame = flips(pair_bands(curves, seed=0))
    assert frame.height == 0
    assert frame.schema == pl.Schema(dict(TABLES["flips"]))


def test_a_flip_made_by_construction_is_found_in_curves() -> None:
    noise = np.random.default_rng(0).normal(0, 0.3, (2, 30, 4))
    values = noise + np.array([[4, 3, 1, 0.5], [2, 2, 2, 2]])[:, None, :]
    bands = pair_bands(PromptCurves(("A", "B"), np.array([-np.inf, 1, 2, 3]), values, budget=3), seed=0)
    assert gaps(bands) == [(1, 1, 2, 1, 2, "A", "B", "flip")]


def test_under_ten_prompts_a_crossing_is_undecided() -> None:
    values = np.tile(np.array([[2.0, 0.0], [1.0, 1.0]])[:, None], (1, 9, 1)) + np.arange(9)[:, None]
    bands = pair_bands(PromptCurves(("A", "B"), np.array([1.0, 2.0]), values, budget=3), seed=0)
    assert gaps(bands) == [(1, 1, 2, None, None, "A", "B", "undecided")]


@pytest.mark.parametrize(("signs", "runs"), [([], []), ([0, 0], []), ([1, 1], [[0, 1]]), ([1, 0, -1, 1], [[0], [2], [3]])])
def test_stretches_cut_where_the_sign_changes(signs: list[int], runs: list[list[int]]) -> None:
    assert [run.tolist() for run in stretches(np.array(signs, dtype=float))] == runs


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_swapping_the_models_only_swaps_the_leaders(means: list[int]) -> None:
    turned = {"A": "B", "B": "A", None: None}
    plain, mirrored = gaps(made([*map(float, means)], 1.5)), gaps(made([-float(m) for m in means], 1.5))
    assert mirrored == [(*row[:5], turned[row[5]], turned[row[6]], row[7]) for row in plain]  # type: ignore[index]


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_ends_enclose_their_gap(means: list[int]) -> None:
    for _, below, floor, low, high, *_, verdict in gaps(made([*map(float, means)], 1.5)):
        if verdict != "none":
            assert below < floor  # type: ignore[operator]
            assert low is None or low <= below  # type: ignore[operator]
            assert high is None or high >= floor  # type: ignore[operator]
