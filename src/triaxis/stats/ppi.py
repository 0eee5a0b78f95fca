"""Prediction-powered inference: a mean over many cheap, fallible labels, mended by few that people gave.

After Angelopoulos et al. 2023 (Science 382, arXiv 2301.09633, algorithm 1): the mean of the predictions on everything, plus the
mean error that they make where the truth is known. The interval holds both doubts, however wrong the predictions are; how good
they are decides only how long it is. The one assumption: labelled items are a random sample of the same population as the others.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from triaxis.errors import Undefined

MIN_CLUSTERS = 10
"""Fewest prompts on either side that have an interval, as everywhere (design 5.1)."""


class Mended(NamedTuple):
    """`plain` is the mean of the predictions, `value` the mended mean with its interval; `rectifier` is what was added."""

    plain: float
    value: float
    low: float
    high: float
    rectifier: float
    error: float


class ClusterMean(NamedTuple):
    """A mean over items, its standard error with items of one cluster together, and how many clusters there are."""

    value: float
    error: float
    clusters: int


def prediction_powered_mean(
    predicted: np.ndarray, labelled_predicted: np.ndarray, labelled_truth: np.ndarray, *,
    clusters: np.ndarray | None = None, labelled_clusters: np.ndarray | None = None, confidence: float = 0.95,
) -> Mended:  # fmt: skip
    """The mean of the truth over the population of `predicted`, with an interval that holds the predictions' own error.

    predicted: (N,) predictions where no truth is known. labelled_predicted, labelled_truth: (n,) of the same kind where it is.
    `clusters` and `labelled_clusters` name the prompt of each item: items of one prompt are not independent. Student's t with the
    fewer clusters of the two sides, less one.

    Raises `Undefined` where either side has fewer than `MIN_CLUSTERS` clusters.

    >>> rng = np.random.default_rng(0)
    >>> truth = (rng.random(4000) < 0.3).astype(float)
    >>> said = np.where(rng.random(4000) < 0.8, truth, 1 - truth)
    >>> found = prediction_powered_mean(said[400:], said[:400], truth[:400])
    >>> round(found.plain, 2), found.low < 0.3 < found.high
    (0.38, True)
    """
    error = np.asarray(labelled_truth, dtype=np.float64) - np.asarray(labelled_predicted, dtype=np.float64)
    everything = cluster_mean(np.asarray(predicted, dtype=np.float64), clusters)
    rectifier = cluster_mean(error, labelled_clusters)
    return mended(everything, rectifier, confidence=confidence)


def mended(everything: ClusterMean, rectifier: ClusterMean, *, confidence: float = 0.95) -> Mended:
    """The sum of two independent means, with the interval of the sum."""
    fewest = min(everything.clusters, rectifier.clusters)
    if fewest < MIN_CLUSTERS:
        raise Undefined(f"needs {MIN_CLUSTERS} prompts with labelled pairs, and as many without, got {fewest}")
    value, error = everything.value + rectifier.value, float(np.hypot(everything.error, rectifier.error))
    reach = float(stdtrit(fewest - 1, 0.5 + confidence / 2)) * error
    return Mended(everything.value, value, value - reach, value + reach, rectifier.value, error)


def cluster_mean(values: np.ndarray, clusters: np.ndarray | None = None) -> ClusterMean:
    """Mean of `values` (items,) and its standard error, with items of one cluster taken together (each alone without `clusters`).

    The variance is G / (G - 1) times the sum of squared cluster totals of deviations, over the square of the number of items.
    Raises `Undefined` for fewer than two clusters.
    """
    places = np.arange(values.size) if clusters is None else np.unique(clusters, return_inverse=True)[1]
    count = int(places.max(initial=-1)) + 1
    if count < 2:
        raise Undefined(f"needs labelled pairs of 2 prompts, got {count}")
    mean = float(values.mean())
    totals = np.bincount(places, weights=values - mean, minlength=count)
    variance = count / (count - 1) * float(totals @ totals) / values.size**2
    return ClusterMean(mean, variance**0.5, count)
