"""How many groups the responses fall into: at a threshold of cosine, or softly (DCScore)."""

from functools import partial

import numpy as np

from triaxis.diversity.equivalence.partition import first_member
from triaxis.diversity.semantic.metric import VectorMetric, number
from triaxis.diversity.semantic.rows import cosines, upper_blocks
from triaxis.registry import register
from triaxis.responses import Traits

THRESHOLD = 0.8
TEMPERATURE = 0.05
"""Of `dcscore`. The published default 1 holds every score under e = 2.718, whatever the number of different responses."""

CLUSTER_LIMIT = 50_000
LIMIT = 200_000
_BLOCK = 1024
_ROUNDING = 1e-6


def cluster_count(units: np.ndarray, *, threshold: float = THRESHOLD) -> float:
    """Number of clusters of (n, d) unit rows: each joins the first whose first member has at least cosine `threshold` with it.

    1 to n, higher is more diverse. The order of rows counts, so they come in canonical order. Time n x clusters x d.
    """

    def similar(rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        return np.asarray(units[rows] @ units[columns].T >= threshold - _ROUNDING)

    return float(first_member(len(units), similar).max() + 1)


def dcscore(units: np.ndarray, *, temperature: float = TEMPERATURE) -> float:
    """Sum over responses of their own share in softmax(cosines / temperature); 1 (all alike) to n, higher is more diverse.

    Zhu et al. 2025 (arXiv 2502.08512). At most n / (1 + (n - 1) exp(-1 / temperature)) for unrelated responses: with the
    published temperature 1 that is under e, so only a small one gives an effective number. Rows must have length 1, which the
    published path from embeddings does not see to. Exact in time n^2 d and the memory of one block.
    """
    mass = np.zeros(len(units))
    for rows, columns in upper_blocks(len(units), _BLOCK):
        block = cosines(units, rows, columns)
        block -= 1
        block /= temperature
        np.exp(block, out=block)
        if rows == columns:
            np.fill_diagonal(block, 1)
        else:
            mass[columns] += block.sum(axis=0, dtype=np.float64)
        mass[rows] += block.sum(axis=1, dtype=np.float64)
    return float((1 / mass).sum())


@register("diversity", "cluster-count")
def cluster_metric(threshold: str = "") -> VectorMetric:
    """`cluster-count:T`: clusters at cosine T, 0.8 unless told otherwise."""
    found = number("cluster-count:0.8", threshold, what="the threshold", low=-1, high=1) if threshold else THRESHOLD
    traits = Traits(
        level="semantic",
        says=f"how many groups there are when a response joins the first one whose first member is within cosine {found:g}",
        low=1.0, needs=frozenset({"vectors"}), limit=CLUSTER_LIMIT, smallest=1, is_ordered=True,
        source="first-member rule of NoveltyBench (arXiv 2504.05228)",
    )  # fmt: skip
    name = f"cluster-count:{threshold}" if threshold else "cluster-count"
    return VectorMetric(name, traits, partial(cluster_count, threshold=found))


@register("diversity", "dcscore")
def dcscore_metric(temperature: str = "") -> VectorMetric:
    """`dcscore:TAU`: with softmax temperature TAU, 0.05 unless told otherwise."""
    found = number("dcscore:0.05", temperature, what="the temperature", low=0.01, high=100) if temperature else TEMPERATURE
    traits = Traits(
        level="semantic",
        says=f"how many responses stand alone, softly (temperature {found:g}); a temperature of 1 saturates at 2.718",
        low=1.0, needs=frozenset({"vectors"}), limit=LIMIT, smallest=1, source="Zhu et al. 2025 (DCScore, arXiv 2502.08512)",
    )  # fmt: skip
    return VectorMetric(f"dcscore:{temperature}" if temperature else "dcscore", traits, partial(dcscore, temperature=found))
