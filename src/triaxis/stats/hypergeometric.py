"""Draws without replacement: the one routine behind U(tau, n), rarefaction and pass@k.

In a cell of N samples, a class with m of them is missed by n draws with probability C(N - m, n) / C(N, n). Summing what
is hit over classes gives the expected number of distinct classes; with one class called "correct" the sum is pass@k.
"""

from collections.abc import Sequence

import numpy as np

from triaxis.errors import Undefined


def hit_probability(size: int, budgets: Sequence[int] | np.ndarray, *, members: int | None = None) -> np.ndarray:
    """(size + 1, budgets) probabilities that n draws from `size` samples hit a class with m = 0..size of them.

    With `members` only up to that m: (members + 1, budgets), fewer when `size` is smaller.

    1 - C(N - m, n) / C(N, n), from the exact recurrence miss(m + 1) = miss(m) (N - m - n) / (N - m). Raises `Undefined`
    when a budget is below 1 or above `size`: without replacement there is nothing to draw.
    """
    draws = np.asarray(budgets, dtype=np.int64)
    if draws.size and (draws.min() < 1 or draws.max() > size):
        raise Undefined(f"a budget must lie in 1 to the {size} samples of the cell, got {draws.min()} to {draws.max()}")
    most = size if members is None else min(size, members)
    left = size - np.arange(most, dtype=np.float64)[:, None]
    factors = np.maximum(left - draws, 0.0) / left
    miss = np.vstack([np.ones((1, draws.size)), np.cumprod(factors, axis=0)])
    return 1.0 - miss


def expected_distinct(counts: Sequence[int] | np.ndarray, n: int, *, size: int | None = None) -> float:
    """Expected number of distinct classes among `n` draws; 0 to min(n, classes), higher is more diverse.

    `counts` are class sizes; `size` is the number of samples drawn from, their sum unless some samples are in no class
    (unusable ones). With `size` left out this is rarefaction (Hurlbert 1971); with one count it is pass@n (Chen et al. 2021).

    >>> expected_distinct([2, 1], 2)
    1.6666666666666665
    """
    sizes = np.asarray(counts, dtype=np.int64)
    total = int(sizes.sum()) if size is None else size
    return float(hit_probability(total, [n])[sizes, 0].sum())


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """Probability that at least one of `k` draws from `samples` is among the `correct`; a fraction in 0-1 (Chen et al. 2021)."""
    return expected_distinct([correct], k, size=samples)
