"""Groups of models that say the same: average linkage on 1 - cosine, cut where the mean silhouette is largest.

A best cut exists in noise, too. So there is more than one cluster only if its silhouette is above the 95th percentile of what the
same search finds under permuted labels of models.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from triaxis.measure.population.curves import Population, frame
from triaxis.measure.population.kernel import Grams, gram_of, kernel_of
from triaxis.stats.bootstrap import critical_values

MOST_CLUSTERS = 30
MEASURE = "cosine of classes"


class Cut(NamedTuple):
    """Clusters from 1, (models,), and their mean silhouette, -1 to 1, higher is more apart; NaN for under three models."""

    labels: np.ndarray
    silhouette: float


def silhouette(distances: np.ndarray, labels: np.ndarray) -> float:
    """Mean silhouette of (n, n) `distances` under `labels` (n,); a point alone counts 0 (Rousseeuw 1987).

    >>> silhouette(np.array([[0.0, 1, 4], [1, 0, 4], [4, 4, 0]]), np.array([1, 1, 2]))
    0.5
    """
    member = labels[:, None] == np.unique(labels)
    size = member.sum(axis=0)
    total = distances @ member
    own = np.divide((total * member).sum(axis=1), (member @ size) - 1, out=np.zeros(len(labels)), where=(member @ size) > 1)
    other = np.where(member, np.inf, total / size).min(axis=1)
    larger = np.maximum(own, other)
    apart = np.divide(other - own, larger, out=np.zeros(len(labels)), where=(larger > 0) & np.isfinite(larger))
    return float(np.where(member @ size > 1, apart, 0.0).mean())


def best_cut(cosines: np.ndarray) -> Cut:
    """The cut of average linkage into 2 to 30 clusters with the largest mean silhouette; of equals the one with fewer."""
    models = len(cosines)
    if models < 3:
        return Cut(np.ones(models, dtype=np.int64), np.nan)
    distances = 1 - (cosines + cosines.T) / 2
    np.fill_diagonal(distances, 0.0)
    tree = linkage(squareform(distances, checks=False), method="average")
    cuts = [fcluster(tree, count, criterion="maxclust") for count in range(2, min(models - 1, MOST_CLUSTERS) + 1)]
    scores = [silhouette(distances, labels) if labels.max() > 1 else -np.inf for labels in cuts]
    best = int(np.argmax(np.round(scores, 12)))
    return Cut(_in_order(cuts[best]), float(scores[best]) if np.isfinite(scores[best]) else np.nan)


def _in_order(labels: np.ndarray) -> np.ndarray:
    """`labels` numbered from 1 by size, then by the first model in them."""
    names, first, size = np.unique(labels, return_index=True, return_counts=True)
    rank = np.empty(names.size, dtype=np.int64)
    rank[np.lexsort((first, -size))] = np.arange(1, names.size + 1)
    return np.asarray(rank[np.searchsorted(names, labels)])


def critical_silhouette(permuted: Sequence[Grams]) -> float:
    """What the best cut of indistinguishable models stays under in 95 of 100 cases; NaN where there is no cut."""
    found = np.array([best_cut(kernel_of(gram.products).cosines).silhouette for gram in permuted])
    found = found[~np.isnan(found)]
    return float(critical_values(found[:, None], confidence=0.95)[0]) if found.size else np.nan


def cluster_rows(
    population: Population, few: np.ndarray, permuted: Mapping[float, Sequence[Grams]]
) -> Iterator[pl.DataFrame]:
    """Table `model_clusters`: the cluster of each model with a usable answer, at `few` floors."""
    block = population.block
    for floor in few.tolist():
        cosines, known = kernel_of(gram_of(block.above(floor)).products)
        if not known.size:
            continue
        cut, limit = best_cut(cosines), critical_silhouette(permuted[floor])
        labels = cut.labels if cut.silhouette > limit else np.ones(known.size, dtype=np.int64)
        yield frame(
            block, [floor] * known.size, model=[block.models[m] for m in known], measure=MEASURE, cluster=labels,
            clusters=int(labels.max()), silhouette=cut.silhouette, null=limit,
        )  # fmt: skip
