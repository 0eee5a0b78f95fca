"""Leaving prompts out: the spread against textbook errors, what cancels between sets, critical values against Student's t."""

import numpy as np
import pytest
from scipy import stats

from triaxis.stats.bands import Differences
from triaxis.stats.jackknife import (
    SIGNS,
    deviations,
    half_width,
    set_criticals,
    set_differences,
    standard_error,
)


def signs(prompts: int, seed: int = 0) -> np.ndarray:
    """(prompts, signs) random signs."""
    return np.random.default_rng(seed).choice([-1, 1], (prompts, SIGNS)).astype(np.int8)


def without_each(values: np.ndarray) -> np.ndarray:
    """(prompts, 1) means of `values` without each of them."""
    return np.asarray((values.sum() - values) / (values.size - 1))[:, None]


def test_over_all_signs_the_error_of_a_mean_is_the_textbook_one() -> None:
    values = np.array([3.0, 1.0, 4.0, 1.0, 5.0])
    every = np.array(np.meshgrid(*[[-1, 1]] * 5)).reshape(5, -1)
    error = standard_error(deviations(without_each(values), every))
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(5))


def test_random_signs_come_near_to_it() -> None:
    values = np.random.default_rng(1).normal(0, 1, 60)
    error = standard_error(deviations(without_each(values), signs(60)))
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(60), rel=0.12)


def test_many_prompts_are_added_up_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    left_out = np.random.default_rng(2).normal(0, 1, (50, 3))
    whole = deviations(left_out, signs(50))
    monkeypatch.setattr("triaxis.stats.jackknife._BLOCK_PROMPTS", 7)
    assert deviations(left_out, signs(50)) == pytest.approx(whole)


def test_figures_that_differ_by_rounding_do_not_stray() -> None:
    assert standard_error(deviations(np.array([[0.3], [0.1 + 0.2], [0.3]]), signs(3))) == 0


def test_an_interval_is_as_wide_as_students_t_says_for_the_prompts_that_tell() -> None:
    width = half_width(np.array([2.0, 2.0, 2.0]), np.array([4, 5, 100]), prompts=30)
    assert np.isnan(width[0])
    assert width[1:] == pytest.approx(2 * stats.t.ppf(0.975, [4, 29]))


def differences_of(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, Differences]:
    """Deviations (2, signs, 1) of the means of `a` and `b` on the same prompts, and their difference."""
    strayed = np.stack([deviations(without_each(values), signs(a.size)) for values in (a, b)])
    return strayed, set_differences(np.array([[a.mean()], [b.mean()]]), strayed, np.full((2, 1), a.size), prompts=a.size)


def test_on_the_same_prompts_what_two_sets_share_cancels() -> None:
    rng = np.random.default_rng(2)
    shared, noise = rng.normal(0, 10, 80), rng.normal(0, 1, 80)
    _, differences = differences_of(shared, shared + noise)
    assert differences.error[0, 0] == pytest.approx(noise.std(ddof=1) / np.sqrt(80), rel=0.12)


def test_sets_that_never_differ_are_not_testable() -> None:
    values = np.random.default_rng(3).normal(0, 1, 40)
    _, differences = differences_of(values, values.copy())
    assert not differences.is_testable.any()


def test_without_deviations_nothing_is_testable() -> None:
    strayed = np.stack([np.full((SIGNS, 2), np.nan), np.random.default_rng(0).normal(0, 1, (SIGNS, 2))])
    differences = set_differences(np.array([[1.0, 2.0], [3.0, 5.0]]), strayed, np.full((2, 2), 40), prompts=40)
    assert differences.mean.tolist() == [[-2.0, -3.0]]
    assert not differences.is_testable.any()
    criticals = set_criticals(strayed, differences, leader=np.array([1, 1]), freedom=39, draws=200, seed=0)
    assert np.isnan(criticals.above).all()


def test_at_one_floor_the_critical_value_is_students_t() -> None:
    rng = np.random.default_rng(4)
    strayed, differences = differences_of(rng.normal(0, 1, 40), rng.normal(0, 1, 40))
    criticals = set_criticals(strayed, differences, leader=np.array([0]), freedom=19, draws=20_000, seed=0)
    assert criticals.above[0] == pytest.approx(stats.t.ppf(0.975, 19), rel=0.03)
    assert criticals.below[0] == pytest.approx(criticals.above[0], rel=0.03)


def test_over_many_independent_floors_the_critical_value_is_larger_than_over_copies_of_one() -> None:
    rng = np.random.default_rng(5)
    apart = rng.normal(0, 1, (2, SIGNS, 8))
    alike = np.repeat(apart[:, :, :1], 8, axis=2)
    values, unlike = rng.normal(0, 1, (2, 8)) * 50, np.full((2, 8), 40)
    found = [
        set_criticals(s, set_differences(values, s, unlike, prompts=40), leader=np.zeros(8, int), freedom=39, draws=5000, seed=0)
        for s in (apart, alike)
    ]
    assert found[0].above[0] > 2.6
    assert found[1].above[0] < 2.2
