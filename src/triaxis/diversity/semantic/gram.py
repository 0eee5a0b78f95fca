"""The Gram matrix of a stream of unit vectors: d x d, whatever the number of rows.

The one idea: n x n kernel and d x d Gram matrix have the same eigenvalues above 0, so the smaller one is used. Products of
blocks run in float32, which is twice as fast, and add up in float64.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from triaxis.diversity.semantic.added import AddedUp
from triaxis.diversity.semantic.metric import check_enough
from triaxis.diversity.semantic.rows import unit_block

NOISE = 1e-6
"""Eigenvalues of K / n (they sum to 1) below this count as 0: float32 products of copies round them by up to half of it."""

_BLOCK = 4096


class Gram(NamedTuple):
    """Products of `size` unit vectors: (d, d) sums over rows, or (n, n) between rows where these are fewer."""

    matrix: np.ndarray
    size: int

    def shares(self) -> np.ndarray:
        """Eigenvalues of K / n above rounding, largest first, scaled to sum to 1."""
        return shares_of(np.linalg.eigvalsh(self.matrix) / np.trace(self.matrix), noise=NOISE)

    def square_sum(self) -> float:
        """Sum of squared eigenvalues of K / n, without finding them: the squared Frobenius norm."""
        return float(np.square(self.matrix).sum() / np.trace(self.matrix) ** 2)


def shares_of(eigenvalues: np.ndarray, *, noise: float) -> np.ndarray:
    """`eigenvalues` above `noise`, largest first, scaled to sum to 1; a numerical zero is no dimension of diversity."""
    kept = eigenvalues[eigenvalues > noise][::-1]
    return np.asarray(kept / kept.sum())


def gram_of(units: np.ndarray) -> Gram:
    """`Gram` of (n, d) unit rows in float64, the smaller of the two forms."""
    exact = units.astype(np.float64)
    return Gram(exact @ exact.T if len(exact) < exact.shape[1] else exact.T @ exact, len(exact))


class GramTally(AddedUp):
    """Adds up a Gram matrix and, at the end, gives `measure` of it; d x d numbers and one block of rows.

    `lift` maps (rows, d) unit rows to (rows, features) ones of length 1, for other kernels than the cosine.
    """

    def __init__(
        self, measure: Callable[[Gram], float], *, lift: Callable[[np.ndarray], np.ndarray] | None = None, smallest: int = 1
    ) -> None:
        super().__init__(_BLOCK)
        self._measure, self._lift, self._smallest = measure, lift, smallest

    def value(self) -> float:
        """`measure` of all rows so far; raises `Undefined` where too few have a vector."""
        return self._measure(self.gram())

    def gram(self) -> Gram:
        """The Gram matrix of all rows so far; as long as they fill no block, in float64 and of the smaller form."""
        rest = self._blocks.rest()
        units = self._units(rest)
        check_enough(self._count + len(units), self._smallest, lost=self._lost + len(rest) - len(units))
        if self._total is None:
            return gram_of(units)
        return Gram(self._total + units.T @ units, self._count + len(units))

    def _take(self, block: np.ndarray) -> None:
        if not len(block):
            return
        units = self._units(block)
        self._count, self._lost = self._count + len(units), self._lost + len(block) - len(units)
        product = units.T @ units  # one operand twice: half of a product (ssyrk)
        if self._total is None:
            self._total = np.zeros(product.shape)
        self._total += product

    def _units(self, rows: np.ndarray) -> np.ndarray:
        units = unit_block(rows)
        return units if self._lift is None or not len(units) else self._lift(units)
