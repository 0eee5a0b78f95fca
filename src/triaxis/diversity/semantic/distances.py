"""Mean pairwise cosine distance in closed form: |sum of n unit vectors|^2 is n + 2 x (sum over pairs)."""

from functools import partial

import numpy as np

from triaxis.diversity.semantic.added import AddedUp
from triaxis.diversity.semantic.metric import TalliedMetric, bounded, check_enough
from triaxis.diversity.spread import has_direction, mean_cosine_distance, unit_rows
from triaxis.registry import register
from triaxis.responses import Traits

_BLOCK = 1024

COSINE = Traits(
    level="semantic",
    says="how far apart two responses are in the encoder's space, on average over all pairs of different responses",
    high=2.0,
    needs=frozenset({"vectors"}),
    growth="mergeable",
    is_size_free=True,
    source="mean pairwise cosine distance, e.g. Tevet & Berant 2021",
)


class SumTally(AddedUp):
    """The sum of unit vectors and their number, in float64: all that mean cosine distance needs; d numbers and one block."""

    def __init__(self) -> None:
        super().__init__(_BLOCK)

    def value(self) -> float:
        """Mean cosine distance over pairs of different responses; raises `Undefined` for under two with a vector."""
        rest, count, lost = unit_sum(self._blocks.rest())
        count, lost = self._count + count, self._lost + lost
        check_enough(count, COSINE.smallest, lost=lost)
        total = rest if self._total is None else self._total + rest
        return bounded(float(mean_cosine_distance(np.array(count), np.square(total).sum())), COSINE)

    def _take(self, block: np.ndarray) -> None:
        if not len(block):
            return
        total, count, lost = unit_sum(block)
        self._total = total if self._total is None else self._total + total
        self._count, self._lost = self._count + count, self._lost + lost


def unit_sum(rows: np.ndarray) -> tuple[np.ndarray, int, int]:
    """(d,) float64 sum of the rows at unit length, how many had a direction, and how many had none."""
    exact = rows.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        square = np.einsum("ij,ij->i", exact, exact)
    if np.isfinite(square).all() and (square > 0).all():
        return (1 / np.sqrt(square)) @ exact, len(rows), 0
    units = unit_rows(rows)
    units = units[has_direction(units)]
    return units.sum(axis=0), len(units), len(rows) - len(units)


def cosine_distance(vectors: np.ndarray) -> float:
    """Mean cosine distance over pairs of different rows of `vectors` (n, d); 0 to 2, higher is more diverse.

    Unbiased: samples of any size have the same expectation. NaN rows are left out. Raises `Undefined` for under two rows.

    >>> cosine_distance(np.array([[1.0, 0.0], [0.0, 2.0]]))
    1.0
    """
    tally = SumTally()
    tally.add_rows(vectors)
    return tally.value()


@register("diversity", "cosine-distance")
def mean_pairwise() -> TalliedMetric:
    """`cosine-distance`."""
    return TalliedMetric("cosine-distance", COSINE, SumTally)


@register("diversity", "remote-clique")
def remote_clique() -> TalliedMetric:
    """`remote-clique`: mean over responses of the mean distance to all *others*, which is `cosine-distance` to the bit.

    The published code averages the zero distance to itself in, (n - 1) / n of this value, which makes sets of different size
    incomparable.
    """
    return TalliedMetric("remote-clique", COSINE, partial(SumTally))
