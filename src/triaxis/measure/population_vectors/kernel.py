"""How many models there really are: the effective number of their mean vectors, from the kernel of mean cosines.

Order 1 of Friedman & Dieng 2023 (arXiv 2210.02410): exp of the entropy of the eigenvalues of K / m, K brought to ones on its
diagonal. Models that say the same give nearly 1; what sampling alone adds is the null under permuted labels.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.linalg import eigvalsh
from scipy.special import stdtrit

from triaxis.diversity.semantic.effective import effective_number
from triaxis.measure.population_vectors.exact import ExactSum

BLOCKS = 10
"""Groups of prompts that are left out one at a time for the interval of the effective number."""

_NOISE = 1e-6
_WIDE = 0.975


@dataclass
class Kernels:
    """Mean cosine of each pair of models over prompts, at each matrix floor: of all prompts, of blocks, of permuted labels."""

    floors: int
    models: int
    draws: int
    blocks: list[ExactSum] = field(init=False)
    permuted: list[ExactSum] = field(init=False)

    def __post_init__(self) -> None:
        shape = (self.floors, self.models, self.models)
        self.blocks = [ExactSum(shape) for _ in range(BLOCKS)]
        self.permuted = [ExactSum(shape) for _ in range(self.draws)]

    def add(self, block: int, models: np.ndarray, kernel: np.ndarray, permuted: np.ndarray) -> None:
        """One prompt: `kernel` (floors, m, m) of its `models` (m,), and `permuted` (draws, floors, m, m)."""
        where = both(models, self.models)
        self.blocks[block].add(kernel, where)
        for kept, drawn in zip(self.permuted, permuted, strict=True):
            kept.add(drawn, where)

    def sums(self, floor: int) -> tuple[np.ndarray, np.ndarray]:
        """(models, models) sums of cosines over all prompts, and how many prompts each is of."""
        total, count = ([getattr(block, name)[floor] for block in self.blocks] for name in ("total", "count"))
        return np.sum(total, axis=0), np.sum(count, axis=0)

    def effective(self, floor: int) -> "Effective":
        """Effective number of models at a matrix floor with interval, and its null."""
        total, count = self.sums(floor)
        kept = complete_models(count)
        value = effective_models(total, count, kept)
        low, high = self._jackknife(floor, value, total, count, kept)
        drawn = np.array([effective_models(p.total[floor], p.count[floor], kept) for p in self.permuted])
        null, *ends = spread_of(drawn)
        lowest, highest = np.clip(ends, 1.0, kept.size)
        return Effective(value, low, high, null, float(lowest), float(highest), kept.size)

    def _jackknife(
        self, floor: int, value: float, total: np.ndarray, count: np.ndarray, kept: np.ndarray
    ) -> tuple[float, float]:
        """Ends of the interval: each block of prompts left out once; NaN where a pair of models then has no prompt left."""
        left = np.array([effective_models(total - b.total[floor], count - b.count[floor], kept) for b in self.blocks])
        if np.isnan(left).any() or any(not b.count[floor].any() for b in self.blocks):
            return np.nan, np.nan
        error = np.sqrt((BLOCKS - 1) / BLOCKS * np.square(left - left.mean()).sum())
        reach = float(stdtrit(BLOCKS - 1, _WIDE) * error)
        return max(1.0, value - reach), min(float(kept.size), value + reach)


def both(models: np.ndarray, every: int) -> tuple[Any, ...]:
    """An index of (floors, every, every) that takes the rows and columns of `models`, ascending codes."""
    return () if models.size == every else (slice(None), models[:, None], models[None, :])


def one(models: np.ndarray, every: int) -> tuple[Any, ...]:
    """An index of (floors, every) that takes the columns of `models`."""
    return () if models.size == every else (slice(None), models)


@dataclass(frozen=True)
class Effective:
    """Effective number of `models` models with its 95 % interval, and mean and 95 % range of its null; NaN where unknown."""

    value: float
    low: float
    high: float
    null: float
    null_low: float
    null_high: float
    models: int


def complete_models(count: np.ndarray) -> np.ndarray:
    """Positions of models of which each two share a prompt: those with most missing partners are left out one by one."""
    kept = np.flatnonzero(np.diag(count) > 0)
    while kept.size:
        missing = np.count_nonzero(count[np.ix_(kept, kept)] == 0, axis=1)
        if not missing.any():
            break
        kept = np.delete(kept, int(missing.argmax()))
    return kept


def normalised(total: np.ndarray, count: np.ndarray, kept: np.ndarray) -> np.ndarray | None:
    """(m, m) kernel of the models `kept` with ones on its diagonal, from sums and counts of cosines (models, models).

    None under two models, where two share no prompt, or where a model has no direction of its own.
    """
    places = np.ix_(kept, kept)
    if kept.size < 2 or (count[places] == 0).any():
        return None
    kernel = total[places] / count[places]
    length = np.sqrt(np.maximum(np.diag(kernel), 0.0))
    if not (length > 0).all():
        return None
    scaled = kernel / np.outer(length, length)  # pairs of different prompts may give more than 1
    return np.asarray(np.clip(scaled, -1.0, 1.0))


def effective_models(total: np.ndarray, count: np.ndarray, kept: np.ndarray) -> float:
    """Effective number of the models `kept`, 1 to their number; NaN where they have no kernel, see `normalised`."""
    kernel = normalised(total, count, kept)
    if kernel is None:
        return float("nan")
    shares = eigvalsh(kernel) / kept.size
    positive = shares[shares > _NOISE / kept.size]
    return effective_number(positive / positive.sum(), 1)


def spread_of(draws: np.ndarray) -> tuple[float, float, float]:
    """Mean of permutation `draws`, and the 95 % range of one more by Student's t; NaN without draws."""
    if draws.size < 2 or np.isnan(draws).any():
        return np.nan, np.nan, np.nan
    mean = float(draws.mean())
    reach = float(stdtrit(draws.size - 1, _WIDE) * draws.std(ddof=1) * np.sqrt(1 + 1 / draws.size))
    return mean, mean - reach, mean + reach
