"""Half-samples: the interval of a change, by hand and by simulation."""

import numpy as np
import pytest
from scipy.stats import t as student

from triaxis.blind.halves import Change, change, halves, smallest_seen


def test_halves_hold_half_of_the_prompts_and_the_first_do_not_hang_on_how_many_there_are() -> None:
    found = halves(11, replicates=6, seed=3)
    assert found.sum(axis=1).tolist() == [5] * 6
    assert (halves(11, replicates=4, seed=3) == found[:4]).all()


def test_the_interval_is_that_of_the_spread_of_halves() -> None:
    before = np.zeros(5)
    after = np.array([1.0, 0.0, 1.0, 2.0, 1.0])
    found = change(before, after, prompts=20, family=6)
    error = np.std([0, 1, 2, 1], ddof=1)
    reach = student.ppf(1 - 0.05 / 12, 1 / (1 / 3 + 1 / 19)) * error
    assert found[:5] == pytest.approx((0, 1, 1, 1 - reach, 1 + reach))


def test_an_odd_number_of_prompts_is_mended() -> None:
    after = np.array([1.0, 0.0, 1.0, 2.0, 1.0])
    even, odd = (change(np.zeros(5), after, prompts=n, family=1) for n in (10, 11))
    ratio = (student.ppf(0.975, 1 / (1 / 3 + 1 / 10)) * np.sqrt(5 / 6)) / student.ppf(0.975, 1 / (1 / 3 + 1 / 9))
    assert (odd.high - odd.low) / (even.high - even.low) == pytest.approx(ratio)  # type: ignore[operator]


def test_half_samples_estimate_the_variance_of_a_mean() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(300, 30))
    kept = halves(30, replicates=200, seed=1)
    spread = np.array([[row[half].mean() for half in kept] for row in values]).var(axis=1, ddof=1)
    assert spread.mean() == pytest.approx(1 / 30, rel=0.05)


def test_rounding_is_no_change() -> None:
    before = np.full(6, 0.1 + 0.2)
    assert change(before, np.full(6, 0.3), prompts=20, family=1)[2:5] == (0, 0, 0)


@pytest.mark.parametrize(("prompts", "scores", "reason"), [(9, 12, "10 prompts"), (20, 3, "resamples"), (20, 0, "resamples")])
def test_too_few_prompts_or_resamples_give_no_interval(prompts: int, scores: int, reason: str) -> None:
    found = change(np.zeros(scores + 1), np.ones(scores + 1), prompts=prompts, family=1)
    assert (found.change, found.low, found.high) == (1, None, None)
    assert reason in str(found.reason)
    assert not found.is_clear


def test_a_missing_score_is_no_change() -> None:
    found = change(np.array([np.nan, 1, 1]), np.array([1.0, 1, 1]), prompts=20, family=1)
    assert (found.before, found.after, found.change) == (None, 1, None)


def _found(*sides: float) -> list[Change]:
    return [Change(1, 1, side, side - 0.5, side + 0.5, 12) for side in sides]


@pytest.mark.parametrize(
    ("sides", "seen"),
    [
        ((1, 1, 1), 0.1), ((0, 1, 1), 0.5), ((1, 0, 1), 0.9), ((1, 1, 0), None), ((-1, 1, 1), 0.5), ((-1, -1, -1), 0.1),
    ],
)  # fmt: skip
def test_a_dose_is_seen_when_it_and_all_above_move_the_score_the_same_way(sides: tuple[float, ...], seen: float | None) -> None:
    assert smallest_seen(np.array([0.1, 0.5, 0.9]), _found(*sides)) == seen
