"""How well rules agree with people on pairs: accuracy, F1, AUC, Brier, calibration, each with an interval over prompts.

The one idea: a head is judged on pairs whose prompt it has not seen, again and again with other folds, and next to rules that
cost nothing. A rule with a threshold of its own (the best cosine) has it chosen on the other folds, too.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from triaxis.diversity.equivalence.learned.features import WordWeights
from triaxis.diversity.equivalence.learned.fitting import LabelledFeatures, Settings, fit_head
from triaxis.errors import Undefined
from triaxis.stats.bootstrap import mean_interval, resample_weights

BINS = 10


class Figure(NamedTuple):
    """A number and the ends of its interval (95 %, prompts resampled)."""

    value: float
    low: float
    high: float


class Judged(NamedTuple):
    """What a rule said of each pair while the pair's prompt was held out.

    right: (pairs,) share of repeats in which it agreed with people. said: (pairs,) bool, what it said in most of them.
    probability: (pairs,) mean P(same) over repeats, None for a rule without probabilities.
    """

    name: str
    right: np.ndarray
    said: np.ndarray
    probability: np.ndarray | None = None


class Bin(NamedTuple):
    """One bar of the reliability plot: pairs with about this probability, and how many of them people call the same."""

    pairs: int
    probability: float
    same: float
    low: float
    high: float


def folds_by_prompt(prompts: Sequence[str], folds: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Positions of pairs in `folds` parts; pairs of one prompt are in one part."""
    _, group = np.unique(np.array(prompts, dtype=object).astype(str), return_inverse=True)
    part = rng.permutation(int(group.max()) + 1) % folds
    return [np.flatnonzero(part[group] == fold) for fold in range(folds)]


def held_out_head(
    human: LabelledFeatures, weak: LabelledFeatures | None, words: WordWeights, parts: Sequence[Sequence[np.ndarray]], *,
    settings: Settings, threshold: float = 0.5, told: Callable[[int], None] = lambda done: None,
) -> Judged:  # fmt: skip
    """The head, fitted once for each part of each repeat in `parts` without the pairs of that part; `weak` is always beside."""
    found = np.empty((len(parts), len(human.same)))
    for repeat, folds in enumerate(parts):
        for out in folds:
            seen = np.setdiff1d(np.arange(len(human.same)), out)
            head = fit_head(human.at(seen), weak, words, settings)
            held = human.at(out)
            found[repeat, out] = head.of_inputs(head.inputs(held.features, head.along(held.prompts)))
        told(repeat + 1)
    same = human.same.astype(bool)
    mean = found.mean(axis=0)
    return Judged("learned", ((found >= threshold) == same).mean(axis=0), mean >= threshold, mean)


def held_out_cosine(cosines: np.ndarray, same: np.ndarray, parts: Sequence[Sequence[np.ndarray]]) -> Judged:
    """The cosine threshold that is right most often on the other folds, on each fold."""
    said = np.empty((len(parts), len(same)), dtype=bool)
    for repeat, folds in enumerate(parts):
        for out in folds:
            seen = np.setdiff1d(np.arange(len(same)), out)
            said[repeat, out] = cosines[out] >= best_threshold(cosines[seen], same[seen])
    return Judged("best cosine", (said == same.astype(bool)).mean(axis=0), said.mean(axis=0) >= 0.5)


def best_threshold(scores: np.ndarray, same: np.ndarray) -> float:
    """The threshold with the most pairs right; halfway between two scores, the highest of equals."""
    order = np.argsort(scores)
    ranked, hits = scores[order], same[order].astype(np.int64)
    right = np.concatenate([[0], np.cumsum(1 - hits)]) + hits.sum() - np.concatenate([[0], np.cumsum(hits)])
    edges = np.concatenate([[ranked[0] - 1], (ranked[1:] + ranked[:-1]) / 2, [ranked[-1] + 1]])
    possible = np.concatenate([[True], ranked[1:] > ranked[:-1], [True]])
    return float(edges[np.flatnonzero(possible & (right == right[possible].max()))[-1]])


def fixed(name: str, said: np.ndarray, same: np.ndarray) -> Judged:
    """A rule that fits nothing: `said` (pairs,) bool."""
    return Judged(name, (said == same.astype(bool)).astype(np.float64), said)


def figures(judged: Judged, same: np.ndarray, prompts: Sequence[str], *, seed: int, draws: int = 2000) -> dict[str, Figure]:
    """Accuracy, precision, recall, F1 of `judged`, and AUC, Brier score and calibration error where it has probabilities.

    F1 and its parts are 0 where a rule never says same. Intervals resample prompts.
    """
    weights = _pair_weights(prompts, draws, seed)
    found = {"accuracy": _accuracy(judged.right, prompts, seed), **_counts(judged.said, same, weights)}
    if judged.probability is not None:
        probability = judged.probability
        found["auc"] = _interval(lambda w: auc(probability, same, w), weights)
        found["brier"] = _interval(lambda w: float(w @ np.square(probability - same) / w.sum()), weights)
        found["calibration_error"] = _interval(lambda w: calibration_error(probability, same, w), weights)
    return found


def difference(one: Judged, other: Judged, prompts: Sequence[str], *, seed: int) -> Figure:
    """How much more often `one` is right than `other`, pair by pair."""
    return _accuracy(one.right - other.right, prompts, seed)


def auc(scores: np.ndarray, same: np.ndarray, weights: np.ndarray) -> float:
    """Share of (same, different) couples of pairs in which the same one scores higher, ties half; 0-1. `weights` count pairs."""
    _, place = np.unique(scores, return_inverse=True)
    yes, no = np.bincount(place, weights * same), np.bincount(place, weights * (1 - same))
    if not yes.sum() or not no.sum():
        raise Undefined("AUC needs pairs of both kinds")
    return float(yes @ (np.cumsum(no) - no / 2) / (yes.sum() * no.sum()))


def calibration_error(probability: np.ndarray, same: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Expected calibration error over ten bins of equally many pairs: mean |mean probability - share that is the same|, 0-1.

    A perfectly calibrated rule has one of about 0.8 x sqrt(variance x bins / pairs), not 0.
    """
    counts = np.ones(len(same)) if weights is None else weights
    total = 0.0
    for places in np.array_split(np.argsort(probability, kind="stable"), BINS):
        total += abs(float(counts[places] @ (probability[places] - same[places])))
    return total / float(counts.sum())


def reliability(judged: Judged, same: np.ndarray) -> list[Bin]:
    """Ten bins of equally many pairs in order of probability, with Wilson's 95 % interval of the share that is the same.

    None where `judged` has no probabilities.
    """
    if judged.probability is None:
        return []
    probability = judged.probability
    order = np.argsort(probability, kind="stable")
    parts = [places for places in np.array_split(order, BINS) if places.size]
    return [_bin(probability[places], same[places]) for places in parts]


def _bin(probability: np.ndarray, same: np.ndarray) -> Bin:
    return Bin(same.size, float(probability.mean()), float(same.mean()), *wilson(int(same.sum()), same.size))


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (Wilson 1927); `count` is at least 1."""
    z = 1.959964
    share = hits / count
    middle, spread = share + z * z / (2 * count), z * np.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return float((middle - spread) / (1 + z * z / count)), float((middle + spread) / (1 + z * z / count))


def _accuracy(right: np.ndarray, prompts: Sequence[str], seed: int) -> Figure:
    """Mean of `right` over prompts (each by the mean of its pairs) with a bootstrap-t interval."""
    _, group = np.unique(np.array(prompts, dtype=object).astype(str), return_inverse=True)
    values = np.bincount(group, right) / np.bincount(group)
    found = mean_interval(values[:, None], seed=seed)
    return Figure(float(found.mean[0]), float(found.low[0]), float(found.high[0]))


def _counts(said: np.ndarray, same: np.ndarray, weights: np.ndarray) -> dict[str, Figure]:
    hits = (said & same.astype(bool)).astype(np.float64)
    parts = {"precision": said.astype(np.float64), "recall": same.astype(np.float64), "f1": (said + same) / 2}
    return {name: _interval(partial(_share_of, hits, of), weights) for name, of in parts.items()}


def _share_of(part: np.ndarray, whole: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ part / max(weights @ whole, 1e-12))


def _pair_weights(prompts: Sequence[str], draws: int, seed: int) -> np.ndarray:
    """(draws, pairs): how often each pair is in each resample of prompts."""
    _, group = np.unique(np.array(prompts, dtype=object).astype(str), return_inverse=True)
    count = int(group.max()) + 1
    return resample_weights(count, draws=draws, seed=seed)[:, group] * count


def _interval(statistic: Callable[[np.ndarray], float], weights: np.ndarray) -> Figure:
    drawn = np.array([statistic(row) for row in weights])
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Figure(statistic(np.ones(weights.shape[1])), float(low), float(high))
