"""Simultaneous bands for paired differences over all floors, for one pair of models and for the map of winners.

A band answers "at which floors does a lead b?" for all floors at once: with probability 95 % every true difference lies inside
it, so that floors may be picked after looking. Its half-width is a critical value times the standard error at that floor;
the critical value is a quantile of the largest studentised deviation over floors (max-t) when prompts are resampled.
"""

from typing import NamedTuple

import numpy as np

from triaxis.stats.bootstrap import ROUNDING, critical_value, deviations, inverse, require_prompts, studentised, weight_blocks

MIN_NONZERO = 5
"""Floors with fewer prompts of non-zero difference are not testable (design 5.2)."""

REFINED_DRAWS = 10_000
NEAR_ZERO = 0.1
"""Band ends within this many standard errors of zero are computed again with `REFINED_DRAWS` draws."""


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


class Criticals(NamedTuple):
    """Critical values: `pair` (pairs,) of each pair's own band, `control` (models,) of every model's lead over that one.

    `pair` is NaN where no floor is testable. `draws` (pairs,) is how many draws each pair had.
    """

    pair: np.ndarray
    control: np.ndarray
    draws: np.ndarray


class Band(NamedTuple):
    """Band of one pair: (floors,) arrays; `low` and `high` are NaN where a floor `is_testable` not."""

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    is_testable: np.ndarray
    critical: float
    draws: int


def paired_differences(values: np.ndarray) -> Differences:
    """Mean differences of all pairs of models at all floors from `values` (models, prompts, floors)."""
    models, prompts, floors = values.shape
    first, second = np.triu_indices(models, 1)
    mean, error = np.empty((2, len(first), floors))
    nonzero = np.empty((len(first), floors), dtype=np.int64)
    for pair, (a, b) in enumerate(zip(first, second, strict=True)):
        difference = _difference(values[a], values[b])
        mean[pair] = _unless_rounding(difference.mean(axis=0), np.abs(difference).max(axis=0))
        error[pair] = deviations(difference) / np.sqrt(prompts - 1) if prompts > 1 else np.nan
        nonzero[pair] = np.count_nonzero(difference, axis=0)
    return Differences(first, second, mean, error, nonzero, prompts)


def critical_values(
    values: np.ndarray, differences: Differences, *, draws: int = 1000, seed: int, confidence: float = 0.95
) -> Criticals:
    """Critical values of every pair's band over floors, and of every model's family for the map of winners.

    A pair's band: the `confidence` quantile of the largest |t| over its testable floors. A model's family, as in multiple
    comparisons with the best (Hsu 1996, Multiple Comparisons, ch. 4): for model k the largest t of "i ahead of k" over all other
    models i and all floors, one-sided at (1 - confidence) / 2. Whoever is truly best at a floor, a model falsely shown ahead of
    everyone is shown ahead of that one, so guarding the truly best k against all others is enough although the leader was picked
    from the data, and cheaper than guarding all pairs against each other. Only half of the error is spent, since of two models
    that tie for the best either may falsely win, and the best may be another one at other floors.

    Bands with an end within 0.1 standard errors of zero are computed with 10,000 draws. Raises `Undefined` under 10 prompts.

    Args:
        values: (models, prompts, floors) float64.
        differences: `paired_differences(values)`.
    """
    require_prompts(differences.prompts)
    rng = np.random.default_rng(seed)
    everyone = np.arange(len(differences.first))
    extremes = _extremes(values, differences, everyone, draws=draws, rng=rng)
    criticals = _criticals(extremes, np.full(len(everyone), draws), differences, confidence)
    near = _near_zero(differences, criticals, leader=values.mean(axis=1).argmax(axis=0))
    if draws >= REFINED_DRAWS or not near.any():
        return criticals
    more = np.full((2, len(everyone), REFINED_DRAWS - draws), np.nan)
    more[:, near] = _extremes(values, differences, np.flatnonzero(near), draws=REFINED_DRAWS - draws, rng=rng)
    drawn = np.where(near, REFINED_DRAWS, draws)
    return _criticals(np.concatenate([extremes, more], axis=2), drawn, differences, confidence)


def paired_band(differences: np.ndarray, *, draws: int = 1000, seed: int, confidence: float = 0.95) -> Band:
    """Simultaneous band over floors for the mean of `differences` (prompts, floors) of one pair, budget and domain.

    Floors with fewer than 5 non-zero differences leave the maximum and have no band. Raises `Undefined` under 10 prompts.
    """
    values = np.stack([differences, np.zeros_like(differences)])
    summary = paired_differences(values)
    criticals = critical_values(values, summary, draws=draws, seed=seed, confidence=confidence)
    reach = np.where(summary.is_testable[0], summary.error[0] * criticals.pair[0], np.nan)
    mean = summary.mean[0]
    return Band(mean, mean - reach, mean + reach, summary.is_testable[0], float(criticals.pair[0]), int(criticals.draws[0]))


def _difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b, exactly 0 where the two are the same but for rounding."""
    return _unless_rounding(a - b, np.maximum(np.abs(a), np.abs(b)))


def _unless_rounding(value: np.ndarray, scale: np.ndarray) -> np.ndarray:
    return np.where(np.abs(value) > ROUNDING * scale, value, 0.0)


def _extremes(
    values: np.ndarray, differences: Differences, pairs: np.ndarray, *, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """(2, pairs, draws) float32: the largest t and the largest -t of every draw over testable floors, at least 0."""
    out = np.empty((2, len(pairs), draws), dtype=np.float32)
    centred = values - values.mean(axis=1, keepdims=True)
    scale = inverse(differences.error) * differences.is_testable
    done = 0
    for weights in weight_blocks(differences.prompts, draws=draws, rng=rng):
        means = {model: weights @ centred[model] for model in np.unique([differences.first[pairs], differences.second[pairs]])}
        single = weights.astype(np.float32)
        for place, pair in enumerate(pairs):
            kept = np.flatnonzero(scale[pair])
            a, b, unit = differences.first[pair], differences.second[pair], scale[pair, kept]
            square = np.square((centred[a][:, kept] - centred[b][:, kept]) * unit).astype(np.float32)
            mean = ((means[a][:, kept] - means[b][:, kept]) * unit).astype(np.float32)
            t = studentised(mean, single @ square, prompts=differences.prompts)
            out[:, place, done : done + len(weights)] = t.max(axis=1, initial=0), -t.min(axis=1, initial=0)
        done += len(weights)
    return out


def _criticals(extremes: np.ndarray, drawn: np.ndarray, differences: Differences, confidence: float) -> Criticals:
    """Quantiles of `extremes` (2, pairs, draws), of which the first `drawn` of each pair count."""
    largest = [both.max(axis=0)[:draws] for both, draws in zip(extremes.swapaxes(0, 1), drawn, strict=True)]
    pair = np.array([critical_value(of_pair, confidence=confidence) for of_pair in largest])
    models = differences.second.max(initial=0) + 1
    control = np.array([_control(model, extremes, drawn, differences, confidence) for model in range(models)])
    return Criticals(np.where(differences.is_testable.any(axis=1), pair, np.nan), control, drawn)


def _control(model: int, extremes: np.ndarray, drawn: np.ndarray, differences: Differences, confidence: float) -> float:
    """One-sided critical value of "some other model is ahead of `model` at some floor"."""
    is_second, is_first = differences.second == model, differences.first == model
    draws = drawn[is_second | is_first].min(initial=extremes.shape[2])
    ahead = np.concatenate([extremes[0, is_second, :draws], extremes[1, is_first, :draws]])
    return critical_value(ahead.max(axis=0, initial=0), confidence=(1 + confidence) / 2)


def _near_zero(differences: Differences, criticals: Criticals, *, leader: np.ndarray) -> np.ndarray:
    """(pairs,) bool: an end within 0.1 standard errors of zero, of the pair's band or of the lead of `leader` (floors,)."""
    first, second = differences.first[:, None], differences.second[:, None]
    loser = np.where(first == leader, second, first)
    own = _is_near(differences, criticals.pair[:, None])
    family = _is_near(differences, criticals.control[loser]) & ((first == leader) | (second == leader))
    near_control = np.unique(loser[family])
    return np.asarray(own.any(axis=1) | np.isin(differences.first, near_control) | np.isin(differences.second, near_control))


def _is_near(differences: Differences, critical: np.ndarray) -> np.ndarray:
    """(pairs, floors) bool: testable, and |mean| is `critical` standard errors, give or take 0.1."""
    away = np.abs(np.abs(differences.mean) - critical * differences.error)
    return np.asarray((away < NEAR_ZERO * differences.error) & differences.is_testable)
