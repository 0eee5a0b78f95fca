"""Simultaneous bands: which floors are tested, what the critical values guard, and that coverage is what it says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from benchmarks.coverage import MAPS, PAIRS, Scenario, true_means, try_map, try_pair
from triaxis.errors import Undefined
from triaxis.stats.bands import REFINED_DRAWS, paired_band, paired_differences, simultaneous_criticals

NORMAL = np.random.default_rng(0).normal(0, 1, (40, 6))
COUNTS = st.integers(0, 6).map(float)


def test_differences_of_three_models_by_hand() -> None:
    values = np.array([[[1.0], [2.0]], [[0.0], [0.0]], [[1.0], [2.0]]])
    differences = paired_differences(values)
    assert list(zip(differences.first, differences.second, strict=True)) == [(0, 1), (0, 2), (1, 2)]
    assert differences.mean.ravel().tolist() == [1.5, 0, -1.5]
    assert differences.error.ravel() == pytest.approx([0.5, 0, 0.5])
    assert differences.nonzero.ravel().tolist() == [2, 0, 2]


def test_a_difference_that_is_only_rounding_is_no_difference() -> None:
    values = np.stack([np.full((12, 1), 0.1 + 0.2), np.full((12, 1), 0.3)])
    differences = paired_differences(values)
    assert differences.nonzero[0, 0] == 0
    assert differences.mean[0, 0] == 0


def test_differences_that_cancel_but_for_rounding_have_mean_zero() -> None:
    difference = np.array([0.1, 0.2, -0.3] * 4)[:, None]
    assert paired_differences(np.stack([difference, np.zeros_like(difference)])).mean[0, 0] == 0


def test_fewer_than_ten_prompts_have_no_band() -> None:
    with pytest.raises(Undefined, match="fewer than 10 prompts"):
        paired_band(NORMAL[:9], seed=0)


def test_floors_with_four_non_zero_differences_are_not_testable_and_five_are() -> None:
    differences = np.zeros((20, 2))
    differences[:4, 0] = [1, 2, 3, 4]
    differences[:5, 1] = [1, 2, 3, 4, 5]
    band = paired_band(differences, seed=0)
    assert band.is_testable.tolist() == [False, True]
    assert np.isnan([band.low[0], band.high[0]]).all()
    assert band.low[1] < band.mean[1] < band.high[1]


def test_untestable_floors_leave_the_maximum() -> None:
    rare = np.zeros((40, 1))
    rare[:4] = 1
    alone, beside = paired_band(NORMAL, seed=0), paired_band(np.hstack([NORMAL, rare]), seed=0)
    assert beside.critical == alone.critical
    assert np.array_equal(beside.low[:-1], alone.low)


def test_without_a_testable_floor_there_is_no_critical_value() -> None:
    band = paired_band(np.zeros((12, 3)), seed=0)
    assert np.isnan(band.critical).all()
    assert np.isnan(band.low).all()


def test_a_constant_difference_has_no_width_and_disturbs_no_other_floor() -> None:
    constant = np.full((40, 1), 0.1)
    alone, beside = paired_band(NORMAL, seed=0), paired_band(np.hstack([NORMAL, constant]), seed=0)
    assert beside.low[-1] == beside.high[-1] == pytest.approx(0.1)
    assert beside.critical == alone.critical


def test_one_floor_of_many_prompts_has_students_critical_value() -> None:
    band = paired_band(np.random.default_rng(1).normal(0, 1, (400, 1)), draws=10_000, seed=0)
    assert band.critical == pytest.approx((1.966, 1.966), abs=0.08)


def test_many_independent_floors_have_the_critical_value_of_their_maximum() -> None:
    band = paired_band(np.random.default_rng(2).normal(0, 1, (1000, 20)), draws=10_000, seed=0)
    sidak = stats.norm.isf(1 - 0.975 ** (1 / 20))
    assert band.critical == pytest.approx((sidak, sidak), abs=0.12)


def test_a_copied_floor_changes_no_critical_value() -> None:
    assert paired_band(np.repeat(NORMAL, 2, axis=1), seed=0).critical == paired_band(NORMAL, seed=0).critical


def test_sparse_floors_are_widened_by_the_prompts_that_differ() -> None:
    difference = np.zeros((50, 1))
    difference[:6, 0] = [1, -1, 2, -2, 3, -3]
    differences = paired_differences(np.stack([difference, np.zeros_like(difference)]))
    wider = differences.unit(0.95)[0, 0] / differences.error[0, 0]
    assert wider == pytest.approx(stats.t.ppf(0.975, 5) / stats.t.ppf(0.975, 49))


def test_band_ends_near_zero_are_drawn_again_and_others_are_not() -> None:
    clear = NORMAL + 5
    near = NORMAL[:, :1] - NORMAL[:, :1].mean()
    near += -paired_band(near, seed=0).low
    assert paired_band(clear, seed=0).draws == 1000
    assert paired_band(near, seed=0).draws == REFINED_DRAWS


def test_family_of_two_models_is_the_pair_itself() -> None:
    values = np.stack([NORMAL, np.zeros_like(NORMAL)]) + 9
    criticals = simultaneous_criticals(values, paired_differences(values), seed=0)
    assert criticals.control.tolist() == [criticals.below[0], criticals.above[0]]


def test_a_larger_family_needs_a_larger_critical_value() -> None:
    values = np.random.default_rng(3).normal(0, 1, (8, 60, 4))
    few, many = (simultaneous_criticals(v, paired_differences(v), seed=0).control[0] for v in (values[:2], values))
    assert many > few


@given(arrays(float, (12, 3), elements=COUNTS), arrays(float, (12, 3), elements=COUNTS), st.integers(0, 50))
def test_swapping_the_models_mirrors_the_band_to_the_bit(a: np.ndarray, b: np.ndarray, seed: int) -> None:
    plain, mirrored = paired_band(a - b, draws=99, seed=seed), paired_band(b - a, draws=99, seed=seed)
    assert np.array_equal(plain.low, -mirrored.high, equal_nan=True)
    assert np.array_equal(plain.high, -mirrored.low, equal_nan=True)


@given(arrays(float, (12, 3), elements=COUNTS), st.integers(0, 50))
def test_same_seed_gives_the_same_band_to_the_bit(differences: np.ndarray, seed: int) -> None:
    first, second = (paired_band(differences.copy(), draws=99, seed=seed) for _ in range(2))
    assert np.array_equal(first.low, second.low, equal_nan=True)
    assert np.array_equal(first.high, second.high, equal_nan=True)


@given(arrays(float, (12, 3), elements=COUNTS), st.integers(0, 50))
def test_bands_scale_with_the_values(differences: np.ndarray, seed: int) -> None:
    plain, scaled = paired_band(differences, draws=99, seed=seed), paired_band(differences * 8, draws=99, seed=seed)
    assert np.array_equal(scaled.low, plain.low * 8, equal_nan=True)
    assert np.array_equal(scaled.high, plain.high * 8, equal_nan=True)


@given(arrays(float, (12, 3), elements=COUNTS), st.permutations(range(3)))
def test_the_order_of_floors_does_not_matter(differences: np.ndarray, order: list[int]) -> None:
    plain, moved = paired_band(differences, draws=99, seed=1), paired_band(differences[:, order], draws=99, seed=1)
    assert np.allclose(plain.low[order], moved.low, equal_nan=True)


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [PAIRS[0], PAIRS[2], PAIRS[3]], ids=lambda scenario: str(scenario.name))
def test_simulated_coverage_is_not_below_93_percent(scenario: Scenario) -> None:
    truth = true_means(scenario)
    tallies = [try_pair(scenario, truth, prompts=20, seed=seed) for seed in range(200)]
    covered = [t.is_covered for t in tallies if t.is_covered is not None]
    assert len(covered) >= 190
    # A one-sided binomial test: below this many, coverage of 93 % would be a one in a thousand accident.
    assert sum(covered) >= stats.binom.ppf(0.001, len(covered), 0.93)
    assert sum(t.has_flip for t in tallies) <= stats.binom.isf(0.001, 200, 0.05) or scenario == PAIRS[2]


@pytest.mark.slow
def test_equal_models_seldom_have_a_winner() -> None:
    scenario = MAPS[2]
    truth = true_means(scenario)
    false = [try_map(scenario, truth, prompts=20, seed=seed) for seed in range(200)]
    assert sum(false) <= stats.binom.isf(0.001, 200, 0.05)
