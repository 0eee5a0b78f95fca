"""Which floors, budgets, prompts and models a run shows."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triaxis.errors import InputError
from triaxis.measure.axes import (
    BUDGETS,
    compared_models,
    curve_length,
    interval_budgets,
    interval_floors,
    shown_budgets,
    shown_floors,
)  # fmt: skip
from triaxis.measure.sampling import common_size, prompt_rank, reached_size, seeded_rank


def test_up_to_256_distinct_qualities_are_all_shown() -> None:
    values = np.arange(256.0)
    floors = shown_floors(values[::-1], np.ones(256), ())
    assert floors.tolist() == [-np.inf, *values]


def test_more_distinct_qualities_become_256_observed_quantiles() -> None:
    values = np.sort(np.random.default_rng(0).normal(size=5000))
    floors = shown_floors(values, np.ones(5000, dtype=np.int64), ())
    assert floors.size == 257
    assert set(floors[1:]) <= set(values)
    assert floors[[1, -1]].tolist() == [values[0], values[-1]]
    # evenly spread: about 5000 / 255 samples between neighbours
    assert np.diff(np.searchsorted(values, floors[1:])).max() <= 20


def test_quantiles_weigh_each_quality_by_its_samples() -> None:
    values, counts = np.arange(300.0), np.ones(300, dtype=np.int64)
    counts[0] = 10**6
    assert shown_floors(values, counts, ()).tolist() == [-np.inf, 0.0, 299.0]


def test_asked_floors_are_added_exactly() -> None:
    assert shown_floors(np.array([1.0, 2.0]), np.ones(2), [1.5, 2.0, 9.0]).tolist() == [-np.inf, 1, 1.5, 2, 9]


def test_budgets_are_every_n_to_16_and_then_round_numbers_and_the_largest() -> None:
    assert (*range(1, 17), 20, 32, 50, 64, 100, 128, 200, 256, 500, 1000) == BUDGETS
    assert shown_budgets(10, ()) == tuple(range(1, 11))
    assert shown_budgets(70, ()) == (*range(1, 17), 20, 32, 50, 64, 70)
    assert shown_budgets(40, [33, 41, 0]) == (*range(1, 17), 20, 32, 33, 40)
    assert shown_budgets(0, [5]) == ()


def test_intervals_are_for_at_most_32_floors_and_8_budgets() -> None:
    floors = np.r_[-np.inf, np.arange(256.0)]
    chosen = interval_floors(floors, [17.0, 200.0])
    assert chosen.size <= 32
    assert {0, 18, 201, 256} <= set(chosen.tolist())  # ungated, the asked ones, the highest
    assert interval_floors(floors[:32], ()).tolist() == list(range(32))
    budgets = shown_budgets(100, ())
    assert interval_budgets(budgets, [7, 100]) == (1, 2, 3, 5, 7, 10, 20, 100)


@given(st.integers(1, 300), st.lists(st.integers(0, 299), max_size=40))
def test_interval_floors_are_never_more_than_32_and_hold_what_was_asked(size: int, asked: list[int]) -> None:
    floors = np.r_[-np.inf, np.arange(float(size))]
    wanted = [float(a) for a in asked if a < size]
    chosen = interval_floors(floors, wanted)
    assert chosen.size <= 32
    assert chosen.tolist() == sorted(set(chosen.tolist()))
    if len(set(wanted)) < 31:
        assert set(np.searchsorted(floors, wanted)) <= set(chosen.tolist())


def test_a_curve_reaches_what_nine_in_ten_of_its_prompts_reach() -> None:
    sizes = np.array([10] * 9 + [2])
    assert reached_size(sizes) == 10
    assert reached_size(np.array([10] * 8 + [2] * 2)) == 2
    assert reached_size(np.array([])) == 0
    assert curve_length(sizes, ()) == 10
    assert curve_length(np.array([10] * 8 + [4] * 2), [7, 99]) == 7  # 7 was asked for and 8 prompts reach it, 99 none


@given(st.lists(st.integers(1, 50), min_size=1, max_size=200))
def test_the_reached_size_is_reached_by_nine_in_ten_and_no_larger_one_is(sizes: list[int]) -> None:
    reached = reached_size(np.array(sizes))
    assert 10 * sum(size >= reached for size in sizes) >= 9 * len(sizes)
    assert 10 * sum(size > reached for size in sizes) < 9 * len(sizes)


def test_the_common_size_is_the_smallest_that_any_sampled_model_reaches() -> None:
    models = np.array([0] * 10 + [1] * 10)
    assert common_size(models, np.array([100] * 10 + [10] * 9 + [3])) == 10
    # a model with one sample a prompt (a reference, say) does not pull everyone down to one
    assert common_size(models, np.array([100] * 10 + [1] * 10)) == 100
    assert common_size(models, np.array([1] * 20)) == 1
    assert common_size(np.array([]), np.array([])) == 0


def test_seeded_choices_depend_on_the_key_and_the_seed_alone() -> None:
    keys = np.array([5, 1, 3])
    assert seeded_rank(keys, 7)[[1, 2, 0]].tolist() == seeded_rank(np.array([1, 3, 5]), 7).tolist()
    assert seeded_rank(keys, 7).tolist() != seeded_rank(keys, 8).tolist()
    assert prompt_rank("p", 0) != prompt_rank("p", 1)
    assert seeded_rank(np.array([-1, 2**62]), -3).dtype == np.uint64


def shares(**models: str) -> dict[str, set[tuple[int, int]]]:
    """Prompts by letter, in domain 0."""
    return {model: {(ord(p), 0) for p in prompts} for model, prompts in models.items()}


def test_models_are_compared_on_the_prompts_that_all_of_them_share() -> None:
    names, left, shared = compared_models(shares(x="abcd", y="abce", z="abc"), ())
    assert names == ("x", "y", "z")
    assert left == ()
    assert shared == {(ord(p), 0) for p in "abc"}


def test_a_model_that_would_cost_more_than_half_of_the_prompts_is_left_out_and_named() -> None:
    names, left, shared = compared_models(shares(x="abcdef", y="abcdef", z="ag"), ())
    assert names == ("x", "y")
    assert left == ("z: shares only 1 of 6 prompts; --compare includes it",)
    assert len(shared) == 6


def test_asked_models_are_compared_whatever_they_share() -> None:
    names, left, shared = compared_models(shares(x="abcdef", y="abcdef", z="ag"), ("z", "x"))
    assert (names, left, shared) == (("x", "z"), (), {(ord("a"), 0)})


def test_at_most_twenty_models_are_compared() -> None:
    names, left, _ = compared_models({f"m{i:02}": {(0, 0)} for i in range(23)}, ())
    assert names == tuple(f"m{i:02}" for i in range(20))
    assert [sentence[:3] for sentence in left] == ["m20", "m21", "m22"]


def test_of_models_with_equally_many_prompts_those_with_the_most_classes_are_compared() -> None:
    models = {f"m{i:02}": {(0, 0)} for i in range(23)}
    names, _, _ = compared_models(models, (), classes={name: int(name[1:]) for name in models})
    assert names == tuple(f"m{i:02}" for i in range(3, 23))


def test_an_asked_model_that_is_not_there_is_named_with_near_ones() -> None:
    with pytest.raises(InputError, match="no model 'claud' to compare; near: 'claude'; there are: claude, gpt"):
        compared_models(shares(claude="a", gpt="a"), ("claud", "gpt"))
