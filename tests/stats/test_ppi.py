"""Prediction-powered inference: a value by hand, what it costs to be wrong, and coverage."""

import numpy as np
import pytest

from triaxis.errors import Undefined
from triaxis.stats.ppi import ClusterMean, cluster_mean, mended, prediction_powered_mean


def test_the_value_by_hand() -> None:
    # predictions: mean 0.5 of 20; on the 10 labelled ones truth is 0.2 below what was predicted on average
    predicted = np.tile([0.0, 1.0], 10)
    said, truth = np.array([1.0, 1, 1, 1, 1, 0, 0, 0, 0, 0]), np.array([1.0, 1, 1, 0, 0, 0, 0, 0, 0, 0])
    found = prediction_powered_mean(predicted, said, truth)
    assert (found.plain, found.rectifier) == (0.5, -0.2)
    assert found.value == pytest.approx(0.3)
    # variances of the means: 20/19 * 20 * 0.25 / 400 and 10/9 * (2 * 0.64 + 8 * 0.04) / 100
    error = np.sqrt(20 / 19 * 5 / 400 + 10 / 9 * 1.6 / 100)
    assert found.error == pytest.approx(error)
    assert found.high - found.value == pytest.approx(2.2621571628 * error)  # t with 9 degrees of freedom


def test_perfect_predictions_are_not_changed_and_cost_nothing() -> None:
    predicted = np.random.default_rng(0).random(200)
    found = prediction_powered_mean(predicted, predicted[:20], predicted[:20])
    assert found.value == found.plain
    assert found.error == pytest.approx(cluster_mean(predicted).error)


def test_items_of_one_prompt_count_once() -> None:
    values = np.random.default_rng(1).random(50)
    alone, copied = cluster_mean(values), cluster_mean(np.repeat(values, 8), np.repeat(np.arange(50), 8))
    assert copied == pytest.approx(alone)
    assert cluster_mean(np.repeat(values, 8)).error < 0.5 * alone.error


def test_too_few_prompts_have_no_interval() -> None:
    with pytest.raises(Undefined, match="got 9"):
        mended(ClusterMean(0.5, 0.1, 100), ClusterMean(0.0, 0.1, 9))
    with pytest.raises(Undefined, match="2 prompts"):
        cluster_mean(np.array([1.0]))


@pytest.mark.slow
@pytest.mark.parametrize("accuracy", [0.95, 0.7])
def test_the_interval_covers_the_truth_however_wrong_the_predictions_are(accuracy: float) -> None:
    rng, covered, shorter = np.random.default_rng(2), 0, 0
    for _ in range(1000):
        rate = rng.beta(3, 6, 160).repeat(10)  # prompts differ, and pairs of one prompt are alike
        truth = (rng.random(1600) < rate).astype(float)
        said = np.where(rng.random(1600) < accuracy, truth, 1 - truth)
        prompt = np.arange(160).repeat(10)
        few = prompt < 40
        found = prediction_powered_mean(
            said[~few], said[few], truth[few], clusters=prompt[~few], labelled_clusters=prompt[few]
        )
        covered += found.low < 1 / 3 < found.high
        shorter += found.error < cluster_mean(truth[few], prompt[few]).error
    assert 925 <= covered <= 985
    assert (shorter > 900) is (accuracy == 0.95)  # good predictions shorten it; poor ones cannot break it
