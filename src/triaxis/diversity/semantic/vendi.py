"""Vendi scores of any order: the effective number of different responses, from the eigenvalues of their kernel.

The one idea: a Vendi score is a Hill number whose shares are the eigenvalues of K / n. It grows with n until the kernel's
dimensions are filled, so compare equal n, and look at `convergence` first.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from triaxis.diversity.semantic.effective import effective_number, parse_order
from triaxis.diversity.semantic.gram import Gram, GramTally, shares_of
from triaxis.diversity.semantic.metric import TalliedMetric, check_enough, whole
from triaxis.diversity.semantic.rows import unit_rows32
from triaxis.errors import InputError
from triaxis.registry import register
from triaxis.responses import Traits

TRUNCATION = 64
"""Eigenvalues that `vendi-truncated` keeps unless told otherwise."""

GROWING = 0.05
"""A score that is this share larger than that of half of the responses still grows."""

CROWDED = 0.1
"""A score above this share of n is near its ceiling n: more responses would raise it."""


def vendi(vectors: np.ndarray, order: float = 1) -> float:
    """Vendi score of (n, d) `vectors` with the cosine kernel: 1 to min(n, d), an effective number; higher is more diverse.

    Friedman & Dieng 2023 (order 1), Pasarkar & Dieng 2023 (other orders). Order 2 needs no eigenvalues. Rows are brought to
    unit length, NaN rows left out; eigenvalues below 1e-6 count as 0. Raises `Undefined` when no row is left.

    >>> vendi(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0], [1.0, 0.0]]))
    2.0
    """
    tally = GramTally(partial(vendi_of_gram, order=order))
    tally.add_rows(vectors)
    return tally.value()


def vendi_of_gram(gram: Gram, *, order: float) -> float:
    """Vendi score of any order from a Gram matrix."""
    if order == 2:
        return max(1.0, 1 / gram.square_sum())
    return effective_number(gram.shares(), order)


def vendi_of_kernel(kernel: np.ndarray, order: float = 1) -> float:
    """Vendi score of a (n, n) positive semi-definite kernel with ones on its diagonal; for n that fit an eigendecomposition.

    >>> round(vendi_of_kernel(np.array([[1, 0.9, 0], [0.9, 1, 0], [0, 0, 1]]), 2), 4)
    1.9481
    """
    kernel = np.asarray(kernel, dtype=np.float64)
    if kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1] or not len(kernel):
        raise InputError(f"a kernel must be a square matrix of at least one row, got shape {kernel.shape}")
    if not np.allclose(np.diag(kernel), 1) or not np.allclose(kernel, kernel.T):
        raise InputError("a kernel must be symmetric with ones on its diagonal: bring vectors to unit length first")
    noise = 10 * len(kernel) * np.finfo(np.float64).eps
    return effective_number(shares_of(np.linalg.eigvalsh(kernel) / len(kernel), noise=noise), order)


def truncated_shares(shares: np.ndarray, most: int) -> np.ndarray:
    """The `most` largest shares, with what the others sum to spread over them equally; all of them when there are no more.

    Ospanov & Farnia 2025 (arXiv 2410.21719): a score of these converges with a number of samples in the order of `most`,
    where the full score may need far more. Raises the score of a peaked spectrum and caps it at `most`.
    """
    kept = np.sort(shares)[::-1][:most]
    return np.asarray(kept + (1 - kept.sum()) / kept.size)


def truncated_vendi_of_gram(gram: Gram, *, most: int, order: float = 1) -> float:
    """`effective_number` of the truncated spectrum of a Gram matrix."""
    return effective_number(truncated_shares(gram.shares(), most), order)


class Convergence(NamedTuple):
    """A Vendi score, that of every other response alone, and what this says about n; `warning` is empty when all is well."""

    value: float
    half: float
    size: int
    warning: str


def convergence(vectors: np.ndarray, order: float = 1) -> Convergence:
    """Has the Vendi score of `vectors` (n, d) settled? Compares it with that of every other row, and with n.

    A score above a tenth of n, or 5 % above that of half the rows, still grows with n: it may not settle below 20,000 samples
    (Ospanov & Farnia 2025). Raises `Undefined` for under four rows with a vector.
    """
    units = unit_rows32(vectors)
    check_enough(len(units), 4, lost=len(vectors) - len(units))
    value, half = vendi(units, order), vendi(units[::2], order)
    return Convergence(value, half, len(units), _warning(value, half, len(units)))


def _warning(value: float, half: float, count: int) -> str:
    advice = "compare only sets of this size, or use order 2 or vendi-truncated"
    if value > CROWDED * count:
        return f"a score of {value:.3g} from {count:,} responses is held down by their number; {advice}"
    if value > (1 + GROWING) * half:
        return f"the score still grows: {half:.3g} from half of the {count:,} responses, {value:.3g} from all; {advice}"
    return ""


def _traits(says: str, source: str) -> Traits:
    return Traits(
        level="semantic", says=says, low=1.0, needs=frozenset({"vectors"}), growth="mergeable", smallest=1, source=source
    )


@register("diversity", "vendi")
def vendi_metric(order: str = "") -> TalliedMetric:
    """`vendi`, of order 1, and `vendi:Q` of any other: a number from 0, or `inf`."""
    name = f"vendi:{order}" if order else "vendi"
    found = parse_order("vendi:2", order) if order else 1.0
    traits = _traits(
        f"how many entirely different responses would be as diverse (order {found:g}); grows with the number of responses",
        "Friedman & Dieng 2023 (arXiv 2210.02410); Pasarkar & Dieng 2023 (arXiv 2310.12952)",
    )
    return TalliedMetric(name, traits, partial(GramTally, partial(vendi_of_gram, order=found)))


@register("diversity", "vendi-truncated")
def truncated_metric(most: str = "") -> TalliedMetric:
    """`vendi-truncated:T`: order 1 from the T largest eigenvalues, 64 unless told otherwise."""
    kept = whole("vendi-truncated:64", most, what="the number of eigenvalues") if most else TRUNCATION
    traits = _traits(
        f"Vendi score of the {kept} largest eigenvalues, the rest spread over them: settles with fewer responses",
        "Ospanov & Farnia 2025 (arXiv 2410.21719)",
    )
    name = f"vendi-truncated:{most}" if most else "vendi-truncated"
    return TalliedMetric(name, traits, partial(GramTally, partial(truncated_vendi_of_gram, most=kept)))
