"""Fitting a head: people's labels decide, and many weaker labels of another classifier keep the weights from chasing noise.

Both sources share the weights and have a bias of their own, because how often answers are the same differs between them; the head
keeps the bias of the people's labels, so that 0.7 means seven in ten people's pairs.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from triaxis.diversity.equivalence.learned.features import PAIR_FEATURES, SPEAKS_FOR_SAME, WordWeights
from triaxis.diversity.equivalence.learned.head import Head


class LabelledFeatures(NamedTuple):
    """Pairs with labels: features (pairs, features) with NaN, prompts (pairs, d) with NaN, same (pairs,) of 0 and 1."""

    features: np.ndarray
    prompts: np.ndarray
    same: np.ndarray

    def at(self, places: np.ndarray) -> "LabelledFeatures":
        """The pairs at `places`."""
        return LabelledFeatures(self.features[places], self.prompts[places], self.same[places])


@dataclass(frozen=True)
class Settings:
    """What is not learned. They were set once, by looking at cross-validation on `same_meaning_pairs_dev`, and then left.

    directions: how many directions of the prompts count. penalty: ridge penalty on each weight. weak_weight: what one weakly
    labelled pair counts, where one labelled by people counts 1.
    """

    directions: int = 10
    penalty: float = 10.0
    weak_weight: float = 0.3


DEFAULT = Settings()

LEAST_SCALE = 1e-9
"""A feature that spreads less than this over the training pairs is constant there, and says nothing."""


def fit_head(
    human: LabelledFeatures, weak: LabelledFeatures | None, words: WordWeights, settings: Settings = DEFAULT
) -> Head:
    """The head fitted to `human` pairs, with `weak` ones beside them. Deterministic. `same` of `human` must hold 0 and 1."""
    standard = _standard(human, words, settings)
    parts = [human] if weak is None or not len(weak.same) else [human, weak]
    rows = np.concatenate([standard.inputs(part.features, standard.along(part.prompts)) for part in parts])
    source = np.repeat(np.arange(len(parts)), [len(part.same) for part in parts])
    trust = np.where(source == 0, 1.0, settings.weak_weight)
    signs = np.array([SPEAKS_FOR_SAME.get(name, 0) for name in PAIR_FEATURES] + [0] * standard.directions.shape[1])
    same = np.concatenate([part.same for part in parts])
    weights, biases = logistic(rows, same, trust, source, penalty=settings.penalty, signs=signs)
    return replace(standard, weights=weights, bias=float(biases[0]))


def _standard(human: LabelledFeatures, words: WordWeights, settings: Settings) -> Head:
    """A head that knows where the inputs of `human` lie and how far they spread, and weighs nothing yet."""
    centre, directions = prompt_directions(human.prompts, settings.directions)
    raw = np.concatenate([human.features, (human.prompts - centre) @ directions], axis=1)
    mean = np.nan_to_num(_mean(raw))
    scale = np.sqrt(_mean(np.square(raw - mean)))
    scale = np.where(np.isfinite(scale) & (scale > LEAST_SCALE), scale, 1.0)
    return Head(mean, scale, np.zeros(mean.size), 0.0, centre, directions, words)


def prompt_directions(prompts: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """(d,) centre and (d, k) first principal directions of the rows of `prompts` that are there; k is at most `count`.

    Signs are fixed by the largest entry of each direction. k is 0 where fewer than `count` + 1 prompts are known.
    """
    known = prompts[~np.isnan(prompts).any(axis=1)].astype(np.float64)
    if len(known) <= count:
        return np.zeros(prompts.shape[1]), np.zeros((prompts.shape[1], 0))
    centre = known.mean(axis=0)
    directions = np.linalg.svd(known - centre, full_matrices=False)[2][:count].T
    largest = directions[np.abs(directions).argmax(axis=0), np.arange(directions.shape[1])]
    return centre, directions * np.where(largest < 0, -1.0, 1.0)


def logistic(
    rows: np.ndarray, same: np.ndarray, trust: np.ndarray, source: np.ndarray, *, penalty: float, signs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(features,) weights and (sources,) biases of a ridge logistic regression; biases are not penalised.

    Minimises sum of trust x log loss + penalty / 2 x |weights|^2 by L-BFGS: convex, so there is one answer. `signs` (features,)
    says which weights may not be negative (1) or positive (-1).
    """
    groups = np.eye(int(source.max()) + 1)[source]
    from scipy.optimize import minimize  # half a second to import, and only fitting needs it

    design = np.concatenate([rows, groups], axis=1)
    ridge = np.concatenate([np.full(rows.shape[1], penalty), np.full(groups.shape[1], 1e-6)])
    sign = 2 * same - 1

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        margin = sign * (design @ parameters)
        gradient = -(trust * sign / (1 + np.exp(np.clip(margin, -500, 500)))) @ design + ridge * parameters
        return float(trust @ np.logaddexp(0, -margin) + ridge @ np.square(parameters) / 2), gradient

    until = {"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-7}
    free = [(None, None)] * groups.shape[1]
    bounds = [(0 if sign > 0 else None, 0 if sign < 0 else None) for sign in signs] + free
    found = minimize(loss, np.zeros(design.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds, options=until)
    return found.x[: rows.shape[1]], found.x[rows.shape[1] :]


def _mean(values: np.ndarray) -> np.ndarray:
    """(columns,) mean of what is there in each column; NaN where nothing is."""
    there = ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(there, values, 0.0).sum(axis=0) / there.sum(axis=0))

