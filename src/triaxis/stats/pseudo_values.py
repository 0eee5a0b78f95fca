"""Pseudo-values: what every prompt contributes to a figure of all prompts together, such as an entropy or a ratio.

The one idea (Tukey 1958; Efron and Tibshirani 1993, 11.5): P times the figure less P - 1 times the figure without one prompt.
Their mean is the figure corrected for its bias to first order, prompts taken whole, and they can be resampled like any value.
"""

from collections.abc import Callable

import numpy as np


def pseudo_values(figure: Callable[[tuple[np.ndarray, ...]], np.ndarray], parts: tuple[np.ndarray, ...]) -> np.ndarray:
    """(prompts, steps) pseudo-values of `figure`, which takes the sum of every part over prompts.

    Args:
        figure: from sums, (..., steps, *rest) each, to (..., steps).
        parts: (prompts, steps, *rest) each; NaN in the first marks a step that lacks the prompt, which then has no value.
    """
    first = parts[0]
    has = ~np.isnan(first.reshape(*first.shape[:2], -1)).any(axis=2)
    filled = tuple(np.where(_like(has, part), part, 0.0) for part in parts)
    whole = tuple(part.sum(axis=0) for part in filled)
    left_out = figure(tuple(total[None] - part for total, part in zip(whole, filled, strict=True)))
    count = has.sum(axis=0)
    values = count * figure(tuple(total[None] for total in whole)) - (count - 1) * left_out
    return np.where(has, values, np.nan)


def ratio_values(part: np.ndarray, whole: np.ndarray, *, at: np.ndarray | None = None) -> np.ndarray:
    """(prompts, steps) values whose mean over prompts is R = sum(part) / sum(whole) at every step.

    They are at + (part - at whole) / mean(whole).
    `at` is the ratio itself (the delta method, for an interval) unless one for all steps is given, (1,): then values of different
    steps may be compared prompt by prompt, because a prompt whose counts stay as they are moves only with the size of the whole.
    NaN where a step lacks the prompt, or has nothing at all.
    """
    has = ~np.isnan(part) & ~np.isnan(whole)
    parts, wholes = np.where(has, part, 0.0), np.where(has, whole, 0.0)
    count, total = has.sum(axis=0), wholes.sum(axis=0)
    ratio = np.divide(parts.sum(axis=0), total, out=np.full(total.shape, np.nan), where=total > 0)
    around = ratio if at is None else at
    scale = np.divide(count, total, out=np.full(total.shape, np.nan), where=total > 0)
    return np.where(has, around + (parts - around * wholes) * scale, np.nan)


def _like(has: np.ndarray, part: np.ndarray) -> np.ndarray:
    return has.reshape(*has.shape, *([1] * (part.ndim - 2)))
