"""Simultaneous bands for paired differences over all floors, for one pair of models and for the map of winners.

A band answers "at which floors does a lead b?" for all floors at once: with probability 95 % every true difference lies inside
it, so that floors may be picked after looking. Its ends lie critical values times the standard error away from the mean; the
critical values are quantiles of the largest studentised deviation over floors (max-t) when prompts are resampled, one
for each side, because sparse differences are skewed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from triaxis.stats.bootstrap import ROUNDING, critical_values, deviations, inverse, require_prompts, studentised, weight_blocks

MIN_NONZERO = 5
"""Floors with fewer prompts of non-zero difference are not testable (design 5.2)."""

REFINED_DRAWS = 10_000
NEAR_ZERO = 0.1
"""Band ends within this many standard errors of zero are computed again with `REFINED_DRAWS` draws."""

_BLOCK_DRAWS = 2000
"""So that the arrays of one pair stay in the processor's cache."""


class Differences(NamedTuple):
    """Paired differences of all pairs a < b of models: `mean`, its standard `error`, prompts of `nonzero` difference.

    `first` and `second` are (pairs,) model positions, the rest (pairs, floors); `error` is NaN for a single prompt.
    """

    first: np.ndarray
    second: np.ndarray
    mean: np.ndarray
    error: np.ndarray
    nonzero: np.ndarray
    prompts: int

    @property
    def is_testable(self) -> np.ndarray:
        """(pairs, floors) bool: at least 5 prompts differ."""
        return self.nonzero >= MIN_NONZERO

    def unit(self, confidence: float) -> np.ndarray:
        """(pairs, floors): the standard error that critical values are multiplied with; NaN where not testable.

        Where k of the prompts differ it is widened as Student's t with k - 1 degrees of freedom is wider than with all prompts:
        zeros add no knowledge of the spread. Without it, simulated coverage falls to 92 % where cells hold one sample.
        """
        tail = (1 + confidence) / 2
        with np.errstate(invalid="ignore"):
            wider = stdtrit(self.nonzero - 1, tail) / stdtrit(self.prompts - 1, tail)
        return np.where(self.is_testable, self.error * wider, np.nan)


class Criticals(NamedTuple):
    """Critical values, in standard errors, and how many `draws` (pairs,) each pair had.

    `above` and `below` (pairs,): by how much the mean of a - b may come out too large, or too small, at any floor. `control`
    (models,): by how much any other model's lead over this one may come out too large, at any floor.
    """

    above: np.ndarray
    below: np.ndarray
    control: np.ndarray
    draws: np.ndarray


class Band(NamedTuple):
    """Band of one pair: (floors,) arrays; `low` and `high` are NaN where not `is_testable`. `critical`: below, above."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_testable: np.ndarray
    critical: tuple[float, float]
    draws: int


def paired_differences(values: np.ndarray) -> Differences:
    """Mean differences of all pairs of models at all floors from `values` (models, prompts, floors)."""
    models, prompts, floors = values.shape
    first, second = np.triu_indices(models, 1)
    mean, error = np.empty((2, len(first), floors))
    nonzero = np.empty((len(first), floors), dtype=np.int64)
    for pair, (a, b) in enumerate(zip(first, second, strict=True)):
        difference = _difference(values[a], values[b])
        mean[pair] = unless_rounding(difference.mean(axis=0), np.abs(difference).max(axis=0))
        error[pair] = deviations(difference) / np.sqrt(prompts - 1) if prompts > 1 else np.nan
        nonzero[pair] = np.count_nonzero(difference, axis=0)
    return Differences(first, second, mean, error, nonzero, prompts)


def simultaneous_criticals(
    values: np.ndarray, differences: Differences, *, draws: int = 1000, seed: int, confidence: float = 0.95
) -> Criticals:
    """Critical values of every pair's band over floors, and of every model's family for the map of winners.

    A pair's band: the (1 + confidence) / 2 quantiles of the largest t and of the largest -t over its testable floors. A model's
    family, as in multiple comparisons with the best (Hsu 1996, Multiple Comparisons, ch. 4): for model k the same quantile of the
    largest t of "i ahead of k" over all other models i and all floors. Whoever is truly best at a floor, a model falsely shown
    ahead of everyone is shown ahead of that one, so guarding the truly best k against all others is enough although the leader
    was picked from the data, and cheaper than guarding all pairs against each other. Only half of the error is spent, since of
    two models that tie for the best either may falsely win, and the best may be another one at other floors.

    Bands with an end within 0.1 standard errors of zero are computed with 10,000 draws. Raises `Undefined` under 10 prompts.

    Args:
        values: (models, prompts, floors) float64.
        differences: `paired_differences(values)`.
    """
    require_prompts(differences.prompts)
    rng = np.random.default_rng(seed)
    leader = values.mean(axis=1).argmax(axis=0)
    return refined_criticals(
        lambda pairs, more: _extremes(values, differences, pairs, draws=more, rng=rng), differences, leader=leader, draws=draws,
        confidence=confidence,
    )  # fmt: skip


def refined_criticals(
    extremes: Callable[[np.ndarray, int], np.ndarray], differences: Differences, *, leader: np.ndarray, draws: int,
    confidence: float = 0.95,
) -> Criticals:  # fmt: skip
    """`simultaneous_criticals` from any way to draw: with 10,000 draws for the pairs that come out close.

    `extremes(pairs, draws)` gives (draws, 2, pairs) float32, new with every call: the largest t and the largest -t over testable
    floors, at least 0, of the pairs at these positions. `leader` (floors,) are the models with the largest mean.
    """
    everyone = np.arange(len(differences.first))
    found = extremes(everyone, draws)
    criticals = _criticals(found, np.full(len(everyone), draws), differences, confidence)
    near = _near_zero(differences, criticals, unit=differences.unit(confidence), leader=leader)
    if draws >= REFINED_DRAWS or not near.any():
        return criticals
    more = np.zeros((REFINED_DRAWS - draws, 2, len(everyone)), dtype=np.float32)
    more[:, :, near] = extremes(np.flatnonzero(near), REFINED_DRAWS - draws)
    drawn = np.where(near, REFINED_DRAWS, draws)
    return _criticals(np.concatenate([found, more]), drawn, differences, confidence)


def paired_band(differences: np.ndarray, *, draws: int = 1000, seed: int, confidence: float = 0.95) -> Band:
    """Simultaneous band over floors for the mean of `differences` (prompts, floors) of one pair, budget and domain.

    Floors with fewer than 5 non-zero differences leave the maximum and have no band. Raises `Undefined` under 10 prompts.
    """
    values = np.stack([differences, np.zeros_like(differences)])
    summary = paired_differences(values)
    criticals = simultaneous_criticals(values, summary, draws=draws, seed=seed, confidence=confidence)
    (above,), (below,), _, (drawn,) = criticals
    (mean,), (unit,), (is_testable,) = summary.mean, summary.unit(confidence), summary.is_testable
    return Band(mean, mean - above * unit, mean + below * unit, is_testable, (float(below), float(above)), int(drawn))


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b, exactly 0 where the two are the same but for rounding."""
    return unless_rounding(a - b, np.maximum(np.abs(a), np.abs(b)))


def unless_rounding(value: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """`value`, exactly 0 where it is the rounding of sums of numbers as large as `scale`."""
    return np.where(np.abs(value) > ROUNDING * scale, value, 0.0)


def _extremes(
    values: np.ndarray, differences: Differences, pairs: np.ndarray, *, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(draws, 2, pairs) float32: the largest t and the largest -t of every draw over testable floors, at least 0."""
    centred = values - values.mean(axis=1, keepdims=True)
    scale = inverse(np.where(differences.is_testable, differences.error, 0.0))
    blocks = weight_blocks(differences.prompts, draws=draws, most=_BLOCK_DRAWS, rng=rng)
    return np.concatenate([_block_extremes(w.astype(np.float32), centred, differences, scale, pairs) for w in blocks])


def _block_extremes(
    weights: np.ndarray, centred: np.ndarray, differences: Differences, scale: np.ndarray, pairs: np.ndarray
) -> np.ndarray:
    """`_extremes` for one block of draws. The mean of a difference is the difference of means, so only squares are per pair."""
    out = np.empty((len(weights), 2, len(pairs)), dtype=np.float32)
    used = np.union1d(differences.first[pairs], differences.second[pairs])
    means = {model: weights @ centred[model].astype(np.float32) for model in used}
    for place, pair in enumerate(pairs):
        kept = _columns(scale[pair] > 0)
        a, b, unit = differences.first[pair], differences.second[pair], scale[pair, kept]
        square = np.square((centred[a][:, kept] - centred[b][:, kept]) * unit).astype(np.float32)
        mean = (means[a][:, kept] - means[b][:, kept]) * unit.astype(np.float32)
        t = studentised(mean, weights @ square, prompts=differences.prompts)
        out[:, 0, place], out[:, 1, place] = t.max(axis=1, initial=0), -t.min(axis=1, initial=0)
    return out


def _columns(kept: np.ndarray) -> np.ndarray | slice:
    """Index of the `kept` columns; a slice where all are, which copies nothing."""
    return slice(None) if kept.all() else np.flatnonzero(kept)


def _criticals(extremes: np.ndarray, drawn: np.ndarray, differences: Differences, confidence: float) -> Criticals:
    """Quantiles of `extremes` (draws, 2, pairs), of which the first `drawn` of each pair count."""
    tail = (1 + confidence) / 2
    sides = np.empty((2, len(drawn)))
    for draws in np.unique(drawn):
        sides[:, drawn == draws] = critical_values(extremes[:draws, :, drawn == draws], confidence=tail)
    above, below = np.where(differences.is_testable.any(axis=1), sides, np.nan)
    models = differences.second.max(initial=0) + 1
    control = np.array([_control(model, extremes, drawn, differences, tail) for model in range(models)])
    return Criticals(above, below, control, drawn)


def _control(model: int, extremes: np.ndarray, drawn: np.ndarray, differences: Differences, tail: float) -> float:
    """Quantile of the largest t of "some other model is ahead of `model` at some floor"."""
    is_second, is_first = differences.second == model, differences.first == model
    draws = drawn[is_second | is_first].min(initial=len(extremes))
    ahead = np.concatenate([extremes[:draws, 0, is_second], extremes[:draws, 1, is_first]], axis=1)
    return float(critical_values(ahead.max(axis=1, initial=0), confidence=tail))


def _near_zero(differences: Differences, criticals: Criticals, *, unit: np.ndarray, leader: np.ndarray) -> np.ndarray:
    """(pairs,) bool: an end of the pair's band is within 0.1 standard errors of zero, or the map needs a closer look at it.

    The map does where the smallest of the margins that `leader` (floors,) has over all others is that near.
    """
    t = np.divide(differences.mean, unit, out=np.full_like(unit, np.nan), where=unit > 0)
    own = np.minimum(np.abs(t - criticals.above[:, None]), np.abs(t + criticals.below[:, None])) < NEAR_ZERO
    lead = np.full((len(criticals.control), len(criticals.control), len(leader)), np.nan)
    lead[differences.first, differences.second], lead[differences.second, differences.first] = t, -t
    margin = lead[leader, :, np.arange(len(leader))] - criticals.control
    margin[np.arange(len(leader)), leader] = np.inf
    near = np.flatnonzero(np.abs(margin.min(axis=1, initial=np.inf)) < NEAR_ZERO)
    models = margin[near].argmin(axis=1)
    return np.asarray(own.any(axis=1) | np.isin(differences.first, models) | np.isin(differences.second, models))
