"""How many classes were not seen: Good-Turing coverage and Chao1. Extrapolations, shown only under their own names."""

import numpy as np

from triaxis.errors import Undefined


def chao1(counts: np.ndarray) -> float:
    """Lower bound on the number of classes, seen and unseen; at least the number seen, in classes.

    Bias-corrected form S + f1 (f1 - 1) / (2 (f2 + 1)), f1 and f2 the classes seen once and twice (Chao 1984). Raises
    `Undefined` for no samples. A lower bound only: unequal class probabilities make the truth larger.
    """
    seen = _positive(counts)
    once, twice = np.count_nonzero(seen == 1), np.count_nonzero(seen == 2)
    return float(seen.size + once * (once - 1) / (2 * (twice + 1)))


def good_turing_coverage(counts: np.ndarray) -> float:
    """Share of the distribution that the classes seen make up, 1 - f1 / n; a fraction in 0-1 (Good 1953)."""
    seen = _positive(counts)
    return float(1 - np.count_nonzero(seen == 1) / seen.sum())


def _positive(counts: np.ndarray) -> np.ndarray:
    seen = np.asarray(counts)
    seen = seen[seen > 0]
    if not seen.size:
        raise Undefined("no samples, so no classes to extrapolate from")
    return seen
