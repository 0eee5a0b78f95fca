"""Effective numbers of any order: one formula behind Hill numbers (shares of classes) and Vendi (shares of eigenvalues)."""

from math import inf, isinf

import numpy as np

from triaxis.diversity.semantic.metric import number


def effective_number(shares: np.ndarray, order: float) -> float:
    """(sum of p^q)^(1 / (1 - q)) of the positive `shares`, which sum to 1: from 1 to their number, higher is more diverse.

    Hill 1973. Order 0 counts them, 1 is exp(Shannon entropy), 2 is 1 / sum of squares, `inf` is 1 / the largest.

    >>> [round(effective_number(np.array([0.5, 0.25, 0.25]), q), 3) for q in (0, 1, 2, inf)]
    [3.0, 2.828, 2.667, 2.0]
    """
    p = np.sort(np.asarray(shares, dtype=np.float64))
    p = p[p > 0]
    if order == 0:
        return float(p.size)
    return float(np.clip(_effective(p, order), 1, p.size))


def _effective(p: np.ndarray, order: float) -> float:
    """The formula, in the form that loses nothing at this order; `p` ascending and positive."""
    if isinf(order):
        return float(1 / p[-1])
    if order == 1:
        return float(np.exp(-(p * np.log(p)).sum()))
    if abs(order - 1) < 0.5:  # sum p^q = 1 + sum p (p^(q-1) - 1), without loss next to q = 1
        return float(np.exp(np.log1p((p * np.expm1((order - 1) * np.log(p))).sum()) / (1 - order)))
    top = order * np.log(p[-1])  # p^q of a high order may be too small for a float
    return float(np.exp((top + np.log(np.exp(order * np.log(p) - top).sum())) / (1 - order)))


def parse_order(name: str, text: str) -> float:
    """The order that `text` says: a number from 0, or `inf`; raises `InputError` for anything else."""
    return number(name, text.replace("infinity", "inf"), what="the order", low=0, high=inf)
