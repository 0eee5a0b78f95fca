"""Vendi with a Gaussian kernel: order 2 exactly, any order from random Fourier features.

The one idea: exp(-|x - y|^2 / (2 sigma^2)) of unit vectors is exp(-(1 - cosine) / sigma^2). Order 2 needs only the sum of its
squares over pairs, block by block; other orders use features whose products are the kernel on average (Rahimi & Recht 2007).
"""

from functools import cache, partial

import numpy as np

from triaxis.diversity.semantic.effective import parse_order
from triaxis.diversity.semantic.gram import GramTally
from triaxis.diversity.semantic.metric import TalliedMetric, VectorMetric, number
from triaxis.diversity.semantic.rows import cosines, upper_blocks
from triaxis.diversity.semantic.vendi import vendi_of_gram
from triaxis.registry import register
from triaxis.responses import Traits

SIGMA = 0.5
"""Bandwidth unless told otherwise: two responses of cosine 0.8 are alike to 0.45, unrelated ones to 0.02. Fixed, never taken from
the data, so that sets compare."""

FEATURES = 512
"""Random frequencies; each gives a cosine and a sine."""

LIMIT = 200_000
_BLOCK = 1024


def rbf_vendi_two(units: np.ndarray, *, sigma: float = SIGMA) -> float:
    """Vendi score of order 2 (RKE) of (n, d) unit rows with the Gaussian kernel: 1 to n; higher is more diverse.

    n^2 / |K|_F^2 (Jalali et al. 2023), exact, in time n^2 d and the memory of one block; converges for every kernel.
    """
    total = 0.0
    for rows, columns in upper_blocks(len(units), _BLOCK):
        block = cosines(units, rows, columns)
        block -= 1
        block *= 2 / sigma**2
        np.exp(block, out=block)
        if rows == columns:
            np.fill_diagonal(block, 1)
        total += float(block.sum(dtype=np.float64)) * (1 if rows == columns else 2)
    return len(units) ** 2 / total


def fourier_features(units: np.ndarray, *, sigma: float = SIGMA, features: int = FEATURES, seed: int = 0) -> np.ndarray:
    """(n, 2 x features) float32 rows of length 1 whose products estimate the Gaussian kernel, to about 1 / sqrt(features)."""
    turned = units @ _frequencies(units.shape[1], sigma, features, seed)
    scale = np.float32(1 / np.sqrt(features))
    return np.concatenate([np.cos(turned), np.sin(turned)], axis=1) * scale


@cache
def _frequencies(columns: int, sigma: float, features: int, seed: int) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((columns, features)) / sigma
    return drawn.astype(np.float32)


def random_feature_tally(order: float, *, sigma: float = SIGMA, features: int = FEATURES, seed: int = 0) -> GramTally:
    """A tally of the Vendi score with the Gaussian kernel from random features: (2 x features)^2 numbers, whatever the n."""
    lift = partial(fourier_features, sigma=sigma, features=features, seed=seed)
    return GramTally(partial(vendi_of_gram, order=order), lift=lift)


@register("diversity", "vendi-rbf")
def rbf_metric(sigma: str = "") -> VectorMetric:
    """`vendi-rbf:SIGMA`: order 2 with a Gaussian kernel of that bandwidth, 0.5 unless told otherwise."""
    width = number("vendi-rbf:0.5", sigma, what="the bandwidth", low=1e-3, high=1e3) if sigma else SIGMA
    traits = Traits(
        level="semantic",
        says=f"how many entirely different responses would be as diverse (order 2), all far ones being unlike (sigma {width:g})",
        low=1.0, needs=frozenset({"vectors"}), limit=LIMIT, smallest=1, source="Jalali et al. 2023 (RKE, NeurIPS 2023)",
    )  # fmt: skip
    return VectorMetric(f"vendi-rbf:{sigma}" if sigma else "vendi-rbf", traits, partial(rbf_vendi_two, sigma=width))


@register("diversity", "vendi-rff")
def random_feature_metric(order: str = "") -> TalliedMetric:
    """`vendi-rff:Q`: any order with the Gaussian kernel, from 512 random frequencies of a fixed seed."""
    found = parse_order("vendi-rff:2", order) if order else 1.0
    traits = Traits(
        level="semantic",
        says=f"Vendi score of order {found:g} with a Gaussian kernel (sigma {SIGMA:g}), from random features",
        low=1.0, needs=frozenset({"vectors"}), growth="bounded", smallest=1,
        error=f"each kernel value is estimated to about 1 / sqrt({FEATURES}) = {FEATURES**-0.5:.3f}; never above {2 * FEATURES}",
        source="Ospanov et al. 2024 (FKEA, arXiv 2407.02961)",
    )  # fmt: skip
    return TalliedMetric(f"vendi-rff:{order}" if order else "vendi-rff", traits, partial(random_feature_tally, found))
