"""Sums that are the same to the bit in whatever order their terms come: numbers are rounded to a grid and added as integers."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import stdtrit

GRID = 2.0**40
"""Steps of 1e-12, far below float32 rounding; eight million terms of size 1 fit into 64 bits."""


@dataclass
class ExactSum:
    """Sums of terms between -1 and 1 in cells of an array of `shape`; NaN terms are not counted."""

    shape: tuple[int, ...]
    total: np.ndarray = field(init=False)
    count: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.total = np.zeros(self.shape, dtype=np.int64)
        self.count = np.zeros(self.shape, dtype=np.int32)

    def add(self, terms: np.ndarray, where: tuple[Any, ...] = ()) -> None:
        """Adds `terms` to the cells at `where`, an index that selects each cell once."""
        scaled = np.multiply(terms, GRID, dtype=np.float64)
        missing = np.isnan(scaled)
        scaled[missing] = 0.0
        self.total[where] += np.rint(scaled, out=scaled).astype(np.int64)
        self.count[where] += ~missing

    def sum(self) -> np.ndarray:
        """Sums as float64."""
        return self.total / GRID

    def mean(self) -> np.ndarray:
        """Means of the terms; NaN in a cell without any."""
        return np.where(self.count > 0, self.sum() / np.maximum(self.count, 1), np.nan)


@dataclass
class Moments:
    """Means of terms with their 95 % intervals by Student's t: for figures too many to be kept for each prompt."""

    shape: tuple[int, ...]
    terms: ExactSum = field(init=False)
    squares: ExactSum = field(init=False)

    def __post_init__(self) -> None:
        self.terms, self.squares = ExactSum(self.shape), ExactSum(self.shape)

    def add(self, terms: np.ndarray, where: tuple[Any, ...] = ()) -> None:
        """See `ExactSum.add`."""
        self.terms.add(terms, where)
        self.squares.add(np.square(np.asarray(terms, dtype=np.float64)), where)

    def interval(self, *, least: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mean, low and high of each cell; no ends where it has fewer than `least` terms."""
        count, mean = self.terms.count.astype(np.float64), self.terms.mean()
        variance = np.maximum(self.squares.mean() - mean**2, 0.0) / np.maximum(count - 1, 1)
        reach = np.where(count >= least, stdtrit(np.maximum(count - 1, 1), 0.975) * np.sqrt(variance), np.nan)
        return mean, mean - reach, mean + reach
