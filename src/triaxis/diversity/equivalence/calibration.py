"""Where an encoder's cosines begin and end: the zero of unrelated answers, the ceiling of paraphrases, a threshold between.

A cosine of 0.7 is far in one encoder and near in another. Measured on the user's own answers (zero) and on a fixed set of
paraphrases (ceiling), 0.8 of the way from zero to ceiling means the same thing for every encoder.
"""

from typing import NamedTuple

import numpy as np

from triaxis.diversity.spread import has_direction, mean_cosine, unit_rows
from triaxis.errors import Undefined
from triaxis.results import Calibration

POSITION = 0.8
"""Where the threshold lies between zero and ceiling; chosen in advance, not fitted to any data."""

MIN_PROMPTS = 10
"""Fewest prompts whose answers show what unrelated texts look like: 45 pairs."""

LEAST_RISE = 0.05
"""A ceiling that is not this far above zero says that the encoder does not see these paraphrases."""

_BLOCK = 256


class ParaphraseVectors(NamedTuple):
    """Embedded paraphrase pairs: first and second sides (pairs, d), and which set they are of."""

    first: np.ndarray
    second: np.ndarray
    label: str


def calibrate(
    answers: np.ndarray, paraphrases: ParaphraseVectors, *, encoder: str, threshold: float | None = None
) -> Calibration:
    """Zero, ceiling and threshold of `encoder`, and the share of cross-prompt pairs that reach the threshold.

    answers: (prompts, d), one answer to each prompt; NaN rows are left out. A given `threshold` is kept as it is.
    Raises `Undefined` when there are too few prompts to measure the zero.
    """
    units = unit_rows(answers)
    units = units[has_direction(units)]
    if len(units) < MIN_PROMPTS:
        raise Undefined(f"the zero of {encoder} needs answers to at least {MIN_PROMPTS} prompts, got {len(units)}")
    zero = cross_prompt_zero(units)
    cosines = paired_cosines(paraphrases)
    ceiling, ceiling_source = _ceiling(cosines, zero, paraphrases.label)
    cut = threshold_between(zero, ceiling) if threshold is None else threshold
    return Calibration(
        encoder=encoder,
        zero=zero,
        ceiling=ceiling,
        ceiling_source=ceiling_source,
        threshold=cut,
        share_above=share_above(units, cut),
        prompts=len(units),
        pairs=len(units) * (len(units) - 1) // 2,
        paraphrases=cosines.size,
    )


def threshold_between(zero: float, ceiling: float) -> float:
    """The cosine from which two answers count as the same topic: `POSITION` of the way from `zero` to `ceiling`."""
    return zero + POSITION * (ceiling - zero)


def cross_prompt_zero(units: np.ndarray) -> float:
    """Mean cosine over all pairs of `units` (prompts, d), unit rows; -1 to 1."""
    total = np.cumsum(units, axis=0)[-1]  # one by one: the sum does not depend on how numpy blocks it
    return float(mean_cosine(np.array(len(units)), np.square(total).sum()))


def share_above(units: np.ndarray, threshold: float) -> float:
    """Share of all pairs of `units` (at least two rows) whose cosine is at least `threshold`, a fraction in 0-1."""
    above = 0
    for start in range(0, len(units), _BLOCK):
        block = units[start : start + _BLOCK]
        near = is_near(block @ units[start:].T, threshold)
        above += int(np.triu(near, k=1).sum())
    return above / (len(units) * (len(units) - 1) / 2)


def is_near(cosines: np.ndarray, threshold: float) -> np.ndarray:
    """Which `cosines` are at least `threshold`; rounding cannot part equal texts when it is 1."""
    return np.asarray(cosines >= threshold - 1e-9)


def paired_cosines(paraphrases: ParaphraseVectors) -> np.ndarray:
    """(measured pairs,) cosine of each pair of which both sides have a direction."""
    cosines = (unit_rows(paraphrases.first) * unit_rows(paraphrases.second)).sum(axis=1)
    return np.asarray(cosines[~np.isnan(cosines)])


def _ceiling(cosines: np.ndarray, zero: float, label: str) -> tuple[float, str]:
    """The mean of `cosines`, or 1.0 where the encoder does not tell these paraphrases from unrelated answers; and why."""
    mean = float(cosines.mean()) if cosines.size else -1.0
    if mean > zero + LEAST_RISE:
        return mean, f"mean cosine of {cosines.size} paraphrase pairs ({label})"
    return 1.0, f"1.0, because the mean cosine of {label} is {mean:.2f}, not {LEAST_RISE} above the zero of {zero:.2f}"
