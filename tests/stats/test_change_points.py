"""Change points: planted ones are found where they are, constant series have none, and what cannot be told says so."""

import numpy as np
import pytest

from benchmarks.planted_series import Scenario, results
from triaxis.errors import Undefined
from triaxis.stats.change_points import change_points, mean_curve, shape_of, side_means
from triaxis.stats.pseudo_values import pseudo_values, ratio_values

NAN = float("nan")


def noisy(prompts: int = 12, steps: int = 8, *, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, (prompts, 1)) + rng.normal(0, 0.1, (prompts, steps))


def test_side_means_by_hand() -> None:
    before, after = side_means(np.array([[1.0, 3.0, NAN, 8.0], [NAN, 2.0, 4.0, NAN]]))
    assert before[0].tolist() == [1.0, 2.0, 2.0]
    assert after[0].tolist() == [5.5, 8.0, 8.0]
    assert np.isnan(before[1, 0])
    assert after[1].tolist()[:2] == [3.0, 4.0]
    assert np.isnan(after[1, 2])


def test_a_planted_change_is_found_with_its_size_and_sign() -> None:
    values = noisy()
    values[:, 5:] -= 1
    found = change_points(values, seed=0, draws=200)
    (change,) = found.changes
    assert (change.place, change.low, change.high) == (5, 5, 5)
    assert change.difference == pytest.approx(change.after - change.before)
    assert change.difference_low < -1 < change.difference_high < 0
    assert change.p < 0.01
    assert change.prompts == 12


def test_two_changes_are_both_found_in_order() -> None:
    values = noisy(steps=16)
    values[:, 4:] += 1
    values[:, 10:] -= 2
    assert [change.place for change in change_points(values, seed=0, draws=200).changes] == [4, 10]


def test_a_straight_line_is_a_gradual_change_and_is_not_cut_into_stairs() -> None:
    values = noisy(steps=20) + 0.1 * np.arange(20)
    (change,) = change_points(values, seed=0, draws=200).changes
    assert change.is_gradual
    assert shape_of(values).is_linear


def test_a_constant_series_has_no_change_and_p_of_one() -> None:
    for steps in (4, 20):
        found = change_points(np.full((10, steps), 0.7), seed=0, draws=200)
        assert (found.changes, found.best.p) == ((), 1.0)


def test_prompts_at_another_level_later_are_no_change() -> None:
    values = np.full((24, 6), NAN)
    values[:12, :3], values[12:, 3:] = 0.0, 5.0
    values += np.random.default_rng(0).normal(0, 0.01, values.shape)
    assert change_points(values, seed=0, draws=200).changes == ()
    assert np.abs(mean_curve(values)).max() < 0.1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (noisy(prompts=9), "needs 10 prompts with two steps, got 9"),
        (noisy(steps=3), "needs 4 steps, got 3"),
        (noisy(steps=1), "needs 10 prompts with two steps, got 0"),
        (np.full((20, 8), NAN), "needs 10 prompts with two steps, got 0"),
    ],
)
def test_too_little_cannot_tell(values: np.ndarray, reason: str) -> None:
    with pytest.raises(Undefined, match=reason):
        change_points(values, seed=0)


def test_the_same_seed_gives_the_same_and_the_order_of_prompts_hardly_matters() -> None:
    values = noisy(prompts=15, seed=4)
    values[:, 3:] += 0.1
    first = change_points(values, seed=1, draws=200)
    assert first == change_points(values, seed=1, draws=200)
    other = change_points(values[::-1], seed=1, draws=200)
    assert other.best.place == first.best.place
    assert other.best.p == pytest.approx(first.best.p, abs=0.03)


def test_the_number_of_series_multiplies_every_p() -> None:
    values = noisy(seed=5)
    one, ten = (change_points(values, seed=0, draws=200, factor=factor) for factor in (1.0, 10.0))
    assert ten.best.p == pytest.approx(min(1.0, 10 * one.best.p))


def test_planted_changes_are_found_in_simulations_and_nothing_where_there_is_none() -> None:
    planted = results(Scenario("change", "independent", 30, 80), 20)
    assert planted.found >= 0.95
    assert planted.near >= 0.95
    assert planted.covered >= 0.9
    for noise in ("autocorrelated", "skewed", "missing cells"):
        assert results(Scenario("none", noise, 30, 16), 30).found <= 0.1


def test_pseudo_values_of_a_mean_are_the_values_and_of_a_ratio_remove_its_bias() -> None:
    values = np.array([[1.0, 2.0], [3.0, NAN], [5.0, 4.0]])
    ones = np.ones_like(values)
    mean = pseudo_values(lambda sums: sums[0] / np.maximum(sums[1], 1e-9), (values, ones))
    assert mean[:, 0].tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert np.isnan(mean[1, 1])


def test_ratio_values_have_the_ratio_as_their_mean_whatever_they_are_held_against() -> None:
    part, whole = np.array([[1.0, 2.0], [3.0, 0.0]]), np.array([[2.0, 4.0], [4.0, 4.0]])
    for at in (None, np.array([0.5])):
        assert ratio_values(part, whole, at=at).mean(axis=0).tolist() == pytest.approx([4 / 6, 2 / 8])


def test_a_prompt_whose_counts_stay_does_not_move_because_others_do() -> None:
    part, whole = np.array([[1.0, 1.0], [3.0, 1.0]]), np.full((2, 2), 4.0)
    values = ratio_values(part, whole, at=np.array([0.4]))
    assert values[0, 0] == values[0, 1]
