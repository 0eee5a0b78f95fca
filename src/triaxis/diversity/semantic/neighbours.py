"""Distances to the nearest other responses: chamfer, and the k nearest.

The one idea: cosines of all pairs pass by in blocks, of which only each row's k best so far are kept; the distances to those are
then computed again in float64, so that copies are at distance 0 and not at rounding.
"""

from functools import partial

import numpy as np

from triaxis.diversity.semantic.metric import VectorMetric, whole
from triaxis.diversity.semantic.rows import upper_blocks
from triaxis.diversity.spread import unit_rows
from triaxis.errors import Undefined
from triaxis.registry import register
from triaxis.responses import Traits

NEIGHBOURS = 5
LIMIT = 100_000
_BLOCK = 1024


def nearest_others(units: np.ndarray, k: int) -> np.ndarray:
    """(n, k) float64 cosine distances from each of (n, d) unit rows to its k nearest others, nearest first.

    Time n^2 d, memory n k and one block. Raises `Undefined` unless there are more than k rows.
    """
    if len(units) <= k:
        raise Undefined(f"{k} nearest others need more than {k} responses, got {len(units)}")
    best = np.full((len(units), k), -np.inf, dtype=np.float32)
    place = np.zeros((len(units), k), dtype=np.int64)
    for rows, columns in upper_blocks(len(units), _BLOCK):
        block = units[rows] @ units[columns].T
        if rows == columns:
            np.fill_diagonal(block, -np.inf)
        else:
            _keep_best(block.T, best[columns], place[columns], first=rows.start)
        _keep_best(block, best[rows], place[rows], first=columns.start)
    return _exact(units, place)


def _keep_best(block: np.ndarray, best: np.ndarray, place: np.ndarray, *, first: int) -> None:
    """Updates `best` and `place`, the k best cosines of some rows, in place from `block`, whose columns start at `first`."""
    k = best.shape[1]
    if k == 1:
        found = block.argmax(axis=1)[:, None]
    else:
        found = np.argpartition(block, -min(k, block.shape[1]), axis=1)[:, -min(k, block.shape[1]) :]
    value = np.concatenate([best, np.take_along_axis(block, found, axis=1)], axis=1)
    where = np.concatenate([place, found + first], axis=1)
    kept = np.argsort(-value, axis=1, kind="stable")[:, :k]
    best[:], place[:] = np.take_along_axis(value, kept, axis=1), np.take_along_axis(where, kept, axis=1)


def _exact(units: np.ndarray, place: np.ndarray) -> np.ndarray:
    """(n, k) float64 distances to the rows at `place`, ascending: half of the squared length of the difference."""
    distance = np.empty(place.shape)
    for start in range(0, len(units), _BLOCK):
        rows = slice(start, start + _BLOCK)
        own = unit_rows(units[rows])
        for column in range(place.shape[1]):
            distance[rows, column] = np.square(own - unit_rows(units[place[rows, column]])).sum(axis=1) / 2
    return np.sort(distance, axis=1)


def chamfer(units: np.ndarray) -> float:
    """Mean cosine distance to the nearest other response; 0 (each has a copy) to 2, higher is more diverse.

    Falls as the set grows. The `diversity` package (Shaib et al. 2024) has the same.

    >>> chamfer(np.eye(3, dtype=np.float32))
    1.0
    """
    return knn_distance(units, k=1)


def knn_distance(units: np.ndarray, *, k: int) -> float:
    """Mean cosine distance to the k nearest other responses; 0 to 2, higher is more diverse. With k = 1 it is `chamfer`."""
    return float(nearest_others(units, k).mean())


def _traits(says: str, *, smallest: int, source: str) -> Traits:
    return Traits(
        level="semantic", says=says, high=2.0, needs=frozenset({"vectors"}), limit=LIMIT, smallest=smallest, source=source
    )


@register("diversity", "chamfer")
def chamfer_metric() -> VectorMetric:
    """`chamfer`."""
    says = "how far a response is from its nearest other, on average; falls as the set grows"
    return VectorMetric("chamfer", _traits(says, smallest=2, source="Cox et al. 2021; Shaib et al. 2024"), chamfer)


@register("diversity", "knn-distance")
def knn_metric(k: str = "") -> VectorMetric:
    """`knn-distance:K`: to the K nearest others, five unless told otherwise."""
    found = whole("knn-distance:5", k, what="the number of neighbours") if k else NEIGHBOURS
    traits = _traits(
        f"how far a response is from its {found} nearest others, on average; falls as the set grows",
        smallest=found + 1, source="nlpsoc/emb-diversity (arXiv 2607.19848)",
    )  # fmt: skip
    return VectorMetric(f"knn-distance:{k}" if k else "knn-distance", traits, partial(knn_distance, k=found))
