"""Diversity of classes at equal n and at equal coverage, as exact expectations over all subsamples.

The one idea: a larger sample shows more classes, so samples are compared as if cut down to one size, or to one share of the
distribution that they cover; every cut is averaged over, none is drawn.
"""

import numpy as np
from scipy.special import gammaln

from triaxis.diversity.semantic.effective import effective_number
from triaxis.errors import Undefined
from triaxis.stats.hypergeometric import hit_probability


def rarefied_hill(counts: np.ndarray, order: float, m: int) -> float:
    """Hill number of `order` in samples of `m` out of the `counts`: 1 to m, an effective number of classes.

    From the expected frequency counts over all subsamples (Chao et al. 2014); order 0 is Hurlbert's rarefaction. Raises
    `Undefined` unless 1 <= m <= n: this does not extrapolate.

    >>> [round(rarefied_hill(np.array([2, 1]), q, 2), 4) for q in (0, 2)]
    [1.6667, 1.5]
    """
    sizes = _positive(counts)
    n = int(sizes.sum())
    if not 1 <= m <= n:
        raise Undefined(f"a sample of {n} cannot be rarefied to {m}")
    if m == n:
        return effective_number(sizes / n, order)
    if order == 0:
        return float(_hit(n, m, sizes).sum())
    if order == 2:
        return float(1 / (1 / m + (m - 1) / m * (sizes * (sizes - 1.0)).sum() / (n * (n - 1.0))))
    return _from_frequencies(_expected_frequencies(sizes, m), order)


def expected_coverage(counts: np.ndarray, m: int) -> float:
    """Share of the distribution that the classes in samples of `m` out of the `counts` make up; 0 to 1, unbiased for m < n.

    sum of X / n (1 - C(n - X, m) / C(n - 1, m)) (Chao & Jost 2012): the chance that one more of the samples belongs to
    a class among the m. At m = n - 1 it is Good and Turing's 1 - f1 / n. Raises `Undefined` unless 1 <= m < n.
    """
    sizes = _positive(counts)
    n = int(sizes.sum())
    if not 1 <= m < n:
        raise Undefined(f"the coverage of {m} of {n} samples is not defined: it needs one sample more")
    return float((sizes * _hit(n - 1, m, sizes - 1)).sum() / n)


def hill_at_coverage(counts: np.ndarray, order: float, coverage: float) -> float:
    """Hill number of `order` when the sample is cut down until it covers `coverage` (0 to 1) of the distribution.

    After Chao & Jost 2012; between the two sizes whose coverage lies on either side it runs straight. 1.0 where a single sample
    covers more. Raises `Undefined` above what all samples but one cover, 1 - f1 / n: this does not extrapolate.
    """
    sizes = _positive(counts)
    n = int(sizes.sum())
    reached = expected_coverage(sizes, n - 1) if n > 1 else 0.0
    if coverage > reached:
        raise Undefined(f"{n} samples cover {reached:.3g} of the distribution, which is under {coverage:g}; draw more")
    if coverage <= expected_coverage(sizes, 1):
        return 1.0
    m = _largest_below(sizes, coverage, n)
    low, high = expected_coverage(sizes, m), expected_coverage(sizes, m + 1)
    share = (coverage - low) / (high - low)
    return float((1 - share) * rarefied_hill(sizes, order, m) + share * rarefied_hill(sizes, order, m + 1))


def _hit(size: int, draws: int, members: np.ndarray) -> np.ndarray:
    """(classes,) chances that `draws` from `size` samples hit a class with so many members.

    A class of m is missed by n draws as often as one of n by m draws, so the shorter product is taken.
    """
    distinct, place = np.unique(members, return_inverse=True)
    if draws >= distinct[-1]:
        return np.asarray(hit_probability(size, [draws], members=int(distinct[-1]))[members, 0])
    left = size - np.arange(draws, dtype=np.float64)
    miss = np.array([np.prod(np.maximum(left - count, 0) / left) for count in distinct])
    return np.asarray((1 - miss)[place])


def _largest_below(sizes: np.ndarray, coverage: float, n: int) -> int:
    """The largest m whose expected coverage is under `coverage`, by halving; coverage grows with m."""
    low, high = 1, n - 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if expected_coverage(sizes, middle) < coverage else (low, middle)
    return low


def _expected_frequencies(sizes: np.ndarray, m: int) -> np.ndarray:
    """(m + 1,) expected number of classes seen k = 0..m times in m of the samples; hypergeometric, one pass per distinct size."""
    n, found = int(sizes.sum()), np.zeros(m + 1)
    for size, classes in zip(*np.unique(sizes, return_counts=True), strict=True):
        k = np.arange(max(0, size - (n - m)), min(size, m) + 1)
        log = -(gammaln(k + 1) + gammaln(size - k + 1) + gammaln(m - k + 1) + gammaln(n - size - m + k + 1))
        chance = np.exp(log - log.max())
        found[k] += classes * chance / chance.sum()
    return found


def _from_frequencies(frequencies: np.ndarray, order: float) -> float:
    m = frequencies.size - 1
    share, weight = np.arange(1, m + 1) / m, frequencies[1:]
    if order == 1:
        return float(np.exp(-(weight * share * np.log(share)).sum()))
    if np.isinf(order):
        raise Undefined("order infinity has no expectation from frequency counts; use a finite order, or all samples")
    return float(np.exp(np.log((weight * share**order).sum()) / (1 - order)))


def _positive(counts: np.ndarray) -> np.ndarray:
    sizes = np.asarray(counts, dtype=np.int64)
    sizes = np.sort(sizes[sizes > 0])
    if not sizes.size:
        raise Undefined("no samples, so no classes")
    return sizes
