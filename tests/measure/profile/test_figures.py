"""Figures over rows with intervals over prompts."""

import numpy as np
import pytest

from triaxis.measure.profile.figures import Figure, as_share, means, quantiles
from triaxis.measure.tables import Resampling


def test_a_mean_is_over_rows_and_rows_without_a_value_are_left_out() -> None:
    values = np.array([[1.0, 4.0], [2.0, np.nan], [6.0, np.nan]])
    first, second = means(values, np.array([0, 0, 1]), Resampling())
    assert (first.value, second.value) == (3.0, 4.0)
    assert np.isnan(first.low)  # two prompts


def test_with_one_row_a_prompt_the_interval_is_that_of_a_mean_over_prompts() -> None:
    values = np.random.default_rng(0).normal(5, 2, 40)
    (figure,) = means(values[:, None], np.arange(40), Resampling(400, 3))
    mean, low, high = Resampling(400, 3).interval(values[:, None])
    assert figure == (pytest.approx(mean[0]), pytest.approx(low[0]), pytest.approx(high[0]))


def test_copies_of_rows_under_one_prompt_make_no_interval_shorter() -> None:
    values = np.random.default_rng(0).normal(5, 2, 40)
    (once,), (ten_times,) = (
        means(np.repeat(values, copies)[:, None], np.repeat(np.arange(40), copies), Resampling(400)) for copies in (1, 10)
    )
    assert ten_times == pytest.approx(once)


def test_quantiles_are_observed_values_and_their_ends_widen_with_clusters() -> None:
    values = np.arange(100.0)
    (median,) = quantiles(values, np.arange(100), [0.5])
    assert median.value == 49.5
    assert median.low == pytest.approx(39.0, abs=1)
    (clustered,) = quantiles(values, np.arange(100) // 5, [0.5])
    assert clustered.low < median.low < clustered.high


def test_quantiles_of_nothing_are_nan_and_of_few_prompts_have_no_interval() -> None:
    assert np.isnan(quantiles(np.array([np.nan]), np.array([0]), [0.5])[0].value)
    (few,) = quantiles(np.arange(9.0), np.arange(9), [0.5])
    assert few.value == 4.0
    assert np.isnan(few.low)


def test_a_share_stays_within_0_and_1_and_all_of_few_is_not_always() -> None:
    assert as_share(Figure(0.5, -0.2, 1.2), 20) == (0.5, 0.0, 1.0)
    assert as_share(Figure(1.0, 1.0, 1.0), 20).low == pytest.approx(0.025 ** (1 / 20))
